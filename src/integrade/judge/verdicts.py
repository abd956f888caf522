"""Hypotheses as rules over results: supported, not supported, contradicted or not tested, with the numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal, NamedTuple

from integrade.errors import IntegradeError
from integrade.judge.bundle import Column, GroupSplit, StudyResults, Verdict
from integrade.judge.groups import adjusted_p, overall
from integrade.judge.mediation import verdict_sentence
from integrade.judge.naming import fieller_text, group_name, inference_name, label_of
from integrade.models.fit.contrasts import joint_test
from integrade.models.fit.results import FitResult, UTest
from integrade.models.groups.records import GroupComparison, GroupFit
from integrade.numerals import fixed, p_equals, percent

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


def mediated_by(name: str) -> Callable[[StudyResults], Finding]:
    """H2 and H3: the verdict on one mediator decides (`integrade.models.mediation.indirect.verdict`).

    Supported: mediated or partially mediated, by joint significance of both paths and an interval that excludes zero.
    Contradicted: suppression, the path works against the direct effect. Not supported: not mediated, or mixed, where
    places at which the indirect effect is equally clear disagree on that.
    """

    def judge(results: StudyResults) -> Finding:
        found = next((m for m in results.mediation if m.mediators[0].name == name), None)
        if found is None:
            return Finding("not tested", f"{label_of(name, results.labels)} was not tried as a mediator.")
        outcomes: dict[str, Outcome] = {
            "not mediated": "not supported",
            "mixed": "not supported",
            "suppression": "contradicted",
        }
        outcome = outcomes.get(found.mediators[0].verdict, "supported")
        return Finding(outcome, verdict_sentence(found, results.labels) + _care(found.total))

    return judge


def differs_by(title: str) -> Callable[[StudyResults], Finding]:
    """Groups: the joint test that the treatment's effect is the same in all of them decides.

    Supported: its p, Holm-adjusted over the splits of the study, is below 5 %, and so is the permutation p where labels
    were permuted. Stars within groups decide nothing.
    """

    def judge(results: StudyResults) -> Finding:
        split = next(s for s in results.groups if s.title == title)
        return Finding("supported" if differ(results, split) else "not supported", _of_split(results, split))

    return judge


def differ(results: StudyResults, split: GroupSplit) -> bool:
    """Whether both p-values of `differs_by` are below the level."""
    permuted = overall(split)[1]
    return adjusted_p(split, results.group_family) < LEVEL and (permuted is None or permuted < LEVEL)


def stronger_without_state(results: StudyResults) -> Finding:
    """H4: groups differ by the rule of `differs_by`, and the effect is there in firms that are not state-owned.

    Contradicted: they differ, and only the state-owned have a significant effect.
    """
    split = next((s for s in results.groups if s.how == "ownership"), None)
    if split is None:
        return Finding("not tested", "The sample was not split by ownership.")
    found = differs_by(split.title)(results)
    effects = {g.group: _joint_p(g, split.comparison.treatment) for g in split.comparison.groups}
    state, others = effects.get("state"), [p for name, p in effects.items() if name != "state"]
    there = any(p is not None and p < LEVEL for p in others)
    if found.outcome != "supported" or there:
        return found
    opposite = state is not None and state < LEVEL
    return Finding("contradicted" if opposite else "not supported", found.sentence)


def _joint_p(group: GroupFit, treatment: str) -> float | None:
    """p of the treatment's terms together in one group; nothing where they cannot be tested."""
    terms = [c.term for c in group.fit.coefficients if c.term in (treatment, f"{treatment}^2")]
    try:
        return joint_test(group.fit, terms).p_value if terms else None
    except IntegradeError:
        return None


def _of_split(results: StudyResults, split: GroupSplit) -> str:
    p, permuted = overall(split)
    labels, found, family = results.labels, split.comparison, len(results.group_family)
    x = label_of(found.treatment, labels)
    words = [f"The test of one effect of {x} in all groups by {split.title} gives {p_equals(p)}"]
    if family > 1:
        words.append(f"Holm-adjusted over {family} splits {p_equals(adjusted_p(split, results.group_family))}")
    if permuted is not None:
        words.append(f"by permuted labels {p_equals(permuted)}")
    noisy = NOISY if split.how in ("period", "area") and differ(results, split) and noise_matters(results) else ""
    return "; ".join(words) + f". {_by_group(found, labels)}" + noisy + _care(found.stacked)


NOISY = (
    " The index is noisy, and noise flattens a curve more where the index varies less: groups of years or regions can "
    "differ for that reason alone."
)


def noise_matters(results: StudyResults) -> bool:
    """Whether more than 5 % of the variation of the index between regions in a year is sampling error."""
    return (results.index.noise_share or 0.0) > LEVEL


def _by_group(found: GroupComparison, labels: Mapping[str, str]) -> str:
    """What the treatment does in each group, as p of its terms together."""
    said = []
    for g in found.groups:
        p = _joint_p(g, found.treatment)
        said.append(f"{group_name(g.group, labels)} (N = {g.fit.nobs:,}) {p_equals(p) if p is not None else 'no test'}")
    return f"Within groups, all terms together: {', '.join(said)}."


RULES = (
    Rule("H1", "Market integration has an inverted-U effect on export quality.", inverted_u),
    Rule("H2", "Market integration acts on quality through human capital.", mediated_by("human_capital")),
    Rule("H3", "Market integration acts on quality through research and development.", mediated_by("rd")),
    Rule("H4", "The effect is in firms that are not state-owned.", stronger_without_state),
)


def rules_of(results: StudyResults) -> tuple[Rule, ...]:
    """The named hypotheses a study has results for, then one of difference for every other mediator and split."""
    mediators = [m.mediators[0].name for m in results.mediation]
    owned = any(s.how == "ownership" for s in results.groups)
    there = {"H1": True, "H2": "human_capital" in mediators, "H3": "rd" in mediators, "H4": owned}
    named = [rule for rule in RULES if there[rule.hypothesis]]
    labels = results.labels
    more = [
        Rule("Channel", f"Market integration acts through {label_of(m, labels)}.", mediated_by(m))
        for m in mediators
        if m not in ("human_capital", "rd")
    ]
    splits = [
        Rule("H5" if s.how == "area" else "Difference", f"The effect differs by {s.title}.", differs_by(s.title))
        for s in results.groups
        if s.how != "ownership"
    ]
    return (*named, *more, *sorted(splits, key=lambda rule: rule.hypothesis != "H5"), *own_rules(results))


def own_rules(results: StudyResults) -> Iterator[Rule]:
    """The hypotheses of the study file, each judged by its own rule (`integrade.judge.hypotheses`)."""
    from integrade.judge.hypotheses import Known, check_rule, judge_rule

    known = Known((), strict=False)
    for own in results.hypotheses:
        read = [None if text is None else check_rule(text, known) for text in (own.rule, own.contradicted)]
        yield Rule(own.name, own.claim, partial(judge_rule, own=own, rule=read[0], opposite=read[1]))


def verdicts(results: StudyResults, rules: Sequence[Rule] | None = None) -> tuple[Verdict, ...]:
    """Every rule applied to a study. A hypothesis without a rule, or without results, is not listed."""
    found = [(rule, rule.judge(results)) for rule in (rules_of(results) if rules is None else rules)]
    return tuple(Verdict(f"{r.hypothesis}: {r.statement}", f.outcome, f.sentence) for r, f in found)
