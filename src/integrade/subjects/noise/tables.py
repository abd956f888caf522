"""Build the regression on a noisy index with its corrections, and the noise to be expected."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from integrade.estimate.results import FitResult, by_term
from integrade.report.printed import PrintedTable, drawn, numbered, sentence, stars_note
from integrade.report.rows import PANEL, Origin, Row
from integrade.subjects.noise.records import NoiseStudy
from integrade.subjects.noise.verdict import (
    WAYS,
    Coverage,
    IntervalWithNoise,
    Way,
    shares_of_truth,
    slope_at,
    turning,
    ways,
)
from integrade.verdicts import places
from integrade.verdicts.moves import effect_of_move
from integrade.verdicts.naming import fieller_text, label_of, prose_of
from integrade.wording.numerals import (
    between,
    by_interval,
    coverage_text,
    fixed,
    noise_text,
    percent,
    placed,
    shared,
    stars,
)
from plainwords.texts import listed, say

Labels = Mapping[str, str]


def noise_table(
    found: NoiseStudy, labels: Labels | None = None, own: FitResult | None = None, told: IntervalWithNoise | None = None
) -> PrintedTable:
    """Build a table with one column per correction: coefficients, turning point, slopes at percentiles of the index.

    ``own`` is the headline's fit; the move of the first page is between percentiles of its sample. ``told`` holds the
    share of noise in the index, and the coverage of intervals in the nearest simulated design.
    """
    labels = labels or {}
    columns, x = ways(found), found.variable
    terms = [t for t in (x, f"{x}^2") if t in by_term(found.naive)]
    tests = [turning(found, c.fit) for c in columns]
    rows = list[Row]()
    for term in terms:
        coefficients = [by_term(c.fit).get(term) for c in columns]
        size = shared((k.estimate for k in coefficients if k), (k.std_error for k in coefficients if k), 4)
        estimates = (size(k.estimate) + stars(k.p_value) if k else "" for k in coefficients)
        errors = (f"({size(k.std_error)})" if k else "" for k in coefficients)
        rows.append(Row("coefficient", (label_of(term, labels), *estimates), term))
        rows.append(Row("statistic", ("", *errors), f"{term}.se"))
    rows.append(Row("count", (say("printed.observations"), *(f"{c.fit.nobs:,}" for c in columns)), "N"))
    if len(terms) > 1:
        slopes = [[slope_at(c.fit, x, value) for c in columns] for _, value in found.places]
        size = shared((b for line in slopes for b, _ in line), (e for line in slopes for _, e in line), 4)
        rows += [
            Row(
                "test",
                (say("printed.turning-point"), *(placed(t.turning_point) if t else "" for t in tests)),
                "turning_point",
            ),
            Row("test", (say("printed.fieller"), *(fieller_text(t) if t else "" for t in tests)), "fieller"),
        ]
        rows += [Row("panel", (say("noise_tables.slopes"),))] if slopes else []
        rows += [
            Row("test", (f"{where} ({placed(value)})", *(f"{size(b)} ({size(e)})" for b, e in line)), f"slope.{where}")
            for (where, value), line in zip(found.places, slopes, strict=True)
        ]
    rows += _move_rows(found, columns, labels, own or found.naive)
    if found.on_true_index is not None:
        rows.append(Row("panel", (say("noise_tables.share-of-truth"),)))
        for term in terms:
            shares = shares_of_truth(found, term)
            texts = [
                percent(shares.get(c.heading), 0) or ("100%" if c.fit is found.on_true_index else "") for c in columns
            ]
            rows.append(Row("test", (label_of(term, labels), *texts), f"{term}.share_of_truth"))
    rows += _pipeline_rows(found, columns, terms, labels)
    rows += [] if told is None else _noise_and_coverage_rows(columns, told)
    title = say("noise_tables.title", outcome=prose_of(found.naive.outcome, labels))
    heads = [numbered(i, c.heading) for i, c in enumerate(columns, start=1)]
    origins = tuple(_correction_origin(found, c) for c in columns)
    return PrintedTable(places.NOISE, title, ("", *heads), tuple(rows), tuple(_notes(found)), origins=origins)


def _correction_origin(found: NoiseStudy, way: Way) -> Origin:
    """Return where the coefficients of a column come from."""
    if way.fit is found.on_true_index:
        return Origin(say("noise_tables.on-the-true-index"), way.fit, rests=(*PANEL, "truth"))
    if found.simex is not None and way.fit is found.simex.corrected:
        s = found.simex
        how = say("noise_tables.simex", extrapolant=_extrapolant_word(s.extrapolant))
        return Origin(how, way.fit, draws=drawn(s.draws, s.seed))
    if found.halves is not None and way.fit is found.halves.fit:
        return Origin(say("noise_tables.halves-origin"), way.fit, draws=drawn(found.halves.splits, found.halves.seed))
    return Origin(fit=way.fit)


def _move_rows(found: NoiseStudy, columns: Sequence[Way], labels: Labels, own: FitResult) -> list[Row]:
    """Return rows with the effect of the first page's move by each correction, with its interval.

    There are no rows if the ends of the move are not known.
    """
    moves = [effect_of_move(c.fit, own, found.variable) for c in columns]
    known = [m for m in moves if m is not None]
    if len(known) < len(moves):
        return []
    values = {"x": prose_of(found.variable, labels), "start": placed(known[0].start), "end": placed(known[0].end)}
    outcome = prose_of(found.naive.outcome, labels)
    sizes = [by_interval(m.low, m.high) for m in known]
    changes = (size(m.estimate) for size, m in zip(sizes, known, strict=True))
    ends = (between(size, m.low, m.high) for size, m in zip(sizes, known, strict=True))
    return [
        Row("panel", (say("noise_tables.move", **values),)),
        Row("test", (say("noise_tables.move-change", outcome=outcome), *changes), "move"),
        Row("test", (say("printed.interval-95"), *ends), "move.interval"),
    ]


def _pipeline_rows(found: NoiseStudy, columns: Sequence[Way], terms: Sequence[str], labels: Labels) -> list[Row]:
    """Return the rows of the bootstrap, in the column of the regression on the index as measured."""
    p = found.pipeline
    if p is None:
        return []
    known = {q.name: q for q in p.quantities}
    through = (Origin(say("noise_tables.bootstrap-origin"), found.naive, draws=drawn(p.draws, p.seed)),)

    def row(name: str, key: str, cell: str) -> Row:
        return Row("test", (name, *(cell if c.fit is found.naive else "" for c in columns)), key, through)

    rows = [Row("panel", (say(RESAMPLED[p.resample]),))]
    for q in (known[t] for t in terms if t in known):
        term, size = label_of(q.name, labels), shared([q.mean], [q.std_error], 4)
        ends = between(size, q.conf_low, q.conf_high)
        mean = f"{size(q.mean)} ({size(q.std_error)})"
        rows += [
            row(say("noise_tables.bootstrap-mean", term=term), f"bootstrap.{q.name}", mean),
            row(say("noise_tables.level-interval", level=f"{100 * p.level:g}"), f"bootstrap_interval.{q.name}", ends),
        ]
    return rows if rows[1:] else []


def _noise_and_coverage_rows(columns: Sequence[Way], told: IntervalWithNoise) -> list[Row]:
    """Return rows with the share of noise net of the headline's effects, and with simulated coverage.

    A row is left out if its number is not known.
    """
    rows = list[Row]()
    if told.noise_net is not None:
        cells = (noise_text(told.noise_net) if say(WAYS["none"]) == c.heading else "" for c in columns)
        rows.append(Row("test", (say("noise_tables.noise-net"), *cells), "noise_net"))
    covered: dict[str, Coverage | None] = {say(WAYS["none"]): told.own_covered, say(WAYS[told.way]): told.covered}
    known = [covered.get(c.heading) for c in columns]
    if not any(known):
        return rows
    shares: list[tuple[str, str, Callable[[Coverage], float]]] = [
        ("move", say("noise_tables.covered-move"), lambda c: c.move),
        ("slopes", say("noise_tables.covered-slopes"), lambda c: c.slopes),
        ("turning", say("noise_tables.covered-turning"), lambda c: c.turning),
        ("uninformative", say("noise_tables.covered-uninformative"), lambda c: c.uninformative),
    ]
    simulated = Origin(say("noise_tables.covered-origin"), rests=())
    rows.append(Row("panel", (say("noise_tables.covered"),)))
    samples = ("" if c is None else str(c.draws) for c in known)
    rows.append(Row("test", (say("noise_tables.covered-draws"), *samples), "covered.draws", (simulated,)))
    rows += [
        Row("test", (name, *("" if c is None else coverage_text(of(c)) for c in known)), f"covered.{key}", (simulated,))
        for key, name, of in shares
    ]
    return rows


RESAMPLED = {
    "both": "noise_tables.bootstrap-of-both",
    "goods": "noise_tables.bootstrap-of-goods",
    "clusters": "noise_tables.bootstrap-of-regions",
}
SHARED = {"goods": "noise_tables.simex-of-goods", "independent": "noise_tables.simex-independent"}
EXTRAPOLANTS = {"quadratic": "noise_tables.quadratic", "linear": "noise_tables.linear"}


def _extrapolant_word(name: str) -> str:
    return say(EXTRAPOLANTS[name]) if name in EXTRAPOLANTS else name


def _notes(found: NoiseStudy) -> list[str]:
    notes: list[str] = [say("noise_tables.se-below", kind=found.naive.kind, stars=stars_note())]
    if found.on_true_index:
        n, same = found.on_true_index.nobs, found.on_true_index.nobs == found.naive.nobs
        key = "noise_tables.true-index-note" if same else "noise_tables.true-index-other-rows"
        notes.append(say(key, n=f"{n:,}"))
    if found.halves:
        h = found.halves
        key = "noise_tables.halves-note" if h.identified else "noise_tables.halves-disagree"
        share = noise_text(h.noise_share)
        notes.append(say(key, goods=h.goods, splits=h.splits, seed=str(h.seed), share=share))
    if found.simex:
        s = found.simex
        added = say(
            "noise_tables.simex-note",
            sd=fixed(s.error_sd, 3),
            extrapolant=_extrapolant_word(s.extrapolant),
            draws=drawn(s.draws, s.seed),
        )
        notes.append(listed([added, say(SHARED[s.errors])], "sentences"))
    if found.pipeline:
        p = found.pipeline
        bootstrap = (
            say("noise_tables.bootstrap-with-failures", draws=p.draws, failed=p.failed, seed=str(p.seed))
            if p.failed
            else say("noise_tables.bootstrap", draws=drawn(p.draws, p.seed))
        )
        notes.append(listed([bootstrap, sentence(p.target)], "sentences"))
    return notes


EXPECTED: tuple[tuple[str, str, Callable[..., str]], ...] = (
    ("true_s_d_of_ln_dispersion", "noise_tables.true-sd", lambda a: fixed(a.spread, 2)),
    ("index_and_truth_correlate", "noise_tables.index-and-truth", lambda a: fixed(a.correlation, 2)),
    ("halves_correlate", "noise_tables.halves", lambda a: fixed(a.split_half, 2)),
    ("slope_of_1_estimated_as", "noise_tables.slope-of-one", lambda a: f"{fixed(a.slope, 2)} ({fixed(a.slope_sd, 2)})"),
    ("by_oriv_as", "noise_tables.by-oriv", lambda a: fixed(a.oriv, 2)),
    ("square_of_1_estimated_as", "noise_tables.square-of-one", lambda a: fixed(a.square, 2)),
)
"""For each row: a part of its address, its heading, and the function that prints its number."""


def attenuation_table(found: NoiseStudy) -> PrintedTable:
    """Build Table A4b: the slope that simulated noise gives, for the study's numbers of goods, regions and years."""
    first = found.expected[0]
    samples = say("noise_tables.samples", draws=first.draws, seed=str(first.seed))
    return PrintedTable(
        places.ATTENUATION,
        say("noise_tables.expected", goods=first.n_goods, regions=first.n_regions, years=first.n_years),
        tuple(say(name) for _, name, _ in EXPECTED),
        tuple(Row("text", tuple(of(a) for _, _, of in EXPECTED)) for a in found.expected),
        (say("noise_tables.simulated", draws=first.draws, seed=str(first.seed)),),
        origins=(Origin(say("noise_tables.simulated-origin"), rests=(), draws=samples),),
        column_keys=tuple(key for key, *_ in EXPECTED[1:]),
    )
