"""Table 5: the treatment of earlier years, each alone and all together, with the next year's as a placebo."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from integrade.judge.bundle import LagStudy
from integrade.judge.naming import label_of, lagged_labels
from integrade.models.findings import Combination, JointTest
from integrade.models.fit.results import FitResult, by_term
from integrade.models.timing.records import DistributedLag, LagColumn
from integrade.models.timing.shifts import shifted_name
from integrade.numerals import fixed, p_text, stars
from integrade.report.printed import STARS, Origin, PrintedTable, Row
from integrade.report.regression import Layout, constant_rows, drop_empty, stat_rows, term_rows

Labels = Mapping[str, str]


@dataclass(frozen=True)
class _Column:
    """One column: what is lagged in it, its fit, and the lag or the distributed lag it shows."""

    lagged: str
    fit: FitResult
    lag: LagColumn | None = None
    distributed: DistributedLag | None = None


def lags_table(study: LagStudy, labels: Labels | None = None) -> PrintedTable:
    """The paper's six columns (each lag with current controls, then with lagged controls), the distributed lag, and the
    distributed lag with leads; joint tests below.
    """
    labels, layout = labels or {}, Layout()
    x = label_of(study.alone.variable, labels)
    columns = _columns(study, x)
    named = lagged_labels(study, labels)
    fits = [c.fit for c in columns]
    rows = [
        *term_rows(_terms(study, fits), [by_term(f) for f in fits], named, layout),
        *constant_rows(fits, layout),
        Row("count", ("What is lagged", *(c.lagged for c in columns)), "lagged"),
        *stat_rows(fits, named, ("observations", "r2", "r2_within", "effects", "vcov", "clusters", "df")),
        *_tests(columns, x),
    ]
    heads = [f"({i}) {label_of(f.outcome, named)}" for i, f in enumerate(fits, start=1)]
    return PrintedTable(
        "5",
        f"{x} of earlier and later years",
        ("", *heads),
        tuple(rows),
        tuple(_notes(study, columns, named)),
        origins=tuple(Origin(fit=f) for f in fits),
    )


def _columns(study: LagStudy, x: str) -> list[_Column]:
    alone = [_Column(x, c.fit, c) for c in study.alone.columns if c.shift > 0]
    everything = [_Column("all", c.fit, c) for c in study.with_controls.columns if c.shift > 0]
    together = [(f"{x}, all lags", study.alone.distributed), (f"{x}, leads too", study.alone.placebo)]
    return [*alone, *everything, *(_Column(name, d.fit, distributed=d) for name, d in together if d is not None)]


def _terms(study: LagStudy, fits: list[FitResult]) -> list[str]:
    """The treatment's terms first, from this year back and then ahead; the others as they come."""
    present = list(dict.fromkeys(t for f in fits for t in by_term(f)))
    names = [shifted_name(study.alone.variable, c.shift) for c in study.alone.columns]
    first = [t for n in names for t in (n, f"{n}^2") if t in present]
    return [*first, *(t for t in present if t not in first)]


def _tests(columns: list[_Column], x: str) -> list[Row]:
    cells: list[tuple[str, str, Callable[[_Column], str]]] = [
        ("rows_lost", "Rows lost to the lag", lambda c: f"{c.lag.n_lost:,}" if c.lag else ""),
        ("past", "Past: joint p", lambda c: _p(c.lag.joint if c.lag else _past(c))),
        ("past.holm", "Past: joint p, Holm", lambda c: p_text(c.lag.p_holm) if c.lag else ""),
        ("past.wild", "Past: wild p", _wild),
        ("turning_point", "Turning point", _turning_point),
        ("u_test", "U-test p (Lind-Mehlum)", lambda c: p_text(c.lag.u_test.p_value) if c.lag and c.lag.u_test else ""),
        ("placebo", "Later years: joint p (placebo)", lambda c: _p(c.distributed.future if c.distributed else None)),
    ]
    rows = [Row("test", (label, *(of(c) for c in columns)), key) for key, label, of in cells]
    return [Row("panel", (f"Does {x} of the past matter?",)), *drop_empty(rows), *_sums(columns, x)]


def _sums(columns: list[_Column], x: str) -> list[Row]:
    """Sums over the current value and the lags of the distributed lags, with t below."""
    names = dict.fromkeys(s.name for c in columns if c.distributed for s in c.distributed.sums)
    rows = []
    for at, name in enumerate(n for n in names if not n.startswith("turning point")):
        found = [_sum(c, name) for c in columns]
        label = (f"Sum of {x}", "Sum of its squares", "Slope of the sums at the mean")[at]
        key = ("sum", "sum_of_squares", "slope_of_sums")[at]
        rows.append(Row("test", (label, *(fixed(s.estimate, 4) + stars(s.p_value) if s else "" for s in found)), key))
        rows.append(Row("test", ("", *(f"({fixed(s.statistic, 2)})" if s else "" for s in found)), f"{key}.t"))
    return rows


def _sum(column: _Column, name: str) -> Combination | None:
    return next((s for s in (column.distributed.sums if column.distributed else ()) if s.name == name), None)


def _past(column: _Column) -> JointTest | None:
    return column.distributed.past if column.distributed else None


def _p(test: JointTest | None) -> str:
    return "" if test is None else p_text(test.p_value)


def _wild(column: _Column) -> str:
    terms = column.lag.joint.terms if column.lag else ()
    return next((p_text(w.p_value) for w in column.fit.wild if terms and w.null == " + ".join(terms)), "")


def _turning_point(column: _Column) -> str:
    if column.lag:
        return fixed(column.lag.u_test.turning_point) if column.lag.u_test else ""
    found = _sum(column, "turning point of the sums")
    return fixed(found.estimate) if found else ""


def _notes(study: LagStudy, columns: list[_Column], named: Labels) -> list[str]:
    x = label_of(study.alone.variable, named)
    keys = "its region and year" if study.alone.on == "regressor" else "the firm"
    notes = [
        f"t statistics in parentheses. {STARS}",
        f"The past is that of {keys}. Past: all terms of {x} of earlier years; Holm's p-values are adjusted over the "
        "lags of the same kind of column. Sums run over this year and the lags.",
    ]
    if any(_wild(c) for c in columns):
        notes.append(
            "Wild p: cluster bootstrap of the joint null, as in Table 4, for the columns with controls of this year."
        )
    if any(c.distributed and c.distributed.future for c in columns):
        notes.append(
            "Placebo: the future cannot act on the present; a small p says that the series persists or trends."
        )
    said = dict.fromkeys((*study.alone.notes, *study.with_controls.notes))
    return [*notes, *(f"{text[:1].upper()}{text[1:]}." for text in said), *_missing(study, named)]


def _missing(study: LagStudy, named: Labels) -> list[str]:
    """How many rows lack each lag, and why."""
    counted = [e.reason.partition(" ") for e in study.alone.account if e.step == "lags"]
    return [f"{named.get(column, column)} {rest}." for column, _, rest in counted]
