"""What speaks against the headline: each finding is there when its number is, and gone when it is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import polars as pl
import pytest

import report_example as example
from integrade.estimate.fit import fit
from integrade.estimate.inverted_u import u_test
from integrade.estimate.results import Wild
from integrade.report.document import compose
from integrade.study.printed import all_tables
from integrade.subjects.inference.clusters import cluster_report
from integrade.subjects.instruments.control_function import control_function
from integrade.subjects.instruments.tables import strength_table
from integrade.subjects.instruments.verdict import RULE_OF_THUMB, WEAK_BIAS, strength_of
from integrade.subjects.instruments.weak_iv import Instrumented, weak_iv
from integrade.subjects.sensitivity.model import SensitivityStudy, omitted_confounder
from integrade.subjects.shape.two_lines import ShapeStudy, cubic_test, two_lines
from integrade.verdicts import doubts
from integrade.verdicts.against import FEW_EFFECTIVE, FINDERS, SMALL_CONFOUNDER, Kind, against, inconclusive
from integrade.verdicts.bundle import InferenceStudy
from integrade.verdicts.clustering import FEW
from integrade.wording.numerals import p_equals

FORMULA = "quality ~ market + market^2 | firm + year"


def panel(curve, seed: int = 5, noise: float = 0.1) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    firm, year = np.repeat(np.arange(200), 8), np.tile(np.arange(8), 200)
    market = rng.uniform(0, 3, (20, 8))[firm % 20, year]
    quality = curve(market) + noise * rng.normal(size=1600)
    return pl.DataFrame(
        {
            "firm": firm,
            "year": year,
            "region": firm % 20,
            "market": market,
            "quality": quality,
            "scale": rng.normal(size=1600),
        }
    )


def studied(rows: pl.DataFrame, **how: str):
    found = fit(rows, FORMULA, **(how or {"vcov": "CR3", "cluster": "region"}))
    column = replace(example.column("(2)"), headline=found, beside={}, u_test=u_test(found, "market"))
    index = replace(example.study().index, noise_share=0.01)
    return replace(example.study(), benchmark=(column,), index=index, truth=())


def shaped(rows: pl.DataFrame) -> ShapeStudy:
    base = fit(rows, FORMULA, vcov="CR3", cluster="region")
    how = {"vcov": "CR3", "cluster": "region"}
    return ShapeStudy(
        "market",
        u_test(base, "market"),
        u_test(base, "market", low="p5", high="p95"),
        ("p5", "p95"),
        0.95,
        two_lines=two_lines(rows, FORMULA, variable="market", **how),
        cubic=cubic_test(rows, FORMULA, "market", **how),
    )


def kinds(results) -> list[str]:
    return [one.kind for one in against(results)]


def test_every_kind_has_a_finder_and_the_order_is_that_of_the_kinds() -> None:
    assert set(FINDERS) == set(get_args(Kind))
    rows = panel(lambda x: np.minimum(x, 1.5))
    results = replace(studied(rows, vcov="HC1"), shape=shaped(rows))
    results = replace(results, index=replace(results.index, noise_share=0.3))
    order = [get_args(Kind).index(kind) for kind in kinds(results)]
    assert order == sorted(order)
    assert {"errors", "shape", "noise"} <= set(kinds(results))


def test_a_curve_whose_turn_is_not_established_is_the_first_thing_said_of_its_shape() -> None:
    rows = panel(lambda x: 0 * x)
    results = studied(rows)
    assert results.benchmark[0].u_test.p_value >= 0.05
    found = against(results)
    assert [one.kind for one in found] == ["shape"]
    assert "cannot establish a turning point" in found[0].sentence


@pytest.mark.parametrize(("slope", "expected"), [(0.0, ["shape"]), (0.5, [])])
def test_a_line_whose_interval_contains_zero_has_that_against_it(slope: float, expected: list[str]) -> None:
    found = fit(panel(lambda x: slope * x), "quality ~ market | firm + year", vcov="CR3", cluster="region")
    column = replace(example.column("(2)"), headline=found, beside={}, u_test=None)
    results = studied(panel(lambda x: x - 0.3 * x**2))
    said = against(replace(results, benchmark=(column,)))
    assert [one.kind for one in said] == expected
    assert not expected or "contains zero" in said[0].sentence


def test_tests_of_the_shape_speak_without_the_question_about_shape() -> None:
    """Two lines and the inner range belong to every benchmark."""
    rows = panel(lambda x: np.minimum(x, 1.5))
    shape, results = shaped(rows), studied(rows)
    column = replace(results.benchmark[0], two_lines=shape.two_lines)
    assert [one.kind for one in against(replace(results, benchmark=(column,)))] == ["shape"]


def test_clusters_finer_than_regions_speak_against_an_effect_of_the_index() -> None:
    rows = panel(lambda x: 2 * x - 0.7 * x**2)
    for cluster, expected in (("firm", True), ("region^year", True), ("region", False), ("firm+region", False)):
        how = {"vcov": "CR1" if "+" in cluster else "CR3", "cluster": cluster}
        said = " ".join(one.sentence for one in against(studied(rows, **how)) if one.kind == "errors")
        assert ("so the standard errors are too small" in said) == expected, cluster


def test_a_true_inverted_u_with_clusters_has_nothing_of_its_shape_against_it() -> None:
    rows = panel(lambda x: 2 * x - 0.7 * x**2)
    assert kinds(replace(studied(rows), shape=shaped(rows))) == []


def test_two_lines_that_do_not_fall_and_a_cube_speak_against_a_kinked_curve() -> None:
    rows = panel(lambda x: np.minimum(x, 1.5))
    said = [one.sentence for one in against(replace(studied(rows), shape=shaped(rows)))]
    assert any("The two-lines test finds" in s for s in said)
    bent = panel(lambda x: 1 - np.exp(-2 * x))
    assert any("cubic term" in one.sentence for one in against(replace(studied(bent), shape=shaped(bent))))


def test_rows_taken_as_independent_come_first() -> None:
    assert kinds(studied(panel(lambda x: x - 0.3 * x**2), vcov="HC1"))[0] == "errors"
    assert "errors" not in kinds(studied(panel(lambda x: x - 0.3 * x**2)))
    assert "CR1" in against(studied(panel(lambda x: x - 0.3 * x**2), vcov="CR1", cluster="region"))[0].sentence


def test_noise_speaks_against_it_where_the_index_is_noisy_and_is_the_treatment() -> None:
    results = studied(panel(lambda x: x - 0.3 * x**2))
    noisy = replace(results, index=replace(results.index, noise_share=0.28))
    assert kinds(noisy) == ["noise"]
    assert "28%" in against(noisy)[0].sentence
    renamed = panel(lambda x: x - 0.3 * x**2).rename({"market": "openness"})
    other = fit(renamed, "quality ~ openness + openness^2 | firm + year", vcov="CR3", cluster="region")
    column = replace(results.benchmark[0], headline=other, u_test=u_test(other, "openness"))
    assert kinds(replace(noisy, benchmark=(column,))) == []


def test_few_effective_clusters() -> None:
    rows = panel(lambda x: x - 0.3 * x**2)
    uneven = pl.concat(
        [rows, *[rows.filter(pl.col("region") == 3).with_columns(firm=pl.col("firm") + 1000 * k) for k in range(1, 9)]]
    )
    results = studied(uneven)
    report = cluster_report(uneven, FORMULA, cluster="region")
    own = next(t for t in report.terms if t.term == "market^2")
    assert own.g_star < FEW_EFFECTIVE
    found = against(replace(results, inference=InferenceStudy(clusters=report)))
    assert [one.kind for one in found] == ["clusters"]
    assert "the square of" in found[0].sentence
    many = replace(own, g_star=FEW_EFFECTIVE + 1.0)
    report = replace(report, terms=tuple(many if t is own else t for t in report.terms))
    assert kinds(replace(results, inference=InferenceStudy(clusters=report))) == []


def test_weak_instruments() -> None:
    rng = np.random.default_rng(2)
    rows = panel(lambda x: x - 0.3 * x**2).with_columns(z=pl.Series(rng.normal(size=1600)))
    strong = rows.with_columns(z=pl.col("market") + 0.1 * pl.col("z"))
    found = {}
    for name, table in (("weak", rows), ("strong", strong)):
        iv = fit(table, "quality ~ 1 | firm + year | market ~ z", vcov="CR3", cluster="region")
        made = Instrumented(name, "given", "market", ("z",), "", estimates={"2SLS": iv})
        results = replace(studied(rows), instruments=(made,))
        assert kinds(results) == []  # that an instrument says nothing is no evidence against least squares
        found[name] = len(inconclusive(results))
        for preset in ("sound", "complete"):  # the paper of the preset complete has a section on the instruments
            document = compose(replace(results, preset=preset), (), figures={}, tables=all_tables(results))
            (section,) = (s for p in document.parts for s in p.sections if s.key == "against")
            assert ("Weak instruments" in str(section.blocks)) is (name == "weak" and preset == "sound")
    assert found == {"weak": 1, "strong": 0}


@pytest.mark.parametrize(
    ("kp", "first", "weak"), [(2.07, (90.0, 80.0), True), (9.99, (30.0, 30.0), True), (12.0, (30.0, 6.0), False)]
)
def test_several_regressors_are_weak_by_one_rule_on_the_page_and_in_the_table(kp, first, weak) -> None:
    """The first page went by the smallest Sanderson-Windmeijer F, Table A6 by Kleibergen and Paap's."""
    rng = np.random.default_rng(2)
    rows = panel(lambda x: x - 0.3 * x**2)
    z = rows["market"].to_numpy() + rng.normal(size=1600)
    iv = fit(
        rows.with_columns(z=pl.Series(z)),
        "quality ~ 1 | firm + year | market + market^2 ~ z + z^2",
        vcov="CR3",
        cluster="region",
    )
    iv = replace(iv, iv=replace(iv.iv, kp_f=kp, first_stage_f=dict(zip(iv.iv.first_stage_f, first, strict=True))))
    assert strength_of(iv) == ("kleibergen-paap", kp, RULE_OF_THUMB)
    made = Instrumented("z", "given", "market", ("z", "z^2"), "", estimates={"2SLS": iv})
    found = inconclusive(replace(studied(rows), instruments=(made,)))
    assert len(found) == weak
    table = strength_table([made])
    said = next(r.cells[1] for r in table.rows if (r.key or "").endswith("kleibergen_paap_f"))
    assert said == (f"{kp:.2f}: weak" if weak else f"{kp:.2f}")
    assert not weak or f"Kleibergen-Paap F is {kp:.2f}" in found[0]
    assert any(n.key == "instrument_tables.two-strengths" for n in table.notes) is (kp < 10)


