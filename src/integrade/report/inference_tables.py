"""Tables A8 and A10: the headline under every kind of inference, and what an omitted variable would have to be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from integrade.judge.bundle import Column, InferenceStudy, SensitivityStudy, treatment_terms
from integrade.judge.naming import inference_name, label_of
from integrade.models.fit.results import FitResult, Wild, by_term
from integrade.models.omitted.sensitivity import Benchmark, Confounder, Oster
from integrade.numerals import fixed, interval, p_text, percent, stars
from integrade.report.printed import Origin, PrintedTable, Row

Labels = Mapping[str, str]


def inference_table(column: Column, found: InferenceStudy | None, labels: Labels | None = None) -> PrintedTable:
    """One row per kind of standard error, then the bootstrap, the permutation and the clusters."""
    labels = labels or {}
    terms = [t for t in treatment_terms(column) if t in by_term(column.headline)]
    fits = {**column.beside, f"{inference_name(column.headline)} (headline)": column.headline}
    rows = [
        Row(
            "text",
            (name, *_errors(fit, terms)),
            inference_name(fit).replace(" ", "_"),
            (Origin(f"standard error (t) and p of the coefficient under {name}", fit),),
        )
        for name, fit in fits.items()
    ]
    rows += _wild_rows(column.headline, terms)
    rows += _permutation_rows(found, terms)
    rows += _cluster_rows(found, terms)
    heads = [f"{label_of(t, labels)}{part}" for t in terms for part in (": s.e. (t)", ": p")]
    title = f"Inference on {' and '.join(label_of(t, labels) for t in terms)}"
    origins, notes = (Origin(fit=column.headline),), tuple(_notes(column.headline, found))
    keys = tuple(f"{t}_{part}" for t in terms for part in ("t", "p"))
    return PrintedTable("A8", title, ("", *heads), tuple(rows), notes, origins=origins, column_keys=keys)


def _errors(fit: FitResult, terms: Sequence[str]) -> list[str]:
    own = [by_term(fit)[t] for t in terms]
    pairs = ((f"{fixed(k.std_error, 4)} ({fixed(k.statistic, 2)})", p_text(k.p_value) + stars(k.p_value)) for k in own)
    return [cell for pair in pairs for cell in pair]


def _each(terms: Sequence[str], left: Callable[[str], str], right: Callable[[str], str]) -> list[str]:
    """Two cells per term."""
    return [cell for t in terms for cell in (left(t), right(t))]


def _nothing(_: str) -> str:
    return ""


def _wild_rows(fit: FitResult, terms: Sequence[str]) -> list[Row]:
    drawn = {w.null: w for w in fit.wild}
    own = {t: drawn[t] for t in terms if t in drawn}
    if not own:
        return []

    def both_tails(t: str) -> str:
        return p_text(own[t].p_equal_tail) if t in own else ""

    rows = [
        Row("panel", ("Wild cluster bootstrap",)),
        Row(
            "test",
            ("p, |t| as large", *_each(terms, _nothing, lambda t: p_text(own[t].p_value) if t in own else "")),
            "wild",
        ),
        Row("test", ("p, equal tails", *_each(terms, _nothing, both_tails)), "wild.equal_tails"),
    ]
    if any(w.conf_set for w in own.values()):
        ends = {t: wild_set(w) for t, w in own.items()}
        rows.append(Row("test", ("95 % set", *_each(terms, lambda t: ends.get(t, ""), _nothing)), "wild.set"))
    both = drawn.get(" + ".join(terms)) if len(terms) > 1 else None
    if both is not None:
        rows.append(Row("test", ("p, both terms together", "", p_text(both.p_value)), "wild.both"))
    return rows


def wild_set(w: Wild) -> str:
    """The values that the bootstrap test does not reject, in words where they have no bound."""
    pieces = [
        f"[{'-infinity' if a is None else fixed(a, 4)}, {'infinity' if b is None else fixed(b, 4)}]"
        for a, b in w.conf_set
    ]
    return " and ".join(pieces[:2]) + (" and more" if len(pieces) > 2 else "")


def _permutation_rows(found: InferenceStudy | None, terms: Sequence[str]) -> list[Row]:
    if found is None or found.randomisation is None:
        return []
    r = found.randomisation
    own = {t.term: t for t in r.terms}
    drawn = (
        Origin(
            "permutation of the regions' paths: how often another order of regions has as large a t",
            basis=r.basis,
            draws=f"{r.permutations:,} permutations, seed {r.seed}",
        ),
    )
    rows = [
        Row("panel", (f"Randomisation: {r.exchanged} regions change their paths ({r.kind} t)",)),
        Row(
            "test",
            ("p", *_each(terms, _nothing, lambda t: p_text(own[t].p_value) if t in own else "")),
            "randomisation",
            drawn,
        ),
        Row(
            "test",
            (
                "95 % of permutations below |t| =",
                *_each(terms, lambda t: fixed(own[t].critical, 2) if t in own else "", _nothing),
            ),
            "randomisation.critical",
            drawn,
        ),
    ]
    if r.joint.df1 > 1:
        rows.append(Row("test", ("p, both terms together", "", p_text(r.p_joint)), "randomisation.both", drawn))
    return rows


def _cluster_rows(found: InferenceStudy | None, terms: Sequence[str]) -> list[Row]:
    if found is None or found.clusters is None:
        return []
    c = found.clusters
    own = {t.term: t for t in c.terms}
    there = [t for t in terms if t in own]

    def row(name: str, of: Callable[[str], str]) -> Row:
        return Row("test", (name, *_each(terms, lambda t: of(t) if t in there else "", _nothing)))

    return [
        Row("panel", (f"{c.g} clusters of {c.cluster}: how many count, and which one matters most",)),
        row("Effective number (G*)", lambda t: fixed(own[t].g_star, 1)),
        row(
            "Largest share in what identifies it", lambda t: f"{percent(own[t].partial_leverage, 0)} {own[t].heaviest}"
        ),
        row("Moved most by leaving out", lambda t: own[t].most_moving),
        row("Estimate without it", lambda t: fixed(own[t].without, 4)),
        row("Moved by, in CR3 s.e.", lambda t: fixed(own[t].moved, 2)),
    ]


def _notes(fit: FitResult, found: InferenceStudy | None) -> list[str]:
    notes = [
        "iid and firm-clustered errors treat firms of a region as independent although the treatment is the same for "
        "all of them in a year; CR1 is too small with few, unequal clusters. CR3 is the cluster jackknife with "
        "t(clusters - 1)."
    ]
    drawn = next(iter(fit.wild), None)
    if drawn:
        null = "null imposed" if drawn.null_imposed else "null not imposed"
        notes.append(
            f"Bootstrap: {drawn.draws:,} {drawn.weights} draws, {null}, smallest attainable p {drawn.smallest_p:.2g}, "
            f"seed {drawn.seed}. Its set holds the values that the test does not reject."
        )
    if found and found.randomisation:
        r = found.randomisation
        how = "all" if r.enumerated else "random"
        notes.append(
            f"Randomisation: {r.permutations:,} {how} permutations, smallest attainable p {r.smallest_p:.2g}, seed "
            f"{r.seed}; {r.note}."
        )
    if found and found.clusters:
        notes.append(
            "G* is the number of equal clusters that would carry as much (Carter, Schnepel and Steigerwald, "
            f"independent errors). Rows by cluster: {found.clusters.rows_min:,} to {found.clusters.rows_max:,}, median "
            f"{found.clusters.rows_median:,.0f}."
        )
    return notes


def sensitivity_table(found: SensitivityStudy, labels: Labels | None = None) -> PrintedTable:
    """One column per place on the curve: Oster's bound and delta, robustness values, confounders like the controls."""
    labels = labels or {}
    either: list[Oster] | list[Confounder] = list(found.oster) or list(found.confounders)
    heads = [f"at {fixed(e.at)}" if e.at is not None else label_of(e.term, labels) for e in either]
    rows = [*_oster_rows(found.oster), *_confounder_rows(found.confounders, labels)]
    title = (
        f"What an omitted variable would have to be: the slope of {label_of(either[0].term, labels)}" if either else ""
    )
    return PrintedTable(
        "A10",
        title,
        ("", *heads),
        tuple(rows),
        tuple(_sensitivity_notes(found)),
        origins=tuple(Origin(basis=e.basis) for e in either),
    )


