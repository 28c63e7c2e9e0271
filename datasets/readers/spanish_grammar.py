"""Every sentence that a Spanish caption may hold, with what it claims, as rows of ``patterns``.

Beside what ``patterns`` knows, ``{A está aparcad*|están aparcad*}`` agrees in gender, ``{hay A}`` is "está" or
"están" before what is known, ``{A!}`` has "a" before people, ``{A/a}`` is a pronoun of that case, ``{A/z}`` what
there is none of.
"""

from __future__ import annotations

import re

from pairforge.datasets.readers.patterns import Row
from pairforge.datasets.readers.patterns import rows as _shared_rows


def _token(features: str, known: str = "(?:d|i)") -> str:
    return r"@\d+" + "".join(rf"(?=\w*{f})" for f in (*features, known)) + r"\w+;"


def _forms(words: str, letter: str, number: str, known: str = "(?:d|i)") -> list[str]:
    """The words with their phrase, one regular expression a gender where they show it."""
    forms = []
    for gender in "mf" if "*" in words else ("",):
        said = words.replace("*", ("a" if gender == "f" else "o") + ("s" if number == "p" else ""))
        # A replacement would read the backslashes of the token: split and join.
        forms.append(_token(number + gender, known).join(re.split(rf"\b{letter}\b", said)))
    return forms


def _agreeing(found: re.Match[str]) -> str:
    """A pair of braces as a group over tokens."""
    words = found[1]
    letter = next(x for x in re.findall(r"\b[A-F]\b", words))
    if plain := re.fullmatch(r"[A-F](?:/(\w+))?(!)?", words):
        features = plain[1] or ""
        if plain[2]:
            return f"(?P<{letter}>a {_token(features + 'h')}|{_token(features + 't')})"
        return f"(?P<{letter}>{_token(features) if set(features) <= set('spmf') else _token('', features)})"
    if told := re.fullmatch(r"hay [A-F]/(\w+)", words):
        be = "están" if "p" in told[1] else "está"
        return f"(?P<{letter}>hay {_token(told[1], 'i')}|{be} {_token(told[1], 'd')})"
    if words.startswith("hay "):
        rest = words.removeprefix("hay ")
        forms = [f"hay {x}" for n in "sp" for x in _forms(rest, letter, n, "i")]
        forms += [
            f"{be} {x}" for n, be in (("s", "está"), ("p", "están")) for x in _forms(rest, letter, n, "d")
        ]
        return f"(?P<{letter}>{'|'.join(forms)})"
    one, _, many = words.partition("|")
    many = many or one
    if not re.search(rf"\b{letter}\b", many):
        many = f"{letter} {many}"
    if not re.search(rf"\b{letter}\b", one):
        one = f"{one} {letter}"
    forms = [*_forms(one, letter, "s"), *_forms(many, letter, "p")]
    return f"(?P<{letter}>{'|'.join(forms)})"


def _rows(claims: tuple[str, ...], *patterns: str) -> tuple[Row, ...]:
    return _shared_rows(claims, *(re.sub(r"\{([^{}]+)\}", _agreeing, pattern) for pattern in patterns))


