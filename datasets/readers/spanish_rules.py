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
        f"{{A tiene|tienen}} encendido el {_LUZ}.",
        f"vemos {{A!}} en {_LUZ}.",
    ),
    *rows(
        WAITS,
        "{A espera|esperan} ante {B} en rojo.",
        "{A aguarda|aguardan} ante {B/s}, que está en rojo.",
        "ante {B} en rojo, {A espera|esperan}.",
    ),
    *rows(
        WE_WAIT,
        "esperamos ante {B} en rojo.",
        "aguardamos ante {B/s}, que está en rojo.",
        "ante {B} en rojo, esperamos.",
    ),
    *rows(
        ("wrong_way A",),
        "{A circula|circulan} a contramano.",
        "{A va|van} en dirección contraria a la del carril.",
        "{A circula|circulan} en dirección prohibida.",
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
        "debemos ceder el paso a {A}.",
        "tenemos que dejar pasar a {A}.",
    ),
    *rows(
        ("must_yield_to A ego",),
        "{A debe|deben} cedernos el paso.",
        "{A tiene|tienen} que dejarnos pasar.",
        "tenemos preferencia sobre {A}.",
    ),
    *rows(
        ("on_crossing A",),
        "{A at} en un paso de peatones.",
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
