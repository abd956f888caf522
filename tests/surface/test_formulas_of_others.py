"""What fixest, R and Stata write in a formula is named with what to write instead, and every remedy works."""

from __future__ import annotations

import re

import numpy as np
import polars as pl
import pytest

import integrade as ig
from each import each


def table() -> pl.DataFrame:
    rng = np.random.default_rng(8)
    n = 240
    firm, year = np.arange(n) % 40, np.arange(n) // 40 + 2004
    x, z = rng.normal(size=n), rng.normal(size=n)
    rows = pl.DataFrame({"firm": firm, "year": year, "region": firm % 6, "x": x, "z": z})
    return rows.with_columns(y=pl.lit(x - 0.2 * x**2 + 0.5 * z + rng.normal(size=n)))


PANEL = table()


def said(formula: str) -> ig.errors.UsageError:
    with pytest.raises((ig.errors.BadFormula, ig.errors.UnknownColumn)) as caught:
        ig.fit(PANEL, formula)
    return caught.value


@each(
    ("formula", "what", "written"),
    [
        ("y ~ x##z | firm", "## is Stata's", "x * z"),
        ("y ~ c.x##c.z | firm", "## is Stata's", "x * z"),
        ("y ~ c.x##c.x | firm", "## is Stata's", "x + x^2"),
        ("y ~ x + x#z | firm", "# is Stata's", "x:z"),
        ("y ~ x + c.x#c.x | firm", "# is Stata's", "x^2"),
        ("y ~ x + x**2 | firm", "** is not", "x^2"),
        ("y ~ x + I(x**2) | firm", "** is not", "x^2"),
        ("y ~ poly(x, 2) | firm", "poly() is not", "x + x^2"),
    ],
)
def test_a_term_to_write_instead(formula: str, what: str, written: str) -> None:
    error = said(formula)
    assert what in error.what
    assert error.remedy == f"write {written}"
    assert error.where.startswith("character ")
    assert ig.fit(PANEL, f"y ~ {written} | firm").coefficients


def test_a_power_in_the_wrapper_of_r_is_read() -> None:
    assert ig.fit(PANEL, "y ~ x + I(x^2)").params == ig.fit(PANEL, "y ~ x + x^2").params


@pytest.mark.parametrize("formula", ["y ~ x + i(year)", "y ~ x + C(year)", "y ~ x + factor(year)", "y ~ x + i.year"])
def test_categories_go_among_the_effects(formula: str) -> None:
    error = said(formula)
    assert 'put year among the effects, after |, as in "y ~ x | year"' in error.remedy
    written = re.findall('"([^"]*)"', error.remedy)[0]
    assert ig.fit(PANEL, written).effects[0].name == "year"


@pytest.mark.parametrize("formula", ["y ~ x + i(region, x) | firm", "y ~ i.region#c.x | firm"])
def test_slopes_by_category_are_a_comparison_of_groups(formula: str) -> None:
    remedy = said(formula).remedy
    call = remedy[remedy.index("ig.compare_groups") :].partition(")")[0]
    assert call == 'ig.compare_groups(panel, "y ~ x", by="region", treatment="x"'
    assert len(ig.compare_groups(PANEL, "y ~ x", by="region", treatment="x", permutations=0).groups) == 6


def test_categories_crossed_are_a_combination_of_effects() -> None:
    assert '"y ~ x | region^year"' in said("y ~ x + i.region#i.year | firm").remedy
    assert ig.fit(PANEL, "y ~ x | region^year").effects[0].name == "region^year"


@each(
    ("formula", "column"),
    [
        ("y ~ L.x | firm", "x_l1"),
        ("y ~ L2.x | firm", "x_l2"),
        ("y ~ F.x | firm", "x_f1"),
        ("y ~ l(x, 2) | firm", "x_l2"),
        ("y ~ lag(x) | firm", "x_l1"),
        ("y ~ f(x, 1) | firm", "x_f1"),
    ],
)
def test_lags_and_leads_are_columns_to_add(formula: str, column: str) -> None:
    remedy = said(formula).remedy
    call = remedy.removeprefix("add the column first: ").removesuffix(f" creates {column}")
    assert call.startswith("ig.questions.add_lags(")
    wider = eval(call, {"ig": ig, "panel": PANEL})
    assert column in wider.columns
    assert ig.fit(wider, f"y ~ {column} | firm").nobs < PANEL.height


def test_a_difference_is_made_of_a_lag() -> None:
    remedy = said("y ~ D.x | firm").remedy
    assert "then panel.with_columns(d_x=" in remedy
    call = remedy[remedy.index("ig.questions") :].partition(" creates ")[0]
    panel = eval(call, {"ig": ig, "panel": PANEL})
    panel = eval(remedy.partition("; then ")[2], {"pl": pl, "panel": panel})
    assert ig.fit(panel, "y ~ d_x | firm").params["d_x"]


def test_a_column_of_that_name_is_read_as_it_is() -> None:
    named = PANEL.rename({"x": "L.x"})
    assert ig.fit(named, "y ~ L.x | firm").params == {"L.x": ig.fit(PANEL, "y ~ x | firm").params["x"]}
    assert "did you mean 'x'" in said("y ~ c.w | firm").remedy or "known: " in said("y ~ c.w | firm").remedy
    assert said("y ~ c.x | firm").remedy == "write x: every regressor is continuous"


@pytest.mark.parametrize("formula", ["y ~ sw(x, z) | firm", "y ~ x + csw0(z, z^2) | firm", "y ~ x | csw(firm, year)"])
def test_stepwise_formulas_are_for_fit_many(formula: str) -> None:
    error = said(formula)
    assert "expands to several regressions" in error.what
    assert error.remedy == "fit_many(panel, formula) estimates them all"
    assert len(ig.fit_many(PANEL, formula)) >= 2


