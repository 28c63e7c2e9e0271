"""Every sentence that a German caption may hold, with what it claims, as rows of ``patterns``.

``{A}`` alone is in any case; ``{A/n}``, ``{A/a}`` and ``{A/d}`` are nominative, accusative and dative. Prepositions
stand apart from articles here ("von dem"), as the reader takes "vom" apart. ``{A/w}`` may walk, ``{A/r}`` may ride.
"""

from __future__ import annotations

from pairforge.datasets.readers.german_words import ACTS, SHELF_ENDS, SHELVES, SKY, SKY_CLAUSES
from pairforge.datasets.readers.patterns import Row, rows
from pairforge.datasets.readers.rules import GERMAN

_SIDE = "(?P<side>links|rechts)"
_WEAK_SIDE = "(?P<side>linken|rechten)"
_GROUND = "auf (?P<ground>dem Gehweg|der Fahrbahn)"
_UNDERFOOT = "auf (?P<ground>dem Boden|dem Fußboden)"
_AWAY = "[, <distance> entfernt]"
_STILL_AWAY = "[, noch <distance> entfernt]"
_BEFORE = "[<distance> ]vor uns"
_BRAKE = "(?:, und (?P<braking>wir bremsen)|; (?P<braking2>wir bremsen))?"
_BEND = "[ in einer (?P<turn>Linkskurve|Rechtskurve)]"
_CHANGE = "(?: und (?P<braking>bremsen)| und (?P<faster>beschleunigen))?"

_SKIES = "|".join(SKY)
_MOOD = f"(?: (?P<when>bei Nacht|in der Dämmerung))?(?: (?P<mood>{_SKIES}))?"
_CLAUSES = "|".join(SKY_CLAUSES)
_LINED_BY = "(?P<lined>Bäumen|Häusern|Bäumen und Häusern)"
_PLACE = "(?P<place>Straße|Landstraße|Autobahn)"


def _street(article: str, ending: str, mood: str = _MOOD) -> str:
    """A street in a case, by the article and the ending of its adjectives."""
    ground = f"(?:(?P<wet>nass{ending})|(?P<white>verschneit{ending}))(?:, (?=von)| (?!von))"
    return f"{article} (?:{ground})?(?:von {_LINED_BY} gesäumt{ending} )?{_PLACE}{mood}"


_NOM, _DAT = _street("eine", "e"), _street("einer", "en")
_SURFACE = "(?:; die Fahrbahn ist (?:(?P<wet>nass)|(?P<white>schneebedeckt)))?"
_STREET = (
    *(
        "weather $mood",
        "weather $mood2",
        "weather $when",
        "weather =wet ?wet",
        "weather =snow-covered ?white",
    ),
    *("scenery $lined", "place $place"),
)
_BOTH = "(?:(?P<both>auf beiden Seiten)|auf der (?P<row_side>linken|rechten) Seite)"
_BOTH_2 = "(?:(?P<both2>auf beiden Seiten)|auf der (?P<row_side2>linken|rechten) Seite)"
_TAILED = (
    *_STREET,
    *("both_sides C ?both", "roadside C $row_side", "both_sides D ?both2", "roadside D $row_side2"),
)
_WITH = f"(?: mit {{B/d}}(?: sowie {{C/d}} {_BOTH})?| mit {{D/d}} {_BOTH_2})?"
_ALSO = f"sind auch {{E/n}} sowie {{C/n}} {_BOTH}|sind auch {{D/n}} {_BOTH_2}"
_BESIDES = f"(?:; zu sehen (?:{{ist auch|sind auch B/n}}|{_ALSO}))?"
_DOES = "(?:(?P<drives>fährt)|(?P<stands>steht)|ist)"
_AHEAD_OF_US = (*_TAILED, "lead A", "moving A ?drives", "still A ?stands")
_EGO = (
    "ego_speed ego $speed",
    "ego_braking ego ?braking",
    "ego_accelerating ego ?faster",
    "ego_turning ego $turn",
)
_ACROSS = ("moving A", "distance A ego $distance", "ego_braking ego ?braking", "ego_braking ego ?braking2")
_LEAD = ("lead A", "same_lane_ahead A", "distance A ego $distance")
_LANE = "auf unserer Spur"
_NEXT = (
    *(f"ego_next ego ={word} ?{word}" for word in ("stop", "set_off", "slow", "speed_up", "keep")),
    *(f"ego_next_speed ego ${speed}" for speed in ("speed", "speed2", "speed3")),
    *("ego_next_turn ego $turn", "ego_next_turn ego $turn2"),
)
_WILL = (
    "(?:(?:(?P<stop>anhalten)|(?P<set_off>aus dem Stand <speed> erreichen)|(?P<slow>auf <speed2> abbremsen)|"
    "(?P<speed_up>auf <speed3> beschleunigen)|(?P<keep>unser Tempo halten))"
    "[ und nach (?P<turn>links|rechts) abbiegen]|nach (?P<turn2>links|rechts) abbiegen)"
)
_BY_THEN = (
    "(?:(?:(?P<stop>stehen)|(?P<set_off>mit <speed> unterwegs sein)|(?P<slow>nur noch <speed2> fahren)|"
    "(?P<speed_up>schon <speed3> fahren)|(?P<keep>noch genauso schnell fahren))"
    "[ und nach (?P<turn>links|rechts) abgebogen sein]|nach (?P<turn2>links|rechts) abgebogen sein)"
)
_REGION = (
    *(
        "side A $side",
        "distance A ego $distance",
        "hidden_behind A B",
        "partly_hidden A ?cover",
        "cut_off A $cut",
    ),
)
_COVERED = "[, (?P<cover>teilweise von) {B/d} verdeckt]"
_CUT = "[, am (?P<cut>linken|rechten) Bildrand angeschnitten]"
_SHELVES = f"dem (?:{'|'.join(SHELVES)}) Regalbrett(?: (?:{'|'.join(SHELF_ENDS)}))?"
_SHELF, _SHELF_2 = f"auf (?P<shelf>{_SHELVES})", f"auf (?P<shelf2>{_SHELVES})"
_FLAW = "(?P<flaw>eine?n? .+)"
_FALLS = "(?:, während {B/n fällt|fallen})?"


