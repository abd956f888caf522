"""The numbers retyped in this tree are those of the real files."""

from __future__ import annotations

import csv

import polars as pl
from polars.testing import assert_frame_equal

import public_numbers
from library import shared


def test_retyped_numbers_are_those_of_the_library() -> None:
    golden, data = shared("golden"), shared("data")
    assert_frame_equal(public_numbers.grunfeld(), pl.read_csv(golden / "grunfeld.csv"), check_exact=True)
    raw = pl.read_csv(data / "classic" / "AER_CigarettesSW.csv").filter(year=1995)
    made = raw.select(
        "state",
        "packs",
        rprice=pl.col("price") / pl.col("cpi"),
        rincome=pl.col("income") / pl.col("population") / pl.col("cpi"),
        tdiff=(pl.col("taxs") - pl.col("tax")) / pl.col("cpi"),
        rtax=pl.col("tax") / pl.col("cpi"),
    )
    assert_frame_equal(public_numbers.cigarettes(), made, check_exact=True)
    assert_frame_equal(made, pl.read_csv(golden / "cig95.csv"), rel_tol=1e-14)  # R prints 15 digits
    words = (data / "nist" / "filip.txt").read_text(encoding="utf-8").split()
    assert [w for row in public_numbers.filip() for w in row] == words
    with (data / "nist" / "certified_exact.csv").open(encoding="utf-8") as file:
        assert [r for r in csv.DictReader(file) if r["set"] == "Filip"] == public_numbers.certified("Filip")
