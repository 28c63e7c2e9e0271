"""Places, streets and weather in Spanish."""

from __future__ import annotations

from babel.lists import format_list

from pairforge.captioners.languages import spanish_words as words
from pairforge.captioners.languages.spanish_forms import inflected
from pairforge.captioners.meanings import Street


def sides(side: str) -> str:
    """ "left" -> "a la izquierda", "both" -> "a ambos lados"."""
    return "a ambos lados" if side == "both" else f"a la {words.SIDES[side]}"


def shelf(name: str) -> str:
    """ "second shelf from the bottom" -> "el segundo estante desde abajo"."""
    which, _, end = name.partition(" shelf")
    if which in words.SHELVES:
        return f"el estante {words.SHELVES[which]}"
    return f"el {words.ORDINALS[which]} estante desde {'abajo' if end.endswith('bottom') else 'arriba'}"


def lined(street: Street) -> str:
    return str(format_list([words.LINED[x] for x in street.lined], locale="es"))


def mood(street: Street) -> str:
    """Weather and time as they follow a noun: " en un día soleado", ", de noche y bajo la lluvia"."""
    told = " y ".join(x for x in (words.HOURS.get(street.time), words.MOODS.get(street.weather)) if x)
    if not told:
        return ""
    return f", {told}" if street.time else f" {told}"


def opening(street: Street) -> str:
    """How a sentence begins that tells weather and time first: "es de noche y está lloviendo en una"."""
    hour = {"night": "es de noche", "twilight": "es la hora del crepúsculo"}.get(street.time, "")
    sky = words.SKIES.get(street.weather, "")
    if not hour and not sky:
        return "esta es una"
    return " y ".join(x for x in (hour, sky) if x) + (" una" if sky else " en una")


def day(weather: str, time: str) -> str:
    """What a day or a night is like: "lluvioso", "lluviosa"."""
    said = words.DAYS[weather]
    return said if said.startswith("de ") else inflected(said, "f" if time == "night" else "m", False)


def on_street(street: Street) -> str:
    """ "una calle mojada y bordeada de árboles en un día soleado"."""
    told = [words.SURFACES.get(street.ground), f"bordeada de {lined(street)}" if street.lined else None]
    return " ".join(["una", words.STREETS[street.place], " y ".join(x for x in told if x)]).strip() + mood(
        street
    )


def tags(street: Street) -> str:
    """Everything known of a street by single words: "calle, soleado, árboles"."""
    told = [words.STREETS[street.place]]
    told += [words.TAGS[x] for x in (street.weather, street.time, street.ground) if x]
    return ", ".join([*told, *(words.LINED[x] for x in street.lined)])


def effect(what: str, side: str | None, ongoing: bool) -> str:
    """ "estamos cambiando de carril hacia la izquierda", "hemos frenado"."""
    return words.EFFECTS[what][0 if ongoing else 1] + _towards(side)


def made_to(what: str, side: str | None) -> str:
    """ "cambiar de carril hacia la izquierda"."""
    return words.EFFECTS[what][2] + _towards(side)


def acting(act: str, ongoing: bool) -> str:
    """ " que cruza la calzada", " que cruzaba la calzada"; nothing of what is merely there."""
    return f" {words.ACTS[act][0 if ongoing else 1]}" if act in words.ACTS else ""


def _towards(side: str | None) -> str:
    return f" hacia la {words.SIDES[side]}" if side else ""
