"""A ratio of sums by industry and year, against sums by hand; two-digit industries and four-digit firms."""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np
import polars as pl
import pytest

from each import each
from integrade.engine.frames import Table
from integrade.errors import Coverage, DuplicateKeys, MissingColumn, NotANumber, UnknownColumn, UsageError
from integrade.panel import assemble, ratio

YEARS = (2004, 2005)


def research(seed: int) -> pl.DataFrame:
    """Research by region, three-digit industry and year."""
    rng = np.random.default_rng(seed)
    keys = [(r, f"{i:03d}", t) for r in ("North", "South") for i in range(60, 140, 7) for t in YEARS]
    return pl.DataFrame(
        [(*k, float(v)) for k, v in zip(keys, rng.uniform(1, 9, len(keys)), strict=True)],
        schema=["region", "industry", "year", "rd"],
        orient="row",
    )


def output(seed: int) -> pl.DataFrame:
    """Output by region, four-digit industry and year."""
    rng = np.random.default_rng(seed + 50)
    keys = [(r, f"{i:04d}", t) for r in ("North", "South") for i in range(600, 1400, 33) for t in YEARS]
    return pl.DataFrame(
        [(*k, float(v)) for k, v in zip(keys, rng.uniform(50, 900, len(keys)), strict=True)],
        schema=["region", "industry", "year", "value"],
        orient="row",
    )


def by_hand(rows: pl.DataFrame, column: str, keys: list[str], digits: int) -> dict[tuple, float]:
    found: dict[tuple, float] = defaultdict(float)
    for row in rows.iter_rows(named=True):
        row["industry"] = row["industry"][:digits]
        found[tuple(row[k] for k in keys)] += row[column]
    return found


@each("by", [("industry", "year"), ("region", "industry", "year"), ("region", "year")])
@each("digits", [None, 2, 1])
def test_sums_are_divided(by: tuple[str, ...], digits: int | None) -> None:
    if "industry" not in by:
        digits = None
    rd, out = research(1), output(1)
    found = ratio([Table("covariates", rd), Table("output", out)], numerator="rd", denominator="output.value",
                  name="rd_intensity", by=by, digits=digits)  # fmt: skip
    above, below = (by_hand(t, c, list(by), digits or 3) for t, c in ((rd, "rd"), (out, "value")))
    want = sorted((*k, above[k] / below[k]) for k in set(above) & set(below))
    rows = found.polars()
    assert rows.columns == [*by, "rd_intensity"]
    assert rows.select(by).rows() == [w[:-1] for w in want]
    assert rows["rd_intensity"].to_list() == pytest.approx([w[-1] for w in want], rel=1e-12)
    lost = {e.reason: e.rows for e in found.account if e.kind == "dropped"}
    assert lost.get("no rd (numerator of the ratio)", 0) == len(set(below) - set(above))
    assert lost.get("no output.value (denominator of the ratio)", 0) == len(set(above) - set(below))
    if "industry" in by and digits is None:
        assert "first 3 digits" in str(found.account), "the shorter codes of the two decide"
    shuffled = ratio([Table("output", out.sample(fraction=1, shuffle=True, seed=3)), Table("covariates", rd[::-1])],
                     numerator="rd", denominator="value", name="rd_intensity", by=by, digits=digits)  # fmt: skip
    assert shuffled.polars().equals(rows)


PARTS = pl.DataFrame(
    {
        "industry": ["13", "13", "14", "14", "15", "15", "16", "17", "18", "1", None],
        "year": [2004] * 11,
        "rd": [1.0, 3.0, 2.0, None, None, None, 5.0, 1.0, 1.0, 9.0, 9.0],
        "output": [10.0, 30.0, 50.0, 50.0, 10.0, 10.0, 0.0, -4.0, None, 9.0, 9.0],
    }
)


