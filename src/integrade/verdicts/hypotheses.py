"""Check and judge a user's own hypothesis: a rule over results in a small language. It is checked before anything runs.

    rule     := rule "or" rule | rule "and" rule | "not" rule | "(" rule ")" | yes_or_no
                | value (< | <= | > | >= | == | !=) value ...
    value    := number | quantity
    quantity := name | name "(" term ")" | name "(" "text" ")"; after it  in "name"  of another outcome, index or
                sample, or  in "split: group"  of the regression within one group of a split

``u_test_p < 0.05 and b(market^2) < 0``; ``3.9 < turning_point in "To 2008" < 4.2``; ``differs("ownership")``;
``b(market) in "ownership: state" > 0``. If the study does not have a quantity, each comparison with it is unknown. A
rule that is unknown as a whole counts as not tested. Each comparison is a part of the verdict, with its numbers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, TypeAlias

from integrade.errors import BadFormula, UnknownName, did_you_mean
from integrade.estimate.contrasts import combination
from integrade.estimate.results import by_term
from integrade.subjects.benchmark.columns import Column
from integrade.subjects.groups.records import GroupSplit
from integrade.subjects.groups.verdict import adjusted_p, adjusted_wild, cells_of_tests, differ, stronger
from integrade.subjects.mediation.records import MediationResult
from integrade.subjects.mediation.verdict import acts, promotion
from integrade.subjects.shape.effect_size import EffectSizes
from integrade.subjects.shape.verdict import Curve, curve_of, curve_of_benchmark, inverted_u_established, wild_p
from integrade.subjects.truth.verdict import by_parameter, true_terms
from integrade.verdicts.bundle import StudyResults, headline, treatment_of
from integrade.verdicts.cells import of_headline, of_move
from integrade.verdicts.named_rules import Finding, Outcome
from integrade.verdicts.naming import group_name
from integrade.verdicts.parts import Part
from integrade.verdicts.quoted import RELIABILITY
from integrade.verdicts.rule_nodes import Node, Quantity, group_of
from integrade.verdicts.rule_words import in_words, quantity_word
from integrade.wording.grammar import DEEPEST, Cursor, Messages, Token, parse, tokens
from integrade.wording.numerals import below, fixed, p_equals, placed
from plainwords.texts import Cell, listed, quoted, say

__all__ = ["QUANTITIES", "Known", "check_rule", "judge_rule"]

COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "<": below,
    "<=": lambda a, b: not below(b, a),
    ">": lambda a, b: below(b, a),
    ">=": lambda a, b: not below(a, b),
    "==": lambda a, b: not below(a, b) and not below(b, a),
    "!=": lambda a, b: below(a, b) or below(b, a),
}
"""The comparisons of a rule. Numbers that differ by rounding only are equal."""
WORDS = ("and", "or", "not", "in")
_TOKEN = re.compile(
    r"""(?P<blank>\s+)|(?P<text>"[^"]*"|'[^']*'|“[^”]*”)
    |(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))
    |(?P<name>[^\W\d]\w*(?:\^\d)?)|(?P<compare><=|>=|==|!=|<|>)|(?P<mark>[()（）])""",
    re.VERBOSE,
)


class Scope(NamedTuple):
    """The results from which a quantity is read: all results, or one regression with its effect sizes and its curve."""

    results: StudyResults
    column: Column | None
    effects: EffectSizes | None = None
    curve: Curve | None = None


Value: TypeAlias = float | bool | None
Reader: TypeAlias = Callable[[Scope, str], Value]


class Kind(NamedTuple):
    """A kind of quantity: what its argument is, its meaning, and the function that reads it from results.

    ``needs`` names the argument: "" (none), term, place (a value or percentile of the treatment), move, mediator,
    split, group.
    """

    needs: str
    about: str
    read: Reader
    truth: bool = False


def _of_term(attribute: str) -> Reader:
    def read(scope: Scope, term: str) -> Value:
        coefficient = by_term(scope.column.headline).get(term) if scope.column else None
        return None if coefficient is None else float(getattr(coefficient, attribute))

    return read


def _of_test(attribute: str) -> Reader:
    def read(scope: Scope, _: str) -> Value:
        test = scope.column.u_test if scope.column else None
        if test is None or (attribute.startswith("fieller") and test.fieller_kind != "interval"):
            return None  # of two rays, the ends would be those of the gap between them
        value = getattr(test, attribute)
        return None if value is None else float(value)

    return read


def _of_fit(attribute: str) -> Reader:
    return lambda scope, _: None if scope.column is None else float(getattr(scope.column.headline, attribute))


def _of_index(attribute: str) -> Reader:
    return lambda scope, _: getattr(scope.results.index, attribute)


def _wild(scope: Scope, term: str) -> Value:
    return None if scope.column is None else wild_p(scope.column.headline, term)


def _slope(scope: Scope, place: str) -> Value:
    test = scope.column.u_test if scope.column else None
    return next((slope for where, _, slope, _ in test.slopes if where == place), None) if test else None


def _effect(scope: Scope, move: str) -> Value:
    return next((e.in_sd for e in scope.effects.rows if e.move == move), None) if scope.effects else None


def _end_of_slope(end: Literal["conf_low", "conf_high"]) -> Reader:
    def read(scope: Scope, place: str) -> Value:
        test = scope.column.u_test if scope.column else None
        at = next((x for where, x, *_ in test.slopes if where == place), None) if test else None
        if scope.column is None or test is None or at is None:
            return None
        weights = {test.variable: 1.0, f"{test.variable}^2": 2 * at}
        return float(getattr(combination(scope.column.headline, weights, place), end))

    return read


def _end_of_effect(end: Literal["conf_low", "conf_high"]) -> Reader:
    def read(scope: Scope, move: str) -> Value:
        sizes = scope.effects
        return next((getattr(e, end) / sizes.sd for e in sizes.rows if e.move == move), None) if sizes else None

    return read


def _inverted(scope: Scope, _: str) -> Value:
    """Apply the rule of H1 (`subjects.shape.verdict`).

    Returns None if all tests that were made pass but a needed one was not made.
    """
    return None if scope.curve is None else inverted_u_established(scope.curve)


def _split(scope: Scope, title: str) -> GroupSplit | None:
    return next((s for s in scope.results.groups if s.title == title), None)


def _differs(scope: Scope, title: str) -> Value:
    split = _split(scope, title)
    return None if split is None else differ(scope.results, split)


def _difference_p(scope: Scope, title: str) -> Value:
    split = _split(scope, title)
    return None if split is None else adjusted_p(split, scope.results.group_family)


def _difference_wild(scope: Scope, title: str) -> Value:
    split = _split(scope, title)
    return None if split is None else adjusted_wild(split, scope.results.groups)


def _stronger(scope: Scope, place: str) -> Value:
    """Apply the rule of H4 to a group of a split, given as ``ownership: non_state``."""
    title, group = group_of(place)
    split = _split(scope, title)
    if split is None or group not in [g.group for g in split.comparison.groups]:
        return None
    verdict = stronger(split.comparison, group, scope.results.labels)
    return None if verdict is None else verdict and differ(scope.results, split)


def _through(scope: Scope, name: str) -> MediationResult | None:
    return next((m for m in scope.results.mediation if m.mediators[0].name == name), None)


def _mediated(scope: Scope, mediator: str) -> Value:
    result = _through(scope, mediator)
    return None if result is None else acts(result.mediators[0], 1 - result.level)


def _promotes(scope: Scope, mediator: str) -> Value:
    result = _through(scope, mediator)
    return None if result is None else promotion(result.mediators[0], 1 - result.level) == "supported"


QUANTITIES: Mapping[str, Kind] = {
    "b": Kind("term", "coefficient", _of_term("estimate")),
    "se": Kind("term", "its standard error", _of_term("std_error")),
    "t": Kind("term", "its t statistic", _of_term("statistic")),
    "p": Kind("term", "its two-sided p-value", _of_term("p_value")),
    "low": Kind("term", "lower end of its 95% interval", _of_term("conf_low")),
    "high": Kind("term", "upper end of its 95% interval", _of_term("conf_high")),
    "wild_p": Kind("term", "its p-value by the wild bootstrap", _wild),
    "turning_point": Kind("", "where the curve turns", _of_test("turning_point")),
    "fieller_low": Kind("", "lower end of its Fieller interval", _of_test("fieller_low")),
    "fieller_high": Kind("", "upper end of its Fieller interval", _of_test("fieller_high")),
    "u_test_p": Kind("", "p-value of the U-test", _of_test("p_value")),
    "share_past": Kind("", "share of observations past the turning point", _of_test("share_past")),
    "slope": Kind("place", "slope at p5, p10, p50, p90 or p95", _slope),
    "slope_low": Kind("place", "lower end of its 95% interval", _end_of_slope("conf_low")),
    "slope_high": Kind("place", "upper end of its 95% interval", _end_of_slope("conf_high")),
    "effect": Kind("move", "change of the outcome in s.d., as in Table 4b", _effect),
    "effect_low": Kind("move", "lower end of its 95% interval", _end_of_effect("conf_low")),
    "effect_high": Kind("move", "upper end of its 95% interval", _end_of_effect("conf_high")),
    "n": Kind("", "observations", _of_fit("nobs")),
    "r2": Kind("", "R-squared", _of_fit("r2")),
    "r2_within": Kind("", "R-squared within", _of_fit("r2_within")),
    "reliability": Kind("", "reliability of the index (Spearman-Brown)", _of_index("spearman_brown")),
    "noise_share": Kind("", "share of sampling error in the index", _of_index("noise_share")),
    "difference_p": Kind("split", "p-value that groups have one effect, Holm-adjusted", _difference_p),
    "difference_wild_p": Kind("split", "the same by the wild bootstrap, Holm-adjusted", _difference_wild),
    "inverted_u": Kind("", "whether the curve is an inverted U, by the rule of H1", _inverted, truth=True),
    "differs": Kind("split", "whether the effect differs between groups", _differs, truth=True),
    "stronger": Kind("group", 'whether the effect is stronger in a group, "split: group"', _stronger, truth=True),
    "mediated": Kind("mediator", "whether the effect goes through a mediator", _mediated, truth=True),
    "promotes": Kind("mediator", "whether more of a mediator raises the outcome, as H2 says", _promotes, truth=True),
}
"""The quantities that a rule may use, by name."""

PLACES = ("p5", "p10", "p50", "p90", "p95")
MOVES = ("p25 to p75", "p10 to p50", "p50 to p90", "lowest to turning point", "turning point to highest")


@dataclass(frozen=True)
class Known:
    """Names that a rule may use: terms of the study's regression, mediators, titles of splits, and names of versions.

    If ``strict`` is false, other names are accepted too, although the results have no value for them.
    """

    terms: Sequence[str]
    mediators: Sequence[str] = ()
    splits: Sequence[str] = ()
    versions: Sequence[str] = ()
    places: Sequence[str] = PLACES
    moves: Sequence[str] = MOVES
    strict: bool = True

    def of(self, needs: str) -> Sequence[str]:
        """Return the names that may be in the parentheses of a quantity, by the kind of its argument (``needs``)."""
        return {
            "term": self.terms,
            "mediator": self.mediators,
            "split": self.splits,
            "group": self.splits,
            "place": self.places,
            "move": self.moves,
        }[needs]


def check_rule(text: str, known: Known) -> Node:
    """Parse a rule.

    Raises `BadFormula`, which marks the position in the text, and `UnknownName`, which gives the nearest name.
    """
    reader = _Reader(Cursor(text, list(tokens(text, _TOKEN, _token, _unknown)), _bad), known)
    return parse(
        reader.cursor,
        Messages("the rule must end here or continue with and / or", "a parenthesis is not closed", _too_deep),
        one=lambda: _comparison(reader),
        joined=lambda word, parts: Node(word, tuple(parts)),
        negated=lambda node: Node("not", (node,)),
    )


def _token(kind: str, text: str) -> tuple[str, str]:
    if kind == "mark":
        return kind, {"（": "(", "）": ")"}.get(text, text)
    return "word" if kind == "name" and text in WORDS else kind, text


def _unknown(text: str, at: int) -> BadFormula:
    return _bad(text, at, f"{text[at]!r} has no meaning in a rule")


def _too_deep(text: str, at: int) -> BadFormula:
    return _bad(text[: at + 1], at, f"parentheses and 'not' of a rule may be nested at most {DEEPEST} deep")


def _bad(
    text: str, at: int, what: str, remedy: str = "a rule compares numbers and names of results, joined by and, or, not"
) -> BadFormula:
    return BadFormula(
        what, where=f"{text[:at]} ^ {text[at:]}".strip(), example="u_test_p < 0.05 and b(market^2) < 0", remedy=remedy
    )


@dataclass
class _Reader:
    cursor: Cursor
    known: Known

    @property
    def end(self) -> int:
        """Position at which the token before this one ends."""
        last = self.cursor.tokens[self.cursor.at - 1]
        return last.start + len(last.value)


def _misplaced(reader: _Reader, end: int) -> BadFormula:
    """Return the error for ``in "..."`` that is written after a comparison; it shows how to write the rule."""
    what = 'in "..." follows the name of a result, not what it is compared with'
    word, named, text = reader.cursor.tokens[reader.cursor.at - 1], reader.cursor.next, reader.cursor.text
    if named.kind != "text" or not end:
        return _bad(text, word.start, what)
    remainder = text[end : word.start].rstrip() + text[named.start + len(named.value) :]
    return _bad(text, word.start, what, f"write {text[:end]} in {named.value}{remainder}")


def _comparison(reader: _Reader) -> Node:
    start = reader.cursor.next.start
    values, signs, ends = [_value(reader)], list[str](), [reader.end]
    while (sign := reader.cursor.take("compare")) is not None:
        signs.append(sign.value)
        values.append(_value(reader))
        ends.append(reader.end)
    if reader.cursor.take("word", "in"):
        named = [end for end, value in zip(ends, values, strict=True) if isinstance(value, Quantity)]
        raise _misplaced(reader, named[-1] if named else 0)
    truths = [v for v in values if isinstance(v, Quantity) and QUANTITIES[v.name].truth]
    if not signs and truths:
        return Node("truth", (values[0],))
    if not signs or truths:
        what = f"{truths[0]} is yes or no, not a number" if truths else "a number alone is not a rule: compare it"
        raise _bad(reader.cursor.text, start, what)
    return Node("compare", tuple(values), tuple(signs))


def _value(reader: _Reader) -> float | Quantity:
    if (number := reader.cursor.take("number")) is not None:
        return float(number.value)
    token = reader.cursor.take("name")
    if token is None:
        raise reader.cursor.expected("a number or the name of a result is missing")
    if token.value not in QUANTITIES:
        raise UnknownName(
            f"no result is called {token.value!r}",
            where=reader.cursor.text,
            remedy=did_you_mean(token.value, [*QUANTITIES]),
        )
    needs, argument, version = QUANTITIES[token.value].needs, "", ""
    if needs:
        argument = _argument(reader, token, needs)
    if reader.cursor.take("word", "in"):
        named = reader.cursor.take("text")
        if named is None:
            raise reader.cursor.expected('write the name of a version, in quotes, after "in"')
        version, splits = named.value[1:-1], reader.known.splits
        if group_of(version)[0] not in splits:  # a group is the title of a split, a colon, and its name in the study
            _one_of(reader, version, [*reader.known.versions, *(f"{title}: ..." for title in splits)], "version")
    return Quantity(token.value, argument, version)


def _argument(reader: _Reader, token: Token, needs: str) -> str:
    if not reader.cursor.take("mark", "("):
        raise _bad(reader.cursor.text, token.start, f"{token.value} needs a {needs} in parentheses")
    word = reader.cursor.take("text") or reader.cursor.take("name")
    if word is None or not reader.cursor.take("mark", ")"):
        raise reader.cursor.expected(f"{token.value} needs one {needs} in parentheses")
    argument = word.value[1:-1] if word.kind == "text" else word.value
    if needs == "group" and ":" not in argument:
        what = f'{token.value} names a split and one of its groups: {token.value}("{argument}: GROUP")'
        raise _bad(reader.cursor.text, token.start, what)
    return _one_of(reader, argument, reader.known.of(needs), needs)


def _one_of(reader: _Reader, given: str, names: Sequence[str], what: str) -> str:
    name = group_of(given)[0] if what == "group" else given
    if name not in names and reader.known.strict:
        what = "split" if what == "group" else what
        raise UnknownName(
            f"no {what} is called {name!r} in this study",
            where=reader.cursor.text,
            remedy=did_you_mean(name, list(names)),
        )
    return given


def judge_rule(results: StudyResults, *, rule: Node, opposite: Node | None) -> Finding:
    """Apply a rule to the results; return the outcome, the rule in words, and its conditions with their numbers."""
    holds, against = (None if node is None else _decided(node, results) for node in (rule, opposite))
    outcome: Outcome = "supported" if holds else "not supported" if holds is not None else "not tested"
    if against and not holds:
        outcome = "contradicted"
    against_parts = [replace(p, what=say("hypotheses.against", what=p.what)) for p in _parts(opposite, results)]
    alone = rule.kind == "compare" and opposite is None  # the sentence then states the only condition
    named = [replace(p, what=_value_said(rule, results)) for p in _parts(rule, results)] if alone else []
    parts = (*(named or _parts(rule, results)), *against_parts)
    sentence = say("hypotheses.by-rule", rule=in_words(rule, results))
    true = [_in_truth(q, results) for q in dict.fromkeys((*_quantities(rule), *_quantities(opposite)))]
    return Finding(outcome, listed([sentence, *filter(None, true)], "sentences"), parts)


def _value_said(rule: Node, results: StudyResults) -> str:
    """Return the numbers that a comparison reads, for a place that has just stated the comparison."""
    return say("hypotheses.part-alone", numbers=_numbers(rule, results))


def _numbers(rule: Node, results: StudyResults) -> str:
    return listed([_number(q, results) for q in _quantities(rule)], "semicolon")


def _in_truth(quantity: Quantity, results: StudyResults) -> str:
    """Return text with the true value of a headline quantity in a simulated economy; empty if it is not known."""
    if quantity.version:
        return ""
    name = quantity_word(quantity, results)
    if (claim := _claimed(quantity, results)) is not None:
        return say("hypotheses.claim-holds-in-truth" if claim else "hypotheses.claim-fails-in-truth", quantity=name)
    truth = _true(quantity, results)
    if truth is None:
        return ""
    values = {"quantity": name, "truth": _printed(quantity, truth.economy)}
    x = treatment_of(results)
    of_firms = quantity.name in ("effect", "slope") or quantity.argument in (x, f"{x}^2")
    if truth.on_true_data is None:
        return say("hypotheses.in-truth", **values) if of_firms else say("hypotheses.parameter-in-truth", **values)
    values["regression"] = _printed(quantity, truth.on_true_data)
    if of_firms:
        return say("hypotheses.in-truth-and-regression", **values)
    return say("hypotheses.parameter-in-truth-and-regression", **values)


class InTruth(NamedTuple):
    """A quantity's value in the simulated economy, and in the same regression on the economy's true data."""

    economy: float
    on_true_data: float | None


PARAMETERS = {
    "turning_point": "truth.turning-point",
    "share_past": "truth.share-past",
    "noise_share": "truth.noise-between",
}
"""Quantity -> key of the text that names its parameter in the table of the truth."""


def _true(quantity: Quantity, results: StudyResults) -> InTruth | None:
    terms, effects, at = true_terms(results), results.effects, quantity.argument
    match quantity.name:
        case "effect" if terms and effects:
            pairs = [terms.move(e.start, e.end) for e in effects.rows if e.move == at]
            scale = effects.sd
        case "slope" if terms and (curve := curve_of_benchmark(results)):
            pairs, scale = [terms.slope(x) for place, x, *_ in curve.test.slopes if place == at], 1.0
        case "b" | "turning_point" | "share_past" | "noise_share":
            parameter = by_parameter(results, PARAMETERS.get(quantity.name, at))
            pairs, scale = [] if parameter is None else [(parameter.truth, parameter.oracle)], 1.0
        case _:
            pairs, scale = [], 1.0
    return next(
        (InTruth(economy / scale, None if regression is None else regression / scale) for economy, regression in pairs),
        None,
    )


def _claimed(quantity: Quantity, results: StudyResults) -> bool | None:
    """Return whether a claim (a shape, a difference, a channel) is true in the simulated economy; None if not known."""
    title, group = group_of(quantity.argument) if quantity.name == "stronger" else (quantity.argument, "")
    how = next((s.how for s in results.groups if s.title == title), title)
    abouts = {
        "inverted_u": "inverted_u",
        "differs": f"differs:{how}",
        "stronger": f"stronger:{how}" if group == "non_state" else "",
        "mediated": f"acts:{title}",
        "promotes": f"promotes:{title}",
    }
    return results.claims.get(abouts.get(quantity.name, ""))


def rule_sentence(rule: Node, opposite: Node | None, results: StudyResults) -> str:
    """Return a sentence on when the hypothesis is supported and when it is contradicted."""
    stated = in_words(rule, results)
    if opposite is None:
        return say("hypotheses.rule", rule=stated)
    return say("hypotheses.rule-and-opposite", rule=stated, contradicted=in_words(opposite, results))


def _parts(node: Node | None, results: StudyResults, negated: bool = False) -> Iterator[Part]:
    """Yield every comparison of a rule as a part. A ``not`` around a comparison negates the comparison itself."""
    if node is None:
        return
    if node.kind in ("and", "or", "not"):
        for inner in node.parts:
            yield from _parts(inner, results, negated != (node.kind == "not"))
        return
    holds, text = _decided(node, results), in_words(Node("not", (node,)) if negated else node, results)
    holds = not holds if negated and holds is not None else holds
    quantities = list(_quantities(node))
    if node.kind == "compare":
        text = say("hypotheses.part", condition=text, numbers=_numbers(node, results))
    value = _read(quantities[0], results) if quantities else None
    number = None if value is None or isinstance(value, bool) or math.isnan(value) else float(value)
    yield Part(text, holds, number, quantities[0].name if quantities else "")


def _decided(node: Node, results: StudyResults) -> bool | None:
    """Evaluate a rule in Kleene's three-valued logic. The result is None if it depends on a missing quantity."""
    if node.kind in ("and", "or"):
        each = [_decided(part, results) for part in node.parts]
        stop = node.kind == "or"
        return stop if stop in each else None if None in each else not stop
    if node.kind == "not":
        inner = _decided(node.parts[0], results)
        return None if inner is None else not inner
    values = [v if isinstance(v, float) else _read(v, results) for v in node.parts]
    if any(v is None or math.isnan(v) for v in values):
        return None
    if node.kind == "truth":
        return bool(values[0])
    pairs = zip(values, node.signs, values[1:], strict=False)
    return all(COMPARE[sign](float(a or 0), float(b or 0)) for a, sign, b in pairs)


