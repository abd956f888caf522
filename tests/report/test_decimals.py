"""Numbers of a treatment of any size: as many decimals as it asks for, the same for all of one quantity, no powers."""

from __future__ import annotations

import re

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrade.estimate.fit import fit
from integrade.estimate.inverted_u import u_test
from integrade.estimate.results import Coefficient
from integrade.report.regression import Layout, decimals_by_column, term_rows
from integrade.subjects.shape.tables import shape_table
from integrade.subjects.shape.two_lines import ShapeStudy, two_lines
from integrade.wording.numerals import MOST_DECIMALS, fixed, placed

sizes = st.floats(1e-9, 1e9).flatmap(lambda size: st.sampled_from([size, -size]))


@given(sizes, st.integers(0, 4))
def test_a_number_never_prints_as_zero_nor_as_a_power(value: float, digits: int) -> None:
    text = fixed(value, digits)
    assert "e" not in text
    assert abs(float(text.replace(",", "")) - value) <= max(0.5 * 10.0**-digits, 0.005 * abs(value)) * (1 + 1e-9)
    assert float(text.replace(",", "")) != 0 or abs(value) >= 0.5 * 10.0**-digits


@given(sizes)
def test_a_value_of_a_variable_has_three_significant_digits(value: float) -> None:
    printed = float(placed(value).replace(",", ""))
    assert abs(printed - value) <= max(0.0051 * abs(value), 0.5 * 10.0**-MOST_DECIMALS)


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    rng = np.random.default_rng(5)
    f, t = np.indices((120, 8)).reshape(2, -1)
    x = rng.uniform(1, 10, (12, 8))[f % 12, t]
    y = -((x - 6) ** 2) / 10 + rng.normal(0, 0.3, len(x)) + f % 7
    return pl.DataFrame({"firm": f, "year": 2000 + t, "region": f % 12, "x": x, "y": y})


@pytest.mark.parametrize("size", [1e-4, 1e-2, 1.0, 1e3])
def test_the_table_of_the_shape_prints_a_treatment_of_any_size(rows: pl.DataFrame, size: float) -> None:
    table, formula = rows.with_columns(x=pl.col("x") * size), "y ~ x + x^2 | firm + year"
    base = fit(table, formula, cluster="region")
    whole = u_test(base, "x")
    inner = u_test(base, "x", low=2 * size, high=9 * size)
    found = ShapeStudy(
        "x", whole, inner, ("p5", "p95"), 0.95, two_lines=two_lines(table, formula, variable="x", cluster="region")
    )
    cells = {row.key: cells for row, cells in zip(shape_table(found).rows, shape_table(found).cells(), strict=True)}
    text = " ".join(" ".join(line) for line in cells.values())
    assert not re.search(r"\de[-+]?\d", text)
    assert float(cells["turning_point"][1].replace(",", "")) == pytest.approx(6 * size, rel=0.05)
    slopes = [re.search(r"-?[\d.,]+", cells[key][1]) for key in ("slope_low", "slope_high")]
    assert len({len(m[0].partition(".")[2]) for m in slopes if m}) == 1


def test_the_decimals_of_a_column_are_those_of_its_main_terms_unless_a_standard_error_would_be_zero() -> None:
    def estimated(estimate: float, error: float) -> Coefficient:
        return Coefficient("", estimate, error, estimate / error, 0.2, 0.0, 0.0)

    columns = [
        {"x": estimated(2.3253, 0.2375), "age": estimated(0.0068, 0.003), "sales": estimated(2.43e-8, 1.2e-8)},
        {"x": estimated(-0.013332, 0.0128), "age": estimated(-0.000088, 0.000096)},
    ]
    layout = Layout(below="se")
    rows = term_rows(["x", "age", "sales"], columns, {}, layout, decimals_by_column(["x"], columns, layout))
    assert [row.cells[1:] for row in rows] == [
        ("2.3253", "-0.0133"),
        ("(0.2375)", "(0.0128)"),
        ("0.0068", "-0.0001"),
        ("(0.0030)", "(0.0001)"),
        ("0.000000024", ""),
        ("(0.000000012)", ""),
    ]
