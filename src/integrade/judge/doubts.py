"""What the page says in words about shape, inference, noise, omitted variables, instruments, rows and neighbours."""

from __future__ import annotations

from collections.abc import Mapping

from integrade.judge.bundle import Instrumented, NoiseStudy, StudyResults, treatment_terms
from integrade.judge.headline import headline
from integrade.judge.instruments import set_words, sets_of, test_p
from integrade.judge.naming import label_of, names_of, target_name
from integrade.judge.noise import shares_of_truth, turning, ways
from integrade.judge.verdicts import LEVEL
from integrade.models.fit.results import Coefficient, FitResult, by_term
from integrade.models.samples.spillover import SpilloverStudy
from integrade.models.shape.inverted_u import turning_point
from integrade.numerals import fixed, p_equals, percent


def left_out(results: StudyResults, section: str) -> list[str]:
    """Why a section has no result."""
    return list(results.left_out.get(section, ()))


def shape(results: StudyResults) -> list[str]:
    """What the second range, the other forms and the shares by year add."""
    found = results.shape
    if found is None:
        return left_out(results, "shape")
    ends = " to ".join(found.ends)
    said = [
        f"On {ends} of the sample the U-test has {p_equals(found.inner.p_value)}, on the whole range "
        f"{p_equals(found.whole.p_value)}."
    ]
    if found.two_lines is not None:
        t = found.two_lines
        said.append(
            f"Two lines, which assume no parabola, find {_article(t.verdict)}: slopes {fixed(t.first.slope, 3)} "
            f"({p_equals(t.first.p_value)}) below {fixed(t.break_at)} and {fixed(t.second.slope, 3)} "
            f"({p_equals(t.second.p_value)}) above."
        )
    if found.cubic is not None:
        needed = "is needed: a parabola does not describe the curve" if found.cubic.p_value < LEVEL else "is not needed"
        said.append(f"A cube beside the square {needed} ({p_equals(found.cubic.p_value)}).")
    if found.past:
        first, last = found.past[1], found.past[-1]
        firms = (
            ""
            if first.share_units is None
            else (f", firms {percent(first.share_units, 0)} and {percent(last.share_units, 0)}")
        )
        said.append(
            f"Past the turning point were {percent(first.share_regions, 0)} of the provinces in {first.year} and "
            f"{percent(last.share_regions, 0)} in {last.year}{firms}, observations {percent(first.share_rows, 0)} and "
            f"{percent(last.share_rows, 0)}."
        )
    return [*said, *left_out(results, "shape")]


def _article(verdict: str) -> str:
    return "neither shape" if verdict == "neither" else f"an {verdict}" if verdict[0] == "i" else f"a {verdict}"


def inference(results: StudyResults) -> list[str]:
    """Second opinions, and how many clusters count."""
    found, said = results.inference, list[str]()
    if found is None:
        return left_out(results, "inference")
    if found.randomisation is not None:
        r = found.randomisation
        each = ", ".join(f"{label_of(t.term, results.labels)} {p_equals(t.p_value)}" for t in r.terms)
        said.append(
            f"When {r.exchanged} regions change their paths of the treatment {r.permutations:,} times, t is as large "
            f"as in the data with {each}; all terms together {p_equals(r.p_joint)}."
        )
    if found.clusters is not None:
        c, column = found.clusters, headline(results)
        terms = treatment_terms(column) if column else ()
        own = next((t for t in c.terms if terms and t.term == terms[-1]), None)
        if own is not None:
            share = percent(own.partial_leverage, 0)
            said.append(
                f"Of {c.g} clusters as many count for {label_of(own.term, results.labels)} as {fixed(own.g_star, 1)} "
                f"equal ones would; {own.heaviest} holds {share} of what identifies it. Without {own.most_moving}, "
                f"which matters most, {fixed(own.estimate, 4)} becomes {fixed(own.without, 4)}."
            )
    return [*said, *left_out(results, "inference")]


def noise(results: StudyResults) -> list[str]:
    """What the noise does, what was to be expected, and what remains after each correction."""
    found = results.noise
    if found is None:
        return left_out(results, "noise")
    said = [_expected(found)] if found.expected else []
    said += _beside_truth(found, results) if found.on_true_index is not None else _moved(found, results)
    return [*said, *left_out(results, "noise")]


