"""Every sentence that a Spanish caption may hold, with what it claims, as rows of ``patterns``."""

from __future__ import annotations

from pairforge.datasets.readers.patterns import Row
from pairforge.datasets.readers.spanish_clips import CLIPS
from pairforge.datasets.readers.spanish_forms import BENT, rows
from pairforge.datasets.readers.spanish_road import AWAY, HAND, ROAD, SIDE
from pairforge.datasets.readers.spanish_rules import RULES
from pairforge.datasets.readers.spanish_things import THINGS

_DAY = "soleado|nublado|de cielo cubierto|de niebla|lluvioso|de nevada|polvoriento"
_NIGHT = "soleada|nublada|de cielo cubierto|de niebla|lluviosa|de nevada|polvorienta"
_CONTRASTS: tuple[Row, ...] = (
    *rows(
        (),
        "{hay A} a la vista.",
        "no hay {A/z} a la vista.",
        "en la imagen no aparece {A/z}.",
        "ante la cámara no hay {A/z}.",
    ),
    *rows(
        ("only A",),
        "no se ve nada más que {A}.",
        "a la vista no hay nada más que {A}.",
        "en la imagen no aparece nada más que {A}.",
    ),
    *rows(
        ("weather $mood", "weather $time"),
        *(
            f"{start} un{end} (?P<time>{time}) (?P<mood>{like})."
            for start in ("(?:fuera, )?es", "la imagen se tomó en")
            for end, time, like in (("", "día", _DAY), ("a", "noche", _NIGHT))
        ),
        "(?:fuera )?es (?P<time>de noche).",
        "la imagen se tomó (?P<time>de noche).",
    ),
    *rows(
        ("camera_distance A $distance",),
        "{A at} a <distance> de la cámara.",
        "a <distance> de la cámara {hay A}.",
        "la cámara está a <distance> de {A}.",
    ),
    *rows(
        ("landed_before A B",),
        "{A} ha caído antes que {B}.",
        "{A} ha llegado abajo antes que {B}.",
        "primero ha caído {A} y después, {B}.",
    ),
    *rows(
        ("own_side A B $side",),
        f"{{B tiene|tienen}} {{A!}} a su {SIDE}.",
        f"a su {SIDE}, {{B tiene|tienen}} {{A!}}.",
        f"{{B tiene|tienen}} a su {SIDE} {{A!}}.",
    ),
)

_NEXT = (
    *(f"ego_next ego ={word} ?{word}" for word in ("stop", "set_off", "slow", "speed_up", "keep")),
    *(f"ego_next_speed ego ${speed}" for speed in ("speed", "speed2", "speed3")),
    *("ego_next_turn ego $turn", "ego_next_turn ego $turn2"),
)
_HANDS = "izquierda|derecha"


def _will(stop: str, set_off: str, slow: str, speed_up: str, keep: str, turning: str, turn: str) -> str:
    return (
        f"(?:(?:(?P<stop>{stop})|(?P<set_off>{set_off} <speed>)|(?P<slow>{slow} <speed2>)"
        f"|(?P<speed_up>{speed_up} <speed3>)|(?P<keep>{keep}))[ {turning} a la (?P<turn>{_HANDS})]"
        f"|{turn} a la (?P<turn2>{_HANDS}))."
    )


_PICTURES: tuple[Row, ...] = (
    *rows(
        _NEXT,
        "en los próximos dos segundos "
        + _will(
            *("nos detendremos", "nos pondremos en marcha hasta alcanzar", "reduciremos la velocidad a"),
            *("aceleraremos hasta", "mantendremos la velocidad", "y giraremos", "giraremos"),
        ),
        "a continuación, "
        + _will(
            *("nos detendremos", "arrancaremos y alcanzaremos", "bajaremos a", "aceleraremos hasta"),
            *("mantendremos la velocidad", "y giraremos", "giraremos"),
        ),
        "dentro de dos segundos "
        + _will(
            *("nos habremos detenido", "estaremos en marcha a", "habremos bajado a"),
            *("habremos acelerado hasta", "iremos a la misma velocidad que ahora", "tras girar"),
            "habremos girado",
        ),
    ),
    *(
        row
        for of, end in BENT
        for row in rows(
            (
                *("side A $side", "distance A ego $distance", "hidden_behind A B", "partly_hidden A ?cover"),
                "cut_off A $cut",
            ),
            *(
                f"{start}{AWAY}{more}"
                for more in (
                    f"[, (?P<cover>parcialmente ocult{end}) detrás de {{B}}]"
                    f"[ y cortad{end} por el borde (?P<cut>izquierdo|derecho)].",
                    f", cortad{end} por el borde (?P<cut>izquierdo|derecho).",
                )
                for start in (
                    f"{{A/{of}}}[ en el lado {HAND} de la imagen]",
                    f"vemos {{A/{of}!}}[ en el lado {HAND} de la imagen]",
                    f"en (?:el lado {HAND} de )?la imagen {{hay A/{of}}}",
                )
            ),
        )
    ),
)

SENTENCES: tuple[Row, ...] = (*ROAD, *THINGS, *_CONTRASTS, *_PICTURES, *CLIPS, *RULES)

NUMBERS = {
    "distance": r"(?P<distance>1 metro|(?!1 )[0-9]+(?:,5)? metros)",
    "reach": r"(?P<reach>[0-9]+ metros)",
    "speed": r"(?P<speed>[0-9]+ km/h)",
    "speed2": r"(?P<speed2>[0-9]+ km/h)",
    "speed3": r"(?P<speed3>[0-9]+ km/h)",
    "ttc": r"(?P<ttc>1 segundo|(?!1 )[0-9]+(?:,5)? segundos)",
    "height": r"(?P<height>1 centímetro|(?!1 )[0-9]+ centímetros)",
    "height2": r"(?P<height2>1 centímetro|(?!1 )[0-9]+ centímetros)",
    "returns": r"(?P<returns>[0-9]+)",
}
