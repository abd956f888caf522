"""The form of a table of prices as it is read: words, sources, rates, several bases, months made years."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import xlsxwriter

from basis_files import Economy, simulate
from each import each
from integrade.errors import BasisContradicted, BasisUnknown, DuplicateKeys, OutOfRange, UnknownName, UsageError
from integrade.integration import relative_price
from integrade.sources import read_prices
from integrade.sources.meaning.recipe import FOLDER, recipes

MONTHS = Economy(12, 48, 6, 6, inflation=0.03)


def table(basis: str, economy: Economy = MONTHS, seed: int = 2) -> pl.DataFrame:
    rows: pl.DataFrame = simulate(np.random.default_rng(seed), basis, economy).rows()
    return rows


def written(folder: Path, rows: pl.DataFrame, name: str = "p.csv") -> str:
    rows.write_csv(folder / name)
    return str(folder / name)


def test_the_heading_of_the_index_says_the_basis(tmp_path: Path) -> None:
    rows = table("fixed", Economy(1, 3, 5, 5))  # too short to tell
    path = written(tmp_path, rows.rename({"index": "Index (2010=100)"}))
    read = read_prices(path, columns={"Index (2010=100)": "index"})
    assert read.form == "fixed"
    assert "the file states its basis: 2010=100" in str(read.account)
    found = relative_price(read)
    assert found.polars().height == 5 * 2
    kinds = {by: relative_price(read, basis=by).account for by in ("detect", "fixed")}
    [stated], [declared] = ([e for e in one if "do not identify it" in str(e)] for one in kinds.values())
    assert (stated.kind, declared.kind) == ("note", "warning")
    with pytest.raises(BasisUnknown):
        relative_price(read.polars())


def test_words_and_numbers_that_disagree_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, table("fixed").with_columns(base=pl.lit("上月=100")))
    read = read_prices(path)
    assert read.form == "link"
    with pytest.raises(BasisContradicted, match="by their file or source, but they look like fixed") as refused:
        relative_price(read)
    assert 'basis="fixed"' in refused.value.remedy
    assert relative_price(read, basis="fixed").polars().height > 0


def test_sources_say_their_basis() -> None:
    found = {name: r.form for name, r in recipes().items() if r.table == "prices"}
    assert found == {"bls_cpi": "fixed", "nbs_cpi": "link", "nbs_rpi": "link", "wfp_prices": "level"}


def test_a_recipe_says_a_basis_that_exists(tmp_path: Path) -> None:
    own = (FOLDER / "bls_cpi.toml").read_text(encoding="utf-8").replace('form = "fixed"', 'form = "fixd"')
    (tmp_path / "own.toml").write_text(own, encoding="utf-8")
    with pytest.raises(UnknownName, match="no form 'fixd'"):
        read_prices(written(tmp_path, table("fixed")), source=str(tmp_path / "own.toml"))


def test_rates_below_zero_are_read_as_indices(tmp_path: Path) -> None:
    rates = table("rate", Economy(1, 14, 6, 6))
    assert rates["index"].min() < 0
    read = read_prices(written(tmp_path, rates))
    assert read.form == "rate"
    assert read.polars()["index"].min() == pytest.approx(100 + rates["index"].min())
    for basis in ("detect", "rate"):
        assert relative_price(read, basis=basis).polars().height == 14 * 6
    few = read_prices(written(tmp_path, rates.filter(pl.col("year") < 1992), "few.csv"), basis="rate")
    assert few.polars()["index"].min() > 50
    with pytest.raises(BasisUnknown, match="values are negative"):
        read_prices(tmp_path / "few.csv")


def test_years_of_a_fixed_base_are_the_means_of_its_levels(tmp_path: Path) -> None:
    rows = table("fixed")
    read = read_prices(written(tmp_path, rows), to_year=True)
    assert read.form == "fixed"
    key = ("region", "year", "commodity")
    expected = rows.group_by(key).agg(pl.col("index").mean()).sort(key)
    got = read.polars().sort(key)
    np.testing.assert_allclose(got["index"], expected["index"], rtol=1e-12)
    assert "rows after averaging monthly levels into years" in str(read.account)
    assert relative_price(read).polars()["year"].n_unique() == 3  # of four years, the first has no change


def test_quarters_are_whole_years_of_four(tmp_path: Path) -> None:
    rows = table("fixed", Economy(4, 24, 6, 6)).filter(~((pl.col("year") == 1995) & (pl.col("month") == 12)))
    account = str(read_prices(written(tmp_path, rows), to_year=True).account)
    assert "36 annual indices are based on fewer than 4 months (years 1995)" in account


def test_years_of_indices_on_last_year_are_link_indices(tmp_path: Path) -> None:
    rows = table("year_on_year")
    read = read_prices(written(tmp_path, rows), to_year=True)
    assert read.form == "link"
    assert relative_price(read).polars()["year"].n_unique() == 4


@pytest.mark.parametrize("basis", ["link", "rate"])
@pytest.mark.parametrize("per_year", [4, 12])
def test_monthly_changes_are_chained_into_years(tmp_path: Path, basis: str, per_year: int) -> None:
    rows = table(basis, Economy(per_year, 5 * per_year, 5, 4))
    first, last = rows["year"].min(), rows["year"].max()
    region, good = rows["region"][0], rows["commodity"][0]
    assert isinstance(first, int)
    assert isinstance(last, int)
    one = (pl.col("region") == region) & (pl.col("commodity") == good)
    gap = one & (pl.col("year") == first + 2) & (pl.col("month") == 12)
    base = (pl.col("year") == first) & (pl.col("month") == 12 // per_year)  # the first month's own change is not needed
    read = read_prices(written(tmp_path, rows.filter(~gap & ~base)), to_year=True, basis=basis)  # type: ignore[arg-type]
    assert read.form == "link"
    made = read.polars()
    for (place, item), series in rows.sort("year", "month").group_by(["region", "commodity"]):
        level = np.cumprod(series["index"].to_numpy() / 100 + (basis == "rate"))
        means = level.reshape(5, per_year).mean(axis=1)
        got = made.filter((pl.col("region") == place) & (pl.col("commodity") == item)).sort("year")
        lost = (place, item) == (region, good)  # the gap, and the two pairs of years that it is in
        assert got["year"].to_list() == ([first + 1, last] if lost else list(range(first + 1, last + 1)))
        expected = (100 * means[1:] / means[:-1])[[0, 3] if lost else slice(None)]
        np.testing.assert_allclose(got["index"], expected, rtol=1e-12)
    account = str(read.account)
    assert "after chaining months and averaging them into annual indices (previous year = 100)" in account
    assert f"{5 * 4 + 2} rows dropped: annual indices (region, good, year) for which months" in account


def test_years_of_months_that_do_not_tell_are_refused(tmp_path: Path) -> None:
    short = written(tmp_path, table("fixed").filter(pl.col("year") == 1990), "short.csv")
    with pytest.raises(BasisUnknown, match="do not identify it") as asked:
        read_prices(short, to_year=True)
    assert 'basis="fixed"' in asked.value.remedy
    assert read_prices(short, to_year=True, basis="fixed").form == "fixed"


def test_months_of_another_basis_than_declared_are_not_chained(tmp_path: Path) -> None:
    path = written(tmp_path, table("year_on_year"))
    with pytest.raises(BasisContradicted, match="they look like year_on_year") as refused:
        read_prices(path, to_year=True, basis="link")
    assert 'basis="year_on_year"' in refused.value.remedy
    assert read_prices(path, to_year=True, basis="year_on_year").form == "link"
    with pytest.raises(BasisContradicted, match="by their file or source"):
        read_prices(written(tmp_path, table("fixed").with_columns(base=pl.lit("上月=100"))), to_year=True)


def test_the_year_before_tells_nothing_of_months(tmp_path: Path) -> None:
    rows = table("year_on_year").rename({"index": "Previous year = 100"})
    path, columns = written(tmp_path, rows), {"Previous year = 100": "index"}
    assert read_prices(path, columns=columns).form == ""
    of_years = read_prices(path, columns=columns, to_year=True)
    assert of_years.polars()["index"].is_between(80, 130).all()
    annual = table("link", Economy(1, 3, 5, 5)).rename({"index": "Previous year = 100"})
    assert read_prices(written(tmp_path, annual), columns=columns).form == "link"


def test_rates_of_months_become_indices_with_a_line_in_the_account(tmp_path: Path) -> None:
    rates = table("rate").with_columns(pl.col("index") + 20)  # an inflation in which none is below zero
    read = read_prices(written(tmp_path, rates), to_year=True)
    assert "rates of change converted to indices" in str(read.account)


def two_bases(overlap: bool) -> pl.DataFrame:
    levels = simulate(np.random.default_rng(3), "level", Economy(1, 12, 5, 5)).rows()
    first = levels.filter(pl.col("year") == 1992).rename({"index": "at"}).drop("year")
    second = levels.filter(pl.col("year") == 1998).rename({"index": "at"}).drop("year")
    old = levels.filter(pl.col("year") <= (1998 if overlap else 1997)).join(first, on=["region", "commodity"])
    new = levels.filter(pl.col("year") >= 1998).join(second, on=["region", "commodity"])
    parts = [
        part.with_columns(index=100 * pl.col("index") / pl.col("at"), base=pl.lit(base)).drop("at")
        for part, base in ((old, "1992=100"), (new, "1998=100"))
    ]
    return pl.concat(parts)


def test_two_bases_are_joined_by_the_periods_of_both(tmp_path: Path) -> None:
    read = read_prices(written(tmp_path, two_bases(overlap=True)))
    levels = simulate(np.random.default_rng(3), "level", Economy(1, 12, 5, 5)).rows()
    assert read.form == "fixed"
    assert "base 1992=100 linked to base 1998=100 by 25 overlapping rows" in str(read.account)
    found, true = relative_price(read).polars(), relative_price(levels)
    np.testing.assert_allclose(found["integration"], true["integration"], rtol=1e-9)


def test_the_newer_base_is_that_of_the_later_year(tmp_path: Path) -> None:
    rows = two_bases(overlap=True).with_columns(pl.col("base").replace({"1992=100": "Dec 1992=100"}))
    read = read_prices(written(tmp_path, rows))
    assert "base Dec 1992=100 linked to base 1998=100" in str(read.account)
    assert read.polars().filter(pl.col("year") == 1998)["index"].to_list() == pytest.approx([100] * 25)


def test_rows_without_a_base_beside_several_are_counted(tmp_path: Path) -> None:
    later = two_bases(overlap=True).filter(pl.col("year") == 1999).with_columns(year=pl.lit(2050), base=None)
    read = read_prices(written(tmp_path, pl.concat([two_bases(overlap=True), later], how="vertical_relaxed")))
    assert "25 rows dropped: no base given, while other rows have several bases" in str(read.account)


def test_two_bases_without_a_common_period_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, two_bases(overlap=False))
    with pytest.raises(UsageError, match="no period in common") as refused:
        read_prices(path)
    assert "1997" in refused.value.example
    assert read_prices(path, where='base == "1998=100"').polars()["year"].min() == 1998


@pytest.mark.parametrize(
    ("seed", "jump", "filters"),
    [(2, (1994, 3), ("year >= 1995", "year < 1994")), (0, (1990, 10), ("year >= 1991",)), (5, (1997, 3), None)],
)
def test_months_of_several_bases_say_which_years_have_one(
    tmp_path: Path, seed: int, jump: tuple[int, int], filters: tuple[str, ...] | None
) -> None:
    """Declaring a basis does not help there; a year that has months of both bases is in neither part."""
    file = simulate(np.random.default_rng(seed), "mixed", Economy(12, 96, 6, 8, inflation=0.03))
    assert file.periods[file.jump] == jump
    path = written(tmp_path, file.rows())
    with pytest.raises(BasisUnknown, match="the prices have several bases") as refused:
        read_prices(path, to_year=True)
    assert refused.value.filters == (filters or ("year < 1997",))
    for rows in refused.value.filters:
        assert f'where="{rows}"' in refused.value.remedy
        assert read_prices(path, to_year=True, where=rows).form == "fixed"


@pytest.mark.parametrize(
    ("kept", "said", "where"),
    [
        (pl.col("year") * 12 + pl.col("month") < 1993 * 12 + 7, "1993 covers only part of a year", "year != 1993"),
        (
            (pl.col("year") * 12 + pl.col("month")).is_between(1990 * 12 + 3, 1993 * 12 + 7),
            "1990, 1993 cover only part of a year",
            "year not in (1990, 1993)",
        ),
        (~((pl.col("year") == 1992) & (pl.col("month") == 5) & (pl.col("region") == "r001")), None, ""),
    ],
)
def test_a_part_of_a_year_comes_with_the_filter_that_leaves_it_out(
    tmp_path: Path, kept: pl.Expr, said: str | None, where: str
) -> None:
    path = written(tmp_path, table("fixed").filter(kept))
    told = str(read_prices(path, to_year=True, basis="fixed").account)
    assert "annual indices are based on fewer than 12 months" in told
    assert ("in every series" in told) == (said is not None)
    if said:
        assert f'{said} in every series: where="{where}" leaves' in told
        rest = read_prices(path, to_year=True, basis="fixed", where=where)
        assert "fewer than 12 months" not in str(rest.account)
        assert rest.polars().height > 0


def test_values_below_zero_that_do_not_tell_are_asked_for_and_not_called_wrong(tmp_path: Path) -> None:
    rows = table("rate").filter((pl.col("year") == 1990) & (pl.col("month") <= 6))
    assert (rows["index"] < 0).mean() > 0.05  # type: ignore[operator]
    path = written(tmp_path, rows)
    with pytest.raises(BasisUnknown, match="values are negative, which an index cannot be") as refused:
        read_prices(path)
    assert 'basis="rate" or basis="rate_year_on_year"' in refused.value.remedy
    assert read_prices(path, basis="rate").polars()["index"].min() > 90  # type: ignore[operator]
    with pytest.raises(OutOfRange):  # a slip in a table of indices stays one
        read_prices(written(tmp_path, table("fixed").with_columns(index=_one_below_zero())))


@each("declared", ["year_on_year", "link", "fixed"])
@each("to_year", [True, False])
def test_rates_that_are_declared_indices_are_told_to_be_rates(tmp_path: Path, declared: Any, to_year: bool) -> None:
    path = written(tmp_path, table("rate_year_on_year"))
    with pytest.raises(BasisContradicted, match="look like rate_year_on_year") as refused:
        read_prices(path, basis=declared, to_year=to_year)
    assert 'basis="rate_year_on_year"' in refused.value.remedy
    few = table("rate").filter((pl.col("year") == 1990) & (pl.col("month") <= 6))
    with pytest.raises(BasisUnknown, match="values are negative, which an index cannot be"):
        read_prices(written(tmp_path, few, "few.csv"), basis=declared)
    with pytest.raises(OutOfRange):
        read_prices(written(tmp_path, table("fixed").with_columns(index=_one_below_zero()), "slip.csv"), basis="fixed")


def _one_below_zero() -> pl.Expr:
    return pl.when(pl.int_range(pl.len()) == 3).then(-5.0).otherwise(pl.col("index"))


POLISH = ("styczeń", "luty", "marzec", "kwiecień", "maj", "czerwiec", "lipiec", "sierpień", "wrzesień", "październik")
POLISH += ("listopad", "grudzień")


def under_mc(folder: Path, base: str = "", *, names: bool = True) -> str:
    """Monthly changes with the months under a heading that is not known, and words on their base."""
    rows = table("link").with_columns(pl.col("month").cast(pl.Int64), base=pl.lit(base))
    if names:
        rows = rows.with_columns(month=pl.col("month").replace_strict(dict(enumerate(POLISH, 1))))
    return written(folder, rows.rename({"month": "mc"}))


@pytest.mark.parametrize("names", [True, False])
def test_months_under_an_unknown_heading_are_no_kinds_of_rows(tmp_path: Path, names: bool) -> None:
    """A filter that keeps one month would make monthly changes those of years."""
    for base, error in (("", DuplicateKeys), ("miesiąc poprzedni = 100", BasisContradicted)):
        path = under_mc(tmp_path, base, names=names)
        with pytest.raises(error) as refused:
            read_prices(path, to_year=True)
        assert refused.value.remedy.endswith('columns={"mc": "month"}')
        assert refused.value.filters == ()
    read = read_prices(path, to_year=True, columns={"mc": "month"})
    expected = read_prices(written(tmp_path, table("link")), to_year=True)
    assert read.polars().height == expected.polars().height > 0
    np.testing.assert_allclose(read.polars()["index"].sort(), expected.polars()["index"].sort(), rtol=1e-12)


def test_a_title_over_regions_across_says_the_basis(tmp_path: Path) -> None:
    wide = table("link").pivot("region", index=["commodity", "year", "month"], values="index", maintain_order=True)
    path = tmp_path / "ceny.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "Ceny, miesiąc poprzedni = 100")
        sheet.write_row(2, 0, ["Towar", "Rok", "Miesiąc", *wide.columns[3:]])
        for i, row in enumerate(wide.iter_rows(), 3):
            sheet.write_row(i, 0, row)
    read = read_prices(path, to_year=True, layout={"columns": "region"})
    assert "states its basis: miesiąc poprzedni = 100" in str(read.account)
    expected = read_prices(written(tmp_path, table("link")), to_year=True).polars()
    np.testing.assert_allclose(read.polars()["index"].sort(), expected["index"].sort(), rtol=1e-12)


def test_twelve_words_that_are_no_known_months_may_be_some(tmp_path: Path) -> None:
    rows = table("link").with_columns(month="m of " + pl.col("month").cast(pl.String)).rename({"month": "when"})
    with pytest.raises(DuplicateKeys, match="more than one row") as refused:
        read_prices(written(tmp_path, rows), to_year=True)
    assert refused.value.remedy.startswith("when may contain the months (")
    assert refused.value.filters == ()


@pytest.mark.parametrize("to_year", [True, False])
def test_one_month_of_each_year_is_no_year_where_the_title_says_the_month_before(tmp_path: Path, to_year: bool) -> None:
    path = under_mc(tmp_path, "miesiąc poprzedni = 100")
    with pytest.raises(BasisContradicted, match="read without months") as refused:
        read_prices(path, to_year=to_year, where='mc == "czerwiec"')
    assert 'columns={"mc": "month"}' in refused.value.remedy
    with pytest.raises(BasisContradicted, match="'上月=100', but it was read without months") as refused:
        read_prices(
            written(tmp_path, table("link").filter(month=6).drop("month").with_columns(base=pl.lit("上月=100")))
        )
    assert 'columns={"OLD": "month"}' in refused.value.remedy


def test_changes_on_the_month_before_are_not_chained_over_a_part_of_the_months(tmp_path: Path) -> None:
    rows, said = table("link"), pl.lit("previous month = 100")
    for part, base in ((rows.filter(month=6), pl.lit("")), (rows.filter(pl.col("month") % 3 == 0), said)):
        path = written(tmp_path, part.with_columns(base=base))
        with pytest.raises(BasisUnknown, match="chaining requires all 12 periods of a year"):
            read_prices(path, to_year=True)
    assert read_prices(written(tmp_path, rows.with_columns(base=said)), to_year=True).form == "link"