def test_what_is_missing_is_counted_by_reason() -> None:
    found = ratio(PARTS, numerator="rd", denominator="output", digits=2)
    assert found.polars().rows() == [("13", 2004, 0.1)]
    said = {(e.kind, e.reason): e.rows for e in found.account}
    assert said["dropped", "no rd (numerator of the ratio)"] == 2  # 14, of which a part is missing, and 15
    assert said["dropped", "no output (denominator of the ratio)"] == 1
    assert said["dropped", "output (denominator of the ratio) zero or negative"] == 2
    assert said["dropped", "industry codes of fewer than 2 digits"] == 1
    assert said["dropped", "without industry, year"] == 1
    assert said["note", "sums of rd missing because a component is missing: 1"] == 1
    summed = ratio(PARTS, numerator="rd", denominator="output", digits=2, parts="sum")
    assert summed.polars().rows() == [("13", 2004, 0.1), ("14", 2004, 0.02)]
    assert "sums of rd that exclude a missing component: 1" in str(summed.account)


def test_industries_and_their_parts_side_by_side_are_refused() -> None:
    rows = pl.DataFrame({"industry": ["13", "131", "14"], "year": [2004] * 3, "rd": [1.0] * 3, "output": [2.0] * 3})
    with pytest.raises(DuplicateKeys, match="13 and 131, year=2004"):
        ratio(rows, numerator="rd", denominator="output")
    assert ratio(rows[1:], numerator="rd", denominator="output", digits=2).polars().height == 2
    firms = rows.with_columns(firm=pl.Series(["a", "b", "c"]))  # a firm is no part of another
    assert ratio(firms, numerator="rd", denominator="output", digits=2).polars()["ratio"].to_list() == [0.5, 0.5]


def test_industries_and_their_parts_count_once_in_sums_by_region() -> None:
    rows = pl.DataFrame(
        {
            "region": ["A"] * 4,
            "industry": ["13", "131", None, ""],
            "year": [2004] * 4,
            "rd": [1.0] * 4,
            "out": [2.0] * 4,
        }
    )
    for by in (("region", "year"), ["region", "year"]):
        with pytest.raises(DuplicateKeys, match="13 and 131, year=2004"):
            ratio(rows, numerator="rd", denominator="out", by=by)
    # a row without a code, or with an empty one, is not a whole of which the others are parts
    assert ratio(rows[1:], numerator="rd", denominator="out", by=("region", "year")).polars().rows() == [
        ("A", 2004, 0.5)
    ]
    elsewhere = rows[:2].with_columns(region=pl.Series(["A", "B"]))
    assert ratio(elsewhere, numerator="rd", denominator="out", by=("region", "year")).polars().height == 2


@pytest.mark.parametrize("stray", ["总计", "", "1"])
def test_one_short_code_does_not_set_the_digits_of_all(stray: str) -> None:
    codes = [*(str(c) for c in range(131, 151)), stray]
    rd = pl.DataFrame({"industry": codes, "year": 2004, "rd": 1.0})
    out = pl.DataFrame({"industry": [f"{c}0" for c in codes[:-1]], "year": 2004, "value": 4.0})
    found = ratio([Table("rd", rd), Table("output", out)], numerator="rd", denominator="value")
    assert found.polars()["industry"].to_list() == codes[:-1]
    assert ("dropped", "industry codes of fewer than 3 digits", 1) in [
        (e.kind, e.reason, e.rows) for e in found.account
    ]


def test_codes_without_a_common_length_need_digits() -> None:
    rows = pl.DataFrame(
        {"industry": ["13", "14", "15", "221", "222"], "year": [2004] * 5, "rd": [1.0] * 5, "output": [2.0] * 5}
    )
    with pytest.raises(UsageError, match=r"(?s)no common length.*3 of 2 digits, 2 of 3 digits.*digits"):
        ratio(rows, numerator="rd", denominator="output")
    assert ratio(rows, numerator="rd", denominator="output", digits=2).polars().height == 4
    nothing = rows.with_columns(industry=pl.lit(""))
    with pytest.raises(Coverage):
        ratio(nothing, numerator="rd", denominator="output")


