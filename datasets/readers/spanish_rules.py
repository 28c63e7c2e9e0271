"""What is said of traffic rules and of grips in Spanish."""

from __future__ import annotations

from pairforge.datasets.readers.patterns import Row
from pairforge.datasets.readers.rules import HOLDS, SHOWN, WAITS, WE_WAIT, lights
from pairforge.datasets.readers.spanish_forms import rows

_LUZ = lights({"red": "rojo", "yellow": "ámbar", "green": "verde", "red_yellow": "rojo y ámbar"})
RULES: tuple[Row, ...] = (
    *rows(
        SHOWN,
        f"{{A está|están}} en {_LUZ}.",
        f"{{A se encuentra|se encuentran}} en {_LUZ}.",
        f"en {_LUZ} {{hay A}}.",
    ),
    *rows(
        WAITS,
        "{A espera|esperan} en rojo ante {B}.",
        "{A aguarda|aguardan} en rojo ante {B}.",
        "ante {B}, {A espera|esperan} en rojo.",
    ),
    *rows(WE_WAIT, "(?:esperamos|aguardamos) en rojo ante {B}.", "ante {B}, esperamos en rojo."),
    *rows(
        ("wrong_way A",),
        "{A circula|circulan} en sentido contrario.",
        "{A va|van} en sentido contrario al del carril.",
        "en sentido contrario {circula A|circulan A}.",
    ),
    *rows(
        ("stalled A",),
        "{A bloquea|bloquean} un carril.",
        "{A permanece|permanecen} sin moverse en un carril.",
        "un carril queda bloqueado por {A}.",
    ),
    *rows(
        ("must_yield_to ego A",),
        "{A tiene|tienen} preferencia sobre nosotros.",
        "{A tiene|tienen} prioridad sobre nosotros.",
        "debemos dejar pasar {A!}.",
    ),
    *rows(
        ("must_yield_to A ego",),
        "{A debe|deben} cedernos el paso.",
        "{A tiene|tienen} que dejarnos pasar.",
        "tenemos preferencia sobre {A}.",
    ),
    *rows(
        ("on_crossing A",),
        "{A está|están} en un paso de peatones.",
        "{A se encuentra|se encuentran} en un paso de peatones.",
        "en un paso de peatones {hay A}.",
    ),
    *rows(
        HOLDS,
        "{B sostiene|sostienen} {A!}.",
        "{B sujeta|sujetan} {A!}.",
        "{B agarra|agarran} {A!}.",
    ),
)
