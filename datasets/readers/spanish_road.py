"""What Spanish captions say of a road, its users and ourselves, and what that claims."""

from __future__ import annotations

from pairforge.datasets.readers.patterns import Row
from pairforge.datasets.readers.spanish_forms import BENT, rows

SIDE = "(?P<side>izquierda|derecha)"
HAND = "(?P<side>izquierdo|derecho)"
_GROUND = "(?P<ground>acera|calzada)"
_LINES = "(?P<lined>árboles y edificios|árboles|edificios)"
_LINED = f" bordeada de {_LINES}"
_PLACE = "(?P<place>calle|carretera|autopista)"
_MOODS = (
    "en un día soleado|con el sol bajo|bajo un cielo nublado|bajo un cielo cubierto|bajo la niebla|bajo la lluvia"
    "|bajo una nevada|con polvo en el aire"
)
_MOOD = f"(?: (?P<mood>{_MOODS})|, (?P<when>de noche|a la hora del crepúsculo)(?: y (?P<mood2>{_MOODS}))?)?"
_SURFACE = "(?:(?P<wet>mojada)|(?P<white>cubierta de nieve))"
_HOUR = "(?P<when>es de noche|es la hora del crepúsculo)"
_HOUR_2 = _HOUR.replace("when", "when2")
_SKY = (
    "(?:(?P<mood>hace sol|hay niebla|está lloviendo|está nevando|el aire está cargado de polvo) en"
    "|(?P<mood2>el sol está bajo|el cielo está nublado|el cielo está cubierto) sobre)"
)
_A_STREET = (
    f"una {_PLACE}(?: {_SURFACE}(?: y bordeada de {_LINES})?| bordeada de {_LINES.replace('lined', 'lined2')})?"
    + _MOOD
)
_STREET = (
    *(
        "weather $mood",
        "weather $mood2",
        "weather $when",
        "weather =wet ?wet",
        "weather =snow-covered ?white",
    ),
    *("weather $when2", "scenery $lined", "scenery $lined2", "place $place"),
)
_BOTH = "(?:(?P<both>a ambos lados)|a la (?P<row_side>izquierda|derecha))"
_BOTH_2 = "(?:(?P<both2>a ambos lados)|a la (?P<row_side2>izquierda|derecha))"
_TAIL = f"(?:, con {{B}}(?: y con {{C}} {_BOTH})?|, con {{D}} {_BOTH_2})?"
_TAILED = (
    *_STREET,
    *("both_sides C ?both", "roadside C $row_side", "both_sides D ?both2", "roadside D $row_side2"),
)
_PARKED = ("parked A", "roadside A $side", "distance A ego $distance")
_EGO = (
    *("ego_speed ego $speed", "ego_braking ego ?braking", "ego_accelerating ego ?faster"),
    "ego_turning ego $turn",
)
_LEAD = ("lead A", "same_lane_ahead A", "distance A ego $distance")
AWAY = "[, a <distance>]"
_TURN = "[ en una curva a la (?P<turn>izquierda|derecha)]"
_BRAKING = "[, y (?P<braking>estamos frenando)]"
_ACROSS = ("moving A", "distance A ego $distance", "ego_braking ego ?braking")


def _people(verbs: str, there: str, seen: str, claim: str, on: str, never: str) -> tuple[Row, ...]:
    """``verbs``: of three phrasings, singular and plural; ``there`` and ``seen`` are the phrase with what it does;
    ``never``: the feature of those who do not do so (c: cyclists, w: walkers)."""
    claims = (
        claim,
        "roadside A $side",
        "roadside A $side2",
        "stands_on A $ground",
        "distance A ego $distance",
    )
    ground = f"(?: {on} la {_GROUND})?"
    side_2 = "(?P<side2>izquierda|derecha)"
    first, second, third = (f"{{A {one}}}" for one in verbs.split(", "))
    told = rows(
        claims,
        f"{first}(?: {on} la {_GROUND}(?: a nuestra {SIDE})?| a la {side_2}){AWAY}.",
        f"(?:a nuestra {SIDE}, )?{second}{ground}{AWAY}.",
        f"(?:a la {SIDE}, )?{third}{ground}{AWAY}.",
        f"a la (?:{SIDE}|vista) {there}{ground}{AWAY}.",
        f"(?:a la {SIDE} )?vemos {seen}{ground}{AWAY}.",
    )
    return tuple((pattern.replace(r"@\d+", rf"@\d+(?!\w*{never})"), of) for pattern, of in told)