def test_a_small_confounder_that_would_do() -> None:
    rows = panel(lambda x: 0.01 * x - 0.003 * x**2, noise=1.0)
    weak = omitted_confounder(rows, "quality ~ market + scale | firm + year", "market")
    assert weak.robustness_value > 0
    for value, expected in ((SMALL_CONFOUNDER / 2, ["omitted"]), (SMALL_CONFOUNDER * 2, [])):
        one = replace(weak, robustness_value=value)
        study = SensitivityStudy(oster=(), confounders=(one,))
        clear = studied(panel(lambda x: 2 * x - 0.7 * x**2))
        assert kinds(replace(clear, sensitivity=study)) == expected


def test_the_page_on_verdicts_states_the_kinds_in_their_order_and_their_thresholds() -> None:
    page = (Path(__file__).parents[2] / "docs" / "verdicts.md").read_text(encoding="utf-8")
    table = page.split("## What speaks against the headline")[1]
    stated = [line.split("|")[1].strip() for line in table.splitlines() if line.startswith("| ")][1:]
    assert stated == list(get_args(Kind))
    for threshold in (
        f"fewer than {FEW} clusters",
        f"fewer than {FEW_EFFECTIVE} effective",
        f"is below {RULE_OF_THUMB:g} ",
        f"less than {100 * SMALL_CONFOUNDER:g}%",
        f"bias of {WEAK_BIAS}",
    ):
        assert threshold in table


