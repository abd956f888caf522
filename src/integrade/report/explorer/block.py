"""Put the explorer's data together: texts, curves and numbers that the page's script shows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from integrade.report.explorer.choices import Alternative, not_made, versions_of
from integrade.report.explorer.estimates import (
    EFFECT,
    QUANTITIES,
    TURNING,
    Estimate,
    as_numbers,
    as_points,
    curve_of,
    scale_of,
    short,
)
from integrade.report.explorer.goods import Goods, goods_of
from integrade.report.explorer.regions import Region, regions_of
from integrade.report.rows import minus
from integrade.subjects.audit.switches import Audit
from integrade.subjects.shape.verdict import curve_of_benchmark, turn_established
from integrade.verdicts.bundle import StudyResults
from integrade.verdicts.headline import headline
from integrade.verdicts.naming import fieller_pieces, pieces_text, place_word, prose_of
from integrade.wording.numerals import by_interval, capital, noise_text, p_equals, percent, placed
from plainwords.texts import in_language, language_spoken, say

Block = Mapping[str, Any]
AUDIT, REPORT = "integrade audit STUDY", "integrade report STUDY"


def explorer_of(results: StudyResults, audit: Audit | None = None) -> Block | None:
    """Return the explorer's data block in the current language; None if a study has nothing to explore.

    A stored ``audit`` of another state of the study is not used; the block says so.
    """
    regions = regions_of(results)
    current = audit if audit is not None and same_study(audit, results) else None
    versions, goods = versions_of(results, current), goods_of(results)
    if not regions and not versions:
        return None
    own = _own(results)
    return {
        "heading": say("explorer.heading"),
        "lead": say(_lead(own, goods)),
        "own": own,
        "names": _names(results),
        "versions": _versions(results, versions, current),
        "more": _more(audit, current) if own else "",
        "regions": _regions(results, regions),
        "goods": [_of_goods(g, results) for g in goods],
        "words": _words(),
        "notGoods": say("explorer.no-goods") if own and not goods and results.index.by_prices else "",
    }


def _lead(own: Block | None, goods: list[Goods]) -> str:
    """Return the key of the sentence that says what can be chosen; noise is a word for studies with goods alone."""
    if own is None:
        return "explorer.lead-regions"
    return "explorer.lead" if goods else "explorer.lead-versions"


def same_study(audit: Audit, results: StudyResults) -> bool:
    """Return whether the audit's baseline is the headline of these results: same outcome, rows and coefficients."""
    column = headline(results)
    if column is None or audit.baseline.drawn is None:
        return False
    fit = column.headline
    terms = {c.term: c.estimate for c in fit.coefficients}
    coefficients = (audit.baseline.b1, audit.baseline.b2)
    here = (terms.get(audit.treatment, math.nan), terms.get(f"{audit.treatment}^2", math.nan))
    # coefficients that agree to six digits count as the same; a convention
    near = all(math.isclose(a, b, rel_tol=1e-6) for a, b in zip(coefficients, here, strict=True))
    return audit.baseline.nobs == fit.nobs and audit.outcome == fit.outcome and near


def _own(results: StudyResults) -> Block | None:
    """Return the headline itself: its curve, its quantities and its sentences; None without a curve."""
    column = headline(results)
    if column is None or column.u_test is None:
        return None
    fit, test, x = column.headline, column.u_test, column.u_test.variable
    scale = scale_of(fit, x)
    if scale is None:
        return None
    pieces = fieller_pieces(test.fieller_kind, test.fieller_low, test.fieller_high)
    curve = curve_of(fit, x, test, pieces)
    quantities = scale.quantities(curve)
    study = Alternative("", say("explorer.the-study"), quantities, curve, fit.nobs, test.p_value, pieces)
    established = turn_established(curve_of_benchmark(results))
    return {
        **as_numbers(curve),
        "quantities": as_points(quantities),
        "said": [say("explorer.the-study-shown"), *_sentences(study, results)],
        "first": TURNING if established else EFFECT,
    }


def _names(results: StudyResults) -> Block:
    """Return the names of axes and quantities, and what the figures are called where they are read aloud."""
    column = headline(results)
    x = prose_of(column.u_test.variable, results.labels) if column and column.u_test else ""
    outcome = prose_of(column.headline.outcome, results.labels) if column else ""
    return {
        "axes": [capital(x), say("explorer.axis-of-the-outcome", outcome=outcome)],
        "quantities": {q: say(f"explorer.quantity-{q}", x=x, outcome=outcome) for q in QUANTITIES},
        "described": say("explorer.described", name="{name}"),
        "undrawn": say("explorer.undrawn", n="{n}"),
        "dots": say("explorer.dots-described", quantity="{quantity}", n="{n}"),
        "seriesDescribed": say("explorer.series-described", region="{region}"),
    }


