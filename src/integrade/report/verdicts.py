"""Hypotheses as rules over results: supported, not supported, contradicted or not tested, with the numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from integrade.models.bundle import Column, StudyResults, Verdict
from integrade.models.results import FitResult, UTest
from integrade.report.printed import fixed, label_of, p_equals, percent
from integrade.report.regression import fieller_text, inference_name

Outcome = Literal["supported", "not supported", "contradicted", "not tested"]

LEVEL = 0.05


class Finding(NamedTuple):
    """What a rule concludes and the sentence that carries its numbers."""

    outcome: Outcome
    sentence: str


@dataclass(frozen=True)
class Rule:
    """A hypothesis, what it says in words, and the function that judges it from results alone."""

    hypothesis: str
    statement: str
    judge: Callable[[StudyResults], Finding]


def inverted_u(results: StudyResults) -> Finding:
    """H1: the last benchmark column with a U-test decides.

    Supported: the square is negative, the U-test rejects at 5 %, and so does the wild bootstrap of the square where
    there is one. Contradicted: a U is found at 5 %, or the slope is significant and of the same sign at both ends.
    Not supported: anything else that was tested.
    """
    tested = [c for c in results.benchmark if c.u_test]
    if not tested or tested[-1].u_test is None:
        return Finding("not tested", "No benchmark regression has the treatment and its square.")
    column, test = tested[-1], tested[-1].u_test
    return Finding(_outcome(column.headline, test), _sentence(results, column, test))


def _outcome(fit: FitResult, test: UTest) -> Outcome:
    found = test.p_value < LEVEL
    if test.shape == "inverted U" and found:
        wild = wild_p(fit, f"{test.variable}^2")
        return "supported" if wild is None or wild < LEVEL else "not supported"
    return "contradicted" if found or _one_way(fit, test) else "not supported"


def _one_way(fit: FitResult, test: UTest) -> bool:
    """Whether the slope has one sign at both ends, each beyond the two-sided 5 % value of t."""
    from scipy import special

    df = fit.df_t
    critical = float(special.ndtri(1 - LEVEL / 2) if math.isinf(df) else special.stdtrit(df, 1 - LEVEL / 2))
    return test.t_low * test.t_high > 0 and min(abs(test.t_low), abs(test.t_high)) > critical


def wild_p(fit: FitResult, null: str) -> float | None:
    """The wild-bootstrap p-value of one null, if it was drawn."""
    return next((w.p_value for w in fit.wild if w.null == null), None)


def _sentence(results: StudyResults, column: Column, test: UTest) -> str:
    fit, labels = column.headline, results.labels
    outcome, x = label_of(fit.outcome, labels), label_of(test.variable, labels)
    turns = {"inverted U": "rises and then falls", "U": "falls and then rises"}[test.shape]
    inside = test.low < test.turning_point < test.high
    place = "inside" if inside else "outside"
    words = [
        f"Fitted {outcome} {turns} in {x} with a turning point at {fixed(test.turning_point)}, {place} the data "
        f"({fixed(test.low)} to {fixed(test.high)})",
        f"95 % Fieller interval {fieller_text(test)}",
        f"U-test {p_equals(test.p_value)}",
    ]
    wild = wild_p(fit, f"{test.variable}^2")
    if wild is not None:
        words.append(f"wild bootstrap of the square {p_equals(wild)}")
    if test.share_past is not None:
        words.append(f"{percent(test.share_past)} of observations lie past the turning point")
    clusters = ", ".join(f"{count} clusters by {name}" for name, count in fit.clusters.items())
    return (
        "; ".join(words)
        + f" (standard errors: {inference_name(fit)}{', ' + clusters if clusters else ''})."
        + _care(fit)
    )


def _care(fit: FitResult) -> str:
    if fit.clusters:
        return ""
    return (
        " These standard errors treat rows as independent although the treatment varies by region: "
        "they reject too often."
    )


RULES = (Rule("H1", "Market integration has an inverted-U effect on export quality.", inverted_u),)


def verdicts(results: StudyResults, rules: Sequence[Rule] = RULES) -> tuple[Verdict, ...]:
    """Every rule applied to a study. A hypothesis without a rule is not listed."""
    found = [(rule, rule.judge(results)) for rule in rules]
    return tuple(Verdict(f"{r.hypothesis}: {r.statement}", f.outcome, f.sentence) for r, f in found)
