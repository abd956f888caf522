"""H1: what the rule concludes of curves that never fall, of an inverted U, and where a test is missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import polars as pl
import pytest

import report_example as example
from integrade.estimate.fit import fit
from integrade.estimate.inverted_u import u_test
from integrade.subjects.benchmark.columns import Column, Version
from integrade.subjects.shape.two_lines import two_lines
from integrade.subjects.shape.verdict import (
    Curve,
    concluded,
    curve_of,
    curve_of_benchmark,
    inner_ends,
    inverted_u_established,
    inverted_u_parts,
)
from integrade.subjects.versions import tables as version_tables
from integrade.verdicts.bundle import StudyResults, Verdict
from integrade.verdicts.collected import verdicts
from plainwords.texts import Cell

FORMULA = "y ~ market + market^2 | firm + year"
TRUTHS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "increasing": lambda x: -0.3 * np.exp(-1.2 * x),
    "flat after a kink": lambda x: 0.4 * np.minimum(x, 0),
    "saturating": lambda x: 0.5 / (1 + np.exp(-3 * (x + 0.7))),
    "inverted U": lambda x: -0.25 * x**2,
    "U": lambda x: 0.25 * x**2,
    "rising line": lambda x: 0.3 * x,
}


@cache
def simulated(truth: str, seed: int) -> Curve:
    """Five firms in each of 31 regions over ten years; f of a persistent index, persistent shocks of regions."""
    rng = np.random.default_rng(seed)
    x, shock = np.zeros((2, 31, 10))
    x[:, 0] = rng.normal(size=31)
    for t in range(10):
        x[:, t] = 0.7 * x[:, t - 1] + 0.7 * rng.normal(size=31) if t else x[:, 0]
        shock[:, t] = (0.7 * shock[:, t - 1] if t else 0) + 0.25 * rng.normal(size=31)
    y = (TRUTHS[truth](x) + shock)[:, None, :] + rng.normal(size=(31, 5, 1)) + 0.5 * rng.normal(size=(31, 5, 10))
    region, firm, year = np.indices(y.shape).reshape(3, -1)
    market = np.broadcast_to(x[:, None, :], y.shape).ravel()
    panel = pl.DataFrame(
        {"firm": region * 5 + firm, "region": region, "year": 2000 + year, "market": market, "y": y.ravel()}
    )
    found = fit(panel, FORMULA, cluster="region", vcov="CR3", wild=199)
    return Curve(found, u_test(found, "market"), two_lines(panel, FORMULA, cluster="region"))


@pytest.mark.parametrize("truth", ["increasing", "flat after a kink"])
def test_a_curve_that_never_falls_is_not_an_inverted_u_although_the_u_test_says_so(truth: str) -> None:
    """The U-test and the wild cluster bootstrap of the square alone called these an inverted U in most samples."""
    curves = [simulated(truth, seed) for seed in range(6)]
    by_u_test = [
        c for c in curves if c.test.shape == "inverted U" and c.test.p_value < 0.05 and c.fit.wild[1].p_value < 0.05
    ]
    assert by_u_test, "the designs are those in which the U-test goes wrong"
    for curve in by_u_test:
        outcome, found = concluded(curve)
        assert outcome == "not supported"
        assert found == "concave; the tests do not establish a fall"


def test_a_saturating_curve_is_not_supported() -> None:
    for seed in range(4):
        assert concluded(simulated("saturating", seed))[0] == "not supported"


def test_a_true_inverted_u_is_supported_and_every_part_holds() -> None:
    for seed in range(3):
        curve = simulated("inverted U", seed)
        assert concluded(curve) == ("supported", "an inverted U")
        parts = {p.key: p.holds for p in inverted_u_parts(curve)}
        assert parts == dict.fromkeys(("square", "u_test", "u_test_inner", "wild", "two_lines"), True)


def test_a_u_and_a_line_contradict() -> None:
    assert concluded(simulated("U", 1)) == ("contradicted", "a U, according to the U-tests")
    assert concluded(simulated("rising line", 1)) == ("contradicted", "rises at both ends")
    line = simulated("rising line", 1)
    down = replace(line, test=mirrored(line))
    assert concluded(down)[1] == "falls at both ends"


def mirrored(curve: Curve):  # type: ignore[no-untyped-def]
    """The U-test with every slope turned round."""
    t = curve.test
    slopes = tuple((where, x, -slope, error) for where, x, slope, error in t.slopes)
    return replace(t, t_low=-t.t_low, t_high=-t.t_high, slopes=slopes)


def test_the_inner_test_is_that_of_the_product_from_p5_to_p95() -> None:
    for truth in ("inverted U", "saturating", "increasing"):
        curve = simulated(truth, 2)
        inner = inner_ends(curve)
        assert inner is not None
        own = u_test(curve.fit, "market", low="p5", high="p95")
        if own.p_value < 1:  # both one-sided p-values; 1 stands for wrong signs
            assert inner.inverted == pytest.approx(own.p_value, rel=1e-9)
        assert (inner.low, inner.high) == pytest.approx((own.t_low, own.t_high), rel=1e-9)


# Rules on numbers made by hand


def by_hand(**changes: object) -> Curve:
    column = example.clear(example.column("(2)"))
    assert column.u_test is not None
    return replace(Curve(column.headline, column.u_test, column.two_lines), **changes)  # type: ignore[arg-type]


def held(curve: Curve) -> dict[str, bool | None]:
    return {p.key: p.holds for p in inverted_u_parts(curve)}


def test_each_part_alone_holds_the_verdict_back() -> None:
    full = by_hand()
    assert concluded(full)[0] == "supported"
    flat = tuple((w, x, s if w != "p5" else s / 100, e) for w, x, s, e in full.test.slopes)
    weak = replace(full.fit, wild=tuple(replace(w, p_value=0.2) for w in full.fit.wild))
    for part, curve in {
        "u_test": by_hand(test=replace(full.test, p_value=0.051)),
        "u_test_inner": by_hand(test=replace(full.test, slopes=flat)),
        "wild": by_hand(fit=weak),
        "two_lines": by_hand(lines=example.two_lines(p_second=0.06)),
    }.items():
        assert held(curve)[part] is False
        assert [key for key, holds in held(curve).items() if holds is False] == [part]
        assert inverted_u_established(curve) is False
        assert concluded(curve)[0] == "not supported", part


def test_two_lines_that_were_not_run_are_said_and_do_not_count_as_support() -> None:
    curve = by_hand(lines=None)
    assert inverted_u_established(curve) is None
    assert concluded(curve) == ("not supported", "concave; not all tests of a rise and a fall were run")
    said = inverted_u_parts(curve)[-1].sentence
    assert said == (
        "two-lines test (required: the first slope positive, the second negative, both significant at 5%) (not tested)"
    )


def test_each_number_of_the_parts_leads_to_its_own_cell() -> None:
    """A click on a number of the sentence about two lines finds the line whose number it is."""
    full = by_hand()
    assert full.lines is not None
    names = ("square", "u_test", "u_test_inner", "wild", "first", "first_p", "second", "second_p")
    cells = {name: Cell("9", "1", name) for name in names}
    parts = inverted_u_parts(full, cells)
    assert [set(p.what.cells.values()) for p in parts[:-1]] == [{cells[name]} for name in names[:4]]
    said = parts[-1].what
    assert said.cells == {name: cells[name] for name in names[4:]}
    assert (said.given["first"], said.given["second"]) == tuple(
        f"{line.slope:.4f}" for line in (full.lines.first, full.lines.second)
    )
    assert not any(p.what.cells for p in inverted_u_parts(full))


def test_a_wild_bootstrap_that_was_not_drawn_is_said_and_not_needed() -> None:
    curve = by_hand(fit=replace(by_hand().fit, wild=()))
    assert concluded(curve)[0] == "supported"
    assert "wild cluster bootstrap of the square, p-value below 5%: not run (not required)" in [
        p.sentence for p in inverted_u_parts(curve)
    ]


@pytest.mark.parametrize("kind", ["iid", "HC1", "CR1", "CR2"])
def test_errors_other_than_cr3_need_the_wild_bootstrap(kind: str) -> None:
    """With wild = 0 "not needed" left CR1's own tests to support H1, which reject too often."""
    curve = by_hand(fit=replace(by_hand().fit, wild=(), kind=kind))
    assert inverted_u_established(curve) is None
    outcome, found = concluded(curve)
    assert outcome == "not supported"
    assert found == "concave, with a rise and a fall, but the required wild cluster bootstrap was not run"
    said = next(p.sentence for p in inverted_u_parts(curve) if p.key == "wild")
    assert said.endswith(f"not run, although {kind} standard errors require a p-value below 5% (not tested)")
    drawn = by_hand(fit=replace(by_hand().fit, kind=kind))
    assert concluded(drawn)[0] == "supported"