def _people(does: str, infinitive: str, claim: str, who: str) -> tuple[Row, ...]:
    """``who``: the feature of those on foot or on wheels."""
    singular, plural = does.split("|")
    verb = f"{{{singular}|{plural} A/n{who}}}"
    return rows(
        (claim, "roadside A $side", "stands_on A $ground", "distance A ego $distance"),
        f"{{A/n{who} {does}}}[ {_SIDE} von uns][ {_GROUND}]{_AWAY}.",
        f"{_SIDE} {verb}[ {_GROUND}]{_AWAY}.",
        f"{_GROUND} {verb}{_AWAY}.",
        f"(?:{_SIDE} sehen wir|wir sehen) {{A/a{who}}}[ {_GROUND}] {infinitive}{_AWAY}.",
        f"{_GROUND} {_SIDE} von uns {verb}{_AWAY}.",
        f"{_SIDE} von uns {verb}{_AWAY}.",
    )


def _aloft(falling: str, flying: str) -> str:
    """ "Während eine Kugel fällt und ein Kegel in der Luft ist": one, the other or both."""
    falls, flies = f"{{{falling}/n fällt|fallen}}", f"{{{flying}/n in der Luft ist|in der Luft sind}}"
    return f", während {falls}(?: und {flies})?"


_FALLING = _aloft("C", "D")
_FLYING = ", während {D/n in der Luft ist|in der Luft sind}"

_PART = "(?:(?P<start>zu Beginn)|(?P<end>gegen Ende))"


def _happened(
    kind: str, who: str, subject: str, verbs: str, rest: str, also: tuple[str, ...] = (), goes: str = ""
) -> tuple[Row, ...]:
    """Sentences about a happening of the clip, of which ``who`` are the claims' subjects (letters or "ego");
    ``subject``: a letter, or "" for "wir"; ``also``: further claims; ``goes``: how the subject must be able to move.
    One row for "links" and "rechts" each where ``rest`` has {S}."""
    made: list[Row] = []
    singular, plural = verbs.split("|")
    for german, side in (("links", "left"), ("rechts", "right")) if "{S}" in rest else (("", ""),):
        argument = f"{kind}|{side}" if side else kind
        claims = [f"happened {who} ={argument}"]
        claims += [f"happened_when {who} ={argument}@{part} ?{part}" for part in ("start", "end")]
        after = f" {rest}".replace("{S}", german) if rest else ""
        before = f"{{{singular}|{plural} {subject}/n{goes}}}" if subject else f"{plural} wir"
        plain = f"{{{subject}/n{goes} {singular}|{plural}}}" if subject else f"wir {plural}"
        made += rows((*claims, *also), f"{_PART} {before}{after}.", f"{plain}(?: {_PART})?{after}.")
    return tuple(made)


_ALONE = (
    ("braking", "bremste|bremsten", ""),
    ("braking", "wurde|wurden", "langsamer"),
    ("speeding_up", "beschleunigte|beschleunigten", ""),
    ("speeding_up", "wurde|wurden", "schneller"),
    ("stopping", "hielt|hielten", "an"),
    ("falling", "fiel|fielen", ""),
    ("falling", "fiel|fielen", "hinunter"),
    ("rolling", "rollte|rollten", ""),
    ("rolling", "rollte|rollten", "dahin"),
    ("coming_to_rest", "kam|kamen", "zur Ruhe"),
    ("coming_to_rest", "kam|kamen", "zum Stillstand"),
    ("crossing_road", "überquerte|überquerten", "die Fahrbahn"),
    ("crossing_road", "ging|gingen", "über die Fahrbahn"),
    ("turning", "bog|bogen", "nach {S} ab"),
    ("turning", "bog|bogen", "{S} ab"),
    ("lane_change", "wechselte|wechselten", "die Spur nach {S}"),
    ("lane_change", "zog|zogen", "eine Spur nach {S} hinüber"),
)
_GOES = (
    ("starting", "r", "fuhr|fuhren", "los"),
    ("starting", "w", "lief|liefen", "los"),
    ("stopping", "r", "kam|kamen", "zum Stehen"),
    ("stopping", "w", "blieb|blieben", "stehen"),
)
"""On wheels and on foot."""
_PAIRS = (
    ("overtaking", "überholte|überholten", "{B/a}"),
    ("overtaking", "zog|zogen", "beim Überholen an {B/d} vorbei"),
    ("passing_by", "fuhr|fuhren", "an {B/d} vorbei"),
    ("passing_by", "kam|kamen", "an {B/d} vorbei"),
    ("landing", "landete|landeten", "auf {B/d}"),
    ("landing", "kam|kamen", "auf {B/d} auf"),
    ("hitting", "traf|trafen", "{B/a}"),
    ("hitting", "stieß|stießen", "gegen {B/a}"),
    ("ran_red", "fuhr|fuhren", "bei Rot an {B/d} vorbei"),
    ("ran_red", "missachtete|missachteten", "{B/a} bei Rot"),
)
_GRIPS = (
    ("picked_up", "nahm|nahmen", "{A/a} auf"),
    ("picked_up", "ergriff|ergriffen", "{A/a}"),
    ("held", "hielt|hielten", "{A/a}"),
    ("held", "hielt|hielten", "{A/a} fest"),
    ("released", "ließ|ließen", "{A/a} los"),
    ("released", "gab|gaben", "{A/a} frei"),
)
_CUTS = (
    ("cutting_in", "scherte|scherten", "von {S} vor uns ein"),
    ("cutting_in", "zog|zogen", "von {S} dicht vor uns auf unsere Spur"),
)