def _oster_rows(bounds: Sequence[Oster]) -> list[Row]:
    if not bounds:
        return []
    delta = f"{bounds[0].delta:g}"
    quantities: list[tuple[str, str, Callable[[Oster], str]]] = [
        ("short", "Without controls", lambda o: fixed(o.short, 4)),
        ("full", "With controls", lambda o: fixed(o.full, 4)),
        (
            "r2",
            "R-squared net of effects, without and with",
            lambda o: f"{fixed(o.r2_short, 4)}, {fixed(o.r2_full, 4)}",
        ),
        ("r2_max", "Largest R-squared allowed", lambda o: fixed(o.r2_max, 4)),
        ("oster", f"Slope that delta = {delta} implies", lambda o: fixed(o.bound, 4)),
        ("delta_zero", "Delta that implies a slope of zero", lambda o: fixed(o.delta_zero, 2)),
    ]
    rows = [Row("test", (name, *(of(o) for o in bounds)), key) for key, name, of in quantities]
    return [Row("panel", ("Oster: unobserved variables as selective as the controls",)), *rows]


def _confounder_rows(found: Sequence[Confounder], labels: Labels) -> list[Row]:
    if not found:
        return []
    first = found[0]
    quantities: list[tuple[str, str, Callable[[Confounder], str]]] = [
        ("slope", "Slope (iid t)", lambda c: f"{fixed(c.estimate, 4)} ({fixed(c.statistic, 2)})"),
        ("partial_r2", "Partial R-squared of the treatment", lambda c: percent(c.partial_r2, 2)),
        (
            "robustness_value",
            f"Robustness value: {100 * first.q:g} % of it gone",
            lambda c: percent(c.robustness_value, 2),
        ),
        (
            "robustness_value.p",
            f"Robustness value: not significant at {first.alpha:g}",
            lambda c: percent(c.robustness_value_alpha, 2),
        ),
    ]
    rows = [Row("test", (name, *(of(c) for c in found)), key) for key, name, of in quantities]
    strongest = max((b.strength for b in first.benchmarks), default=0.0)
    like = [b.controls for b in first.benchmarks if b.strength == strongest]
    rows += [
        Row(
            "test",
            (f"{strongest:g} x {label_of(name, labels)}", *(_left(c, name, strongest) for c in found)),
            f"like.{name}",
        )
        for name in like
    ]
    return [Row("panel", ("Cinelli and Hazlett: one omitted confounder",)), *rows]


def _left(c: Confounder, name: str, strength: float) -> str:
    own: Benchmark = next(b for b in c.benchmarks if (b.controls, b.strength) == (name, strength))
    return f"{fixed(own.estimate, 4)} {interval(own.conf_low, own.conf_high, 3)}" if own.possible else "impossible"


def _sensitivity_notes(found: SensitivityStudy) -> list[str]:
    notes = []
    if found.oster:
        o = found.oster[0]
        notes.append(
            f"Delta compares unobserved with observed selection ({', '.join(o.controls)}); above 1, or of the opposite "
            "sign, says that what is omitted would have to matter more than all controls together, or against them. "
            "A regression whose controls hardly move the slope says little in either direction."
        )
    if found.confounders:
        c = found.confounders[0]
        notes.append(
            "Robustness value: the partial R-squared, the same with treatment and outcome, of a confounder that does "
            f"it. Rows below: what a confounder so many times as strong as the control would leave, with its "
            f"{100 * (1 - c.alpha):g} % interval. Errors are iid: the algebra is that of least squares; N = {c.nobs:,}."
        )
    return notes
