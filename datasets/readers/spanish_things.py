"""What Spanish captions say of things on tables, shelves and the ground, and of inspected parts."""

from __future__ import annotations

from pairforge.datasets.readers.patterns import Row
from pairforge.datasets.readers.spanish_forms import BENT, rows

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


THINGS: tuple[Row, ...] = (
    *rows(
        ("hidden_behind A B", "partly_hidden A"),
        "{A está parcialmente ocult*|están parcialmente ocult*} detrás de {B}.",
        "{B oculta|ocultan} parte de {A}.",
        "parte de {A} queda oculta detrás de {B}.",
        "{B tapa|tapan} en parte {A!}.",
        "detrás de {B}, {A solo se ve|solo se ven} en parte.",
    ),
    *rows(
        ("at_rest A", "on_top_of A B"),
        "{A reposa|reposan} sobre {B}.",
        "sobre {B} {reposa A|reposan A}.",
        "en reposo sobre {B} {hay A}.",
        "{A se ha quedado quiet*|se han quedado quiet*} sobre {B}.",
        "{A está inmóvil|están inmóviles} sobre {B}.",
    ),
    *rows(
        ("on_top_of A B",),
        "{A at} encima de {B}.",
        "{A está puest*|están puest*} sobre {B}.",
        "encima de {B} {hay A}.",
        "{B tiene|tienen} encima {A!}.",
        "encima de {B} {se ve A|se ven A}.",
    ),
    *rows(
        ("on_top_of A B", "on_top_of B C"),
        "{A está|están} sobre {B/s}, que a su vez está sobre {C}.",
        "{A está apilad*|están apilad*} sobre {B}, y todo ello, sobre {C}.",
        "sobre {C} {hay B} y, encima, {A}.",
    ),
    *rows(
        ("across A B C",),
        "un extremo de {A} descansa sobre {B}, y el otro, sobre {C}.",
        "{A se extiende|se extienden} de {B} a {C}.",
        "{A forma|forman} un puente de {B} a {C}.",
        "{A une|unen} {B!} con {C}.",
    ),
    *rows(
        ("inside A B",),
        "{A at} en {B}.",
        "en {B} {hay A}.",
        "{B contiene|contienen} {A}.",
        "dentro de {B} {hay A}.",
        "dentro de {B} {se ve A|se ven A}.",
    ),
    *rows(
        ("inside A B", "upon C D"),
        "{A at} en {B}[, con {C} sobre {D}].",
        "sobre {D} {hay C}, con {A} en {B}.",
        "{D} con {C} encima, y {A} en {B}.",
    ),
    *rows(
        ("fallen_off A B",),
        "{A se ha caído|se han caído} de {B}.",
        "{A/s} ya no está en {B}, porque se ha caído.",
        "{A/p} ya no están en {B}, porque se han caído.",
        "{A ha|han} caído por el borde de {B}.",
    ),
    *rows(
        ("on_shelf A $shelf", "on_shelf A $shelf_b", "on_shelf B $shelf2", "on_shelf B $shelf2_b"),
        f"en el {_WHERE_SHELF} {{hay A}}.",
        f"{{A at}} en el {_WHERE_SHELF}.",
        f"en el {_WHERE_SHELF} {{se ve A|se ven A}}.",
        f"{{se ve A|se ven A}} en el {_WHERE_SHELF}.",
        f"{{A at}} en el {_WHERE_SHELF}, con {{B}} en el {_SHELF_2}.",
        f"en el {_WHERE_SHELF} {{hay A}}, con {{B}} en el {_SHELF_2}.",
        f"en el {_WHERE_SHELF} {{se ve A|se ven A}}, y en el {_SHELF_2}, {{B}}.",
        f"{{se ve A|se ven A}} en el {_WHERE_SHELF}, con {{B}} en el {_SHELF_2}.",
    ),
    *rows(
        ("leans_on A B",),
        "{A está apoyad*|están apoyad*} contra {B}.",
        "{A se apoya|se apoyan} contra {B}.",
        "{A descansa inclinad*|descansan inclinad*} contra {B}.",
        *(f"apoyad{end} contra {{B}} {{hay A/{of}}}." for of, end in BENT),
    ),
    *rows(
        ("falling A", "height_above A B $height"),
        "{A está|están} cayendo, a <height> por encima de {B}.",
        "{A sigue|siguen} en el aire, a <height> por encima de {B}, cayendo.",
        "{A cae|caen} hacia {B}, todavía <height> por encima.",
        "{sigue cayendo A|siguen cayendo A}, a <height> por encima de {B}.",
    ),
    *rows(
        ("falling A", "height_above A B $height", "falling C", "height_above C B $height2"),
        "{A está|están} cayendo, a <height> por encima de {B}, y también {C}, a <height2>.",
        "siguen cayendo {A}, a <height> por encima de {B}, y {C}, a <height2>.",
        "{A sigue|siguen} en el aire, a <height> por encima de {B}, y {C también cae|también caen}, a <height2>.",
    ),
    *rows(
        ("airborne A", "height_above A B $height"),
        "{A at} en el aire, a <height> por encima de {B}.",
        "{A se encuentra|se encuentran} en el aire, a <height> sobre {B}.",
        "en el aire, a <height> por encima de {B}, {hay A}.",
        "a <height> por encima de {B}, en el aire, {se encuentra A|se encuentran A}.",
    ),
    *rows(
        ("just_landed A B",),
        "{A acaba|acaban} de caer sobre {B}.",
        "{A acaba|acaban} de aterrizar en {B}.",
        "hace un momento, {A ha|han} caído sobre {B}.",
        "{A ha|han} caído hace un momento sobre {B}.",
    ),
    *rows(
        ("just_landed A B", "inside A B"),
        "{A acaba|acaban} de caer dentro de {B}.",
        "{A acaba|acaban} de aterrizar dentro de {B}.",
        "hace un momento, {A ha|han} caído dentro de {B}.",
        "{A ha|han} caído hace un momento dentro de {B}.",
    ),
    *rows(
        ("just_hit A B",),
        "{A acaba|acaban} de golpear {B!}.",
        "{A acaba|acaban} de rebotar en {B}.",
        "hace un momento, {A ha|han} golpeado desde arriba {B!}.",
        "{A ha|han} golpeado hace un momento {B!} desde arriba.",
    ),
    *rows(
        ("just_bumped A B",),
        "{A acaba|acaban} de chocar con {B}.",
        "{A acaba|acaban} de golpear de lado {B!}.",
        "hace un momento, {A ha|han} chocado con {B}.",
        "{A ha|han} chocado hace un momento con {B}.",
    ),
    *rows(
        ("on_its_side A",),
        "{A está tumbad*|están tumbad*} de lado.",
        "{A ha|han} quedado de lado.",
        "{A descansa|descansan} de lado.",
        "{A yace|yacen} de lado.",
    ),
    *rows(
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
        for row in rows(
            (f"{predicate} A B",),
            f"{{A at}} {of}.",
            f"{of} {{hay A}}.",
            f"{of} {{se ve A|se ven A}}.",
            more,
        )
    ),
    *rows(
        ("upon A B", "falling C", "airborne D"),
        "{A at} sobre {B}[, con {C} cayendo y {D} en el aire].",
        "{A at} sobre {B}, con {C} cayendo.",
        "{A at} sobre {B}, con {D} en el aire.",
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
    *rows(
        ("falling A", "airborne C"),
        "{A está cayendo|están cayendo} hacia {B}.",
        "{A cae|caen} hacia {B}[, con {C} en el aire].",
        "hacia {B} {cae A|caen A}.",
    ),
    *rows(
        ("airborne A",),
        "{A at} en el aire por encima de {B}.",
        "en el aire por encima de {B} {hay A}.",
    ),
    # Parts under inspection
    *rows(
        ("defect A $flaw", "defect_size A $flaw", "defect_severity A $flaw"),
        f"{{A tiene|tienen}} {_FLAW}.",
        f"{{A presenta|presentan}} {_FLAW}.",
        f"en {{A}} se observa {_FLAW}.",
        f"en {{A}} hay {_FLAW}.",
    ),
    *rows(
        ("defect_unseen A $unseen", "defect_unseen A $unseen2"),
        f"{_ONE} de {{A}} queda fuera de la vista.",
        f"{_MORE} de {{A}} quedan fuera de la vista.",
        f"esta vista no muestra (?:{_ONE}|{_MORE}) de {{A}}.",
        f"desde aquí no se (?:ve {_ONE}|ven {_MORE}) de {{A}}.",
    ),
    *rows(
        ("defect_free A",),
        "{A no tiene|no tienen} ningún defecto.",
        "{A está libre|están libres} de defectos.",
        "no hay ningún defecto en {A}.",
    ),
    *rows(
        ("verdict A =reject",),
        "{A debe|deben} rechazarse.",
        "{A no supera|no superan} la inspección.",
        "hay que rechazar {A!}.",
        "{A queda rechazad*|quedan rechazad*}.",
    ),
    *rows(
        ("verdict A =pass",),
        "{A supera|superan} la inspección.",
        "{A queda aceptad*|quedan aceptad*}.",
        "no es necesario rechazar {A!}.",
    ),
    # Things in the open
    *rows(
        ("on_ground A $ground", "falling B"),
        f"{{A}}{_STANDING}{_DROPPING}.",
        f"(?:aquí|a la vista) {{hay A}}{_STANDING}{_DROPPING}.",
        f"en la imagen {{aparece A|aparecen A}}{_STANDING}{_DROPPING}.",
        f"en el {_UNDERFOOT} {{hay A}}.",
        f"{{A at}} en el {_UNDERFOOT}.",
        f"sobre el {_UNDERFOOT} {{se ve A|se ven A}}.",
        f"{{se ve A|se ven A}} en el {_UNDERFOOT}.",
        "(?:ante la cámara|a la vista) {hay A}.",
    ),
    *rows(
        ("on_top_of A B", "on_ground C $ground", "falling D"),
        f"a la vista {{hay A}} encima de {{B}}{_BESIDES}.",
        f"{{A at}} encima de {{B}}{_BESIDES}.",
        f"encima de {{B}} {{hay A}}{_BESIDES}.",
    ),
    *rows(
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