def _clips() -> tuple[Row, ...]:
    found: list[Row] = []
    for kind, verbs, rest in _ALONE:
        found += [*_happened(kind, "A", "A", verbs, rest), *_happened(kind, "ego", "", verbs, rest)]
    for kind, verbs, rest in _PAIRS:
        ours = rest.replace("{B/a}", "uns").replace("{B/d}", "uns")
        found += [*_happened(kind, "A B", "A", verbs, rest), *_happened(kind, "ego B", "", verbs, rest)]
        found += _happened(kind, "A ego", "A", verbs, ours)
    for verbs, rest in (("landete|landeten", "in {B/d}"), ("fiel|fielen", "in {B/a} hinein")):
        found += _happened("landing", "A B", "A", verbs, rest, ("inside A B",))
    for kind, verbs, rest in _GRIPS:
        found += _happened(kind, "A B", "B", verbs, rest)
    for kind, verbs, rest in _CUTS:
        found += _happened(kind, "A ego", "A", verbs, rest)
    for kind, goes, verbs, rest in _GOES:
        found += _happened(kind, "A", "A", verbs, rest, (), goes)
        found += _happened(kind, "ego", "", verbs, rest) if goes == "r" else ()
    found += _happened("starting", "A", "A", "setzte sich|setzten sich", "in Bewegung")
    return (*found, *_happened("starting", "ego", "", "|setzten", "uns in Bewegung"))


_WHITHER = "(?: nach links| nach rechts)?"
_MAIN = (
    (f"bremsen|halten an|wechseln die Spur{_WHITHER}|ziehen{_WHITHER} hinüber"),
    (f"haben gebremst|haben angehalten|haben die Spur{_WHITHER} gewechselt|sind{_WHITHER} hinübergezogen"),
)
_INVERTED = (
    (f"bremsen wir|halten wir an|wechseln wir die Spur{_WHITHER}|ziehen wir{_WHITHER} hinüber"),
    (
        f"haben wir gebremst|haben wir angehalten|haben wir die Spur{_WHITHER} gewechselt|"
        f"sind wir{_WHITHER} hinübergezogen"
    ),
)
_THAT = (
    (f"bremsen|anhalten|die Spur{_WHITHER} wechseln|(?:nach links |nach rechts )?hinüberziehen"),
    (
        f"gebremst haben|angehalten haben|die Spur{_WHITHER} gewechselt haben|"
        "(?:nach links |nach rechts )?hinübergezogen sind"
    ),
)


def _reasons() -> tuple[Row, ...]:
    """Why we do something, now and then."""
    made: list[Row] = []
    for now, event in enumerate(("under_way", "just_ended")):
        # What made us do what we are still at may be over.
        act = "|".join(form for forms in ACTS.values() for form in forms[now:])
        because = f"{{A/ns}} (?P<act>{act})"
        does, so, that = (f"(?P<what>{forms[now]})" for forms in (_MAIN, _INVERTED, _THAT))
        made += rows(
            (f"{event} ego $what", "caused_by ego A $what+act"),
            f"wir {does}, und der Grund ist {{A/ns}}.",
            f"wir {does}, weil {because}.",
            f"weil {because}, {so}.",
            f"dass wir {that}, liegt an {{A/ds}}.",
            f"an {{A/ds}} liegt es, dass wir {that}.",
            f"dass wir {that}, liegt daran, dass {because}.",
        )
    return tuple(made)


