"""Build the tables of the headline with every kind of inference, and of its sensitivity to omitted variables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from integrade.estimate.results import FitResult, Wild, by_term
from integrade.report.printed import PrintedTable, permuted
from integrade.report.rows import Origin, Row
from integrade.subjects.benchmark.columns import Column
from integrade.subjects.inference.randomisation import InferenceStudy
from integrade.subjects.sensitivity.model import Benchmark, Confounder, Oster, SensitivityStudy
from integrade.subjects.sensitivity.verdict import size_of_slopes
from integrade.verdicts import places
from integrade.verdicts.bundle import treatment_terms
from integrade.verdicts.naming import (
    dimension_word,
    inference_key,
    inference_name,
    label_of,
    labelled,
    part_word,
    place_word,
    prose_of,
)
from integrade.wording.numerals import Printing, between, fixed, p_text, percent, placed, shared, stars
from plainwords.texts import listed, say

Labels = Mapping[str, str]
Sizes = Mapping[str, Printing]
"""Term -> the function that prints its estimates and standard errors."""


def inference_table(column: Column, found: InferenceStudy | None, labels: Labels | None = None) -> PrintedTable:
    """Build Table A3: one row per kind of standard error, then the bootstrap, the permutation and the clusters."""
    labels = labels or {}
    terms = [t for t in treatment_terms(column) if t in by_term(column.headline)]
    fits = [(inference_name(fit), fit) for fit in column.beside.values()]
    fits.append((say("inference_tables.headline", errors=inference_name(column.headline)), column.headline))
    size = {
        t: shared((by_term(fit)[t].estimate for _, fit in fits), (by_term(fit)[t].std_error for _, fit in fits), 4)
        for t in terms
    }
    rows = []
    for name, fit in fits:
        cells = [name]
        for t in terms:
            c = by_term(fit)[t]
            cells += [f"{size[t](c.std_error)} ({fixed(c.statistic, 2)})", p_text(c.p_value) + stars(c.p_value)]
        origin = Origin(say("inference_tables.error-under", errors=name), fit)
        rows.append(Row("text", tuple(cells), inference_key(fit), (origin,)))
    rows += _wild_rows(column.headline, terms, size)
    rows += _permutation_rows(found, terms)
    rows += _cluster_rows(found, terms, size)
    heads = [
        say(part, term=label_of(t, labels))
        for t in terms
        for part in ("inference_tables.se-t", "inference_tables.p-of")
    ]
    title = say("inference_tables.title", terms=listed([prose_of(t, labels) for t in terms]))
    origins, notes = (Origin(fit=column.headline),), tuple(_notes(column.headline, found, labels))
    keys = tuple(f"{t}_{part}" for t in terms for part in ("t", "p"))
    return PrintedTable(places.INFERENCE, title, ("", *heads), tuple(rows), notes, origins=origins, column_keys=keys)


def _each(terms: Sequence[str], left: Callable[[str], str], right: Callable[[str], str]) -> list[str]:
    """Return a left and a right cell for each term."""
    return [cell for t in terms for cell in (left(t), right(t))]


def _nothing(_: str) -> str:
    return ""


def _wild_rows(fit: FitResult, terms: Sequence[str], size: Sizes) -> list[Row]:
    drawn = {w.null: w for w in fit.wild}
    tests = {t: drawn[t] for t in terms if t in drawn}
    if not tests:
        return []

    def both_tails(t: str) -> str:
        return p_text(tests[t].p_equal_tail) if t in tests else ""

    rows = [
        Row("panel", (say("inference_tables.wild"),)),
        Row(
            "test",
            (
                say("inference_tables.t-as-large"),
                *_each(terms, _nothing, lambda t: p_text(tests[t].p_value) if t in tests else ""),
            ),
            "wild",
        ),
        Row("test", (say("inference_tables.equal-tails"), *_each(terms, _nothing, both_tails)), "wild.equal_tails"),
    ]
    if any(w.conf_set for w in tests.values()):
        ends = {t: wild_set(w, size[t]) for t, w in tests.items()}
        cells = _each(terms, lambda t: ends.get(t, ""), _nothing)
        rows.append(Row("test", (say("inference_tables.set"), *cells), "wild.set"))
    joint = drawn.get(" + ".join(terms)) if len(terms) > 1 else None
    if joint is not None:
        rows.append(Row("test", (say("inference_tables.both-terms"), "", p_text(joint.p_value)), "wild.both"))
    return rows


def wild_set(w: Wild, printed: Printing) -> str:
    """Write the set of values that the bootstrap test does not reject. An unbounded set is put in words."""
    pieces = [
        say(
            "inference_tables.piece",
            low=say("inference_tables.minus-infinity") if a is None else printed(a),
            high=say("inference_tables.infinity") if b is None else printed(b),
        )
        for a, b in w.conf_set
    ]
    first = listed(pieces[:2])
    return say("inference_tables.and-more", pieces=first) if len(pieces) > 2 else first


def _permutation_rows(found: InferenceStudy | None, terms: Sequence[str]) -> list[Row]:
    if found is None or found.randomisation is None:
        return []
    r = found.randomisation
    by_name = {t.term: t for t in r.terms}
    drawn = (Origin(say("inference_tables.permutation-origin"), basis=r.basis, draws=permuted(r.permutations, r.seed)),)
    rows = [
        Row("panel", (say("inference_tables.randomisation", regions=r.exchanged, kind=r.kind),)),
        Row(
            "test",
            (
                say("inference_tables.p"),
                *_each(terms, _nothing, lambda t: p_text(by_name[t].p_value) if t in by_name else ""),
            ),
            "randomisation",
            drawn,
        ),
        Row(
            "test",
            (
                say("inference_tables.critical"),
                *_each(terms, lambda t: fixed(by_name[t].critical, 2) if t in by_name else "", _nothing),
            ),
            "randomisation.critical",
            drawn,
        ),
    ]
    if r.joint.df1 > 1:
        cells = (say("inference_tables.both-terms"), "", p_text(r.p_joint))
        rows.append(Row("test", cells, "randomisation.both", drawn))
    return rows


def _cluster_rows(found: InferenceStudy | None, terms: Sequence[str], size: Sizes) -> list[Row]:
    if found is None or found.clusters is None:
        return []
    c = found.clusters
    by_name = {t.term: t for t in c.terms}
    estimated = [t for t in terms if t in by_name]
    equal = {t: by_name[t].g_star_correlated for t in estimated}

    def row(key: str, name: str, of: Callable[[str], str]) -> Row:
        return Row("test", (name, *_each(terms, lambda t: of(t) if t in estimated else "", _nothing)), key)

    return [
        Row("panel", (say("inference_tables.clusters", n=c.g, cluster=dimension_word(c.cluster)),)),
        row("effective_number_g", say("inference_tables.effective"), lambda t: fixed(by_name[t].g_star, 1)),
        *(
            [row("effective_number_equal", say("inference_tables.effective-equal"), lambda t: fixed(equal[t], 1))]
            if any(value is not None for value in equal.values())
            else []
        ),
        row(
            "largest_share_in_what_identifies_it",
            say("inference_tables.largest-share"),
            lambda t: f"{percent(by_name[t].partial_leverage, 0)} {place_word(by_name[t].heaviest)}",
        ),
        row(
            "moved_most_by_leaving_out",
            say("inference_tables.moved-most"),
            lambda t: place_word(by_name[t].most_moving),
        ),
        row("estimate_without_it", say("inference_tables.estimate-without"), lambda t: size[t](by_name[t].without)),
        row("moved_by_in_cr3_s_e", say("inference_tables.moved-by"), lambda t: fixed(by_name[t].moved, 2)),
    ]


def _notes(fit: FitResult, found: InferenceStudy | None, labels: Labels) -> list[str]:
    notes: list[str] = [say("inference_tables.errors-note")]
    drawn = next(iter(fit.wild), None)
    if drawn:
        imposed = drawn.null_imposed
        notes.append(
            say(
                "inference_tables.bootstrap-null-imposed" if imposed else "inference_tables.bootstrap-null-not-imposed",
                draws=drawn.draws,
                weights=say(f"wild_weights.{drawn.weights}"),
                smallest=f"{drawn.smallest_p:.2g}",
                seed=str(drawn.seed),
            )
        )
    if found and found.randomisation:
        r = found.randomisation
        notes.append(
            say(
                "inference_tables.all-permutations" if r.enumerated else "inference_tables.random-permutations",
                draws=r.permutations,
                smallest=f"{r.smallest_p:.2g}",
                seed=str(r.seed),
                null=labelled(r.note, labels),
            )
        )
    if found and found.clusters:
        c = found.clusters
        median = f"{c.rows_median:,.0f}"
        notes.append(say("inference_tables.clusters-note", least=c.rows_min, most=c.rows_max, median=median))
    return notes


def sensitivity_table(found: SensitivityStudy, labels: Labels | None = None) -> PrintedTable:
    """Build Table A5: Oster's bound and delta, robustness values, and confounders.

    There is one column for each value of the treatment at which the slope is computed. The strength of a confounder is
    given as a multiple of the strength of controls.
    """
    labels = labels or {}
    either: list[Oster] | list[Confounder] = list(found.oster) or list(found.confounders)
    heads = [
        say("inference_tables.at", place=placed(e.at)) if e.at is not None else label_of(e.term, labels) for e in either
    ]
    slope = size_of_slopes(found)
    rows = [*_oster_rows(found.oster, slope), *_confounder_rows(found.confounders, slope, labels)]
    title = say("inference_tables.sensitivity", term=prose_of(either[0].term, labels)) if either else ""
    return PrintedTable(
        places.SENSITIVITY,
        title,
        ("", *heads),
        tuple(rows),
        tuple(_sensitivity_notes(found, labels)),
        origins=tuple(Origin(basis=e.basis) for e in either),
    )


def _oster_rows(bounds: Sequence[Oster], slope: Printing) -> list[Row]:
    if not bounds:
        return []
    delta = f"{bounds[0].delta:g}"
    quantities: list[tuple[str, str, Callable[[Oster], str]]] = [
        ("short", say("inference_tables.without-controls"), lambda o: slope(o.short)),
        ("full", say("inference_tables.with-controls"), lambda o: slope(o.full)),
        ("r2", say("inference_tables.r2"), lambda o: f"{fixed(o.r2_short)}, {fixed(o.r2_full)}"),
        ("r2_max", say("inference_tables.r2-max"), lambda o: fixed(o.r2_max)),
        ("oster", say("inference_tables.oster-slope", delta=delta), lambda o: slope(o.bound)),
        ("delta_zero", say("inference_tables.delta-of-zero"), lambda o: fixed(o.delta_zero, 2)),
    ]
    rows = [Row("test", (name, *(of(o) for o in bounds)), key) for key, name, of in quantities]
    return [Row("panel", (say("inference_tables.oster"),)), *rows]


def _confounder_rows(found: Sequence[Confounder], slope: Printing, labels: Labels) -> list[Row]:
    if not found:
        return []
    first = found[0]
    quantities: list[tuple[str, str, Callable[[Confounder], str]]] = [
        ("slope", say("inference_tables.slope"), lambda c: f"{slope(c.estimate)} ({fixed(c.statistic, 2)})"),
        ("partial_r2", say("inference_tables.partial-r2"), lambda c: percent(c.partial_r2, 2)),
        (
            "robustness_value",
            say("inference_tables.robustness-value", share=part_word(first.q)),
            lambda c: percent(c.robustness_value),
        ),
        (
            "robustness_value.p",
            say("inference_tables.robustness-value-significance", level=f"{first.alpha:g}"),
            lambda c: percent(c.robustness_value_alpha),
        ),
    ]
    rows = [Row("test", (name, *(of(c) for c in found)), key) for key, name, of in quantities]
    strongest = max((b.strength for b in first.benchmarks), default=0.0)
    like = [b.controls for b in first.benchmarks if b.strength == strongest]
    rows += [
        Row(
            "test",
            (
                say("inference_tables.times", strength=f"{strongest:g}", control=label_of(name, labels)),
                *(_slope_with_confounder(c, name, strongest, slope) for c in found),
            ),
            f"like.{name}",
        )
        for name in like
    ]
    return [Row("panel", (say("inference_tables.cinelli-hazlett"),)), *rows]


def _slope_with_confounder(c: Confounder, name: str, strength: float, slope: Printing) -> str:
    """Write the slope with its interval if a confounder is ``strength`` times as strong as the controls ``name``."""
    benchmark: Benchmark = next(b for b in c.benchmarks if (b.controls, b.strength) == (name, strength))
    if not benchmark.possible:
        return say("inference_tables.impossible")
    return f"{slope(benchmark.estimate)} {between(slope, benchmark.conf_low, benchmark.conf_high)}"


def _sensitivity_notes(found: SensitivityStudy, labels: Labels) -> list[str]:
    notes: list[str] = []
    if found.oster:
        controls = listed([label_of(c, labels) for c in found.oster[0].controls], "comma")
        notes.append(say("inference_tables.oster-note", controls=controls))
        if found.oster[0].at is not None:
            notes.append(say("inference_tables.oster-r2-note", x=prose_of(found.oster[0].term, labels)))
    if found.confounders:
        c = found.confounders[0]
        notes.append(say("inference_tables.confounder-note", level=f"{100 * (1 - c.alpha):g}", n=c.nobs))
    return notes