ROAD: tuple[Row, ...] = (
    *rows(
        _STREET,
        f"(?:(?:{_HOUR} y )?{_SKY}|{_HOUR_2} en|esta es) una {_PLACE}[{_LINED}][, con la calzada {_SURFACE}].",
        f"estamos en una {_PLACE}[{_LINED}]{_MOOD}[, y la calzada está {_SURFACE}].",
        f"ante nosotros se extiende {_A_STREET}.",
        f"(?:hay {_LINES} a los lados de la|esta es una) {_PLACE}{_MOOD}[, y la calzada está {_SURFACE}].",
        f"la cámara muestra una {_PLACE}[ {_SURFACE}]{_MOOD}[, con {_LINES} a los lados].",
    ),
    *rows(
        _TAILED,
        f"(?:esta es |estamos en |la cámara muestra )?{_A_STREET}{_TAIL}.",
        f"{{hay A}} en {_A_STREET}(?:, con {{D}} {_BOTH_2})?.",
    ),
    *rows((*_TAILED, "lead A", "moving A"), f"seguimos a {{A/s}} por {_A_STREET}{_TAIL}."),
    *(
        row
        for claims, words in (
            (("moving A",), "{A circula|A circulan}"),
            (("still A",), "{A está parad*|A están parad*}"),
            ((), "{A está|A están}"),
        )
        for row in rows(
            (*_TAILED, "lead A", *claims),
            f"{words} delante de nosotros en {_A_STREET}{_TAIL}.",
            f"en {_A_STREET}, {words} delante de nosotros{_TAIL}.",
        )
    ),
    *rows((*_TAILED, "lead A"), f"delante de nosotros {{hay A}} en {_A_STREET}{_TAIL}."),
    *rows((*_TAILED, "lead A", "still A"), f"delante de nosotros {{hay A parad*}} en {_A_STREET}{_TAIL}."),
    *rows(
        (*_TAILED, "crossing A $side"),
        f"{{A cruza|cruzan}} la calzada desde la {SIDE} delante de nosotros en {_A_STREET}{_TAIL}.",
        f"en {_A_STREET}, {{A está|están}} cruzando la calzada desde la {SIDE} delante de nosotros{_TAIL}.",
        f"delante de nosotros, en {_A_STREET}, {{A cruza|cruzan}} la calzada desde la {SIDE}{_TAIL}.",
    ),
    # The vehicle ahead
    *rows(
        (*_LEAD, "moving A"),
        "{A circula|circulan} delante de nosotros en nuestro carril, a <distance>.",
        "seguimos a {A/s}, que va por nuestro carril a <distance> de nosotros.",
        "delante, en nuestro carril, a <distance>, {circula A|circulan A}.",
        "el vehículo que circula delante en nuestro carril es {A/s}, a <distance> de nosotros.",
        "{A avanza|avanzan} por nuestro carril, <distance> por delante de nosotros.",
    ),
    *rows(
        (*_LEAD, "slowing A", "moving A"),
        "{A reduce|reducen} la velocidad delante de nosotros en nuestro carril, a <distance>.",
        "en nuestro carril, a <distance>, {A está|están} perdiendo velocidad.",
        "{A aminora|aminoran} la marcha en nuestro carril, <distance> por delante de nosotros.",
        "seguimos a {A/s}, que va perdiendo velocidad en nuestro carril a <distance> de nosotros.",
    ),
    *rows(
        (*_LEAD, "still A"),
        "{A está parad*|están parad*} delante de nosotros en nuestro carril, a <distance>.",
        "en nuestro carril, a <distance>, {A se ha|se han} detenido.",
        "el vehículo que tenemos delante en nuestro carril es {A/s}, a <distance> y sin moverse.",
        "{A está inmóvil|están inmóviles} en nuestro carril, <distance> por delante de nosotros.",
    ),
    *rows(
        ("lane_clear ego $reach",),
        "nuestro carril está despejado en los próximos <reach>.",
        "no hay nada en nuestro carril en los próximos <reach>.",
        "nada ocupa nuestro carril en los próximos <reach>.",
        "los próximos <reach> de nuestro carril están despejados.",
    ),
    *rows(
        ("closing A ego", "time_to_collision A ego $ttc"),
        "nos acercamos y, a este ritmo, {A/a} alcanzaríamos en <ttc>.",
        "la distancia se reduce: a este ritmo, {A/a} alcanzaríamos en <ttc>.",
        "a las velocidades actuales, {A/a} alcanzaríamos en <ttc>.",
        "{A/l} estamos ganando terreno y, a este ritmo, llegaríamos a su altura en <ttc>.",
        "si nada cambiara, {A/a} alcanzaríamos en <ttc>.",
    ),
    *rows(
        ("closing A ego",),
        "nos estamos acercando a {A/o}.",
        "{A/a} estamos alcanzando.",
        "{A/l} estamos ganando terreno.",
        "la distancia que nos separa de {A/o} se reduce.",
    ),
    *rows(
        ("pulling_away A ego",),
        "{A/n} se aleja de nosotros.",
        "{A/n} nos va dejando atrás.",
        "la distancia que nos separa de {A/o} aumenta.",
        "nos vamos quedando atrás respecto a {A/o}.",
    ),
    *rows(
        ("same_speed A ego",),
        "{A/n} va a la misma velocidad que nosotros.",
        "ni {A/l} ganamos terreno ni nos quedamos atrás.",
        "{A/n} circula tan rápido como nosotros.",
        "la distancia que nos separa de {A/o} se mantiene.",
    ),
    # Ourselves
    *rows(
        _EGO,
        f"vamos a <speed>(?: y estamos (?:(?P<braking>frenando)|(?P<faster>acelerando)))?{_TURN}.",
        f"nuestra velocidad es de <speed>(?:, y estamos (?:(?P<braking>frenando)|(?P<faster>acelerando)))?{_TURN}.",
        f"circulamos a <speed>(?:, (?:(?P<braking>frenando)|(?P<faster>acelerando)))?{_TURN}.",
        f"nuestro coche circula a <speed>(?: y (?:(?P<braking>frena)|(?P<faster>acelera)))?{_TURN}.",
    ),
    *rows(
        ("ego_still ego",),
        "estamos parados.",
        "nos hemos detenido.",
        "no nos movemos.",
        "nuestro coche está detenido.",
    ),
    *rows(
        ("ego_braking ego",),
        "estamos frenando.",
        "nuestro coche está frenando.",
        "vamos pisando el freno.",
    ),
    *rows(
        ("ego_moving_over ego $side",),
        f"nos estamos desplazando hacia la {SIDE}.",
        f"nuestro coche se desplaza hacia la {SIDE}.",
        f"nos vamos echando hacia la {SIDE}.",
    ),
    # Others
    *rows(
        ("entering_lane A $side", "moving A", "distance A ego $distance"),
        f"{{A entra|entran}} en nuestro carril desde la {SIDE}{AWAY}.",
        f"desde la {SIDE}, {{A se está|se están}} metiendo en nuestro carril{AWAY}.",
        f"{{A se incorpora|se incorporan}} a nuestro carril desde la {SIDE}{AWAY}.",
    ),
    *rows(
        ("oncoming A", "moving A", "distance A ego $distance"),
        f"{{A viene|vienen}} hacia nosotros{AWAY}.",
        f"{{A se acerca|se acercan}} en sentido contrario{AWAY}.",
        f"de frente {{viene A|vienen A}}{AWAY}.",
        f"en sentido contrario {{se acerca A|se acercan A}}{AWAY}.",
        f"{{A circula|circulan}} hacia nosotros en sentido contrario{AWAY}.",
    ),
    *rows(
        _PARKED,
        f"{{A está aparcad*|están aparcad*}} a la {SIDE}{AWAY}.",
        f"a la {SIDE}{AWAY}, {{A está aparcad*|están aparcad*}}.",
        *(f"aparcad{end} a la {SIDE} {{hay A/{of}}}{AWAY}." for of, end in BENT),
        f"a la {SIDE} {{hay A aparcad*}}{AWAY}.",
        f"{{A está aparcad*|están aparcad*}} en el lado {HAND} de la calzada{AWAY}.",
    ),
    *rows(
        ("roadside A $side",),
        f"a la {SIDE} hay una hilera de {{A/p}}.",
        f"una hilera de {{A/p}} ocupa el lado {HAND} de la calzada.",
        f"a lo largo del lado {HAND} de la calzada hay {{A/p}}.",
        f"hay {{A/p}} a lo largo del lado {HAND} de la calzada.",
    ),
    *rows(
        ("both_sides A",),
        "a ambos lados de la calzada hay {A/p}.",
        "hay {A/p} a ambos lados de la calzada.",
        "a ambos lados de la calzada se ven {A/p}.",
    ),
    *rows(
        ("both_lined A",),
        "a ambos lados de la calzada hay hileras de {A/p}.",
        "hay hileras de {A/p} a ambos lados de la calzada.",
        "hileras de {A/p} bordean ambos lados de la calzada.",
    ),
    *rows(
        ("crossing A $side", *_ACROSS),
        f"{{A cruza|cruzan}} la calzada delante de nosotros desde la {SIDE}{AWAY}{_BRAKING}.",
        f"delante de nosotros, {{A está|están}} cruzando la calzada desde la {SIDE}{AWAY}{_BRAKING}.",
        f"desde la {SIDE}, {{A cruza|cruzan}} la calzada por delante de nosotros{AWAY}{_BRAKING}.",
        f"{{A está|están}} en la calzada, delante de nosotros, cruzando desde la {SIDE}{AWAY}{_BRAKING}.",
    ),
    *rows(
        ("heading_for_road A $side", *_ACROSS),
        f"{{A camina|caminan}} hacia la calzada desde la {SIDE}{AWAY}{_BRAKING}.",
        f"desde la {SIDE}, {{A se dirige|se dirigen}} a la calzada{AWAY}{_BRAKING}.",
        f"{{A se acerca|se acercan}} a pie a la calzada por la {SIDE}{AWAY}{_BRAKING}.",
        f"a la {SIDE}, {{A va|van}} caminando hacia la calzada{AWAY}{_BRAKING}.",
    ),
    *_people(
        "camina|caminan, va caminando|van caminando, va andando|van andando",
        *("{hay A} caminando", "{A!} caminar", "moving A", "por", "c"),
    ),
    *_people(
        "está de pie|están de pie, permanece de pie|permanecen de pie, está parad*|están parad*",
        *("{hay A} de pie", "de pie {A!}", "still A", "en", "c"),
    ),
    *_people(
        "circula|circulan, pedalea|pedalean, va pedaleando|van pedaleando",
        *("{hay A} circulando", "{A!} circular", "moving A", "por", "w"),
    ),
    *_people(
        "espera|esperan, está esperando|están esperando, espera|esperan",
        *("{hay A} esperando", "{A!} esperar", "still A", "en", "w"),
    ),
    *rows(
        ("unseen A", "lidar_hits A $returns"),
        "el LiDAR también alcanza {A!} que la cámara no ve, con <returns> retornos.",
        "fuera de la vista de la cámara, {A devuelve|devuelven} <returns> retornos de LiDAR.",
        *(
            f"{{A/{of}}} {'queda' if of[0] == 's' else 'quedan'} fuera de la vista de la cámara, pero <returns> "
            f"retornos del LiDAR l{end} delatan."
            for of, end in BENT
        ),
        "con <returns> retornos, el LiDAR detecta {A!} que la cámara no puede ver.",
    ),
)
