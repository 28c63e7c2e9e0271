"""What questions speak of: kinds of things, and single things told apart by what is seen of them."""

from __future__ import annotations

from dataclasses import dataclass

from pairforge.captioners import policy
from pairforge.captioners.questions.query import CLEAR, Clause, Query, literal

GLEAMING = "(material = 'metal' AND colour IN ('black', 'grey', 'silver', 'white'))"
"""Metal without a hue of its own: no colour is told of it."""
VEHICLES = ("bus", "car", "truck", "van")
CLASSES = {
    "car": ("car",),
    "van": ("van",),
    "truck": ("truck",),
    "bus": ("bus",),
    "cyclist": ("cyclist",),
    "pedestrian": ("pedestrian",),
    "vehicle": VEHICLES,
}
"""Words that name whole semantic classes; every other word is an instance's own noun."""
PEOPLE = frozenset({"cyclist", "pedestrian"})
"""Their colour is what they wear."""
PLAIN = frozenset({"ball", "box", "cone", "cylinder", "plank"})
"""Shapes that may be made of anything: of a mug or a book the material goes without saying."""
LOOK_ALIKES = (
    frozenset({"box", "crate", "packet", "milk carton"}),
    frozenset({"mug", "cup", "glass"}),
    frozenset({"can", "tin"}),
    frozenset({"pan", "pot"}),
    frozenset({"bottle", "carafe", "jar", "vase"}),
    frozenset({"kettle", "teapot"}),
    frozenset({"bowl", "plate"}),
    frozenset({"truck", "pickup truck", "van"}),
)
"""Words that one person's thing may go by for another: a reference must be unique among all of its group."""
NEAR_COLOURS = (
    frozenset({"grey", "silver"}),
    frozenset({"silver", "white"}),
    frozenset({"beige", "white"}),
    frozenset({"black", "navy"}),
    frozenset({"blue", "navy"}),
    frozenset({"black", "grey"}),
    frozenset({"brown", "orange"}),
    frozenset({"beige", "brown"}),
    frozenset({"orange", "red"}),
    frozenset({"orange", "yellow"}),
    frozenset({"blue", "cyan"}),
    frozenset({"pink", "purple"}),
)
"""Colours that light may make alike: a reference by one must be unique among both, and neither is offered as a wrong
answer beside the other."""


@dataclass(frozen=True)
class Kind:
    """Things of a kind, maybe of one colour or material."""

    word: str
    colour: str = ""
    material: str = ""

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """What makes a row of ``seen`` (or of ``instances``) one of them."""
        found = [Clause("kind", word_sql(self.word))]
        if self.colour:
            found.append(Clause("colour", f"colour = {literal(self.colour)}"))
        if self.material:
            found.append(Clause("material", f"material = {literal(self.material)}"))
        return tuple(found)

    @property
    def optional(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.clauses[1:])

    @property
    def where(self) -> str:
        return " AND ".join(c.sql for c in self.clauses)


@dataclass(frozen=True)
class Thing:
    """A single thing, by words that fit nothing else that the camera shows: "the red mug"."""

    instance_id: int
    kind: Kind

    @property
    def sql(self) -> str:
        """The instance id as a scalar subquery over ``seen``; the program fails should it fit several."""
        return f"(SELECT instance_id FROM seen WHERE {self.kind.where})"


def word_sql(word: str) -> str:
    """The condition that a row may be called ``word``.

    >>> word_sql("vehicle")
    "semantic IN ('bus', 'car', 'truck', 'van')"
    >>> word_sql("mug")
    "noun = 'mug'"
    """
    classes = CLASSES.get(word)
    if classes is None:
        return f"noun = {literal(word)}"
    if len(classes) == 1:
        return f"semantic = {literal(classes[0])}"
    return f"semantic IN ({', '.join(literal(c) for c in classes)})"


def alike(word: str) -> tuple[str, ...]:
    """Other words that somebody might call the same thing by, ascending."""
    return tuple(sorted({w for group in LOOK_ALIKES if word in group for w in group} - {word}))


def near(colour: str) -> tuple[str, ...]:
    """Other colours that it may be taken for, ascending."""
    return tuple(sorted({c for pair in NEAR_COLOURS if colour in pair for c in pair} - {colour}))


def doubtful_sql(*colours: str) -> str:
    """The condition that a row might be of one of these colours for somebody: of one that is near, without a name, or
    of bright metal, which shows its surroundings."""
    others = sorted({"", *(n for c in colours for n in near(c))} - set(colours))
    return f"(colour IN ({', '.join(literal(c) for c in others)}) OR {GLEAMING})"


def mistakable_sql(word: str) -> str:
    """The condition that a row, not a ``word`` itself, might be taken for one: a look-alike, or one by its last word
    ("wine glass" for "glass")."""
    others = [f"noun LIKE {literal('% ' + word)}"]
    if names := alike(word):
        others.append(f"noun IN ({', '.join(literal(n) for n in names)})")
    return f"NOT ({word_sql(word)}) AND ({' OR '.join(others)})"


def noticed(view: str, where: str, select: str = "count(DISTINCT instance_id)") -> str:
    """Over all that a viewer may notice, too small or too hidden to be spoken of though it be.

    ``view``: the condition on ``b`` and ``i`` that says which pictures.
    """
    return (
        f"SELECT {select} FROM boxes2d AS b JOIN instances AS i USING (scene_index, instance_id)\n"
        f"WHERE {view} AND b.visible_px >= {policy.NOTICE_PX}\n  AND {where}"
    )


def unsure(view: str, where: str) -> str:
    """How many more there may be of a kind, that nobody could count for certain."""
    return noticed(view, f"NOT ({CLEAR}) AND {where}")


def reference(scope: str, thing: Thing) -> Query:
    """The query whose only row is the thing."""
    return Query(scope, "instance_id", clauses=thing.kind.clauses, optional=thing.kind.optional)