_SIDE = "(?P<side>izquierda|derecha)"
_HAND = "(?P<side>izquierdo|derecho)"
_GROUND = "(?P<ground>acera|calzada)"
_LINES = "(?P<lined>árboles y edificios|árboles|edificios)"
_LINED = f" bordeada de {_LINES}"
_PLACE = "(?P<place>calle|carretera|autopista)"
_MOODS = (
    "en un día soleado|con el sol bajo|bajo un cielo nublado|bajo un cielo cubierto|con niebla|bajo la lluvia"
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
_BENT = (("sm", "o", "está"), ("sf", "a", "está"), ("pm", "os", "están"), ("pf", "as", "están"))
"""Features, ending and verb, where a participle stands apart from its phrase."""
_PARKED = ("parked A", "roadside A $side", "distance A ego $distance")
_EGO = (
    *("ego_speed ego $speed", "ego_braking ego ?braking", "ego_accelerating ego ?faster"),
    "ego_turning ego $turn",
)
_LEAD = ("lead A", "same_lane_ahead A", "distance A ego $distance")
_AWAY = "[, a <distance>]"
_TURN = "[ en una curva a la (?P<turn>izquierda|derecha)]"
_BRAKING = "[, y (?P<braking>estamos frenando)]"
_ACROSS = ("moving A", "distance A ego $distance", "ego_braking ego ?braking")
_UNDERFOOT = "(?P<ground>suelo de la habitación|suelo)"
_STANDING = f"(?: en el {_UNDERFOOT})?"
_DROPPING = "[, con {B} cayendo]"
_BESIDES = f"[, con {{C}}{_STANDING}][, mientras {{cae D|caen D}}]"
_WHERE_SHELF = (
    "(?:estante (?P<shelf>superior|inferior|central)"
    "|(?P<shelf_b>(?:segundo|tercer|cuarto|quinto) estante desde (?:abajo|arriba)))"
)
_SHELF_2 = _WHERE_SHELF.replace("shelf", "shelf2")
_FLAW = "(?P<flaw>una? .+)"
_ONE = "(?P<unseen>un) defecto"
_MORE = r"(?P<unseen2>(?!un )\w+) defectos"


def _people(verbs: str, gerund: str, infinitive: str, claim: str, on: str) -> tuple[Row, ...]:
    """``verbs``: of three phrasings, singular and plural."""
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
    return _rows(
        claims,
        f"{first}(?: {on} la {_GROUND}(?: a nuestra {_SIDE})?| a la {side_2}){_AWAY}.",
        f"(?:a nuestra {_SIDE}, )?{second}{ground}{_AWAY}.",
        f"(?:a la {_SIDE}, )?{third}{ground}{_AWAY}.",
        f"a la (?:{_SIDE}|vista) {{hay A}} {gerund}{ground}{_AWAY}.",
        f"(?:a la {_SIDE} )?vemos {{A!}} {infinitive}{ground}{_AWAY}.",
    )


_ROAD: tuple[Row, ...] = (
    *_rows(
        _STREET,
        f"(?:(?:{_HOUR} y )?{_SKY}|{_HOUR_2} en|esta es) una {_PLACE}[{_LINED}][, con la calzada {_SURFACE}].",
        f"estamos en una {_PLACE}[{_LINED}]{_MOOD}[, y la calzada está {_SURFACE}].",
        f"ante nosotros se extiende {_A_STREET}.",
        f"(?:hay {_LINES} a los lados de la|esta es una) {_PLACE}{_MOOD}[, y la calzada está {_SURFACE}].",
        f"la cámara muestra una {_PLACE}[ {_SURFACE}]{_MOOD}[, con {_LINES} a los lados].",
    ),
    *_rows(
        _TAILED,
        f"(?:esta es |estamos en |la cámara muestra )?{_A_STREET}{_TAIL}.",
        f"{{hay A}} en {_A_STREET}(?:, con {{D}} {_BOTH_2})?.",
    ),
    *_rows((*_TAILED, "lead A", "moving A"), f"seguimos a {{A/s}} por {_A_STREET}{_TAIL}."),
    *(
        row
        for claims, words in (
            (("moving A",), "{A circula|A circulan}"),
            (("still A",), "{A está parad*|A están parad*}"),
            ((), "{A está|A están}"),
        )
        for row in _rows(
            (*_TAILED, "lead A", *claims),
            f"{words} delante de nosotros en {_A_STREET}{_TAIL}.",
            f"en {_A_STREET}, {words} delante de nosotros{_TAIL}.",
        )
    ),
    *_rows((*_TAILED, "lead A"), f"delante de nosotros {{hay A}} en {_A_STREET}{_TAIL}."),
    *_rows((*_TAILED, "lead A", "still A"), f"delante de nosotros {{hay A parad*}} en {_A_STREET}{_TAIL}."),
    *_rows(
        (*_TAILED, "crossing A $side"),
        f"{{A cruza|cruzan}} la calzada desde la {_SIDE} delante de nosotros en {_A_STREET}{_TAIL}.",
        f"en {_A_STREET}, {{A está|están}} cruzando la calzada desde la {_SIDE} delante de nosotros{_TAIL}.",
        f"delante de nosotros, en {_A_STREET}, {{A cruza|cruzan}} la calzada desde la {_SIDE}{_TAIL}.",
    ),
    # The vehicle ahead
    *_rows(
        (*_LEAD, "moving A"),
        "{A circula|circulan} delante de nosotros en nuestro carril, a <distance>.",
        "seguimos a {A/s}, que va por nuestro carril a <distance> de nosotros.",
        "delante, en nuestro carril, a <distance>, {circula A|circulan A}.",
        "el vehículo que circula delante en nuestro carril es {A/s}, a <distance> de nosotros.",
        "{A avanza|avanzan} por nuestro carril, <distance> por delante de nosotros.",
    ),
    *_rows(
        (*_LEAD, "slowing A", "moving A"),
        "{A reduce|reducen} la velocidad delante de nosotros en nuestro carril, a <distance>.",
        "en nuestro carril, a <distance>, {A está|están} perdiendo velocidad.",
        "{A aminora|aminoran} la marcha en nuestro carril, <distance> por delante de nosotros.",
        "seguimos a {A/s}, que va perdiendo velocidad en nuestro carril a <distance> de nosotros.",
    ),
    *_rows(
        (*_LEAD, "still A"),
        "{A está parad*|están parad*} delante de nosotros en nuestro carril, a <distance>.",
        "en nuestro carril, a <distance>, {A se ha|se han} detenido.",
        "el vehículo que tenemos delante en nuestro carril es {A/s}, a <distance> y sin moverse.",
        "{A está inmóvil|están inmóviles} en nuestro carril, <distance> por delante de nosotros.",
    ),
    *_rows(
        ("lane_clear ego $reach",),
        "nuestro carril está despejado en los próximos <reach>.",
        "no hay nada en nuestro carril en los próximos <reach>.",
        "nada ocupa nuestro carril en los próximos <reach>.",
        "los próximos <reach> de nuestro carril están despejados.",
    ),
    *_rows(
        ("closing A ego", "time_to_collision A ego $ttc"),
        "nos acercamos y, a este ritmo, {A/a} alcanzaríamos en <ttc>.",
        "la distancia se reduce: a este ritmo, {A/a} alcanzaríamos en <ttc>.",
        "a las velocidades actuales, {A/a} alcanzaríamos en <ttc>.",
        "{A/l} estamos ganando terreno y, a este ritmo, llegaríamos a su altura en <ttc>.",
        "si nada cambiara, {A/a} alcanzaríamos en <ttc>.",
    ),
    *_rows(
        ("closing A ego",),
        "nos estamos acercando a {A/o}.",
        "{A/a} estamos alcanzando.",
        "{A/l} estamos ganando terreno.",
        "la distancia que nos separa de {A/o} se reduce.",
    ),
    *_rows(
        ("pulling_away A ego",),
        "{A/n} se aleja de nosotros.",
        "{A/n} nos va dejando atrás.",
        "la distancia que nos separa de {A/o} aumenta.",
        "nos vamos quedando atrás respecto a {A/o}.",
    ),
    *_rows(
        ("same_speed A ego",),
        "{A/n} va a la misma velocidad que nosotros.",
        "ni {A/l} ganamos terreno ni nos quedamos atrás.",
        "{A/n} circula tan rápido como nosotros.",
        "la distancia que nos separa de {A/o} se mantiene.",
    ),
    # Ourselves
    *_rows(
        _EGO,
        f"vamos a <speed>(?: y estamos (?:(?P<braking>frenando)|(?P<faster>acelerando)))?{_TURN}.",
        f"nuestra velocidad es de <speed>(?:, y estamos (?:(?P<braking>frenando)|(?P<faster>acelerando)))?{_TURN}.",
        f"circulamos a <speed>(?:, (?:(?P<braking>frenando)|(?P<faster>acelerando)))?{_TURN}.",
        f"nuestro coche circula a <speed>(?: y (?:(?P<braking>frena)|(?P<faster>acelera)))?{_TURN}.",
    ),
    *_rows(
        ("ego_still ego",),
        "estamos parados.",
        "nos hemos detenido.",
        "no nos movemos.",
        "nuestro coche está detenido.",
    ),
    *_rows(
        ("ego_moving_over ego $side",),
        f"nos estamos desplazando hacia la {_SIDE}.",
        f"nuestro coche se desplaza hacia la {_SIDE}.",
        f"nos vamos echando hacia la {_SIDE}.",
    ),
    # Others
    *_rows(
        ("entering_lane A $side", "moving A", "distance A ego $distance"),
        f"{{A entra|entran}} en nuestro carril desde la {_SIDE}{_AWAY}.",
        f"desde la {_SIDE}, {{A se está|se están}} metiendo en nuestro carril{_AWAY}.",
        f"{{A se incorpora|se incorporan}} a nuestro carril desde la {_SIDE}{_AWAY}.",
    ),
    *_rows(
        ("oncoming A", "moving A", "distance A ego $distance"),
        f"{{A viene|vienen}} hacia nosotros{_AWAY}.",
        f"{{A se acerca|se acercan}} en sentido contrario{_AWAY}.",
        f"de frente {{viene A|vienen A}}{_AWAY}.",
        f"en sentido contrario {{se acerca A|se acercan A}}{_AWAY}.",
        f"{{A circula|circulan}} hacia nosotros en sentido contrario{_AWAY}.",
    ),
    *_rows(
        _PARKED,
        f"{{A está aparcad*|están aparcad*}} a la {_SIDE}{_AWAY}.",
        f"a la {_SIDE}{_AWAY}, {{A está aparcad*|están aparcad*}}.",
        *(f"aparcad{end} a la {_SIDE} {verb} {{A/{of}}}{_AWAY}." for of, end, verb in _BENT),
        f"a la {_SIDE} {{hay A aparcad*}}{_AWAY}.",
        f"{{A está aparcad*|están aparcad*}} en el lado {_HAND} de la calzada{_AWAY}.",
    ),
    *_rows(
        ("roadside A $side",),
        f"a la {_SIDE} hay una hilera de {{A/p}}.",
        f"una hilera de {{A/p}} ocupa el lado {_HAND} de la calzada.",
        f"a lo largo del lado {_HAND} de la calzada hay {{A/p}}.",
        f"hay {{A/p}} a lo largo del lado {_HAND} de la calzada.",
    ),
    *_rows(
        ("both_sides A",),
        "a ambos lados de la calzada hay {A/p}.",
        "hay {A/p} a ambos lados de la calzada.",
        "a ambos lados de la calzada se ven {A/p}.",
    ),
    *_rows(
        ("both_lined A",),
        "a ambos lados de la calzada hay hileras de {A/p}.",
        "hay hileras de {A/p} a ambos lados de la calzada.",
        "hileras de {A/p} bordean ambos lados de la calzada.",
    ),
    *_rows(
        ("crossing A $side", *_ACROSS),
        f"{{A cruza|cruzan}} la calzada delante de nosotros desde la {_SIDE}{_AWAY}{_BRAKING}.",
        f"delante de nosotros, {{A está|están}} cruzando la calzada desde la {_SIDE}{_AWAY}{_BRAKING}.",
        f"desde la {_SIDE}, {{A cruza|cruzan}} la calzada por delante de nosotros{_AWAY}{_BRAKING}.",
        f"{{A está|están}} en la calzada, delante de nosotros, cruzando desde la {_SIDE}{_AWAY}{_BRAKING}.",
    ),
    *_rows(
        ("heading_for_road A $side", *_ACROSS),
        f"{{A camina|caminan}} hacia la calzada desde la {_SIDE}{_AWAY}{_BRAKING}.",
        f"desde la {_SIDE}, {{A se dirige|se dirigen}} a la calzada{_AWAY}{_BRAKING}.",
        f"{{A se acerca|se acercan}} a pie a la calzada por la {_SIDE}{_AWAY}{_BRAKING}.",
        f"a la {_SIDE}, {{A va|van}} caminando hacia la calzada{_AWAY}{_BRAKING}.",
    ),
    *_people(
        "camina|caminan, va caminando|van caminando, va andando|van andando",
        *("caminando", "caminar", "moving A", "por"),
    ),
    *_people(
        "está de pie|están de pie, permanece de pie|permanecen de pie, está parad*|están parad*",
        *("de pie", "de pie", "still A", "en"),
    ),
    *_people(
        "circula|circulan, pedalea|pedalean, va pedaleando|van pedaleando",
        *("circulando", "circular", "moving A", "por"),
    ),
    *_people(
        "espera|esperan, está esperando|están esperando, espera|esperan",
        *("esperando", "esperar", "still A", "en"),
    ),
    *_rows(
        ("unseen A", "lidar_hits A $returns"),
        "el LiDAR también alcanza {A!} que la cámara no ve, con <returns> retornos.",
        "fuera de la vista de la cámara, {A devuelve|devuelven} <returns> retornos de LiDAR.",
        *(
            f"{{A/{of}}} {'queda' if of[0] == 's' else 'quedan'} fuera de la vista de la cámara, pero <returns> "
            f"retornos del LiDAR l{end} delatan."
            for of, end, _ in _BENT
        ),
        "con <returns> retornos, el LiDAR detecta {A!} que la cámara no puede ver.",
    ),
)

_INDOORS: tuple[Row, ...] = (
    *_rows(
        ("hidden_behind A B", "partly_hidden A"),
        "{A está parcialmente ocult*|están parcialmente ocult*} detrás de {B}.",
        "{B oculta|ocultan} parte de {A}.",
        "parte de {A} queda oculta detrás de {B}.",
        "{B tapa|tapan} en parte {A!}.",
        "detrás de {B}, {A solo se ve|solo se ven} en parte.",
    ),
    *_rows(
        ("at_rest A", "on_top_of A B"),
        "{A reposa|reposan} sobre {B}.",
        "sobre {B} {reposa A|reposan A}.",
        "en reposo sobre {B} {hay A}.",
        "{A se ha quedado quiet*|se han quedado quiet*} sobre {B}.",
        "{A está inmóvil|están inmóviles} sobre {B}.",
    ),
    *_rows(
        ("on_top_of A B",),
        "{A está|están} encima de {B}.",
        "{A está puest*|están puest*} sobre {B}.",
        "encima de {B} {hay A}.",
        "{B tiene|tienen} encima {A!}.",
    ),
    *_rows(("on_top_of B A",), "{A está|están} debajo de {B}."),
    *_rows(
        ("on_top_of A B", "on_top_of B C"),
        "{A está|están} sobre {B/s}, que a su vez está sobre {C}.",
        "{A está apilad*|están apilad*} sobre {B}, y todo ello, sobre {C}.",
        "sobre {C} {hay B} y, encima, {A}.",
    ),
    *_rows(
        ("across A B C",),
        "un extremo de {A} descansa sobre {B}, y el otro, sobre {C}.",
        "{A se extiende|se extienden} de {B} a {C}.",
        "{A forma|forman} un puente de {B} a {C}.",
        "{A une|unen} {B!} con {C}.",
    ),
    *_rows(
        ("inside A B",),
        "{A está|están} en {B}.",
        "en {B} {hay A}.",
        "{B contiene|contienen} {A}.",
        "dentro de {B} {hay A}.",
        "dentro de {B} {se ve A|se ven A}.",
    ),
    *_rows(
        ("inside A B", "upon C D"),
        "{A está|están} en {B}[, con {C} sobre {D}].",
        "sobre {D} {hay C}, con {A} en {B}.",
        "{D} con {C} encima, y {A} en {B}.",
    ),
    *_rows(
        ("fallen_off A B",),
        "{A se ha caído|se han caído} de {B}.",
        "{A/s} ya no está en {B}, porque se ha caído.",
        "{A/p} ya no están en {B}, porque se han caído.",
        "{A ha|han} caído por el borde de {B}.",
    ),
    *_rows(
        ("on_shelf A $shelf", "on_shelf A $shelf_b", "on_shelf B $shelf2", "on_shelf B $shelf2_b"),
        f"en el {_WHERE_SHELF} {{hay A}}.",
        f"{{A está|están}} en el {_WHERE_SHELF}.",
        f"en el {_WHERE_SHELF} {{se ve A|se ven A}}.",
        f"{{se ve A|se ven A}} en el {_WHERE_SHELF}.",
        f"{{A está|están}} en el {_WHERE_SHELF}, con {{B}} en el {_SHELF_2}.",
        f"en el {_WHERE_SHELF} {{hay A}}, con {{B}} en el {_SHELF_2}.",
        f"en el {_WHERE_SHELF} {{se ve A|se ven A}}, y en el {_SHELF_2}, {{B}}.",
        f"{{se ve A|se ven A}} en el {_WHERE_SHELF}, con {{B}} en el {_SHELF_2}.",
    ),
    *_rows(
        ("leans_on A B",),
        "{A está apoyad*|están apoyad*} contra {B}.",
        "{A se apoya inclinad*|se apoyan inclinad*} contra {B}.",
        "{A descansa|descansan} de canto contra {B}.",
        *(f"apoyad{end} contra {{B}} {verb} {{A/{of}}}." for of, end, verb in _BENT),
    ),
    *_rows(
        ("falling A", "height_above A B $height"),
        "{A está|están} cayendo, a <height> por encima de {B}.",
        "{A sigue|siguen} en el aire, a <height> por encima de {B}, cayendo.",
        "{A cae|caen} hacia {B}, todavía <height> por encima.",
        "{sigue cayendo A|siguen cayendo A}, a <height> por encima de {B}.",
    ),
    *_rows(
        ("falling A", "height_above A B $height", "falling C", "height_above C B $height2"),
        "{A está|están} cayendo, a <height> por encima de {B}, y también {C}, a <height2>.",
        "siguen cayendo {A}, a <height> por encima de {B}, y {C}, a <height2>.",
        "{A sigue|siguen} en el aire, a <height> por encima de {B}, y {C también cae|también caen}, a <height2>.",
    ),
    *_rows(
        ("airborne A", "height_above A B $height"),
        "{A está|están} en el aire, a <height> por encima de {B}.",
        "{A se encuentra|se encuentran} en el aire, a <height> sobre {B}.",
        "en el aire, a <height> por encima de {B}, {hay A}.",
        "a <height> por encima de {B}, en el aire, {se encuentra A|se encuentran A}.",
    ),
    *_rows(
        ("just_landed A B",),
        "{A acaba|acaban} de caer sobre {B}.",
        "{A acaba|acaban} de aterrizar en {B}.",
        "hace un momento, {A ha|han} caído sobre {B}.",
        "{A ha|han} caído hace un momento sobre {B}.",
    ),
    *_rows(
        ("just_hit A B",),
        "{A acaba|acaban} de golpear {B!}.",
        "{A acaba|acaban} de rebotar en {B}.",
        "hace un momento, {A ha|han} golpeado desde arriba {B!}.",
        "{A ha|han} golpeado hace un momento {B!} desde arriba.",
    ),
    *_rows(
        ("just_bumped A B",),
        "{A acaba|acaban} de chocar con {B}.",
        "{A acaba|acaban} de golpear de lado {B!}.",
        "hace un momento, {A ha|han} chocado con {B}.",
        "{A ha|han} chocado hace un momento con {B}.",
    ),
    *_rows(
        ("on_its_side A",),
        "{A está tumbad*|están tumbad*} de lado.",
        "{A ha|han} quedado de lado.",
        "{A descansa|descansan} de lado.",
        "de lado {está tumbad* A|están tumbad* A}.",
    ),
    *_rows(
        ("stirring A",),
        "{A todavía se mueve|todavía se mueven}.",
        "{A aún no se ha quedado quiet*|aún no se han quedado quiet*}.",
        "{A sigue|siguen} en movimiento.",
        "todavía {se mueve A|se mueven A}.",
    ),
    *(
        row
        for predicate, of, more in (
            ("left_of", "a la izquierda de {B}", "{A queda|quedan} a la izquierda de {B}."),
            ("right_of", "a la derecha de {B}", "{A queda|quedan} a la derecha de {B}."),
            ("in_front_of", "delante de {B}", "{A está|están} más cerca de la cámara que {B}."),
            ("behind", "detrás de {B}", "{A está|están} más lejos de la cámara que {B}."),
        )
        for row in _rows(
            (f"{predicate} A B",),
            f"{{A está|están}} {of}.",
            f"{of} {{hay A}}.",
            f"{of} {{se ve A|se ven A}}.",
            more,
        )
    ),
    *_rows(
        ("upon A B", "falling C", "airborne D"),
        "{A está|están} sobre {B}[, con {C} cayendo y {D} en el aire].",
        "{A está|están} sobre {B}, con {C} cayendo.",
        "{A está|están} sobre {B}, con {D} en el aire.",
        "{A} sobre {B}[, con {C} cayendo y {D} en el aire].",
        "{A} sobre {B}, con {C} cayendo.",
        "{A} sobre {B}, con {D} en el aire.",
        "sobre {B} {hay A}[, con {C} cayendo y {D} en el aire].",
        "sobre {B} {hay A}, con {C} cayendo.",
        "sobre {B} {hay A}, con {D} en el aire.",
        "{B} con {A} encima[, y {C} cayendo y {D} en el aire].",
        "{B} con {A} encima, y {C} cayendo.",
        "{B} con {A} encima, y {D} en el aire.",
    ),
    *_rows(
        ("falling A", "airborne C"),
        "{A está cayendo|están cayendo} hacia {B}.",
        "{A cae|caen} hacia {B}[, con {C} en el aire].",
        "hacia {B} {cae A|caen A}.",
    ),
    *_rows(
        ("airborne A",),
        "{A está|están} en el aire por encima de {B}.",
        "en el aire por encima de {B} {hay A}.",
    ),
    # Parts under inspection
    *_rows(
        ("defect A $flaw", "defect_size A $flaw", "defect_severity A $flaw"),
        f"{{A tiene|tienen}} {_FLAW}.",
        f"{{A presenta|presentan}} {_FLAW}.",
        f"en {{A}} se observa {_FLAW}.",
        f"en {{A}} hay {_FLAW}.",
    ),
    *_rows(
        ("defect_unseen A $unseen", "defect_unseen A $unseen2"),
        f"{_ONE} de {{A}} queda fuera de la vista.",
        f"{_MORE} de {{A}} quedan fuera de la vista.",
        f"esta vista no muestra (?:{_ONE}|{_MORE}) de {{A}}.",
        f"desde aquí no se (?:ve {_ONE}|ven {_MORE}) de {{A}}.",
    ),
    *_rows(
        ("defect_free A",),
        "{A no tiene|no tienen} ningún defecto.",
        "{A está libre|están libres} de defectos.",
        "no hay ningún defecto en {A}.",
    ),
    *_rows(
        ("verdict A =reject",),
        "{A debe|deben} rechazarse.",
        "{A no supera|no superan} la inspección.",
        "hay que rechazar {A!}.",
        "{A queda rechazad*|quedan rechazad*}.",
    ),
    *_rows(
        ("verdict A =pass",),
        "{A supera|superan} la inspección.",
        "{A queda aceptad*|quedan aceptad*}.",
        "no es necesario rechazar {A!}.",
    ),
    # Things in the open
    *_rows(
        ("on_ground A $ground", "falling B"),
        f"{{A}}{_STANDING}{_DROPPING}.",
        f"(?:aquí|a la vista) {{hay A}}{_STANDING}{_DROPPING}.",
        f"en la imagen {{aparece A|aparecen A}}{_STANDING}{_DROPPING}.",
        f"en el {_UNDERFOOT} {{hay A}}.",
        f"{{A está|están}} en el {_UNDERFOOT}.",
        f"sobre el {_UNDERFOOT} {{se ve A|se ven A}}.",
        f"{{se ve A|se ven A}} en el {_UNDERFOOT}.",
        "(?:ante la cámara|a la vista) {hay A}.",
    ),
    *_rows(
        ("on_top_of A B", "on_ground C $ground", "falling D"),
        f"a la vista {{hay A}} encima de {{B}}{_BESIDES}.",
        f"{{A está|están}} encima de {{B}}{_BESIDES}.",
        f"encima de {{B}} {{hay A}}{_BESIDES}.",
    ),
    *_rows(
        ("falling A",),
        "{A está|están} cayendo.",
        "{A cae|caen}.",
        "en la imagen {aparece A|aparecen A} cayendo.",
        "{A está|están} en caída libre.",
        "{A sigue|siguen} en el aire, cayendo.",
        "{sigue cayendo A|siguen cayendo A}.",
        "por el aire {cae A|caen A}.",
    ),
)

_DAY = "soleado|nublado|de cielo cubierto|de niebla|lluvioso|de nevada|polvoriento"
_NIGHT = "soleada|nublada|de cielo cubierto|de niebla|lluviosa|de nevada|polvorienta"
_CONTRASTS: tuple[Row, ...] = (
    *_rows(
        (),
        "{hay A} a la vista.",
        "no hay {A/z} a la vista.",
        "en la imagen no aparece {A/z}.",
        "ante la cámara no hay {A/z}.",
    ),
    *_rows(
        ("only A",),
        "no se ve nada más que {A}.",
        "a la vista no hay nada más que {A}.",
        "en la imagen no aparece nada más que {A}.",
    ),
    *_rows(
        ("weather $mood", "weather $time"),
        *(
            f"{start} un{end} (?P<time>{time}) (?P<mood>{like})."
            for start in ("(?:fuera, )?es", "la imagen se tomó en")
            for end, time, like in (("", "día", _DAY), ("a", "noche", _NIGHT))
        ),
        "(?:fuera )?es (?P<time>de noche).",
        "la imagen se tomó (?P<time>de noche).",
    ),
    *_rows(
        ("camera_distance A $distance",),
        "{A está|están} a <distance> de la cámara.",
        "a <distance> de la cámara {hay A}.",
        "la cámara está a <distance> de {A}.",
    ),
    *_rows(
        ("landed_before A B",),
        "{A} ha caído antes que {B}.",
        "{A} ha llegado abajo antes que {B}.",
        "primero ha caído {A} y después, {B}.",
    ),
    *_rows(
        ("own_side A B $side",),
        f"{{B tiene|tienen}} {{A!}} a su {_SIDE}.",
        f"a su {_SIDE}, {{B tiene|tienen}} {{A!}}.",
        f"{{B tiene|tienen}} a su {_SIDE} {{A!}}.",
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
    *_rows(
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
        for of, end, _ in _BENT
        for row in _rows(
            (
                *("side A $side", "distance A ego $distance", "hidden_behind A B", "partly_hidden A ?cover"),
                "cut_off A $cut",
            ),
            *(
                f"{start}{_AWAY}[, (?P<cover>parcialmente ocult{end}) detrás de {{B}}]"
                f"[, cortad{end} por el borde (?P<cut>izquierdo|derecho)]."
                for start in (
                    f"{{A/{of}}}[ en el lado {_HAND} de la imagen]",
                    f"vemos {{A/{of}!}}[ en el lado {_HAND} de la imagen]",
                    f"en (?:el lado {_HAND} de )?la imagen {{hay A/{of}}}",
                )
            ),
        )
    ),
)

SENTENCES: tuple[Row, ...] = (*_ROAD, *_INDOORS, *_CONTRASTS, *_PICTURES)

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