def test_what_was_found_names_the_side_that_is_not_established() -> None:
    full = by_hand()
    assert full.lines is not None
    no_rise = replace(full.lines, first=replace(full.lines.first, p_value=0.3))
    neither = replace(no_rise, second=replace(no_rise.second, p_value=0.3))
    weak = replace(full.fit, wild=tuple(replace(w, p_value=0.2) for w in full.fit.wild))
    assert concluded(by_hand(lines=example.two_lines(second=0.01)))[1] == "concave; the tests do not establish a fall"
    assert concluded(by_hand(lines=no_rise))[1] == "concave; the tests do not establish a rise"
    assert concluded(by_hand(lines=neither))[1] == "concave; the tests establish neither a rise nor a fall"
    assert concluded(by_hand(fit=weak))[1] == "no curvature is established"


def test_a_contradiction_rests_on_p5_to_p95_too_and_not_against_two_lines() -> None:
    test, flat = by_hand().test, example.two_lines(second=0.02, p_second=0.4)
    turned = tuple((w, x, -s, e) for w, x, s, e in test.slopes)
    u = replace(test, shape="U", p_value=0.01, t_low=-4.0, t_high=4.0, slopes=turned)
    assert concluded(by_hand(test=u, lines=flat))[0] == "contradicted"
    assert concluded(by_hand(test=u, lines=None))[0] == "contradicted"
    assert concluded(by_hand(test=u))[0] == "not supported", "two lines find an inverted U"
    vague = replace(u, slopes=tuple((w, x, s, e * 100) for w, x, s, e in turned))
    assert concluded(by_hand(test=vague, lines=flat))[0] == "not supported"
    rising = replace(test, p_value=1.0, t_low=5.0, t_high=3.0)
    assert concluded(by_hand(test=rising, lines=flat))[0] == "not supported", "the slope at p95 is not above zero"
    up = tuple((w, x, 4 * e, e) for w, x, _, e in test.slopes)
    assert concluded(by_hand(test=replace(rising, slopes=up), lines=flat))[0] == "contradicted"
    assert concluded(by_hand(test=replace(rising, slopes=up, t_high=1.0), lines=flat))[0] == "not supported"


