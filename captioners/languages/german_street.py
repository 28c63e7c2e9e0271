"""Streets, skies and what goes with them in German."""

from __future__ import annotations

from pairforge.captioners.languages.german_endings import INDEFINITE, adjective, case_of, form
from pairforge.captioners.languages.german_words import (
    GROUND_STEMS,
    HOURS,
    LINES,
    MOODS,
    PLACES,
    SIDE_STEMS,
    SKIES,
    SURFACES,
    TAGS,
    TIMES,
)
from pairforge.captioners.meanings import Street
from pairforge.captioners.realise import Spoken, verb


def lined(street: Street, case: str = "") -> str:
    """ "Bäume und Häuser", "Bäumen und Häusern"."""
    return " und ".join(LINES[line][case == "dat"] for line in street.lined)


def mood(street: Street) -> str:
    """Time and weather: "bei Nacht im Regen"."""
    return " ".join(w for w in (TIMES.get(street.time, ""), MOODS.get(street.weather, "")) if w)


def hour_and_sky(street: Street) -> str:
    """The same as clauses: "es ist Nacht und es regnet"."""
    return " und ".join(w for w in (HOURS.get(street.time, ""), SKIES.get(street.weather, "")) if w)


def surface(street: Street) -> str:
    return SURFACES.get(street.ground, "")


def on_street(street: Street, case: str = "", *, moody: bool = True) -> str:
    """ "eine nasse, von Bäumen gesäumte Straße im Regen"."""
    of_case = case_of(case)
    words = [adjective(GROUND_STEMS[street.ground], "mixed", "f", of_case)] if street.ground else []
    if street.lined:
        words.append(f"von {lined(street, 'dat')} {adjective('gesäumt', 'mixed', 'f', of_case)}")
    after = mood(street) if moody else ""
    noun = " ".join(w for w in (PLACES[street.place], after) if w)
    before = f"{', '.join(words)} " if words else ""
    return f"{form(INDEFINITE, 'f', of_case)} {before}{noun}"


def tags(street: Street) -> str:
    """Everything known of a street by single words: "Straße, sonnig, Bäume"."""
    words = (street.place, street.weather, street.time, street.ground, *street.lined)
    return ", ".join(TAGS[w] for w in words if w)


def sides(side: str) -> str:
    """ "left" -> "auf der linken Seite"."""
    return "auf beiden Seiten" if side == "both" else f"auf der {SIDE_STEMS[side]}en Seite"


def with_these(people: Spoken | None, parked: Spoken | None, where: str | None) -> str:
    """ " mit drei Fußgängern sowie geparkten Autos auf beiden Seiten"; empty when there is nobody."""
    row = f"{parked.cased('dat')} {sides(where)}" if parked and where else ""
    said = " sowie ".join(w for w in (str(people.cased("dat")) if people else "", row) if w)
    return f" mit {said}" if said else ""


def besides(people: Spoken | None, parked: Spoken | None, where: str | None) -> str:
    """The same as a clause: "; zu sehen sind auch drei Fußgänger sowie geparkte Autos auf beiden Seiten"."""
    row = f"{parked} {sides(where)}" if parked and where else ""
    said = " sowie ".join(w for w in (str(people) if people else "", row) if w)
    many = "sind" if row or people is None else verb(people, "ist", "sind")
    return f"; zu sehen {many} auch {said}" if said else ""


def aloft(falling: Spoken | None, flying: Spoken | None) -> str:
    """ ", während ein Ball fällt und ein Kegel in der Luft ist"."""
    said = [f"{falling} {verb(falling, 'fällt', 'fallen')}"] if falling else []
    said += [f"{flying} in der Luft {verb(flying, 'ist', 'sind')}"] if flying else []
    return f", während {' und '.join(said)}" if said else ""
