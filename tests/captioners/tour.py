"""A scene whose author brings a captioner of their own, all in one file."""

from typing import ClassVar

from pairforge.captioners.meanings import Message
from pairforge.captioners.references import Told, single
from pairforge.scenes.placement import On
from pairforge.scenes.spec import Camera, Prop, Scene


class Tour:
    """What stands on the table, as a guide would say it."""

    kind = "tour"
    every_camera = False
    templates: ClassVar = {
        "en": {"stop": ("Look at {{ who }}.", "Here {{ who|verb('is', 'are') }} {{ who }} to look at.")}
    }
    sentences: ClassVar = {
        "en": (("look at {A}.", ("visible A",)), ("here {is|are A} to look at.", ("visible A",)))
    }

    def messages(self, told: Told) -> list[Message]:
        found = [single(told, i) for i in told.visible]
        return [Message("tour:stop", {"who": who}) for who in found if who is not None and who.form == "a"][
            :3
        ]


TABLE = Scene(
    name="tour",
    props=[
        Prop(name="table", shape="table", moves=False),
        Prop(name="mug", shape="mug", colour="red", place=On("table")),
    ],
    sensors=[Camera(name="front", look_at="mug", distance_m=1.0, width_px=96, height_px=72)],
    captions=("tags", "tour.py:Tour"),
    duration_s=0.5,
    keyframe_rate_hz=2.0,
)