def _expected(found: NoiseStudy) -> str:
    low, high = found.expected[0], found.expected[-1]
    span = " to ".join(dict.fromkeys(percent(a.slope, 0) for a in (low, high)))
    squares = " to ".join(dict.fromkeys(percent(a.square, 0) for a in (low, high)))
    return (
        f"With {low.n_goods} goods a regression on the index is expected to find {span} of a true slope and {squares} "
        f"of a true curvature, as true dispersion varies by {low.spread:g} to {high.spread:g} log points."
    )


def _moved(found: NoiseStudy, results: StudyResults) -> list[str]:
    """Without a known truth: how far the corrections move the curvature."""
    term = f"{found.variable}^2" if f"{found.variable}^2" in by_term(found.naive) else found.variable
    name, base = label_of(term, results.labels), by_term(found.naive)[term].estimate
    moved = [f"ORIV gives {fixed(by_term(found.oriv.fit)[term].estimate, 4)}"] if found.oriv else []
    moved += [f"SIMEX {fixed(by_term(found.simex.corrected)[term].estimate, 4)}"] if found.simex else []
    if not moved:
        return []
    return [
        f"{name} is {fixed(base, 4)} on the index as measured; {', '.join(moved)}. Neither is the truth: ORIV "
        "over-corrects with few goods, SIMEX corrects only part. What lies between them is what the data leave open."
    ]


def _beside_truth(found: NoiseStudy, results: StudyResults) -> list[str]:
    """What of the coefficient on the true index each way finds, and what remains."""
    assert found.on_true_index is not None
    term = f"{found.variable}^2" if f"{found.variable}^2" in by_term(found.on_true_index) else found.variable
    shares, name = shares_of_truth(found, term), label_of(term, results.labels)
    truth = by_term(found.on_true_index)[term]
    listed = ", ".join(f"{heading} {percent(share, 0)}" for heading, share in shares.items())
    said = [f"On the true index of the simulated economy {name} is {fixed(truth.estimate, 4)}. Of that find: {listed}."]
    corrected = {
        w.heading: by_term(w.fit)[term] for w in ways(found) if w.heading in shares and w.fit is not found.naive
    }
    if corrected:
        said.append(_remains(shares, corrected, truth))
    points = [
        f"{fixed(t.turning_point)} on {where}"
        for where, fit in (("the true index", found.on_true_index), ("the measured one", found.naive))
        if (t := turning(found, fit)) is not None
    ]
    turns = f"The turning point is {' and '.join(points)}: noise flattens the curve more than it moves it."
    return [*said, turns] if len(points) > 1 else said


def _remains(shares: Mapping[str, float], corrected: Mapping[str, Coefficient], truth: Coefficient) -> str:
    """The correction that ends nearest to the truth, and what no correction gives back."""
    best = min(corrected, key=lambda k: abs(1 - shares[k]))
    gap, wider = shares[best] - 1, corrected[best].std_error / truth.std_error
    ends = f"ends {percent(abs(gap), 0)} {'short of' if gap < 0 else 'beyond'} it"
    return (
        f"What remains: {best}, the nearest, {ends}, and its standard error is {fixed(wider, 1)} times that on the "
        "true index. Neither method knows that the noise of an index grows with the segmentation it measures, and none "
        "gives back the precision that noise costs; which is nearest differs from sample to sample."
    )


def sensitivity(results: StudyResults) -> list[str]:
    """How strong an omitted variable would have to be, where the slope is clearest."""
    found = results.sensitivity
    if found is None:
        return left_out(results, "sensitivity")
    said = []
    if found.confounders:
        c = max(found.confounders, key=lambda one: abs(one.statistic))
        said.append(
            f"Where the slope is clearest ({_place(c.at)}), a confounder explaining {percent(c.robustness_value, 1)} "
            f"of what is left of treatment and of outcome would take {100 * c.q:g} % of it away, one with "
            f"{percent(c.robustness_value_alpha, 1)} its significance. These shares are of firm-years, whose errors "
            "the algebra takes as independent."
        )
    if found.oster:
        o = max(found.oster, key=lambda one: abs(one.full))
        said.append(
            f"There Oster's bound for delta = {o.delta:g} is {fixed(o.bound, 4)} beside {fixed(o.full, 4)}, and zero "
            f"needs delta = {fixed(o.delta_zero, 1)}."
        )
    return [*said, *left_out(results, "sensitivity")]


