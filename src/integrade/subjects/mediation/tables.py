"""Build the tables of mediators: columns for the outcome, a mediator and both, with the indirect effect below."""

from __future__ import annotations

from collections.abc import Mapping

from integrade.estimate.results import by_term
from integrade.report.printed import PrintedTable, capital_of, drawn, numbered, sentence
from integrade.report.regression import Layout, below_note, constant_rows, decimals_by_column, stat_rows, term_rows
from integrade.report.rows import Origin, Row
from integrade.subjects.mediation.indirect import alike
from integrade.subjects.mediation.records import Identity, Indirect, MediationResult, Mediator
from integrade.subjects.mediation.verdict import indirect_size, verdict_alone, where_of
from integrade.verdicts.naming import dimension_word, label_of, labelled, prose_of
from integrade.wording.numerals import below, between, fixed, p_text, percent, shared
from plainwords.texts import listed, say

Labels = Mapping[str, str]


INTERVALS = {
    "percentile": "mediation_tables.percentile",
    "bca": "mediation_tables.bca",
    "monte_carlo": "mediation_tables.monte-carlo",
}


def mediation_table(
    result: MediationResult, labels: Labels | None = None, *, number: str = "6", verdict: bool = True
) -> PrintedTable:
    """Build the paper's three columns for the first mediator of a result, with the tests of the indirect effect.

    Without ``verdict``, the first note is left out: which paths are significant.
    """
    labels, layout = labels or {}, Layout()
    m = result.mediators[0]
    name = prose_of(m.name, labels)
    fits = [result.total, m.a_path, result.direct]
    # terms in the paper's order: treatment, mediator, square, controls
    present = list(dict.fromkeys(t for f in fits for t in by_term(f)))
    first = [t for t in (result.treatment, m.name) if t in present]
    terms, columns = [*first, *(t for t in present if t not in first)], [by_term(f) for f in fits]
    # the standard errors of these terms decide the table's decimals
    digits = decimals_by_column([result.treatment, f"{result.treatment}^2", m.name], columns, layout)
    rows = [
        *term_rows(terms, columns, labels, layout, digits),
        *constant_rows(fits, layout, digits),
        *stat_rows(fits, labels, ("observations", "r2", "r2_within", "effects", "vcov", "clusters", "df")),
        *_indirect_rows(result, m, labels),
    ]
    heads = [numbered(i, label_of(f.outcome, labels)) for i, f in enumerate(fits, start=1)]
    above = [verdict_alone(result, labels)] if verdict else []
    notes = (*above, below_note(Layout().below), *_notes(result, labels))
    origins = tuple(Origin(fit=f) for f in fits)
    return PrintedTable(
        number, say("mediation_tables.title", mediator=name), ("", *heads), tuple(rows), notes, origins=origins
    )


def _indirect_rows(result: MediationResult, m: Mediator, labels: Labels) -> list[Row]:
    name, level = label_of(m.name, labels), f"{100 * result.level:g}%"
    how, fit, draws = say(INTERVALS[result.interval]), result.direct, drawn(result.draws, result.seed)
    of_effect = (
        Origin(say("mediation_tables.indirect-origin"), fit),
        Origin(say("mediation_tables.indirect-interval", level=level, how=how), fit, draws=draws),
        Origin(say("mediation_tables.deciding"), fit, draws=draws),
    )
    of_sobel = (Origin(say("mediation_tables.sobel"), fit),)
    of_share = (
        Origin(say("mediation_tables.share-origin"), fit),
        Origin(say("mediation_tables.share-interval", level=level, how=how), fit, draws=draws),
    )
    of_paths = (
        Origin(say("mediation_tables.to-the-mediator"), m.a_path),
        Origin(say("mediation_tables.from-the-mediator"), fit),
        Origin(say("mediation_tables.whether-both"), fit),
    )
    size = indirect_size(m)
    effects, sobel, shares = list[Row](), list[Row](), list[Row]()
    for i in (*m.indirect, *m.by_term):
        place = capital_of(where_of(i, result, labels))
        # the largest p of both paths and their product; for a value of the treatment it is Holm-adjusted
        p = p_text(i.p_value if i.p_holm is None else i.p_holm)
        cells = (place, size(i.estimate), between(size, i.conf_low, i.conf_high), p)
        effects.append(Row("test", cells, f"indirect.{i.place}", of_effect))
        sobel.append(Row("test", (place, p_text(i.sobel.p_value)), f"sobel.{i.place}", of_sobel))
        shares.append(Row("test", (place, *_share(i)), f"share.{i.place}", of_share))
    alpha = 1 - result.level
    significant = below(max(m.a_joint.p_value, m.b.p_value), alpha)
    whether = say("mediation_tables.both" if significant else "mediation_tables.not-both", level=f"{alpha:.2g}")
    joint = (say("mediation_tables.joint"), p_text(m.a_joint.p_value), p_text(m.b.p_value), whether)
    ends = say("mediation_tables.level-interval", level=level)
    s = m.sensitivity
    return [
        Row(
            "panel",
            (
                say("mediation_tables.indirect", mediator=name),
                say("printed.estimate"),
                ends,
                say("mediation_tables.deciding-p"),
            ),
        ),
        *effects,
        Row("panel", (say("mediation_tables.sobel-panel"), say("mediation_tables.sobel-p"))),
        *sobel,
        Row("panel", (say("mediation_tables.share"), say("mediation_tables.share-head"), ends)),
        *shares,
        Row(
            "panel",
            (
                say("mediation_tables.paths"),
                say("mediation_tables.p-to", mediator=name),
                say("mediation_tables.p-from"),
            ),
        ),
        Row("test", joint, "paths", of_paths),
        *_cells(m),
        *_corrected_rows(result, labels),
        Row(
            "panel",
            (
                say("mediation_tables.what-would-undo-it"),
                say("mediation_tables.correlation-of-errors"),
                say("mediation_tables.product-of-r2"),
            ),
        ),
        Row("test", (say("mediation_tables.omitted"), fixed(s.rho_zero), fixed(s.r2_residual, 4)), "omitted"),
    ]


