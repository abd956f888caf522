"""Tables A9 and A9b: the regression on a noisy index, corrected in several ways, and what noise was to be expected."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from integrade.judge.bundle import NoiseStudy
from integrade.judge.naming import fieller_text, label_of
from integrade.judge.noise import Way, shares_of_truth, slope_at, turning, ways
from integrade.models.fit.results import by_term
from integrade.numerals import fixed, interval, percent, stars
from integrade.report.printed import PANEL, STARS, Origin, PrintedTable, Row

Labels = Mapping[str, str]


def noise_table(found: NoiseStudy, labels: Labels | None = None) -> PrintedTable:
    """One column per way: coefficients, turning point, slopes at percentiles of the measured index."""
    labels = labels or {}
    columns, x = ways(found), found.variable
    terms = [t for t in (x, f"{x}^2") if t in by_term(found.naive)]
    tests = [turning(found, c.fit) for c in columns]
    rows = [row for t in terms for row in _term_rows(t, columns, labels)]
    rows.append(Row("count", ("Observations", *(f"{c.fit.nobs:,}" for c in columns)), "N"))
    if len(terms) > 1:
        rows += [
            Row("test", ("Turning point", *(fixed(t.turning_point) if t else "" for t in tests)), "turning_point"),
            Row("test", ("95 % Fieller interval", *(fieller_text(t) if t else "" for t in tests)), "fieller"),
            *_slope_rows(found, columns),
        ]
    if found.on_true_index is not None:
        rows += _share_rows(found, columns, terms, labels)
    rows += _pipeline_rows(found, terms, labels)
    title = f"{label_of(found.naive.outcome, labels)} on an index with sampling error"
    heads = [f"({i}) {c.heading}" for i, c in enumerate(columns, start=1)]
    origins = tuple(_way_origin(found, c) for c in columns)
    return PrintedTable("A9", title, ("", *heads), tuple(rows), tuple(_notes(found)), origins=origins)


def _way_origin(found: NoiseStudy, way: Way) -> Origin:
    if way.fit is found.on_true_index:
        return Origin(
            "the same regression with the true index of the simulated economy", way.fit, rests=(*PANEL, "truth")
        )
    if found.simex is not None and way.fit is found.simex.corrected:
        s = found.simex
        return Origin(f"SIMEX ({s.extrapolant})", way.fit, draws=f"{s.draws:,} draws, seed {s.seed}")
    if found.oriv is not None and way.fit is found.oriv.fit:
        return Origin("ORIV: the index of each half of the goods instrumented by that of the other", way.fit)
    return Origin(fit=way.fit)


def _term_rows(term: str, columns: Sequence[Way], labels: Labels) -> list[Row]:
    found = [by_term(c.fit).get(term) for c in columns]
    return [
        Row(
            "coefficient",
            (label_of(term, labels), *(fixed(k.estimate, 4) + stars(k.p_value) if k else "" for k in found)),
            term,
        ),
        Row("statistic", ("", *(f"({fixed(k.std_error, 4)})" if k else "" for k in found)), f"{term}.se"),
    ]


def _slope_rows(found: NoiseStudy, columns: Sequence[Way]) -> list[Row]:
    rows = []
    for where, value in found.places:
        slopes = [slope_at(c.fit, found.variable, value) for c in columns]
        cells = (f"{where} ({fixed(value)})", *(f"{fixed(b, 4)} ({fixed(e, 4)})" for b, e in slopes))
        rows.append(Row("test", cells, f"slope.{where}"))
    return [Row("panel", ("Slope at percentiles of the measured index",)), *rows] if rows else []


def _share_rows(found: NoiseStudy, columns: Sequence[Way], terms: Sequence[str], labels: Labels) -> list[Row]:
    rows = []
    for term in terms:
        shares = shares_of_truth(found, term)
        cells = (percent(shares.get(c.heading), 0) or ("100 %" if c.heading == "True index" else "") for c in columns)
        rows.append(Row("test", (label_of(term, labels), *cells), f"{term}.share_of_truth"))
    return [Row("panel", ("Share of the coefficient on the true index",)), *rows]


def _pipeline_rows(found: NoiseStudy, terms: Sequence[str], labels: Labels) -> list[Row]:
    p = found.pipeline
    if p is None:
        return []
    known = {q.name: q for q in p.quantities}
    through = Origin(
        "bootstrap through index and regression: standard error, interval, mean of the draws",
        found.naive,
        draws=f"{p.draws:,} draws, seed {p.seed}",
    )
    rows = [
        Row(
            "test",
            (
                label_of(t, labels),
                fixed(known[t].std_error, 4),
                interval(known[t].conf_low, known[t].conf_high),
                fixed(known[t].mean, 4),
            ),
            f"{t}.bootstrap",
            (through,),
        )
        for t in terms
        if t in known
    ]
    drawn = {"both": "goods and regions", "goods": "goods", "clusters": "regions"}[p.resample]
    heading = f"Bootstrap of {drawn} through index and regression: s.e., {100 * p.level:g} % interval, mean of draws"
    return [Row("panel", (heading,)), *rows]


def _notes(found: NoiseStudy) -> list[str]:
    notes = [f"Standard errors in parentheses ({found.naive.kind}). {STARS}"]
    if found.on_true_index:
        notes.append(
            "True index: the same regression of measured quality with the simulated integration in place of the "
            "measured one. The other columns differ from it by the noise of the index alone."
        )
    if found.oriv:
        r = found.oriv
        notes.append(
            f"ORIV: the index of one half of the goods instrumented by that of the other, in both roles; the halves "
            f"correlate {fixed(r.correlation, 2)} net of effects and controls. With few goods it over-corrects, "
            "because the noise grows with the segmentation it measures."
        )
    if found.simex:
        s = found.simex
        notes.append(
            f"SIMEX: error of s.d. {fixed(s.error_sd, 3)} added again and again and followed back to none "
            f"({s.extrapolant}, {s.draws:,} draws, seed {s.seed}). It corrects part of a large bias."
        )
    if found.pipeline:
        p = found.pipeline
        failed = f", {p.failed:,} failed" if p.failed else ""
        notes.append(f"Bootstrap: {p.draws:,} draws{failed}, seed {p.seed}. {p.target[:1].upper()}{p.target[1:]}.")
    return notes


EXPECTED: tuple[tuple[str, Callable[..., str]], ...] = (
    ("True s.d. of ln dispersion", lambda a: fixed(a.spread, 2)),
    ("Index and truth correlate", lambda a: fixed(a.correlation, 2)),
    ("Halves correlate", lambda a: fixed(a.split_half, 2)),
    ("Slope of 1 estimated as", lambda a: f"{fixed(a.slope, 2)} ({fixed(a.slope_sd, 2)})"),
    ("by ORIV as", lambda a: fixed(a.oriv, 2)),
    ("Square of 1 estimated as", lambda a: fixed(a.square, 2)),
)


def attenuation_table(found: NoiseStudy) -> PrintedTable:
    """What an index of so many goods, regions and years does to a slope, by simulation."""
    first = found.expected[0]
    rows = tuple(Row("text", tuple(of(a) for _, of in EXPECTED)) for a in found.expected)
    title = f"What to expect of an index of {first.n_goods} goods, {first.n_regions} regions and {first.n_years} years"
    notes = (
        f"Simulated: {first.draws:,} samples a row, seed {first.seed}; region and year means removed. How far true "
        "dispersions differ is not known: the truth lies between rows. The less regions differ, the more of the index "
        "is noise. Compare the correlation of the halves with that in the data.",
    )
    how = Origin(
        "simulated samples of an index with so many goods, regions and years",
        rests=(),
        draws=f"{first.draws:,} samples a row, seed {first.seed}",
    )
    return PrintedTable("A9b", title, tuple(name for name, _ in EXPECTED), rows, notes, origins=(how,))