def _read(quantity: Quantity, results: StudyResults) -> Value:
    return QUANTITIES[quantity.name].read(_scope(quantity.version, results), quantity.argument)


def _scope(version: str, results: StudyResults) -> Scope:
    """Return the scope of the benchmark's headline, of one of its versions, or of the regression within a group."""
    if not version:
        return Scope(results, headline(results), results.effects, curve_of_benchmark(results))
    other = next((v for v in results.versions if v.name == version), None)
    if other is not None:
        return Scope(results, other.column, other.effects, curve_of(other.column))
    title, group = group_of(version)  # such as ``ownership: state``: the group by its code or its name
    groups = (g for s in results.groups if s.title == title for g in s.comparison.groups)
    within = next((g for g in groups if group in (g.group, group_name(g.group, results.labels))), None)
    column = None if within is None else Column(version, within.fit, u_test=within.u_test)
    return Scope(results, column, None, curve_of(column))


def _quantities(node: Node | None) -> Iterator[Quantity]:
    for part in node.parts if node else ():
        if isinstance(part, Quantity):
            yield part
        elif isinstance(part, Node):
            yield from _quantities(part)


def _number(quantity: Quantity, results: StudyResults) -> str:
    value = _read(quantity, results)
    if value is None:
        return say("hypotheses.no-number")
    return quoted(_printed(quantity, float(value)), _cell(quantity, results))


