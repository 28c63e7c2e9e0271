"""What is said of traffic rules and of grips, in English and German; and what a light shows, in any language."""

from __future__ import annotations

from collections.abc import Mapping

from pairforge.datasets.readers.patterns import Row, rows

SHOWN = tuple(f"signal_shows A ={state} ?{state}" for state in ("red", "yellow", "green", "red_yellow"))
WAITS = ("waits_at_red A B", "signal_shows B =red")
WE_WAIT = ("waits_at_red ego B", "signal_shows B =red")
HOLDS = ("under_way A B =held",)


def lights(words: Mapping[str, str]) -> str:
    """One of the states' words, each in a group of its own; the longest first."""
    ordered = sorted(words.items(), key=lambda item: -len(item[1]))
    return f"(?:{'|'.join(f'(?P<{state}>{word})' for state, word in ordered)})"


_EN = lights({"red": "red", "yellow": "amber", "green": "green", "red_yellow": "red and amber"})
ENGLISH: tuple[Row, ...] = (
    *rows(SHOWN, f"{{A shows|show}} {_EN}.", f"{{A is|are}} showing {_EN}.", f"{{A is|are}} at {_EN}."),
    *rows(
        WAITS,
        "{A is|are} (?:waiting|standing) at {B}, which is red.",
        "{A waits|wait} at {B}, which shows red.",
    ),
    *rows(
        WE_WAIT,
        "we are (?:waiting|standing) at {B}, which is red.",
        "we wait at {B}, which shows red.",
    ),
    *rows(
        ("wrong_way A",),
        "{A is|are} going the wrong way along the road.",
        "{A is|are} going against the traffic of the lane.",
        "going the wrong way {is|are A}.",
    ),
    *rows(
        ("stalled A",),
        "{A is|are} blocking a lane of the road.",
        "{A stands|stand} in a lane of the road and does not move.",
        "a lane of the road is blocked by {A}.",
    ),
    *rows(
        ("must_yield_to ego A",),
        "we must give way to {A}.",
        "{A has|have} right of way over us.",
        "we have to let {A} go first.",
    ),
    *rows(
        ("must_yield_to A ego",),
        "{A must|must} give way to us.",
        "we have right of way over {A}.",
        "{A has|have} to let us go first.",
    ),
    *rows(
        ("on_crossing A",),
        "{A is|are} (?:on|using) a marked crossing.",
        "we see {A} on a marked crossing.",
    ),
    *rows(
        HOLDS,
        "{B is|are} holding {A}.",
        "{B grips|grip} {A}.",
        "{A is|are} held by {B}.",
    ),
)

_DE = lights({"red": "Rot", "yellow": "Gelb", "green": "Grün", "red_yellow": "Rot und Gelb"})
GERMAN: tuple[Row, ...] = (
    *rows(
        SHOWN,
        f"{{A/n zeigt|zeigen}} {_DE}.",
        f"{{A/n steht|stehen}} auf {_DE}.",
        f"gerade {{zeigt|zeigen A/n}} {_DE}.",
    ),
    *rows(
        WAITS,
        "{A/n wartet|warten} bei Rot an {B/d}.",
        "{A/n steht|stehen} bei Rot an {B/d}.",
        "bei Rot {wartet|warten A/n} an {B/d}.",
    ),
    *rows(WE_WAIT, "wir (?:warten|stehen) bei Rot an {B/d}.", "bei Rot warten wir an {B/d}."),
    *rows(
        ("wrong_way A",),
        "{A/n fährt|fahren} in falscher Richtung.",
        "{A/n fährt|fahren} gegen die Fahrtrichtung.",
        "gegen die Fahrtrichtung {fährt|fahren A/n}.",
    ),
    *rows(
        ("stalled A",),
        "{A/n blockiert|blockieren} einen Fahrstreifen.",
        "{A/n steht|stehen} reglos auf einem Fahrstreifen.",
        "einen Fahrstreifen {blockiert|blockieren A/n}.",
    ),
    *rows(
        ("must_yield_to ego A",),
        "wir müssen {A/d} Vorfahrt gewähren.",
        "{A/n hat|haben} Vorfahrt vor uns.",
        "wir müssen {A/a} vorlassen.",
    ),
    *rows(
        ("must_yield_to A ego",),
        "{A/n muss|müssen} uns Vorfahrt gewähren.",
        "wir haben Vorfahrt vor {A/d}.",
        "{A/n muss|müssen} uns vorlassen.",
    ),
    *rows(
        ("on_crossing A",),
        "{A/n ist|sind} auf einem Fußgängerüberweg.",
        "auf einem Fußgängerüberweg {ist|sind A/n}.",
        "{A/n benutzt|benutzen} einen Fußgängerüberweg.",
    ),
    *rows(
        HOLDS,
        "{B/n hält|halten} {A/a}.",
        "{B/n hält|halten} {A/a} fest.",
        "{A/n wird|werden} von {B/d} gehalten.",
    ),
)
