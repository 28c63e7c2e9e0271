"""Steel plates with scratches and dents of chosen size, and the same pictures without: pairs for a defect detector.

pairforge generate examples/inspect_parts.py:SCRATCHED --scenes 8 --out out/scratched
Run as a script it prints a defect and its twin's verdict:
python examples/inspect_parts.py
"""

from dataclasses import replace

from pairforge.scenes.build import build
from pairforge.scenes.distributions import Choice, Uniform
from pairforge.scenes.library.inspection import PLATE, LightBox
from pairforge.scenes.resolve import resolve
from pairforge.scenes.spec import Prop

STEEL = replace(
    PLATE.props[0],
    params={
        "finish": Choice("ground steel", "stainless steel"),
        "defect": Choice("scratch", "dent"),
        "defect_size_mm": Uniform(4.0, 12.0),
        "second_defect": "none",
    },
)
SCRATCHED = replace(
    PLATE, name="example.scratched", setting=LightBox(sheet="black"), props=[STEEL], require=[]
)


def main() -> None:
    assert isinstance(STEEL, Prop)
    for do in ({}, {"part.params.defect": "none"}):
        notes = build(resolve(SCRATCHED, seed=3, do=do)).instances[0].shape.notes
        defects = [
            f"{d['severity']} {d['kind']} of {d['size_mm']:.1f} mm near the {d['near']}"
            for d in notes["defects"]
        ]
        print(notes["title"], defects or "no defect", "rejected" if notes["rejected"] else "passed")


if __name__ == "__main__":
    main()
