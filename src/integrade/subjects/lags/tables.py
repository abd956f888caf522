"""Build the table of the treatment of earlier years, one by one and jointly, with next year's as a placebo."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from integrade.estimate.contrasts import Combination, JointTest
from integrade.estimate.results import FitResult, by_term
from integrade.report.printed import PrintedTable, numbered, sentence
from integrade.report.regression import Layout, below_note, constant_rows, drop_empty, stat_rows, term_rows, tested_rows
from integrade.report.rows import Origin, Row
from integrade.subjects.lags.records import DistributedLag, LagColumn, LagStudy, larger_p
from integrade.subjects.lags.shifts import shifted_name
from integrade.subjects.shape.verdict import wild_p
from integrade.verdicts import places
from integrade.verdicts.naming import label_of, labelled, lagged_labels, prose_of
from integrade.wording.numerals import p_text, placed
from plainwords.texts import Said, listed, say

Labels = Mapping[str, str]


@dataclass(frozen=True)
class _Column:
    """One column of the table: the variables lagged in it, its fit, and the lag or distributed lag that it shows.

    ``corrected`` is the p of the past with the index corrected for noise, the larger of joint test and bootstrap.
    """

    lagged: str
    fit: FitResult
    lag: LagColumn | None = None
    distributed: DistributedLag | None = None
    corrected: float | None = None


def lags_table(
    study: LagStudy,
    labels: Labels | None = None,
    *,
    adjusted: Mapping[str, float] | None = None,
    corrected: Mapping[str, float] | None = None,
    family: str = "",
) -> PrintedTable:
    """Build the table of lags: the separate lags, the distributed lag without and with leads, and joint tests below.

    The first columns have each lag with current controls, then each lag with lagged controls (six columns for three
    lags). ``adjusted`` maps formulas to the p of the placebo, Holm-adjusted over the placebos of the study,
    ``corrected`` to its p with the index corrected for noise. ``family`` is a note that names these placebos
    (`integrade.subjects.robustness.verdict`).
    """
    labels, layout = labels or {}, Layout()
    x = label_of(study.alone.variable, labels)
    again = study.alone.corrected
    without_noise = {c.shift: larger_p(c.fit, c.joint) for c in again.columns} if again else {}
    together = [
        (say("lag_tables.all-lags", x=x), study.alone.distributed, again.distributed if again else None),
        (say("lag_tables.leads-too", x=x), study.alone.placebo, again.placebo if again else None),
    ]
    columns = [
        *(_Column(x, c.fit, c, None, without_noise.get(c.shift)) for c in study.alone.columns if c.shift > 0),
        *(_Column(say("lag_tables.all"), c.fit, c) for c in study.with_controls.columns if c.shift > 0),
        *(_Column(name, d.fit, None, d, _past_corrected(other)) for name, d, other in together if d is not None),
    ]
    named = lagged_labels(study, labels)
    fits = [c.fit for c in columns]
    # the treatment's terms come first: this year's, then those of earlier years, then those of later years
    present = list(dict.fromkeys(t for f in fits for t in by_term(f)))
    names = [shifted_name(study.alone.variable, c.shift) for c in study.alone.columns]
    first = [t for n in names for t in (n, f"{n}^2") if t in present]
    terms = [*first, *(t for t in present if t not in first)]
    rows = [
        *term_rows(terms, [by_term(f) for f in fits], named, layout),
        *constant_rows(fits, layout),
        Row("count", (say("lag_tables.what-is-lagged"), *(c.lagged for c in columns)), "lagged"),
        *stat_rows(fits, named, ("observations", "r2", "r2_within", "effects", "vcov", "clusters", "df")),
        *_tests(columns, x, adjusted or {}, corrected or {}),
    ]
    heads = [numbered(i, label_of(f.outcome, named)) for i, f in enumerate(fits, start=1)]
    ahead = any(c.distributed and c.distributed.future for c in columns)
    return PrintedTable(
        places.LAGS,
        say("lag_tables.title" if ahead else "lag_tables.past-title", x=prose_of(study.alone.variable, labels)),
        ("", *heads),
        tuple(rows),
        (*_notes(study, columns, named), *([family] if adjusted and family else [])),
        origins=tuple(Origin(fit=f) for f in fits),
    )


def _past_corrected(found: DistributedLag | None) -> float | None:
    return None if found is None or found.past is None else larger_p(found.fit, found.past)


def _tests(columns: list[_Column], x: str, adjusted: Mapping[str, float], corrected: Mapping[str, float]) -> list[Row]:
    cells: list[tuple[str, str, Callable[[_Column], str]]] = [
        ("rows_lost", say("lag_tables.rows-lost"), lambda c: f"{c.lag.n_lost:,}" if c.lag else ""),
        ("past", say("lag_tables.past"), lambda c: _p(c.lag.joint if c.lag else _past(c))),
        ("past.holm", say("lag_tables.past-holm"), lambda c: p_text(c.lag.p_holm) if c.lag else ""),
        ("past.wild", say("lag_tables.past-wild"), _wild),
        ("past.corrected", say("lag_tables.past-corrected"), lambda c: p_text(c.corrected)),
        ("turning_point", say("printed.turning-point"), _turning_point),
        ("u_test", say("printed.u-test"), lambda c: p_text(c.lag.u_test.p_value) if c.lag and c.lag.u_test else ""),
        ("placebo", say("lag_tables.placebo"), lambda c: _p(c.distributed.future if c.distributed else None)),
        ("placebo.wild", say("lag_tables.placebo-wild"), _placebo_wild),
        ("placebo.holm", say("lag_tables.placebo-holm"), lambda c: p_text(adjusted.get(c.fit.formula))),
        (
            "placebo.corrected",
            say("lag_tables.placebo-corrected"),
            lambda c: p_text(corrected.get(c.fit.formula)) if c.distributed and c.distributed.future else "",
        ),
    ]
    rows = [Row("test", (label, *(of(c) for c in columns)), key) for key, label, of in cells]
    return [Row("panel", (say("lag_tables.does-the-past-matter", x=x),)), *drop_empty(rows), *_sums(columns, x)]


def _sums(columns: list[_Column], x: str) -> list[Row]:
    """Return rows with sums of coefficients over the current value and the lags, with t below each sum."""
    names = dict.fromkeys(s.name for c in columns if c.distributed for s in c.distributed.sums)
    rows = []
    for at, name in enumerate(n for n in names if not n.startswith("turning point")):
        sums = [_sum(c, name) for c in columns]
        label = (say("lag_tables.sum", x=x), say("lag_tables.sum-of-squares"), say("lag_tables.slope-of-sums"))[at]
        key = ("sum", "sum_of_squares", "slope_of_sums")[at]
        rows += tested_rows(sums, label, key, Layout(), None)
    return rows


def _sum(column: _Column, name: str) -> Combination | None:
    return next((s for s in (column.distributed.sums if column.distributed else ()) if s.name == name), None)


def _past(column: _Column) -> JointTest | None:
    return column.distributed.past if column.distributed else None


def _p(test: JointTest | None) -> str:
    return "" if test is None else p_text(test.p_value)


def _wild(column: _Column) -> str:
    """Return the wild bootstrap p of the hypothesis that the row "Past: joint p" tests."""
    return _wild_of(column, column.lag.joint if column.lag else _past(column))


def _placebo_wild(column: _Column) -> str:
    return _wild_of(column, column.distributed.future if column.distributed else None)


def _wild_of(column: _Column, test: JointTest | None) -> str:
    return "" if test is None else p_text(wild_p(column.fit, " + ".join(test.terms)))


def _turning_point(column: _Column) -> str:
    if column.lag:
        return placed(column.lag.u_test.turning_point) if column.lag.u_test else ""
    turning = _sum(column, "turning point of the sums")
    return placed(turning.estimate) if turning else ""


def _notes(study: LagStudy, columns: list[_Column], named: Labels) -> list[str]:
    x = prose_of(study.alone.variable, named)
    by_region = study.alone.on == "regressor"
    notes: list[str] = [
        below_note(Layout().below),
        say("lag_tables.past-of-the-region" if by_region else "lag_tables.past-of-the-firm", x=x),
    ]
    if any(c.distributed and c.distributed.sums for c in columns):
        notes.append(say("lag_tables.sums-note"))
    if any(_wild(c) or _placebo_wild(c) for c in columns):
        notes.append(say("lag_tables.wild-note"))
    if any(c.distributed and c.distributed.future for c in columns):
        notes.append(say("lag_tables.placebo-note"))
    if study.alone.corrected is not None:
        notes.append(say("lag_tables.corrected-note"))
        notes += [say("lag_tables.corrected-left-out", why=note) for note in study.alone.corrected.notes]
    elif study.alone.uncorrected:
        notes.append(say("lag_tables.uncorrected-note", why=study.alone.uncorrected))
    study_notes = dict.fromkeys((*study.alone.notes, *study.with_controls.notes))
    return [*notes, *map(sentence, study_notes), *_lacking(study, named)]


def _lacking(study: LagStudy, named: Labels) -> list[str]:
    """Return how many rows lack each lag, and why; lags of several variables that lack the same rows share a note."""
    found: dict[tuple[object, ...], tuple[Said, list[str]]] = {}
    for reason in (e.reason for e in study.alone.account if e.step == "lags" and isinstance(e.reason, Said)):
        given = reason.given
        same = (reason.key, *(str(v) for name, v in given.items() if name != "column"))
        found.setdefault(same, (reason, []))[1].append(label_of(str(given["column"]), named))
    return [
        sentence(labelled(say(reason.key, **{**reason.given, "column": listed(names, "and")}), named))
        for reason, names in found.values()
    ]
