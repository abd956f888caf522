"""Formulas in fixest's syntax (DESIGN section 3): what they mean, and where they are wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from each import each
from integrade.errors import BadFormula
from integrade.estimate.formula import Part, parse_formula, rendered, square, with_regressors


def names(text: str) -> list[str]:
    return [t.name for t in parse_formula(text).regressors]


def test_powers_effects_and_instruments() -> None:
    f = parse_formula("quality ~ scale | firm + industry^year | market + market^2 ~ z + z^2")
    assert f.outcome.name == "quality"
    assert [t.name for t in f.regressors] == ["scale"]
    assert f.effects == (("firm",), ("industry", "year"))
    assert [t.name for t in f.endogenous] == ["market", "market^2"]
    assert [t.name for t in f.instruments] == ["z", "z^2"]
    assert f.numeric_columns == ("quality", "market", "scale", "z")
    assert f.effect_columns == ("firm", "industry", "year")
    assert f.squared == ("market",)


def test_a_square_is_a_power_not_the_variable_itself() -> None:
    # formulaic reads x + x^2 as x (RECIPES)
    f = parse_formula("y ~ x + x^2 + x^3 | f")
    assert [t.parts for t in f.regressors] == [(Part("x"),), (Part("x", 2),), (Part("x", 3),)]


@each(
    ("text", "expected"),
    [
        ("y ~ a:b", ["a:b"]),
        ("y ~ a * b", ["a", "b", "a:b"]),
        ("y ~ a*b*c", ["a", "b", "c", "a:b", "a:c", "b:c", "a:b:c"]),
        ("y ~ log(x) + ln(x)^2", ["ln(x)", "ln(x)^2"]),
        ("y ~ I(x^2)", ["x^2"]),
        ("y ~ x^1 + x^2:z", ["x", "x^2:z"]),
        ("产品质量 ~ 市场整合 + 市场整合^2 | 企业", ["市场整合", "市场整合^2"]),
        ("y ~ `export value` + `a+b`^2", ["export value", "a+b^2"]),
        ("  y~x  ", ["x"]),
        ("y ~ + x", ["x"]),
    ],
)
def test_terms(text: str, expected: list[str]) -> None:
    assert names(text) == expected


@each(
    ("text", "written"),
    [
        ("y ~ a*b", "y ~ a + b + a:b"),
        ("ln(y) ~ x + I(x^2)", "ln(y) ~ x + x^2"),
        ("y ~ x - 1", "y ~ x + 0"),
        ("y ~ 1 | firm + a^b | x ~ z", "y ~ 1 | firm + a^b | x ~ z"),
        ("y ~ w | firm | x + x^2 ~ z + log(`a b`)", "y ~ w | firm | x + x^2 ~ z + ln(`a b`)"),
        ("y ~ w | x ~ z1:z2", "y ~ w | 0 | x ~ z1:z2"),
    ],
)
def test_a_formula_is_written_from_its_terms(text: str, written: str) -> None:
    """A rendered formula is parsed as the same formula. Fits with changed regressors report the rendered one."""
    formula = parse_formula(text)
    assert rendered(formula).text == written
    again = parse_formula(written)
    assert replace(again, text="") == replace(formula, text="")
    assert with_regressors(formula, formula.regressors, square("w")).text == f"w^2 ~{written.partition('~')[2]}"


def test_outcome_may_be_a_logarithm() -> None:
    assert parse_formula("ln(packs) ~ x").outcome.parts == (Part("packs", log=True),)


@pytest.mark.parametrize(
    ("text", "intercept"),
    [
        ("y ~ x", True),
        ("y ~ 0 + x", False),
        ("y ~ x - 1", False),
        ("y ~ -1 + x", False),
        ("y ~ x + 1", True),
        ("y ~ 1", True),
    ],
)
def test_intercept(text: str, intercept: bool) -> None:
    assert parse_formula(text).intercept is intercept


def test_instruments_without_effects() -> None:
    f = parse_formula("y ~ w | x ~ z")
    assert f.effects == ()
    assert [t.name for t in f.endogenous] == ["x"]
    assert parse_formula("y ~ 1 | firm | x ~ z").regressors == ()
    assert parse_formula("y ~ x | 0").effects == ()


@each(
    ("text", "says"),
    [
        ("y x", "outcome ~ regressors"),
        ("", "outcome ~ regressors"),
        ("y ~", "no regressors"),
        ("~ x", "no outcome"),
        ("y ~ x + ", "term is missing"),
        ("y ~ x + x", "'x' appears twice"),
        ("y ~ x | firm + firm", "'firm' appears twice"),
        ("y ~ x | a^b + a^b", "'a^b' appears twice"),
        ("y ~ x - w", "only - 1"),
        ("y ~ y", "also a regressor"),
        ("y ~ x & z", "unexpected character '&'"),
        ("y ~ i(year)", "not available"),
        ("y ~ exp(x)", "unknown function 'exp'"),
        ("y ~ x^0", "power"),
        ("y ~ x^z", "column name"),
        ("y ~ 2", "column name"),
        ("y ~ a + ln(a, b)", "unexpected character"),
        ("y ~ ln(a + b)", "one column"),
        ("y ~ ln(2)", "one column"),
        ("y ~ ln(a) b", "one column"),
        ("y ~ x | firm | year", "only the last part"),
        ("y ~ x | a | b | c ~ d", "at most three parts"),
        ("y ~ x | firm | x ~ z", "both an exogenous and an endogenous regressor"),
        ("y ~ w | firm | x + x^2 ~ z", "2 endogenous regressors but 1 instruments"),
        ("y ~ w | firm | x ~ w", "cannot be an instrument"),
        ("y ~ w | firm | ~ z", "no endogenous"),
        ("y ~ 1 | firm", "no regressor"),
        ("y ~ 0", "no regressor"),
        ("y ~ x | firm + ln(a)", "an effect is a column"),
        ("y ~ x | firm +", "an effect is a column"),
        ("y + z ~ x", "the outcome is one column"),
    ],
)
def test_errors_say_what_is_wrong(text: str, says: str) -> None:
    with pytest.raises(BadFormula) as caught:
        parse_formula(text)
    assert says in str(caught.value)
    assert caught.value.where, "the place is pointed at"


@each(
    ("text", "at"),
    [
        ("y ~ x + exp(z)", 9),
        ("y ~ x^z", 6),
        ("y ~ x | firm + ^year", 16),
        ("y ~ x | firm + industry^", 16),
        ("y ~ x | firm +", 9),
    ],
)
def test_an_error_points_at_the_character(text: str, at: int) -> None:
    with pytest.raises(BadFormula) as caught:
        parse_formula(text)
    assert caught.value.where.startswith(f"character {at} ")