def test_a_wild_bootstrap_that_does_not_reject_speaks_against_the_square() -> None:
    results = studied(panel(lambda x: 2 * x - 0.7 * x**2))
    column = results.benchmark[0]
    for p, expected in ((0.2, ["shape"]), (0.01, [])):
        wild = Wild("market^2", p, 999, "rademacher", 0.001, 0)
        drawn = replace(column, headline=replace(column.headline, wild=(wild,)))
        assert kinds(replace(results, benchmark=(drawn,))) == expected


def test_a_rejected_exogeneity_is_evidence_against_least_squares() -> None:
    """z moves x and nothing else; u moves x and quality: least squares is biased, and the control function sees it."""
    rng = np.random.default_rng(5)
    rows = panel(lambda x: x)
    z, u = rng.normal(size=1600), rng.normal(size=1600)
    x = rows["market"].to_numpy() + z + u
    found = {}
    for name, confounder in (("endogenous", 2 * u), ("exogenous", rng.normal(size=1600))):
        table = rows.with_columns(z=pl.Series(z), market=pl.Series(x), quality=pl.Series(x + confounder))
        formula = "quality ~ 1 | firm + year | market + market^2 ~ z + z^2"
        control = control_function(table, formula, vcov="CR3", cluster="region")
        made = Instrumented(name, "given", "market", ("z", "z^2"), "", control=control)
        results = replace(studied(table), instruments=(made,))
        found[name] = [one.sentence for one in against(results) if one.kind == "exogeneity"]
        said = " ".join(doubts.instruments(results))
        assert f"control function {p_equals(control.exogeneity.p_value)}" in said
        close = replace(control, exogeneity=replace(control.exogeneity, p_value=0.04))
        twice = tuple(replace(made, control=close) for _ in range(2))
        assert "exogeneity" not in [one.kind for one in against(replace(results, instruments=twice))]  # Holm: .08
        printed = [c for r in strength_table(twice).rows for c in r.cells if "exogeneity" in c]
        assert len(printed) == 2
        assert all("Holm-adjusted over the instruments p = 0.0800" in c for c in printed)
        assert "Holm" not in str(strength_table([made]).rows)
    assert found["exogenous"] == []
    (only,) = found["endogenous"]
    assert "reject that the treatment is exogenous" in only