def test_several_formulas_are_for_fit_many() -> None:
    assert "a list of formulas" in said("y ~ mvsw(x, z) | firm").remedy
    found = ig.fit_many(PANEL, ["y ~ x | firm", "y ~ z | firm", "y ~ x + sw(z, z^2) | firm"], cluster="region")
    assert list(found) == [
        "y ~ x | firm",
        "y ~ z | firm",
        "y ~ x + sw(z, z^2) | firm, z",
        "y ~ x + sw(z, z^2) | firm, z^2",
    ]
    for formula in ("y ~ x | firm", "y ~ z | firm"):
        alone = ig.fit(PANEL, formula, cluster="region")
        mine, right = (fit.tidy().drop("term").to_numpy() for fit in (found[formula], alone))
        np.testing.assert_allclose(mine, right, rtol=1e-10)


def test_several_formulas_have_the_names_of_a_mapping() -> None:
    found = ig.fit_many(PANEL, {"short": "y ~ x | firm", "long": "x ~ z | firm + year"}, split="region")
    assert list(found)[:2] == ["short, region=0", "long, region=0"]
    assert found["long, region=5"].outcome == "x"


def test_several_formulas_that_are_none() -> None:
    for wrong in ([], {}, ["y ~ x", 3]):
        with pytest.raises(ig.errors.UsageError, match="a list of formulas"):
            ig.fit_many(PANEL, wrong)
    with pytest.raises(ig.errors.UsageError, match="'y ~ x' appears twice"):
        ig.fit_many(PANEL, ["y ~ x", "y ~ x"])
    with pytest.raises(ig.errors.UnknownColumn, match="no column 'w'"):
        ig.fit_many(PANEL, ["y ~ x", "y ~ w"])


ONE_CLUSTER = "one cluster variable"
ASKED = {
    "fit": lambda **how: ig.fit(PANEL, "y ~ x | firm", **how),
    "fit_many": lambda **how: ig.fit_many(PANEL, "y ~ x | firm", **how)["y"],
    "lag_table": lambda **how: ig.lag_table(
        PANEL, "y ~ x | firm", variable="x", lags=(1,), lives_on=("firm", "year"), **how
    ),
    "mediate": lambda **how: ig.mediate(PANEL, "y ~ x | firm", "z", treatment="x", draws=9, **how),
    "compare_groups": lambda **how: ig.compare_groups(PANEL, "y ~ x", "region", treatment="x", permutations=0, **how),
    "robustness": lambda **how: ig.robustness(PANEL, "y ~ x | firm", "x", checks=("balanced",), **how),
    "oster": lambda **how: ig.questions.oster(PANEL, "y ~ x + z", "x", **how),
    "omitted_confounder": lambda **how: ig.questions.omitted_confounder(PANEL, "y ~ x + z", "x", **how),
    "gelbach": lambda **how: ig.questions.gelbach(PANEL, "y ~ x + z", ["z"], **how),
    "weak_iv": lambda **how: ig.questions.weak_iv(PANEL, "y ~ 1 | firm | x ~ z", **how),
    "control_function": lambda **how: ig.questions.control_function(PANEL, "y ~ 1 | firm | x + x^2 ~ z + z^2", **how),
    "two_lines": lambda **how: ig.questions.two_lines(PANEL, "y ~ x + x^2 | firm", variable="x", **how),
    "cubic_test": lambda **how: ig.questions.cubic_test(PANEL, "y ~ x + x^2 | firm", "x", **how),
    "hausman": lambda **how: ig.questions.hausman(PANEL, "y ~ x + z | firm", **how),
    "randomisation": lambda **how: ig.questions.randomisation(PANEL, "y ~ x", "x", permutations=9, **how),
    "cluster_report": lambda **how: ig.questions.cluster_report(PANEL, "y ~ x | firm", **how),
    "romano_wolf_family": lambda **how: ig.questions.romano_wolf_family(PANEL, "y ~ x + z | firm", wild=9, **how),
    "specification_curve": lambda **how: ig.questions.specification_curve(
        PANEL, outcomes=("y",), treatment="x", controls=("z",), effects=("firm",), permutations=0, draws=0, **how
    ),
}


@each("name", sorted(ASKED))
def test_a_list_of_clusters_is_what_their_sum_is(name: str) -> None:
    """Two names in a list are two-way clusters, or refused with a code where one variable is needed."""
    answers = []
    for cluster in (["firm", "year"], "firm + year"):
        try:
            answers.append(str(ASKED[name](cluster=cluster)))
        except ig.errors.UsageError as error:
            answers.append(error.what)
    assert answers[0].replace(" + ", "+") == answers[1].replace(" + ", "+")


def test_every_function_with_clusters_is_asked() -> None:
    import inspect

    taking = {
        name
        for name in dir(ig.questions)
        if inspect.isfunction(f := getattr(ig.questions, name)) and "cluster" in inspect.signature(f).parameters
    }
    others = {
        "corrected",
        "oriv",
        "simex",
        "pipeline_bootstrap",
        "row_level",
        "shift_share_errors",
    }  # by the same `Fit`
    assert taking - others == set(ASKED)


def test_two_way_clusters_of_a_list() -> None:
    two = ig.fit(PANEL, "y ~ x | firm", cluster=["firm", "year"])
    assert two.clusters == {"firm": 40, "year": 6}
    for wrong in ([], ["firm", ""], 3, ["firm", 2]):
        with pytest.raises(ig.errors.UsageError, match="names no cluster variables"):
            ig.fit(PANEL, "y ~ x | firm", cluster=wrong)