def _words() -> Block:
    """Return the words of the search; the script fills in the numbers."""
    return {
        "none": say("explorer.found-none"),
        "found": say("explorer.found", n="{n}"),
        "first": say("explorer.found-first", n="{n}", shown="{shown}"),
    }


def _versions(results: StudyResults, versions: list[Alternative], audit: Audit | None) -> Block:
    return {
        "about": say("explorer.about-versions", n=len(versions)) if versions else "",
        "list": [_of_version(v, results) for v in versions],
        "impossible": [
            say("explorer.not-possible", name=name, why=in_language(why, language_spoken()))
            for name, why in not_made(audit, results.labels)
        ],
    }


def _more(audit: Audit | None, current: Audit | None) -> str:
    """Return how to get the versions of an audit, if the page has none."""
    if current is not None:
        return ""
    return say("explorer.no-audit" if audit is None else "explorer.other-audit", audit=AUDIT, report=REPORT)


def _of_version(v: Alternative, results: StudyResults) -> Block:
    drawn: Block = as_numbers(v.curve) if v.curve is not None else {}
    return {
        "choice": v.choice,
        "value": v.value,
        "quantities": as_points(v.quantities),
        "alone": v.alone,
        "said": [v.name, *_sentences(v, results)],
        **drawn,
    }


def _sentences(v: Alternative, results: StudyResults) -> list[str]:
    """Return the sentences on a version: its turning point with the U-test, its effect, its rows."""
    column = headline(results)
    assert column is not None
    outcome, x = (prose_of(name, results.labels) for name in (column.headline.outcome, _treatment(results)))
    sentences = list[str]()
    if v.curve is not None and math.isfinite(v.curve.point):
        inside = v.curve.low < v.curve.point < v.curve.high
        values = {"point": placed(v.curve.point), "interval": pieces_text(v.pieces, placed), "p": p_equals(v.p)}
        sentences.append(say("explorer.turns" if inside else "explorer.turns-outside", x=x, **values))
    if EFFECT in v.quantities:
        sentences.append(say("explorer.effect", x=x, outcome=outcome, **_with_digits(v.quantities[EFFECT])))
    return [*sentences, say("explorer.rows", rows=f"{v.rows:,}")]


def _treatment(results: StudyResults) -> str:
    column = headline(results)
    return column.u_test.variable if column is not None and column.u_test is not None else ""


def _with_digits(estimate: Estimate) -> dict[str, str]:
    value, low, high = estimate
    printed = by_interval(low, high)
    return {"estimate": minus(printed(value)), "low": minus(printed(low)), "high": minus(printed(high))}


def _regions(results: StudyResults, regions: list[Region]) -> Block:
    return {
        "about": say("explorer.about-regions" if headline(results) else "explorer.about-series") if regions else "",
        "list": [_of_region(r, results) for r in regions],
    }


def _of_region(r: Region, results: StudyResults) -> Block:
    (first, start), (last, end) = r.series[0], r.series[-1]
    name = place_word(r.name)
    sentences = [
        say(
            "explorer.region-series",
            region=name,
            first=str(first),
            start=placed(start),
            last=str(last),
            end=placed(end),
        )
    ]
    if r.weight is not None:
        sentences.append(
            say("explorer.region-weight", region=name, share=percent(r.weight, 0 if r.weight >= 0.1 else 1))
        )
    column = headline(results)
    if r.curve is not None and column is not None and column.u_test is not None:
        points = {"point": placed(r.curve.point), "own": placed(column.u_test.turning_point)}
        sentences.append(say("explorer.region-without", region=name, **points))
    return {
        "name": name,
        "label": place_word(r.label),
        "tile": r.tile,
        "series": [[year, short((value,))[0]] for year, value in r.series],
        "quantities": as_points(r.quantities),
        "said": [name, *sentences],
        **(as_numbers(r.curve) if r.curve is not None else {}),
    }


def _of_goods(g: Goods, results: StudyResults) -> Block:
    x, number = prose_of(_treatment(results), results.labels), str(g.number or "")
    key = "explorer.goods-none" if g.number is None else "explorer.goods-own" if g.own else "explorer.goods"
    point = say("explorer.goods-point", x=x, point=placed(g.curve.point))
    return {
        "label": say("explorer.goods-label", n=g.number) if g.number is not None else say("explorer.goods-label-none"),
        "own": g.own,
        "quantities": as_points(g.quantities),
        "said": [say(key, n=number), *([] if g.number is None else [_share(g)]), point],
        **as_numbers(g.curve),
    }


def _share(g: Goods) -> str:
    return say("explorer.goods-share", share=noise_text(g.share))
