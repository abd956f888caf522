"""Put rules of the study file into words: ``u_test_p < 0.05`` becomes *the p-value of the U-test is below 0.05*."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce

from integrade.verdicts.bundle import StudyResults, treatment_of
from integrade.verdicts.naming import MOVES, group_word, prose_of, split_word
from integrade.verdicts.rule_nodes import Node, Quantity, group_of
from plainwords.texts import say

SIGNS: Mapping[str, str] = {
    "<": "rules.below",
    "<=": "rules.at-most",
    ">": "rules.above",
    ">=": "rules.at-least",
    "==": "rules.equal",
    "!=": "rules.unequal",
}
TURNED: Mapping[str, str] = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
DENIED: Mapping[str, str] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
OF_A_MOVE = ("effect", "effect_low", "effect_high")
OF_THE_OUTCOME = (*OF_A_MOVE, "promotes")
"""Quantities whose words name the outcome."""


def in_words(node: Node, results: StudyResults) -> str:
    """Return a rule, or a part of it, as a clause."""
    if node.kind in ("and", "or"):
        mixed = [p.kind in ("and", "or") for p in node.parts]
        parts = [in_words(p, results) for p in node.parts]
        parts = [say("rules.grouped", rule=t) if inner else t for t, inner in zip(parts, mixed, strict=True)]
        return reduce(lambda one, other: say(f"rules.{node.kind}", one=one, other=other), parts)
    if node.kind == "not":
        (inner,) = node.parts
        if inner.kind == "compare" and len(inner.signs) == 1:
            return in_words(Node("compare", inner.parts, (DENIED[inner.signs[0]],)), results)
        return say("rules.not", rule=in_words(inner, results))
    if node.kind == "truth":
        return quantity_word(node.parts[0], results)
    pairs = [_compared(a, sign, b, results) for a, sign, b in zip(node.parts, node.signs, node.parts[1:], strict=False)]
    return reduce(lambda one, other: say("rules.and", one=one, other=other), pairs)


def _compared(a: float | Quantity, sign: str, b: float | Quantity, results: StudyResults) -> str:
    """Return a comparison in words: two values with the sign between them. A quantity is put before a number."""
    if isinstance(b, Quantity) and not isinstance(a, Quantity):
        a, sign, b = b, TURNED[sign], a
    left, right = (quantity_word(v, results) if isinstance(v, Quantity) else f"{v:g}" for v in (a, b))
    return say(SIGNS[sign], one=left, other=right)


def quantity_word(quantity: Quantity, results: StudyResults) -> str:
    """Return the name of a quantity for a sentence, with its version or group."""
    values = {"of": _argument(quantity, results)} if quantity.argument else {}
    if quantity.name in OF_THE_OUTCOME:
        outcome = results.benchmark[-1].headline.outcome if results.benchmark else "quality"
        values["outcome"] = prose_of(outcome, results.labels)
    if quantity.name in OF_A_MOVE:
        values["x"] = prose_of(treatment_of(results), results.labels)
    named = say(f"rules.{quantity.name.replace('_', '-')}", **values)
    if not quantity.version:
        return named
    title, _ = group_of(quantity.version)
    is_group = any(s.title == title for s in results.groups)  # a group of a split, not a version
    version = _group(quantity.version, results) if is_group else quantity.version
    return say("rules.in-version", quantity=named, version=version)


def _argument(quantity: Quantity, results: StudyResults) -> str:
    argument = quantity.argument
    match quantity.name:
        case "slope" | "slope_low" | "slope_high":
            return argument
        case "effect" | "effect_low" | "effect_high":
            return say(f"rules.{MOVES[argument].removeprefix('moves.')}") if argument in MOVES else argument
        case "difference_p" | "difference_wild_p" | "differs":
            return next((split_word(s.how, s.title) for s in results.groups if s.title == argument), argument)
        case "stronger":
            return _group(argument, results)
        case "mediated" | "promotes":
            return prose_of(argument, results.labels)
        case _:
            return prose_of(argument, results.labels)


def _group(place: str, results: StudyResults) -> str:
    return group_word(group_of(place)[1], results.labels)