def _place(at: float | None) -> str:
    return "everywhere the same" if at is None else f"at {fixed(at)}"


def instruments(results: StudyResults) -> list[str]:
    """What each instrument says of the treatment, in one sentence each."""
    said = [_instrument(found, results) for found in results.instruments]
    if said:
        said.insert(0, "None of these instruments is good by construction: each stands on the sentence in Table A11.")
    return [*said, *left_out(results, "instruments")]


def _instrument(found: Instrumented, results: StudyResults) -> str:
    title = f"{found.title[:1].upper()}{found.title[1:]}"
    if found.weak is None:
        tried = ", ".join(found.estimates) or "nothing"
        return f"{title}: estimated by {tried}; no weak-robust set was asked for or could be made."
    names = names_of(found, results.labels)
    every = sets_of(found.weak)
    sets = [s for s in every if s.target in (found.variable, "slope at p50")] or list(every[:1])
    words = "; ".join(f"{target_name(s, names)}: {set_words(s)}" for s in sets)
    strength = _f_words(found.estimates.get("2SLS") or found.weak.fit)
    return (
        f"{title}: {strength}, Anderson-Rubin test {p_equals(test_p(found.weak))}. {100 * found.weak.level:g} % sets "
        f"of {words}."
    )


def _f_words(fit: FitResult) -> str:
    iv = fit.iv or {}
    for key, name in (("effective_f", "effective F"), ("kp_f", "Kleibergen-Paap F")):
        value = iv.get(key)
        if isinstance(value, int | float):
            return f"{name} {fixed(float(value), 1)}"
    return "no F"


def rows(results: StudyResults) -> list[str]:
    """Firm-years beside customs rows."""
    found = results.row_level
    column = headline(results)
    if found is None or column is None:
        return left_out(results, "row_level")
    x = treatment_terms(column)[0]
    term = f"{x}^2" if f"{x}^2" in by_term(found.rows) else x
    if term not in by_term(found.rows) or term not in by_term(found.firm_year):
        return left_out(results, "row_level")
    a, b = by_term(found.firm_year)[term], by_term(found.rows)[term]
    points = turning_point(found.firm_year, x), turning_point(found.rows, x)
    turns = "" if None in points else f"; the turning point {fixed(points[0])} and {fixed(points[1])}"
    effects = ", ".join(e.name for e in found.rows.effects)
    return [
        f"On {found.rows.nobs:,} customs rows with effects of {effects}, {label_of(term, results.labels)} is "
        f"{fixed(b.estimate, 4)} (t = {fixed(b.statistic, 2)}), on {found.firm_year.nobs:,} firm-years "
        f"{fixed(a.estimate, 4)} (t = {fixed(a.statistic, 2)}){turns}. A difference says how far the mix of products "
        "and markets moves with integration.",
        *left_out(results, "row_level"),
    ]


def spillovers(results: StudyResults) -> list[str]:
    """Whether the neighbours matter."""
    found = results.answers.get("spillover")
    if not isinstance(found, SpilloverStudy):
        return left_out(results, "spillover")
    reading = "matters beside the own" if found.joint.p_value < LEVEL else "adds nothing that can be told from chance"
    said = [
        f"The integration of the neighbours {reading} (its terms together {p_equals(found.joint.p_value)}). It is "
        "measured with as much noise as the region's own."
    ]
    if found.mechanical is not None:
        m = found.mechanical
        said.append(
            f"Net of region and year effects the two indices correlate at {fixed(m.kept_within, 2)} with the shared "
            f"pairs and at {fixed(m.dropped_within, 2)} without: the difference is construction, not economics."
        )
    return [*said, *left_out(results, "spillover")]