def h1(**changes: object) -> Verdict:
    return next(v for v in verdicts(example.study(**changes)) if v.hypothesis == "H1")


def test_the_verdict_has_the_rule_its_parts_and_what_it_is_about() -> None:
    verdict = h1(benchmark=(example.clear(example.column("(2)")),))
    assert (verdict.outcome, verdict.found, verdict.about) == ("supported", "an inverted U", "inverted_u")
    assert "The two-lines test (Simonsohn) finds a rise followed by a fall" in verdict.rule
    assert [p.key for p in verdict.parts] == ["square", "u_test", "u_test_inner", "wild", "two_lines"]
    inner = next(p for p in verdict.parts if p.key == "u_test_inner")
    assert inner.sentence.startswith("U-test of an inverted U from p5 to p95: p = 0.0")
    assert (h1().outcome, h1().found) == ("not supported", "concave; the tests do not establish a rise")
    column = replace(example.clear(example.column("(2)")), two_lines=None)
    assert h1(benchmark=(column,)).outcome == "not supported"


def study_with(*columns: Column) -> StudyResults:
    found = tuple(Version("sample", c.label, "year > 0", c) for c in columns)
    return example.study(versions=found)


def test_versions_are_counted_by_the_same_rule() -> None:
    good = example.clear(example.column("To 2008"))
    lone = replace(example.clear(example.column("From 2009")), two_lines=None)
    said = " ".join(version_tables.said(study_with(good, lone)))
    assert "1 of 2 meet the conditions of H1." in said
    assert "In the version “From 2009”, not every condition of the rule of H1 was tested." in said
    flat = replace(example.clear(example.column("Flat")), two_lines=example.two_lines(p_second=0.4))
    said = " ".join(version_tables.said(study_with(good, flat)))
    assert "In the version “Flat”, one condition of the rule of H1 fails: the two-lines test (p = 0.4000)." in said
    curve = curve_of(lone)
    assert curve is not None
    assert inverted_u_established(curve) is None


def test_the_two_lines_of_the_question_about_the_shape_come_first() -> None:
    curve = curve_of_benchmark(example.study())
    assert curve is not None
    assert curve.lines == example.two_lines()
    assert curve_of_benchmark(example.study(benchmark=())) is None


def test_without_a_square_the_hypothesis_is_not_tested() -> None:
    assert h1(benchmark=(replace(example.column("(2)"), u_test=None),)).outcome == "not tested"
