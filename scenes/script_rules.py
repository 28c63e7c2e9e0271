"""A script as a whole: whether a behaviour can follow it, and its rules as JSON with every number drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any

from pairforge.errors import SpecError, did_you_mean
from pairforge.scenes.concrete import Json
from pairforge.scenes.distributions import Choice
from pairforge.scenes.draws import Draws
from pairforge.scenes.scripts import Action, After, AllOf, Condition, Either, Term, When, kind_of, options_of

MAX_RULES = 64


def rule_names(script: Sequence[When]) -> tuple[str, ...]:
    """What each rule is called: by its own name, or "script.0", "script.1", …."""
    return tuple(rule.called or f"script.{k}" for k, rule in enumerate(script))


def check_script(who: str, kind: str, script: Sequence[When]) -> None:
    """Raises SpecError for a script that a behaviour of this kind cannot follow; ``who`` says whose it is."""
    if len(script) > MAX_RULES:
        raise SpecError(f"{who}: its script has {len(script)} rules; {MAX_RULES} is the most")
    names = rule_names(script)
    for k, name in enumerate(names):
        if name in names[:k]:
            raise SpecError(f'{who}: two rules are called "{name}"; rename one')
    for rule in script:
        for action in (option for a in rule.actions for option in options_of(a)):
            if kind not in action.kinds:
                able = [a.__name__ for a in _subclasses(Action) if kind in a.kinds]
                can = f"What it can: {', '.join(able)}" if able else "It can do nothing but that"
                raise SpecError(
                    f"{who}: {type(action).__name__} is not for who is to {kind}; that is for who is to "
                    f"{' or '.join(action.kinds)}. {can}."
                )
        for condition in _simple(rule.condition):
            if isinstance(condition, After) and condition.since not in (None, *names):
                known = did_you_mean(str(condition.since), names)
                raise SpecError(f'{who}: no rule of its script is called "{condition.since}". {known}')


def compiled(script: Sequence[When], draw: Draws) -> list[Json]:
    """The script as JSON, every number drawn below ``draw``:
    {"name", "when": {"kind", …}, "then": [{"kind", "sort", …}]}."""
    rules = []
    for name, rule in zip(rule_names(script), script, strict=True):
        under = draw.under(name)
        then = [_action(a, under) for a in rule.actions]
        rules.append({"name": name, "when": _condition(rule.condition, under.under("when")), "then": then})
    return rules


def _action(action: Action, draw: Draws) -> Json:
    """An action as JSON; of ``Either`` the one that is drawn, once the numbers of all are."""
    told = {kind_of(a): {**_term(a, draw.under(kind_of(a))), "sort": a.sort} for a in options_of(action)}
    if not isinstance(action, Either):
        return told[kind_of(action)]
    chosen = str(draw("either", Choice(*action.names)))
    if chosen not in told:
        raise SpecError(f'Either: "{chosen}" is none of its actions. {did_you_mean(chosen, list(told))}')
    return told[chosen]


def _condition(condition: Condition, draw: Draws) -> Json:
    if isinstance(condition, AllOf):
        of = [_condition(c, draw.under(str(k))) for k, c in enumerate(condition.conditions)]
        return {"kind": kind_of(condition), "of": of}
    return _term(condition, draw)


def _term(term: Term, draw: Draws) -> Json:
    """A condition or action as JSON: numbers (and lanes) are drawn, words stand as they are."""
    told: Json = {"kind": kind_of(term)}
    for field in fields(term):  # type: ignore[arg-type]  # subclasses are dataclasses
        value = getattr(term, field.name)
        if "Value[" in str(field.type):
            value = draw(field.name, value)
            if field.name in term.bounds:
                term.check_number(field.name, value)
        told[field.name] = list(value) if isinstance(value, tuple) else value
    return told


def _simple(condition: Condition) -> Iterator[Condition]:
    for part in condition.conditions if isinstance(condition, AllOf) else (condition,):
        yield from _simple(part) if isinstance(part, AllOf) else (part,)


def _subclasses(of: type[Any]) -> list[type[Any]]:
    return sorted(of.__subclasses__(), key=lambda kind: str(kind.__name__))