def test_mistakes_have_codes() -> None:
    rd, out = Table("covariates", research(2)), Table("output", output(2))
    with pytest.raises(UnknownColumn, match="did you mean 'rd'"):
        ratio([rd, out], numerator="rdd", denominator="value")
    with pytest.raises(UnknownColumn, match=r"output\.rd"):
        ratio([rd, out], numerator="output.rd", denominator="value")
    both = Table("firms", output(2).with_columns(firm=pl.lit("a")))
    with pytest.raises(UsageError, match=r"(?s)several tables: output, firms.*output\.value"):
        ratio([rd, out, both], numerator="rd", denominator="value")
    assert ratio([rd, out, both], numerator="rd", denominator="firms.value").polars().height > 0
    with pytest.raises(MissingColumn, match="'industry'"):
        ratio(research(2).drop("industry").with_columns(value=1.0), numerator="rd", denominator="value")
    with pytest.raises(NotANumber, match="'rd'"):
        ratio(research(2).with_columns(rd=pl.lit("x"), value=1.0), numerator="rd", denominator="value")
    with pytest.raises(UsageError, match="cannot be summed by"):
        ratio([rd, out], numerator="rd", denominator="value", by=("industry",))
    with pytest.raises(UsageError, match="digits=0"):
        ratio([rd, out], numerator="rd", denominator="value", digits=0)
    far = Table("output", output(2).with_columns(pl.col("year") + 10))
    with pytest.raises(Coverage, match=r"no industry and year has both"):
        ratio([rd, far], numerator="rd", denominator="value")


def test_two_digit_industries_meet_the_first_digits_of_the_firms() -> None:
    firms = pl.DataFrame(
        {"firm": ["a", "b", "c", "d", "e"], "year": [2004] * 5, "industry": ["1310", "1320", "2211", "13", None]}
    )
    side = Table("rd_intensity", pl.DataFrame({"industry": ["13", "14"], "year": [2004] * 2, "x": [0.1, 0.2]}))
    table = assemble(Table("firms", firms), covariates=side)
    assert table.polars().select("industry", "x").rows() == [
        ("1310", 0.1),
        ("1320", 0.1),
        ("2211", None),
        ("13", 0.1),
        (None, None),
    ]
    said = str(table.account)
    assert (
        "industry codes of rd_intensity have 2 digits and are matched to the first 2 digits of the firms' longer codes"
        in said
    )
    assert "1 rows without rd_intensity: industry not in rd_intensity: 1 names" in said
    exact = assemble(Table("firms", firms), covariates=pl.DataFrame({"industry": ["1310"], "year": [2004], "x": [1.0]}))
    assert "matched to the first" not in str(exact.account)


@pytest.mark.parametrize("wrong", [{"name": "industry"}, {"numerator": "year"}, {"name": ""}])
def test_keys_are_no_parts_and_no_names_of_a_ratio(wrong: dict[str, str]) -> None:
    rows = pl.DataFrame({"industry": ["131"], "year": [2004], "rd": [1.0], "output": [2.0]})
    with pytest.raises(UsageError, match=r"key|has no name"):
        ratio(rows, **({"numerator": "rd", "denominator": "output", "name": "share"} | wrong))


def test_what_is_infinite_is_missing_and_years_are_numbers() -> None:
    rows = pl.DataFrame({"industry": ["131", "132"], "year": [2004, 2004], "rd": [math.inf, 1.0], "output": [2.0, 4.0]})
    found = ratio(rows, numerator="rd", denominator="output", name="share")
    assert found.polars()["share"].to_list() == [0.25]
    with pytest.raises(NotANumber, match="'year'"):
        ratio(rows.with_columns(year=pl.lit("x")), numerator="rd", denominator="output", name="share")