def _share(i: Indirect) -> tuple[str, str]:
    """Return the share of the total effect and its interval, or a dash if the total effect may be zero."""
    if i.share is None:
        return say("mediation_tables.no-share"), ""
    ends = percent(i.share_low), percent(i.share_high)
    return percent(i.share), f"[{ends[0]}, {ends[1]}]" if all(ends) else ""


def _corrected_rows(result: MediationResult, labels: Labels) -> list[Row]:
    """Return rows with both paths and the indirect effects, estimated with the index corrected for noise."""
    if result.corrected is None:
        return []
    m, fit = result.corrected.mediators[0], result.corrected.direct
    size, path = indirect_size(m), shared([m.b.estimate], [m.b.std_error], 4)
    heads = ("corrected", "corrected-path", "corrected-interval", "corrected-p")
    to, onward = say("mediation_tables.p-to", mediator=label_of(m.name, labels)), say("mediation_tables.path-from")
    how = say("mediation_tables.corrected-origin")
    of_path, of_mediator = (Origin(how, fit),) * 3, (Origin(how, m.a_path),) * 3
    rows = [
        Row("panel", tuple(say(f"mediation_tables.{head}") for head in heads)),
        Row("test", (to, "", "", p_text(m.a_joint.p_value)), "corrected.to", of_mediator),
        Row(
            "test",
            (onward, path(m.b.estimate), between(path, m.b.conf_low, m.b.conf_high), p_text(m.b.p_value)),
            "corrected.from",
            of_path,
        ),
    ]
    heads = ("corrected-indirect", *heads[1:])
    rows.append(Row("panel", tuple(say(f"mediation_tables.{head}") for head in heads)))
    for i in m.indirect:
        place = capital_of(where_of(i, result, labels))
        cells = (place, size(i.estimate), between(size, i.conf_low, i.conf_high), p_text(i.p_holm))
        rows.append(Row("test", cells, f"corrected.{i.place}", of_path))
    return rows


def _cells(m: Mediator) -> list[Row]:
    """Return rows on the path to a mediator that is constant within cells, estimated with one row per cell."""
    if m.cells is None:
        return []
    c = m.cells
    keys = listed([dimension_word(key) for key in c.keys])
    return [
        Row(
            "panel",
            (
                say("mediation_tables.on-cells", n=c.n_cells, keys=keys),
                say("mediation_tables.p-weighted"),
                say("mediation_tables.p-unweighted"),
            ),
        ),
        Row(
            "test",
            (say("mediation_tables.joint-p"), p_text(c.weighted_joint.p_value), p_text(c.unweighted_joint.p_value)),
            "cells",
            (
                Origin(say("mediation_tables.cells-weighted"), c.weighted),
                Origin(say("mediation_tables.cells-unweighted"), c.unweighted),
            ),
        ),
    ]


LEAST_GAIN = 0.0001
"""A smaller increase of the within R-squared is printed as less than this; a convention."""


def _notes(result: MediationResult, labels: Labels) -> list[str]:
    gap = max((abs(i.gap) for i in result.identity), default=0.0)
    small = 0 <= result.r2_gain < LEAST_GAIN
    gain = say("mediation_tables.gain-below", least=fixed(LEAST_GAIN, 4)) if small else fixed(result.r2_gain, 4)
    # total = direct + indirect is exact in least squares; a gap up to 1e-8 is rounding. The value is a convention
    identity = (
        say("mediation_tables.identity-holds", gain=gain)
        if gap < 1e-8
        else _unequal(max(result.identity, key=lambda i: abs(i.gap)), gain, labels)
    )
    m = result.mediators[0]
    key = "mediation_tables.intervals-alike" if m.indirect and alike(m.indirect) else "mediation_tables.intervals"
    intervals = say(key, how=say(INTERVALS[result.interval]), draws=drawn(result.draws, result.seed))
    some_without = any(i.share is None for i in (*m.indirect, *m.by_term))
    without: list[str] = [say("mediation_tables.where-no-share")] if some_without else []
    sobel: str = say("mediation_tables.sobel-note")
    noise: list[str] = [say("mediation_tables.corrected-note")] if result.corrected else []
    noise += [say("mediation_tables.uncorrected-note", why=result.uncorrected)] if result.uncorrected else []
    return [intervals, *without, sobel, identity, *noise, *(sentence(labelled(note, labels)) for note in result.notes)]


def _unequal(identity: Identity, gain: str, labels: Labels) -> str:
    """Return the note that the total minus the direct effect of one term does not equal the product of the paths."""
    numbers = {"difference": identity.total - identity.direct, "product": identity.indirect}
    size = shared(numbers.values(), numbers.values(), 4)
    shown = {name: size(number) for name, number in numbers.items()}
    return say("mediation_tables.identity-fails", term=label_of(identity.term, labels), gain=gain, **shown)