SENTENCES: tuple[Row, ...] = (
    # The street
    *rows(
        _STREET,
        f"(?:(?P<when>es ist Nacht|es dämmert)(?: und (?P<mood>{_CLAUSES}))?|(?P<mood2>{_CLAUSES})), und wir sind "
        f"auf {_street('einer', 'en', '')}.",
        f"wir sind auf {_DAT}.",
        f"vor uns liegt {_NOM}.",
        f"(?P<lined>bäume|häuser|bäume und Häuser) säumen die {_PLACE}{_MOOD}{_SURFACE}.",
        f"das ist eine {_PLACE}{_MOOD}{_SURFACE}.",
        f"zu sehen ist eine {_PLACE}{_MOOD}[, gesäumt von {_LINED_BY}]{_SURFACE}.",
    ),
    *rows(
        _TAILED,
        f"{_NOM}{_WITH}.",
        f"das ist {_NOM}{_WITH}.",
        f"wir sind auf {_DAT}{_WITH}.",
        f"wir sehen {_NOM}{_WITH}.",
        f"auf {_DAT} {{ist|sind B/n}} zu sehen(?:, dazu {{D/n}} {_BOTH_2})?.",
    ),
    (f"wir folgen {{A/d}} auf {_DAT}{_BESIDES}.", (*_TAILED, "lead A", "moving A")),
    *rows(
        _AHEAD_OF_US,
        f"vor uns {_DOES} {{A/n}} auf {_DAT}{_BESIDES}.",
        f"{{A/n}} {_DOES} vor uns auf {_DAT}{_BESIDES}.",
        f"auf {_DAT} {_DOES} {{A/n}} vor uns{_BESIDES}.",
        f"vor uns {_DOES} auf {_DAT} {{A/n}}{_BESIDES}.",
    ),
    *rows(
        (*_TAILED, "crossing A $side"),
        f"auf {_DAT} {{überquert|überqueren A/n}} vor uns von {_SIDE} die Fahrbahn{_BESIDES}.",
        f"vor uns auf {_DAT} {{überquert|überqueren A/n}} von {_SIDE} die Fahrbahn{_BESIDES}.",
        f"{{A/n geht|gehen}} auf {_DAT} vor uns von {_SIDE} über die Fahrbahn{_BESIDES}.",
    ),
    # One thing of the picture
    *rows(
        _REGION,
        f"{{A/n}}[ {_SIDE} im Bild]{_AWAY}{_COVERED}{_CUT}.",
        f"wir sehen {{A/a}}[ {_SIDE} im Bild]{_AWAY}{_COVERED}{_CUT}.",
        f"(?:{_SIDE} )?im Bild {{ist|sind A/n}}{_AWAY}{_COVERED}{_CUT}.",
    ),
    # The vehicle ahead
    *rows(
        (*_LEAD, "moving A"),
        f"{{A/n fährt|fahren}} <distance> vor uns {_LANE}.",
        f"{_LANE} fährt <distance> vor uns {{A/ns}}.",
        f"wir fahren {_LANE} hinter {{A/d}} her, <distance> entfernt.",
        f"das Fahrzeug vor uns {_LANE} ist {{A/n}}, <distance> entfernt und in Fahrt.",
        f"vor uns {_LANE} {{fährt|fahren A/n}}, <distance> entfernt.",
    ),
    *rows(
        (*_LEAD, "slowing A", "moving A"),
        f"{{A/n wird|werden}} <distance> vor uns {_LANE} langsamer.",
        f"{_LANE} verlangsamt <distance> vor uns {{A/ns}} die Fahrt.",
        f"{{A/n verliert|verlieren}} <distance> vor uns {_LANE} an Tempo.",
        f"das Fahrzeug vor uns {_LANE} ist {{A/n}}, <distance> entfernt, und wird langsamer.",
        f"vor uns {_LANE} {{wird|werden A/n}} langsamer, <distance> entfernt.",
    ),
    *rows(
        (*_LEAD, "still A"),
        f"{{A/n steht|stehen}} <distance> vor uns {_LANE}.",
        f"{_LANE} steht <distance> vor uns {{A/ns}}.",
        f"das Fahrzeug vor uns {_LANE} ist {{A/n}}, <distance> entfernt und nicht in Bewegung.",
        f"vor uns {_LANE} {{steht|stehen A/n}}, <distance> entfernt.",
    ),
    *rows(
        ("lane_clear ego $reach",),
        "unsere Spur ist die nächsten <reach> frei.",
        "die nächsten <reach> unserer Spur sind frei.",
        "vor uns ist unsere Spur die nächsten <reach> frei.",
        "auf unserer Spur ist die nächsten <reach> kein Hindernis.",
    ),
    *rows(
        ("closing A ego",),
        "wir kommen {A/d} näher.",
        "wir nähern uns {A/d}.",
        "(?:der|unser) Abstand zu {A/d} (?:wird kleiner|schrumpft).",
    ),
    *rows(
        ("closing A ego", "time_to_collision A ego $ttc"),
        "wir kommen näher und würden {A/a} bei gleichbleibendem Tempo in <ttc> erreichen.",
        "der Abstand schrumpft: Bei diesem Tempo würden wir {A/a} in <ttc> erreichen.",
        "wenn sich nichts ändert, erreichen wir {A/a} in <ttc>.",
        "bei unveränderter Geschwindigkeit hätten wir {A/a} in <ttc> eingeholt.",
    ),
    *rows(
        ("pulling_away A ego",),
        "{A/n} entfernt sich von uns.",
        "{A/n} fährt uns davon.",
        "der Abstand zu {A/d} wird größer.",
        "wir bleiben hinter {A/d} zurück.",
    ),
    *rows(
        ("same_speed A ego",),
        "{A/n} ist genauso schnell wie wir.",
        "wir fahren ebenso schnell wie {A/n}.",
        "der Abstand zu {A/d} bleibt gleich.",
        "wir kommen {A/d} weder näher, noch fallen wir zurück.",
    ),
    # Ourselves
    *rows(
        _EGO,
        f"wir fahren{_BEND} <speed>{_CHANGE}.",
        f"unsere Geschwindigkeit beträgt{_BEND} <speed>"
        "(?:, und wir (?:(?P<braking>bremsen)|(?P<faster>beschleunigen)))?.",
        f"wir sind{_BEND} mit <speed> unterwegs{_CHANGE}.",
        f"unser Auto fährt{_BEND} <speed>(?: und (?P<braking>bremst)| und (?P<faster>beschleunigt))?.",
    ),
    *rows(
        _NEXT,
        f"in den nächsten zwei Sekunden werden wir {_WILL}.",
        f"als Nächstes werden wir {_WILL}.",
        f"in zwei Sekunden werden wir {_BY_THEN}.",
    ),
    *rows(
        ("ego_still ego",),
        "wir stehen still.",
        "unser Auto steht.",
        "wir bewegen uns nicht.",
        "wir sind zum Stehen gekommen.",
    ),
    *rows(("ego_braking ego",), "wir bremsen.", "unser Auto bremst.", "wir treten auf die Bremse."),
    *rows(
        ("ego_moving_over ego $side",),
        f"(?:wir ziehen|unser Auto zieht|wir lenken) nach {_SIDE} hinüber.",
    ),
    # Others on the road
    *rows(
        ("entering_lane A $side", "moving A", "distance A ego $distance"),
        f"{{A/n wechselt|wechseln}} {_BEFORE} von {_SIDE} {_LANE.replace('unserer', 'unsere')}.",
        f"von {_SIDE} {{zieht|ziehen A/n}} {_BEFORE} auf unsere Spur herüber.",
        f"{{A/n schert|scheren}} {_BEFORE} von {_SIDE} auf unsere Spur ein.",
    ),
    *rows(
        ("oncoming A", "moving A", "distance A ego $distance"),
        f"{{A/n kommt|kommen}} uns entgegen{_AWAY}.",
        f"uns {{kommt|kommen A/n}} entgegen{_AWAY}.",
        f"aus der Gegenrichtung {{nähert sich|nähern sich A/n}}{_STILL_AWAY}.",
        f"{{A/n nähert|nähern}} sich aus der Gegenrichtung{_STILL_AWAY}.",
        f"entgegen {{kommt uns|kommen uns A/n}}{_AWAY}.",
    ),
    *rows(
        ("parked A", "roadside A $side", "distance A ego $distance"),
        f"{{A/n parkt|parken}} {_SIDE}{_AWAY}.",
        f"{_SIDE} {{parkt|parken A/n}}{_AWAY}.",
        f"am {_WEAK_SIDE} Straßenrand {{parkt|parken A/n}}{_AWAY}.",
        f"{{A/n steht|stehen}} geparkt am {_WEAK_SIDE} Straßenrand{_AWAY}.",
    ),
    *rows(
        ("roadside A $side",),
        "{A/np} säumen die (?P<side>linke|rechte) Seite der Straße.",
        f"{{A/np}} stehen in einer Reihe auf der {_WEAK_SIDE} Seite.",
        "die (?P<side>linke|rechte) Seite der Straße ist von {A/dp} gesäumt.",
        f"auf der {_WEAK_SIDE} Seite stehen {{A/np}} in einer Reihe.",
    ),
    *rows(
        ("both_sides A",),
        "{A/np} stehen auf beiden Seiten der Straße.",
        "auf beiden Seiten der Straße stehen {A/np}.",
        "auf beiden Seiten der Straße sehen wir {A/ap}.",
    ),
    *rows(
        ("both_lined A",),
        "{A/np} säumen beide Seiten der Straße.",
        "beide Seiten der Straße sind von {A/dp} gesäumt.",
        "{A/np} stehen in Reihen zu beiden Seiten der Straße.",
    ),
    *rows(
        ("crossing A $side", *_ACROSS),
        f"{{A/n überquert|überqueren}} {_BEFORE} von {_SIDE} die Fahrbahn{_BRAKE}.",
        f"vor uns {{überquert|überqueren A/n}} von {_SIDE} die Fahrbahn{_AWAY}{_BRAKE}.",
        f"von {_SIDE} kommend {{überquert|überqueren A/n}} {_BEFORE} die Fahrbahn{_BRAKE}.",
        f"{{A/n geht|gehen}} {_BEFORE} von {_SIDE} über die Fahrbahn{_BRAKE}.",
    ),
    *rows(
        ("heading_for_road A $side", *_ACROSS),
        f"{{A/n geht|gehen}}[ <distance> vor uns] von {_SIDE} auf die Fahrbahn zu{_BRAKE}.",
        f"von {_SIDE} {{nähert sich|nähern sich A/n}}[ <distance> vor uns] der Fahrbahn{_BRAKE}.",
        f"{_SIDE} {{geht|gehen A/n}}[ <distance> vor uns] auf die Fahrbahn zu{_BRAKE}.",
        f"{{A/n nähert|nähern}} sich[ <distance> vor uns] von {_SIDE} der Fahrbahn{_BRAKE}.",
    ),
    *_people("geht|gehen", "gehen", "moving A", "w"),
    *_people("steht|stehen", "stehen", "still A", "w"),
    *_people("fährt|fahren", "fahren", "moving A", "r"),
    *_people("wartet|warten", "warten", "still A", "r"),
    # Who hides whom, who is seen by what
    *rows(
        ("hidden_behind A B", "partly_hidden A"),
        "{A/n ist|sind} teilweise von {B/d} verdeckt.",
        "{B/n verdeckt|verdecken} {A/a} teilweise.",
        "hinter {B/d} {ist|sind A/n} nur teilweise zu sehen.",
        "{A/n wird|werden} von {B/d} zum Teil verdeckt.",
        "von {A/d} ist hinter {B/d} nur ein Teil zu sehen.",
    ),
    *rows(
        ("unseen A", "lidar_hits A $returns"),
        "für die Kamera verdeckt {liefert|liefern A/n} dennoch <returns> LiDAR-Reflexionen.",
        "{A/n ist|sind} für die Kamera verdeckt, aber der LiDAR meldet <returns> Reflexionen.",
        *(
            pattern
            for gender, subject, thing in (("m", "der", "den"), ("f", "die", "die"), ("u", "das", "das"))
            for pattern in (
                f"der LiDAR erfasst mit <returns> Reflexionen auch {{A/sa{gender}}}, {subject} für die Kamera "
                "verdeckt ist.",
                f"mit <returns> Reflexionen findet der LiDAR {{A/sa{gender}}}, {thing} die Kamera nicht sieht.",
            )
        ),
    ),
    # Things on a table
    *rows(
        ("at_rest A", "on_top_of A B"),
        "{A/n ruht|ruhen} auf {B/d}.",
        "auf {B/d} {ruht|ruhen A/n}.",
        "{A/n ist|sind} auf {B/d} zur Ruhe gekommen.",
        "{A/n befindet|befinden} sich in Ruhe auf {B/d}.",
    ),
    *rows(
        ("on_top_of A B",),
        "{A/n ist|sind} oben auf {B/d}.",
        "oben auf {B/d} {ist|sind A/n}.",
        "{B/n trägt|tragen} {A/a}.",
        "{A/n befindet|befinden} sich oben auf {B/d}.",
        "oben auf {B/d} sehen wir {A/a}.",
    ),
    *rows(
        ("on_top_of A B", "on_top_of B C"),
        "auf {C/d} {ist|sind B/n}, darauf wiederum {A/n}.",
        "{C/n trägt|tragen} {B/a}, darauf {ist|sind A/n}.",
        "zuunterst {ist|sind C/n}, darauf {B/n}, ganz oben {A/n}.",
    ),
    *rows(
        ("across A B C",),
        "{A/n reicht|reichen} von {B/d} bis zu {C/d}.",
        "{A/n liegt|liegen} mit einem Ende auf {B/d}, mit dem anderen auf {C/d}.",
        "{A/n überbrückt|überbrücken} den Zwischenraum von {B/d} zu {C/d}.",
    ),
    *rows(
        ("inside A B",),
        "{A/n ist|sind} in {B/d}.",
        "in {B/d} {ist|sind A/n}.",
        "{B/n enthält|enthalten} {A/a}.",
        "{A/n befindet|befinden} sich in {B/d}.",
        "in {B/d} sehen wir {A/a}.",
    ),
    *rows(
        ("inside A B", "upon C D"),
        "{A/n ist|sind} in {B/d}; auf {D/d} {befindet sich|befinden sich C/n}.",
        "auf {D/d} {befindet sich|befinden sich C/n}; in {B/d} {ist|sind A/n}.",
        "{D/n} mit {C/d} darauf; in {B/d} {ist|sind A/n}.",
    ),
    *rows(
        ("fallen_off A B",),
        "{A/n ist|sind} von {B/d} gefallen.",
        "{A/n ist|sind} nicht mehr auf {B/d}, sondern heruntergefallen.",
        "von {B/d} {ist|sind A/n} heruntergefallen.",
    ),
    *rows(
        ("on_shelf A $shelf", "on_shelf B $shelf2"),
        f"{_SHELF} {{ist|sind A/n}}[, {_SHELF_2} {{B/n}}].",
        f"{{A/n ist|sind}} {_SHELF}[, {{B/n}} {_SHELF_2}].",
        f"{_SHELF} sehen wir {{A/a}}[, {_SHELF_2} {{B/a}}].",
        f"{_SHELF} {{befindet sich|befinden sich A/n}}[, {_SHELF_2} {{B/n}}].",
    ),
    *rows(
        ("leans_on A B",),
        "{A/n lehnt|lehnen}[ schräg] an {B/d}.",
        "an {B/d} {lehnt|lehnen A/n}.",
        "{A/n ist|sind} an {B/a} gelehnt.",
    ),
    *rows(
        ("falling A", "height_above A B $height"),
        "{A/n fällt|fallen} gerade, <height> über {B/d}.",
        "{A/n ist|sind} noch in der Luft, <height> über {B/d}, und (?:fällt|fallen).",
        "{A/n fällt|fallen} auf {B/a} zu, noch <height> darüber.",
        "noch {fällt|fallen A/n}, <height> über {B/d}.",
    ),
    *rows(
        ("falling A", "height_above A B $height", "falling C", "height_above C B $height2"),
        "{A/n fällt|fallen} gerade, <height> über {B/d}, ebenso {C/n} in <height2> Höhe.",
        "noch fallen {A/n}, <height> über {B/d}, und {C/n} in <height2> Höhe.",
        "{A/n ist|sind} noch in der Luft, <height> über {B/d}, und auch {C/n} fällt, in <height2> Höhe.",
    ),
    *rows(
        ("airborne A", "height_above A B $height"),
        "{A/n ist|sind} in der Luft, <height> über {B/d}.",
        "{A/n schwebt|schweben} <height> über {B/d}.",
        "in der Luft, <height> über {B/d}, {ist|sind A/n}.",
        "{A/n befindet|befinden} sich <height> über {B/d} in der Luft.",
    ),
    *rows(
        ("just_landed A B",),
        "{A/n ist|sind} gerade auf {B/d} gelandet.",
        "{A/n ist|sind} soeben auf {B/a} gefallen.",
        "vor einem Augenblick {ist|sind A/n} auf {B/d} gelandet.",
        "{A/n ist|sind} eben auf {B/d} aufgekommen.",
    ),
    *rows(
        ("just_landed A B", "inside A B"),
        "{A/n ist|sind} gerade in {B/d} gelandet.",
        "{A/n ist|sind} soeben in {B/a} gefallen.",
        "vor einem Augenblick {ist|sind A/n} in {B/d} gelandet.",
        "{A/n ist|sind} eben in {B/a} hineingefallen.",
    ),
    *rows(
        ("just_hit A B",),
        "{A/n hat|haben} gerade {B/a} getroffen.",
        "{A/n ist|sind} gerade von {B/d} abgeprallt.",
        "vor einem Augenblick {hat|haben A/n} {B/a} von oben getroffen.",
        "{A/n ist|sind} eben auf {B/a} geprallt.",
    ),
    *rows(
        ("just_bumped A B",),
        "{A/n ist|sind} gerade gegen {B/a} gestoßen.",
        "{A/n ist|sind} eben mit {B/d} zusammengestoßen.",
        "vor einem Augenblick {ist|sind A/n} gegen {B/a} gestoßen.",
        "{A/n ist|sind} soeben seitlich auf {B/a} getroffen.",
    ),
    *rows(
        ("on_its_side A",),
        "{A/n liegt|liegen} auf der Seite.",
        "auf der Seite {liegt|liegen A/n}.",
        "{A/n steht nicht, sondern liegt|stehen nicht, sondern liegen} auf der Seite.",
    ),
    *rows(
        ("stirring A",),
        "{A/n bewegt|bewegen} sich noch.",
        "{A/n ist|sind} noch nicht zur Ruhe gekommen.",
        "noch in Bewegung {ist|sind A/n}.",
        "{A/n ist|sind} noch in Bewegung.",
    ),
    *(
        row
        for predicate, where, more in (
            ("left_of", "links von", None),
            ("right_of", "rechts von", None),
            ("in_front_of", "vor", "näher an der Kamera als"),
            ("behind", "hinter", "weiter von der Kamera entfernt als"),
        )
        for row in rows(
            (f"{predicate} A B",),
            f"{{A/n ist|sind}} {where} {{B/d}}.",
            f"{where} {{B/d}} {{ist|sind A/n}}.",
            f"{where} {{B/d}} sehen wir {{A/a}}.",
            f"{{A/n befindet|befinden}} sich {where} {{B/d}}.",
            *((f"{{A/n ist|sind}} {more} {{B/n}}.",) if more else ()),
        )
    ),
    *rows(
        ("upon A B", "falling C", "airborne D"),
        *(
            f"{told}{aloft}."
            for told in (
                "{A/n befindet|befinden} sich auf {B/d}",
                "{A/n} auf {B/d}",
                "auf {B/d} {befindet sich|befinden sich A/n}",
                "{B/n} mit {A/d} darauf",
            )
            for aloft in ("", _FALLING, _FLYING)
        ),
    ),
    *rows(
        ("falling A", "airborne D"),
        f"{{A/n fällt|fallen}}[ gerade] auf {{B/a}} zu(?:{_FLYING})?.",
        f"auf {{B/a}} zu {{fällt|fallen A/n}}(?:{_FLYING})?.",
    ),
    *rows(
        ("airborne A",),
        "{A/n ist|sind} in der Luft über {B/d}.",
        "über {B/d} {ist|sind A/n} in der Luft.",
        "in der Luft über {B/d} {ist|sind A/n}.",
        "{A/n befindet|befinden} sich in der Luft über {B/d}.",
    ),
    # Parts under inspection
    *rows(
        ("defect A $flaw", "defect_size A $flaw", "defect_severity A $flaw"),
        f"{{A/n hat|haben}} {_FLAW}.",
        f"{{A/n zeigt|zeigen}} {_FLAW}.",
        f"an {{A/d}} (?:finden|sehen) wir {_FLAW}.",
    ),
    *rows(
        ("defect_unseen A $unseen", "defect_unseen A $unseen2"),
        r"(?P<unseen>ein) Fehler an {A/d} ist von hier aus nicht zu sehen.",
        r"(?P<unseen>(?!ein )\w+) Fehler an {A/d} sind von hier aus nicht zu sehen.",
        r"diese Ansicht zeigt (?:(?P<unseen>einen)|(?P<unseen2>(?!ein|einen )\w+)) Fehler an {A/d} nicht.",
        r"von hier aus nicht zu sehen ist (?P<unseen>ein) Fehler an {A/d}.",
        r"von hier aus nicht zu sehen sind (?P<unseen>(?!ein )\w+) Fehler an {A/d}.",
    ),
    *rows(
        ("defect_free A",),
        "{A/n hat|haben} keinen Fehler.",
        "{A/n ist|sind} fehlerfrei.",
        "an {A/d} ist kein Fehler zu finden.",
    ),
    *rows(
        ("verdict A =reject",),
        "{A/n muss|müssen} aussortiert werden.",
        "{A/n fällt|fallen} bei der Prüfung durch.",
        "{A/n besteht|bestehen} die Prüfung nicht.",
    ),
    *rows(
        ("verdict A =pass",),
        "{A/n besteht|bestehen} die Prüfung.",
        "{A/n wird|werden} freigegeben.",
        "{A/n muss|müssen} nicht aussortiert werden.",
    ),
    # Things in the open
    *rows(
        ("on_ground A $ground", "falling B"),
        f"{{A/n}}[ {_UNDERFOOT}]{_FALLS}.",
        f"zu sehen {{ist|sind A/n}}[ {_UNDERFOOT}]{_FALLS}.",
        f"wir sehen {{A/a}}[ {_UNDERFOOT}]{_FALLS}.",
        f"hier {{ist|sind A/n}}[ {_UNDERFOOT}]{_FALLS}.",
        f"{{A/n ist|sind}}[ {_UNDERFOOT}] zu sehen.",
        f"{_UNDERFOOT} {{ist|sind A/n}}.",
        f"{_UNDERFOOT} sehen wir {{A/a}}.",
        f"{{A/n befindet|befinden}} sich {_UNDERFOOT}.",
    ),
    *rows(
        ("on_top_of A B", "on_ground C $ground", "falling D"),
        *(
            f"{told}[, dazu {{C/{case}}}(?: {_UNDERFOOT})?](?:, während {{D/n fällt|fallen}})?."
            for told, case in (
                ("{A/n ist|sind} oben auf {B/d}", "n"),
                ("oben auf {B/d} {ist|sind A/n}", "n"),
                ("wir sehen {A/a} oben auf {B/d}", "a"),
            )
        ),
    ),
    # Contrasts
    *rows(
        ("only A",),
        "außer {A/d} ist nichts zu sehen.",
        "wir sehen nichts als {A/a}.",
        "zu sehen {ist nur|sind nur A/n}.",
    ),
    *rows(
        ("weather $time", "weather $sky", "weather $mood"),
        f"(?:draußen ist es|es ist) (?P<time>Tag|Nacht)(?:, und (?P<sky>{_CLAUSES}))?.",
        f"das Bild entstand (?P<time>am Tag|in der Nacht)(?: (?P<mood>{_SKIES}))?.",
    ),
    *rows(
        ("camera_distance A $distance",),
        "{A/n ist|sind} <distance> von der Kamera entfernt.",
        "die Kamera ist <distance> von {A/d} entfernt.",
        "{A/n befindet|befinden} sich <distance> von der Kamera entfernt.",
    ),
    *rows(
        ("landed_before A B",),
        "{A/n ist|sind} eher gelandet als {B/n}.",
        "{A/n ist|sind} früher aufgekommen als {B/n}.",
        "zuerst {ist|sind A/n} aufgekommen, dann {B/n}.",
    ),
    *rows(
        ("own_side A B $side",),
        "{B/n hat|haben} {A/a} zur eigenen (?P<side>Linken|Rechten).",
        "zur eigenen (?P<side>Linken|Rechten) {hat|haben B/n} {A/a}.",
        f"von {{B/d}} aus gesehen {{ist|sind A/n}} {_SIDE}.",
    ),
    *rows(
        ("falling A",),
        "{A/n fällt|fallen} gerade.",
        "gerade {fällt|fallen A/n}.",
        "wir sehen {A/a} fallen.",
        "{A/n ist|sind} im freien Fall.",
        "{A/n ist noch in der Luft und fällt|sind noch in der Luft und fallen}.",
        "noch {fällt|fallen A/n}.",
        "durch die Luft {fällt|fallen A/n}.",
    ),
    *_clips(),
    *GERMAN,
    *_reasons(),
)

NUMBERS = {
    "distance": r"(?P<distance>(?:0|[1-9][0-9]*)(?:,5)? Meter)",
    "reach": r"(?P<reach>[1-9][0-9]* Meter)",
    "speed": r"(?P<speed>[1-9][0-9]* km/h)",
    "speed2": r"(?P<speed2>[1-9][0-9]* km/h)",
    "speed3": r"(?P<speed3>[1-9][0-9]* km/h)",
    "ttc": r"(?P<ttc>1 Sekunde|(?!1 )[0-9]+(?:,5)? Sekunden)",
    "height": r"(?P<height>[1-9][0-9]* Zentimeter)",
    "height2": r"(?P<height2>[1-9][0-9]* Zentimeter)",
    "returns": r"(?P<returns>[1-9][0-9]*)",
}