ROWS = {
    **{"b": "{term}", "wild_p": "{term}.wild", "turning_point": "turning_point", "u_test_p": "u_test", "n": "N"},
    **{"fieller_low": "fieller", "fieller_high": "fieller", "r2_within": "R2_within"},
    **{what: f"{{term}}.{what}" for what in ("t", "se", "p")},
}
"""Quantity -> key of the row of the benchmark table that prints it."""


def _cell(quantity: Quantity, results: StudyResults) -> Cell | None:
    """Return the cell that prints a quantity of the study itself; None if no cell is known for it.

    No cell is known for a quantity of a version or of one group of a split.
    """
    if quantity.version:
        return None
    match quantity.name:
        case "difference_p" | "difference_wild_p":
            split = next(s for s in results.groups if s.title == quantity.argument)
            return cells_of_tests(results, split)["adjusted" if quantity.name == "difference_p" else "adjusted_wild"]
        case "effect":
            return of_move(results, quantity.argument)
        case "reliability":
            return RELIABILITY
        case name if name in ROWS:
            return of_headline(results, ROWS[name].format(term=quantity.argument))
        case _:
            return None


DECIMALS = {
    **dict.fromkeys(("effect", "effect_low", "effect_high", "r2", "r2_within", "share_past"), 3),
    **dict.fromkeys(("t", "reliability", "noise_share"), 2),
}
"""Quantity -> its number of decimals, if it is not four. Rules use shares, not percentages."""


def _printed(quantity: Quantity, value: float) -> str:
    """Format a value of a quantity, whether an estimate or a truth."""
    if quantity.name in ("p", "wild_p", "u_test_p", "difference_p", "difference_wild_p"):
        return p_equals(value)
    if quantity.name in ("turning_point", "fieller_low", "fieller_high"):
        return placed(value)
    return f"{value:,.0f}" if quantity.name == "n" else fixed(value, DECIMALS.get(quantity.name, 4))
