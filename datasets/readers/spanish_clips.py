"""What Spanish captions say happened in a clip, and what that claims."""

from __future__ import annotations

from pairforge.datasets.readers.patterns import Row
from pairforge.datasets.readers.spanish_forms import rows

_SIDES = {"left": "izquierda", "right": "derecha"}
_ALONE = {
    "braking": (
        "frenó|frenaron|frenamos",
        "redujo la velocidad|redujeron la velocidad|redujimos la velocidad",
    ),
    "speeding_up": ("aceleró|aceleraron|aceleramos", "ganó velocidad|ganaron velocidad|ganamos velocidad"),
    "stopping": ("se detuvo|se detuvieron|nos detuvimos", "se paró|se pararon|nos paramos"),
    "starting": ("se puso en marcha|se pusieron en marcha|nos pusimos en marcha",),
    "falling": ("cayó|cayeron|caímos", "estuvo cayendo|estuvieron cayendo|estuvimos cayendo"),
    "rolling": ("rodó|rodaron|rodamos", "fue rodando|fueron rodando|fuimos rodando"),
    "coming_to_rest": (
        "quedó en reposo|quedaron en reposo|quedamos en reposo",
        "dejó de moverse|dejaron de moverse|dejamos de movernos",
    ),
    "crossing_road": (
        "cruzó la calzada|cruzaron la calzada|cruzamos la calzada",
        "atravesó la calzada a pie|atravesaron la calzada a pie|atravesamos la calzada a pie",
    ),
    "turning": (
        "giró a la {S}|giraron a la {S}|giramos a la {S}",
        "torció a la {S}|torcieron a la {S}|torcimos a la {S}",
    ),
    "lane_change": (
        "cambió de carril hacia la {S}|cambiaron de carril hacia la {S}|cambiamos de carril hacia la {S}",
        "se pasó al carril de la {S}|se pasaron al carril de la {S}|nos pasamos al carril de la {S}",
    ),
}
"""What one does: of one, of several, of us."""
_PAIRS = {
    "overtaking": (
        ("adelantó|adelantaron|adelantamos", "a {B}", "{A nos adelantó|nos adelantaron}"),
        ("rebasó|rebasaron|rebasamos", "a {B}", "{A nos rebasó|nos rebasaron}"),
    ),
    "passing_by": (
        ("pasó|pasaron|pasamos", "junto a {B}", "{A pasó|pasaron} junto a nosotros"),
        ("pasó|pasaron|pasamos", "al lado de {B}", "{A pasó|pasaron} a nuestro lado"),
    ),
    "landing": (
        ("cayó|cayeron|caímos", "sobre {B}", "{A cayó|cayeron} sobre nosotros"),
        ("aterrizó|aterrizaron|aterrizamos", "en {B}", "{A aterrizó|aterrizaron} sobre nosotros"),
    ),
    "hitting": (
        ("golpeó|golpearon|golpeamos", "{B!}", "{A nos golpeó|nos golpearon}"),
        ("chocó|chocaron|chocamos", "con {B}", "{A chocó|chocaron} con nosotros"),
    ),
    "ran_red": (
        ("se saltó|se saltaron|nos saltamos", "{B} en rojo", ""),
        ("pasó|pasaron|pasamos", "con {B} en rojo", ""),
    ),
}
"""What one does to another, and to us."""
_GRIPS = {
    "picked_up": ("{B cogió|cogieron} {A!}", "{B agarró|agarraron} {A!}"),
    "held": ("{B sujetó|sujetaron} {A!}", "{B sostuvo|sostuvieron} {A!}"),
    "released": ("{B soltó|soltaron} {A!}", "{B dejó|dejaron} de sujetar {A!}"),
}
_CUTTING_IN = (
    "{A se nos cruzó|se nos cruzaron} desde la {S}",
    "{A se metió|se metieron} en nuestro carril desde la {S}, justo delante de nosotros",
)


