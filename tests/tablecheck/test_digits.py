"""Numbers of cells: every way to write a power of ten is the same number, and none ends in a traceback."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from each import each
from tablecheck.digits import plain, tokens


@each("text", ["2.5e-3", "2.5E-3", "2.5x10-3", "2.5 X 10^-3", "2.5×10^{-3}", "2.5 × 10−3", "2.5X10^(-3)"])
def test_a_power_of_ten_is_read_in_every_notation(text: str) -> None:
    (number,) = tokens(text)[0].values
    assert number.value == pytest.approx(0.0025, rel=1e-12)
    assert number.decimals == 4


@given(st.text(alphabet="0123456789.,-+xXeE ^{}()[]<>=*%X−×²½٣３'\x05", max_size=20), st.sampled_from([".", ","]))
def test_any_text_is_numbers_or_none(text: str, point: str) -> None:
    for token in tokens(text, point):  # type: ignore[arg-type]
        assert all(one.low <= one.value <= one.high for one in token.values), plain(text)
