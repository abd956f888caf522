"""Tables 6 and 7: the outcome, a mediator, and the outcome given the mediator; the indirect effect below them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from integrade.judge.mediation import _where, verdict_sentence
from integrade.judge.naming import label_of
from integrade.models.fit.results import FitResult, by_term
from integrade.models.mediation.records import MediationResult, Mediator
from integrade.numerals import fixed, interval, p_text, percent
from integrade.report.printed import STARS, Origin, PrintedTable, Row
from integrade.report.regression import Layout, constant_rows, stat_rows, term_rows

Labels = Mapping[str, str]

INTERVALS = {
    "percentile": "Percentile intervals of a bootstrap of whole clusters",
    "bca": "Bias-corrected and accelerated intervals of a bootstrap of whole clusters",
    "monte_carlo": "Intervals from normal draws of both paths",
}


def mediation_table(result: MediationResult, labels: Labels | None = None, *, number: str = "6") -> PrintedTable:
    """The paper's three columns for the first mediator of a result, and the tests of what goes through it."""
    labels, layout = labels or {}, Layout()
    m = result.mediators[0]
    name = label_of(m.name, labels)
    fits = [result.total, m.a_path, result.direct]
    rows = [
        *term_rows(_terms(result, fits), [by_term(f) for f in fits], labels, layout),
        *constant_rows(fits, layout),
        *stat_rows(fits, labels, ("observations", "r2", "r2_within", "effects", "vcov", "clusters", "df")),
        *_indirect_rows(result, m, labels),
    ]
    heads = [f"({i}) {label_of(f.outcome, labels)}" for i, f in enumerate(fits, start=1)]
    notes = (verdict_sentence(result, labels), f"t statistics in parentheses. {STARS}", *_notes(result, labels))
    origins = tuple(Origin(fit=f) for f in fits)
    return PrintedTable(number, f"Mediation by {name}", ("", *heads), tuple(rows), notes, origins=origins)


def _terms(result: MediationResult, fits: Sequence[FitResult]) -> list[str]:
    """The paper's order: treatment, mediator, square, controls."""
    present = list(dict.fromkeys(t for f in fits for t in by_term(f)))
    first = [t for t in (result.treatment, result.mediators[0].name) if t in present]
    return [*first, *(t for t in present if t not in first)]


def _indirect_rows(result: MediationResult, m: Mediator, labels: Labels) -> list[Row]:
    name, level = label_of(m.name, labels), f"{100 * result.level:g} %"
    everywhere = [*m.indirect, *m.by_term]
    wheres = [_where(i, result, labels) for i in everywhere]
    places = [w[:1].upper() + w[1:] for w in wheres]
    effects = [
        Row(
            "test",
            (p, fixed(i.estimate, 4), interval(i.conf_low, i.conf_high, 4), p_text(i.sobel.p_value)),
            f"indirect.{i.place}",
            _through(result, level),
        )
        for p, i in zip(places, everywhere, strict=True)
    ]
    shares = [
        Row(
            "test",
            (p, percent(i.share), _percents(i.share_low, i.share_high)),
            f"share.{i.place}",
            _shared(result, level),
        )
        for p, i in zip(places, everywhere, strict=True)
    ]
    both = "both" if max(m.a_joint.p_value, m.b.p_value) < 1 - result.level else "not both"
    joint = ("Joint significance", p_text(m.a_joint.p_value), p_text(m.b.p_value), f"{both} < {1 - result.level:.2g}")
    return [
        Row("panel", (f"Indirect effect through {name}: estimate, {level} interval, Sobel p",)),
        *effects,
        Row("panel", (f"Share of the total effect: estimate, {level} interval",)),
        *shares,
        Row("panel", (f"Paths: p to {name}, p from it",)),
        Row("test", joint, "paths", _paths(result)),
        *_cells(m),
        *_sensitivity(m),
    ]


def _through(result: MediationResult, level: str) -> tuple[Origin, ...]:
    """Of an indirect effect: estimate, interval, Sobel p."""
    drawn = f"{result.draws:,} draws, seed {result.seed}"
    a, fit = "slope of the mediator in the treatment (column 2) times the mediator's coefficient", result.direct
    return (
        Origin(f"indirect effect: {a} (column 3)", fit),
        Origin(f"{level} interval of the indirect effect. {INTERVALS[result.interval]}", fit, draws=drawn),
        Origin("Sobel test that the product of both paths is zero, taken as normal", fit),
    )


def _shared(result: MediationResult, level: str) -> tuple[Origin, ...]:
    """Of the share of the total effect: share, interval."""
    drawn = f"{result.draws:,} draws, seed {result.seed}"
    return (
        Origin("indirect effect over the slope without the mediator (column 1)", result.direct),
        Origin(f"{level} interval of the share. {INTERVALS[result.interval]}", result.direct, draws=drawn),
    )


def _paths(result: MediationResult) -> tuple[Origin, ...]:
    return (
        Origin("joint test of the treatment's terms in the regression of the mediator", result.mediators[0].a_path),
        Origin("test of the mediator's coefficient in the regression of the outcome", result.direct),
        Origin("whether both paths are significant", result.direct),
    )


def _percents(low: float, high: float) -> str:
    ends = percent(low), percent(high)
    return f"[{ends[0]}, {ends[1]}]" if all(ends) else ""


def _cells(m: Mediator) -> list[Row]:
    """The path to a mediator that lives in cells, on one row per cell."""
    if m.cells is None:
        return []
    c = m.cells
    return [
        Row("panel", (f"Path to it on {c.n_cells:,} cells of {' and '.join(c.keys)}: p weighted by rows, unweighted",)),
        Row(
            "test",
            ("Joint p", p_text(c.weighted_joint.p_value), p_text(c.unweighted_joint.p_value)),
            "cells",
            (
                Origin("joint test on cells weighted by their rows", c.weighted),
                Origin("joint test on cells, each counting once", c.unweighted),
            ),
        ),
    ]


def _sensitivity(m: Mediator) -> list[Row]:
    s = m.sensitivity
    return [
        Row("panel", ("What would undo it: correlation of the errors, product of residual R-squared",)),
        Row("test", ("Omitted common cause", fixed(s.rho_zero), fixed(s.r2_residual, 4)), "omitted"),
    ]


def _notes(result: MediationResult, labels: Labels) -> list[str]:
    drawn = f"{result.draws:,} draws, seed {result.seed}"
    gap = max((abs(i.gap) for i in result.identity), default=0.0)
    held = "equals" if gap < 1e-8 else f"does not equal (by {gap:.2g})"
    notes = [
        f"{INTERVALS[result.interval]} ({drawn}). Sobel's p takes the product as normal; shown because it is common.",
        f"Total minus direct {held} the product of the paths. The mediator adds {fixed(result.r2_gain, 4)} to the "
        "within R-squared.",
    ]
    return [*notes, *(_sentence(n, labels) for n in result.notes)]


def _sentence(note: str, labels: Labels) -> str:
    """A note as a sentence, a column at its start by its label."""
    first, _, rest = note.partition(" ")
    return f"{label_of(first, labels) if '_' in first else first[:1].upper() + first[1:]} {rest}."