def _happened(kind: str, who: str, *told: str, also: tuple[str, ...] = ()) -> tuple[Row, ...]:
    """Sentences about a happening: ``who`` are the subjects of its claims; one row a side where there is {S}.
    ``also``: further claims."""
    made: list[Row] = []
    for side, said in _SIDES.items() if "{S}" in told[0] else (("", ""),):
        argument = f"{kind}|{side}" if side else kind
        claims = (
            f"happened {who} ={argument}",
            *(
                f"happened_when {who} ={argument}@{part} ?{part}{n}"
                for part in ("start", "end")
                for n in "12"
            ),
            *also,
        )
        for sentence in (x.replace("{S}", said) for x in told):
            made += rows(
                claims,
                f"(?:(?:(?P<start1>al principio)|(?P<end1>hacia el final)), )?{sentence}.",
                f"{sentence}(?: (?:(?P<start2>al principio)|(?P<end2>hacia el final))).",
            )
    return tuple(made)


def _clips() -> tuple[Row, ...]:
    found: list[Row] = []
    for kind, verbs in _ALONE.items():
        split = [v.split("|") for v in verbs]
        found += _happened(kind, "A", *(f"{{A/s}} {one}" for one, _, _ in split))
        found += _happened(kind, "A", *(f"{{A/p}} {many}" for _, many, _ in split))
        found += _happened(kind, "ego", *(we for _, _, we in split))
    found += _happened("starting", "ego", "arrancamos")
    for sets_off, never in (("{A arrancó|arrancaron}", "w"), ("{A echó|echaron} a andar", "c")):
        rows_of = _happened("starting", "A", sets_off)
        found += [(pattern.replace(r"@\d+", rf"@\d+(?!\w*{never})"), claims) for pattern, claims in rows_of]
    for kind, pairs in _PAIRS.items():
        for verbs_of, other, us in pairs:
            one, many, we = verbs_of.split("|")
            found += _happened(kind, "A B", f"{{A {one}|{many}}} {other}")
            found += _happened(kind, "ego B", f"{we} {other}")
            found += _happened(kind, "A ego", us) if us else ()
    for verb in ("{A cayó|cayeron} dentro de {B}", "{A fue a parar|fueron a parar} dentro de {B}"):
        found += _happened("landing", "A B", verb, also=("inside A B",))
    for kind, told in _GRIPS.items():
        found += _happened(kind, "A B", *told)
    return (*found, *_happened("cutting_in", "A ego", *_CUTTING_IN))


_SIDED = "(?: hacia la izquierda| hacia la derecha)?"
_NOW = (
    "(?P<what>estamos frenando|nos estamos deteniendo"
    f"|(?:estamos cambiando de carril|nos estamos desplazando){_SIDED})"
)
_PAST = (
    f"(?P<what>hemos frenado|nos hemos detenido|(?:hemos cambiado de carril|nos hemos desplazado){_SIDED})"
)
_MADE = f"(?P<what>frenar|detenernos|(?:cambiar de carril|desplazarnos){_SIDED})"
_ACTS = (
    "cruza la calzada|se nos cruza|se salta un semáforo en rojo|cambia de carril|se desplaza de lado|se detiene"
    "|reduce la velocidad|arranca|gira",
    "cruzaba la calzada|se nos cruzaba|se saltaba un semáforo en rojo|cambiaba de carril|se desplazaba de lado"
    "|se detenía|reducía la velocidad|arrancaba|giraba",
)


def _why(state: str, what: str, made: str, acts: str) -> tuple[Row, ...]:
    act = f"(?: que (?P<act>{acts}))?"
    return rows(
        (f"{state} ego $what", "caused_by ego A $what+act"),
        f"{what} a causa de {{A/s}}{act}.",
        f"a causa de {{A/s}}{act}, {what}.",
        f"{{A/s}}{act} {made} a {_MADE}.",
    )


CLIPS: tuple[Row, ...] = (
    *_clips(),
    *_why("under_way", _NOW, "nos obliga", "|".join(_ACTS)),
    *_why("just_ended", _PAST, "nos ha obligado", _ACTS[1]),
)