def test_a_control_function_by_weak_instruments_is_qualified() -> None:
    """A rejection by weak instruments, which the C statistic with them does not share, was told without either."""
    rng = np.random.default_rng(5)
    z, u = rng.normal(size=1600), rng.normal(size=1600)
    rows = panel(lambda x: x)
    x = rows["market"].to_numpy() + z + u
    table = rows.with_columns(z=pl.Series(z), market=pl.Series(x), quality=pl.Series(x + 2 * u))
    formula = "quality ~ 1 | firm + year | market + market^2 ~ z + z^2"
    control = control_function(table, formula, vcov="CR3", cluster="region")
    found = weak_iv(table, formula, vcov="CR3", cluster="region", draws=0)
    for f, c, said in (
        (2.07, 0.0907, ("weak instrument", "the C statistic does not reject")),
        (20.0, 0.0104, ("the C statistic also rejects",)),
        (20.0, float("nan"), ()),
    ):
        strong = replace(found.fit, iv=replace(found.fit.iv, kp_f=f))
        weak = replace(found, fit=strong, c_p=c)
        made = Instrumented("z", "given", "market", ("z", "z^2"), "", control=control, weak=weak)
        told = against(replace(studied(table), instruments=(made,)))
        (only,) = (one.sentence for one in told if one.kind == "exogeneity")
        assert all(words in only for words in said)
        assert ("weak" in only) == (f < 10)
        assert ("C statistic" in only) == (c == c)


def test_the_anderson_rubin_test_stands_beside_a_weak_instrument() -> None:
    rng = np.random.default_rng(2)
    rows = panel(lambda x: x - 0.3 * x**2).with_columns(z=pl.Series(rng.normal(size=1600)))
    weak = weak_iv(rows, "quality ~ 1 | firm + year | market ~ z", vcov="CR3", cluster="region")
    made = Instrumented("z", "given", "market", ("z",), "", estimates={"2SLS": weak.fit}, weak=weak)
    for p, said in ((0.2, "does not reject that the treatment"), (0.001, "rejects that the treatment has no effect")):
        now = replace(made, weak=replace(weak, ar_p=p, ar_p_cr3=p))
        (one,) = inconclusive(replace(studied(rows), instruments=(now,)))
        assert said in one
        assert p_equals(p) in one
