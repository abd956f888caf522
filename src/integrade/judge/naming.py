"""What terms, groups, instruments and errors are called: the labels of the study, else the usual words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from integrade.judge.bundle import Instrumented, LagStudy, StudyResults
from integrade.models.descriptive.break_date import BreakDate
from integrade.models.fit.results import FitResult, UTest, by_term
from integrade.models.instruments.weak_iv import ARSet
from integrade.models.timing.shifts import shifted_name
from integrade.numerals import interval
from integrade.sources.goods import english_good

Labels = Mapping[str, str]


def label_of(term: str, labels: Mapping[str, str], square: str = "c.{0}#c.{0}") -> str:
    """What a term is called: its own label, else the label of its variable put into the pattern of squares."""
    if term in labels:
        return labels[term]
    if term.endswith("^2"):
        return square.format(label_of(term.removesuffix("^2"), labels, square))
    return PLAIN.get(term, term)


def good_word(name: str, labels: Mapping[str, str]) -> str:
    """What a good is called: its own label, else its English name in the list of goods, else as the data have it."""
    return labels.get(name, english_good(name))


PLAIN = {
    "quality": "Quality",
    "market": "Market",
    "scale": "Scale",
    "age": "Age",
    "roa": "ROA",
    "rdebt": "Rdebt",
    "fic": "FIC",
    "invint": "Invint",
    "human_capital": "Human capital",
    "rd": "RD",
    "turning_point": "Turning point",
}
"""What the paper calls the canonical columns; a study's labels win."""


GROUP_NAMES = {
    "state": "State-owned",
    "non_state": "Not state-owned",
    "labour_intensive": "Labour-intensive",
    "capital_intensive": "Capital-intensive",
}


def group_name(group: str, labels: Labels) -> str:
    """What a group is called: the study's label, else the usual word."""
    return labels.get(group, GROUP_NAMES.get(group, group))


def lagged_labels(study: LagStudy, labels: Labels) -> dict[str, str]:
    """Labels of every shifted column as Stata writes them: ``L.Market``, ``L2.Market``, ``F.Market``."""
    shifts = [c.shift for c in study.alone.columns if c.shift]
    fits = [c.fit for r in (study.alone, study.with_controls) for c in r.columns if not c.shift]
    bases = dict.fromkeys(name.removesuffix("^2") for f in fits for name in (f.outcome, *by_term(f)))
    found = dict(labels)
    for base in bases:
        for shift in shifts:
            sign, years = ("L" if shift > 0 else "F"), abs(shift)
            found[shifted_name(base, shift)] = f"{sign}{years if years > 1 else ''}.{label_of(base, labels)}"
    return found


NAMES = {"market_a": "Market (A)", "market_b": "Market (B)", "neighbours": "Neighbours"}


def names_of(found: Instrumented, labels: Labels) -> dict[str, str]:
    """The study's labels, and words for the columns that the instruments were made as."""
    own = {c: _lagged(c, labels) for c in found.columns if "_l" in c}
    x, v = label_of(found.variable, {**NAMES, **labels}), f"{found.variable}_residual"
    made = {v: "First-stage residual", f"{found.variable}:{v}": f"{x} x residual"}
    return {**NAMES, **own, **made, **labels}


def _lagged(column: str, labels: Labels) -> str:
    base, _, years = column.rpartition("_l")
    return f"{label_of(base, labels)}, {years} years earlier" if years.isdigit() else column


def target_name(s: ARSet, names: Labels) -> str:
    """The coefficient or the slope that a set is of."""
    return s.target if s.target.startswith("slope") else label_of(s.target, names)


def fieller_text(test: UTest, digits: int = 3) -> str:
    """The Fieller interval as text: an interval, all but a gap, or every number."""
    match test.fieller_kind:
        case "interval":
            return interval(test.fieller_low, test.fieller_high, digits)
        case "two_rays":
            return f"all but {interval(test.fieller_low, test.fieller_high, digits)}"
        case "line":
            return "every number"


def inference_name(fit: FitResult) -> str:
    """``CR3 region`` or ``iid``: how the standard errors were made."""
    return " ".join([fit.kind, *fit.clusters]) if fit.clusters else fit.kind


def mediation_numbers(results: StudyResults) -> list[str]:
    """The paper's 6 and 7; further mediators are 7b, 7c and so on."""
    return [f"{6 + i}" if i < 2 else f"7{chr(ord('a') + i - 1)}" for i in range(len(results.mediation))]


def group_numbers(results: StudyResults) -> list[str]:
    """The paper's 8 to 11, and on from there."""
    return [str(8 + i) for i in range(len(results.groups))]


def dates_text(dates: Sequence[int]) -> str:
    """``2005-2009, 2011``: runs of years."""
    runs: list[list[int]] = []
    for year in dates:
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(str(r[0]) if len(r) == 1 else f"{r[0]}-{r[-1]}" for r in runs)


def bai_text(found: BreakDate) -> str:
    """The interval of Bai, blank where there is none."""
    return "" if found.bai_low is None else f"{found.bai_low}-{found.bai_high}"


def group_word(group: str, labels: Labels) -> str:
    """What a group of the trends is called."""
    return labels.get(group, GROUPS.get(group, group))


GROUPS = {
    "non_state": "not state-owned",
    "state": "state-owned",
    "capital_intensive": "capital-intensive",
    "labour_intensive": "labour-intensive",
}
