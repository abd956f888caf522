"""The basis of the prices of a measure: detected, declared, contradicted, or asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from basis_files import Economy, PriceFile, simulate
from each import each
from integrade.cli import run
from integrade.engine.frames import Table
from integrade.errors import BasisContradicted, BasisUnknown, OutOfRange, UsageError
from integrade.integration import half_life, relative_price, trend
from integrade.sources import read_prices

YEARS = Economy(1, 14, 8, 6, missing=0.0)
MONTHS = Economy(12, 48, 8, 6, inflation=0.02)


def of(basis: str, economy: Economy = YEARS, seed: int = 3) -> PriceFile:
    return simulate(np.random.default_rng(seed), basis, economy)


def malaysian(monthly: bool) -> tuple[pl.DataFrame, pl.DataFrame]:
    """A fixed base in the first period, drifting by 2% a year, unrounded; and the chain it is made of."""
    random, m = np.random.default_rng(5), 12 if monthly else 1
    changes = 0.02 / m + random.normal(0, 0.01 / np.sqrt(m), (4 * m if monthly else 12, 10, 9))
    levels = 100 * np.exp(np.cumsum(np.concatenate([np.zeros((1, 10, 9)), changes]), axis=0))
    link = 100 * levels[1:] / levels[:-1]
    periods = [(2010 + t // m, t % m + 1) if monthly else (2010 + t,) for t in range(len(levels))]
    name = PriceFile("", tuple(periods), levels, levels)
    return name.rows(), PriceFile("", tuple(periods[1:]), link, link).rows()


@pytest.mark.parametrize("monthly", [False, True])
def test_a_fixed_base_gives_the_index_of_its_chain_with_default_options(monthly: bool) -> None:
    fixed, link = malaysian(monthly)
    found, true = relative_price(fixed), relative_price(link, basis="link")
    assert found.drop("segmentation", "integration").equals(true.drop("segmentation", "integration"))
    np.testing.assert_allclose(found["integration"], true["integration"], rtol=1e-12)


@pytest.mark.parametrize("basis", ["link", "fixed", "level", "rate"])
def test_the_account_says_what_was_found_and_how_sure_it_is(basis: str) -> None:
    account = relative_price(Table("prices", of(basis).rows())).account
    said = [str(e.reason) for e in account if e.step == "basis"]
    assert basis in said[0].split(".")[0]
    assert "standard errors from 0.38" in said[0] or "identified exactly" in said[0]
    settings = next(e.reason for e in account if e.reason.startswith("settings"))
    assert "basis=detect" not in settings


@pytest.mark.parametrize(
    ("declared", "true"), [("link", "fixed"), ("fixed", "link"), ("link", "level"), ("rate", "link")]
)
def test_a_declaration_that_the_data_contradict_is_refused_and_its_remedy_works(declared: str, true: str) -> None:
    table = of(true).rows()
    with pytest.raises(BasisContradicted, match=f"declared as {declared} .*look like") as refused:
        relative_price(table, basis=declared)
    assert "leave basis out" in refused.value.remedy
    assert relative_price(table).height == relative_price(table, basis=true).height


def test_a_declaration_is_taken_where_the_data_do_not_tell() -> None:
    table = of("link").rows().filter(pl.col("year") < 1992)
    with pytest.raises(BasisUnknown, match="do not identify") as refused:
        relative_price(table)
    assert 'basis="link"' in refused.value.remedy
    account = relative_price(Table("prices", table), basis="link").account
    assert [e.kind for e in account if e.step == "basis"] == ["warning"]
    half_life(of("link").rows(), basis="link", bias="none")


def test_rates_are_the_indices_100_plus_them() -> None:
    rates = of("rate").rows()
    assert rates["index"].min() < 0
    as_links = rates.with_columns(index=pl.col("index") + 100)
    expected = relative_price(as_links)
    for table, options in ((rates, {}), (rates, {"basis": "rate"})):
        np.testing.assert_allclose(
            relative_price(table, **options)["segmentation"], expected["segmentation"], rtol=1e-9
        )
    with pytest.raises(OutOfRange, match="not positive"):  # levels with a zero are no rates
        relative_price(of("level").rows().with_columns(index=pl.col("index").replace(pl.col("index").max(), 0.0)))


def test_positive_rates_are_told_from_prices() -> None:
    table = simulate(np.random.default_rng(2), "rate", Economy(1, 14, 8, 6, inflation=0.15, permanent=0.005)).rows()
    assert table["index"].min() > 0
    as_links = table.with_columns(index=pl.col("index") + 100)
    np.testing.assert_allclose(
        relative_price(table)["segmentation"], relative_price(as_links, basis="link")["segmentation"], rtol=1e-9
    )


def test_months_on_last_year_are_no_link_indices() -> None:
    table = of("year_on_year", MONTHS).rows()
    with pytest.raises(BasisUnknown, match="indices are year-on-year") as refused:
        relative_price(table)
    assert "to_year" in refused.value.remedy
    account = relative_price(Table("prices", table), basis="year_on_year").account
    assert any("year_on_year" in e.reason for e in account if e.step == "basis")
    with pytest.raises(UsageError, match="cannot be chained"):
        half_life(table, bias="none")


def test_two_bases_in_one_file_are_refused_with_the_period_and_a_remedy_that_works() -> None:
    file = simulate(np.random.default_rng(4), "mixed", MONTHS)
    with pytest.raises(BasisUnknown, match="several bases") as refused:
        relative_price(file.rows())
    jump = file.periods[file.jump]
    assert f"{jump[0]}-{jump[1]:02d}" in refused.value.example
    with pytest.raises(BasisContradicted, match="several bases"):
        relative_price(file.rows(), basis="fixed")


def test_ratios_of_levels_need_levels() -> None:
    assert relative_price(of("level").rows(), form="level_ratio").height
    with pytest.raises(UsageError, match="compares price levels"):
        relative_price(of("link").rows(), form="level_ratio")


def test_a_table_says_its_form() -> None:
    table = of("fixed").rows()
    assert relative_price(Table("prices", table, form="fixed")).polars().height
    with pytest.raises(BasisContradicted):
        relative_price(Table("prices", table, form="link"))


def test_the_command_detects(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    of("fixed").rows().write_csv(tmp_path / "p.csv")
    call: list[Any] = ["integration", str(tmp_path / "p.csv"), "--out", str(tmp_path / "o.csv")]
    assert run(call) == 0
    assert "price basis detected: fixed" in capsys.readouterr().err
    assert run([*call, "--basis", "link"]) == 1
    assert "D231" in capsys.readouterr().err


RATES = [("rate", YEARS), ("rate", MONTHS), ("rate_year_on_year", MONTHS)]
OTHERS = [("link", YEARS), ("link", MONTHS), ("fixed", MONTHS), ("mixed", MONTHS), ("year_on_year", MONTHS)]


@each("to_year", [False, True])
@each(("true", "economy"), OTHERS)
def test_rates_that_are_none_are_refused_when_read_in_the_words_of_the_declaration(
    tmp_path: Path, true: str, economy: Economy, to_year: bool
) -> None:
    of(true, economy, seed=4).rows().write_csv(tmp_path / "p.csv")
    with pytest.raises(BasisContradicted, match=r"declared as rate \(percentage change on the previous period\), but"):
        read_prices([tmp_path / "p.csv"], basis="rate", to_year=to_year)


def test_rates_of_another_period_are_refused_with_the_rates_that_they_are(tmp_path: Path) -> None:
    of("rate_year_on_year", MONTHS).rows().write_csv(tmp_path / "p.csv")
    with pytest.raises(BasisContradicted, match="they look like rate_year_on_year") as refused:
        read_prices([tmp_path / "p.csv"], basis="rate")
    assert 'basis="rate_year_on_year"' in refused.value.remedy
    assert read_prices([tmp_path / "p.csv"], basis="rate_year_on_year").form == "rate_year_on_year"


@pytest.mark.parametrize(("true", "economy"), RATES)
def test_a_table_of_rates_is_measured_as_what_it_was_declared(tmp_path: Path, true: Any, economy: Economy) -> None:
    rates = of(true, economy).rows()
    rates.write_csv(tmp_path / "p.csv")
    read = read_prices([tmp_path / "p.csv"], basis=true)
    for call in (lambda: relative_price(read, basis=true), lambda: trend(read, basis=true)):
        table = call()
        said = [str(e.reason) for e in table.account if e.step == "basis"]
        assert any(f"declared: {true} (percentage change" in one for one in said)
    found, expected = relative_price(read, basis=true).polars(), relative_price(rates, basis=true)
    np.testing.assert_allclose(found["segmentation"], expected["segmentation"], rtol=1e-9)


def test_steps_that_are_one_base_are_taken_where_the_user_insists() -> None:
    file = simulate(np.random.default_rng(4), "mixed", MONTHS)
    for basis in ("fixed", "level"):
        with pytest.raises(BasisContradicted, match="several bases") as refused:
            relative_price(file.rows(), basis=basis)
        assert 'basis="one_base"' in refused.value.remedy
    table = relative_price(Table("prices", file.rows()), basis="one_base")
    said = [e for e in table.account if e.step == "basis"]
    assert [e.kind for e in said] == ["warning"]
    jump = file.periods[file.jump]
    assert "price basis set by the user" in str(said[0].reason)
    assert f"{jump[0]}-{jump[1]:02d}" in str(said[0].reason)
    fixed = of("fixed", MONTHS).rows()
    assert relative_price(fixed, basis="one_base").equals(relative_price(fixed, basis="fixed"))
    with pytest.raises(BasisContradicted, match=r"declared as one_base .*look like link"):
        relative_price(of("link").rows(), basis="one_base")


def test_months_on_one_assumed_base_become_years_with_the_assumption(tmp_path: Path) -> None:
    simulate(np.random.default_rng(4), "mixed", MONTHS).rows().write_csv(tmp_path / "p.csv")
    with pytest.raises(BasisContradicted, match="one_base"):
        read_prices([tmp_path / "p.csv"], basis="fixed", to_year=True)
    read = read_prices([tmp_path / "p.csv"], basis="one_base", to_year=True)
    assert any("price basis set by the user" in str(e.reason) for e in read.account if e.kind == "warning")
    assert read.form == "one_base"
