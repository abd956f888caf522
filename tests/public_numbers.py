"""Small public data sets retyped in `tests/public`, whose README names their sources."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl

PUBLIC = Path(__file__).parent / "public"


def grunfeld() -> pl.DataFrame:
    """firm, year, inv, value, capital: 200 rows."""
    return pl.read_csv(PUBLIC / "grunfeld.csv")


def cigarettes() -> pl.DataFrame:
    """The data of METHODS 5.8, G11, made from what is published: 48 states in 1995."""
    single = pl.col("packs", "tax", "taxs", "price", "cpi").cast(pl.Float32).cast(pl.Float64)
    raw = pl.read_csv(PUBLIC / "cigarettes_1995.csv").with_columns(single)
    return raw.select(
        "state",
        "packs",
        rprice=pl.col("price") / pl.col("cpi"),
        rincome=pl.col("income") / pl.col("population") / pl.col("cpi"),
        tdiff=(pl.col("taxs") - pl.col("tax")) / pl.col("cpi"),
        rtax=pl.col("tax") / pl.col("cpi"),
    )


def filip() -> list[tuple[str, str]]:
    """y and x of NIST's Filip, as printed."""
    with (PUBLIC / "filip.csv").open(encoding="utf-8") as file:
        return [(row["y"], row["x"]) for row in csv.DictReader(file)]


def certified(name: str) -> list[dict[str, str]]:
    """term, estimate, std_error and residual_sd of a set of NIST."""
    with (PUBLIC / "nist_certified.csv").open(encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["set"] == name]
