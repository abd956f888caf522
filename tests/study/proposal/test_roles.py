"""Which column is which: known headings of nine languages, and certainties that hold on simulated files."""

from __future__ import annotations

from itertools import product

import numpy as np
import polars as pl
import pytest

from foreign_files import LANGUAGES, TRUTH, truth
from guessed_files import simulated
from integrade.study.proposal.contents import contents_of, number_of
from integrade.study.proposal.roles import CIF, Choice, choose_columns, why_unused


def chosen(table: str, frame: pl.DataFrame) -> Choice:
    return choose_columns(table, contents_of(frame))


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_the_columns_of_every_language_are_found(language: str) -> None:
    for table in ("prices", "customs", "firms"):
        headings = list(getattr(LANGUAGES[language], table))
        frame = truth()[table]
        choice = chosen(table, frame.rename(dict(zip(frame.columns, headings, strict=True))))
        assert {p.column.heading: p.role for p in choice.pairs} == dict(zip(headings, TRUTH[table], strict=True))
        assert min(p.certainty for p in choice.pairs) >= 0.9
        assert not choice.lacking


def certainties(seeds: range) -> np.ndarray:
    """Certainty, right or not, and known heading or not, of every guess (n, 3)."""
    found = []
    for seed in seeds:
        table, frame, right = simulated(seed)
        pairs = chosen(table, frame).pairs
        found += [(pair.certainty, right[pair.column.heading] == pair.role, pair.known) for pair in pairs]
    return np.array(found, dtype=float)


@pytest.mark.slow
def test_certainties_are_shares_of_right_guesses() -> None:
    found = certainties(range(300))
    sure = found[found[:, 0] >= 0.9]
    assert len(sure) > 800
    assert sure[:, 1].mean() >= 0.95
    guessed = found[(found[:, 2] == 0) & (found[:, 0] >= 0.9)]
    assert len(guessed) > 200
    assert guessed[:, 1].mean() >= 0.9
    unsure = found[found[:, 0] < 0.7]
    assert unsure[:, 1].mean() < 0.9, "what is said to be unsure is less often right"


def test_guesses_said_to_be_sure_are_right_in_a_few_files() -> None:
    found = certainties(range(6))
    assert len(found) > 20
    assert found[found[:, 0] >= 0.9, 1].mean() >= 0.9


def test_a_name_is_preferred_to_the_code_beside_it() -> None:
    frame = pl.DataFrame(
        {
            "Year": [2010, 2011] * 6,
            "State code": [k for k in range(1, 7) for _ in range(2)],
            "State": [name for name in ("Johor", "Kedah", "Perak", "Sabah", "Melaka", "Pahang") for _ in range(2)],
            "Company no": [f"C{k}" for k in range(1, 7) for _ in range(2)],
            "Total assets": [float(k) for k in range(50, 62)],
            "Total liabilities": [float(k) for k in range(20, 32)],
        }
    )
    column = chosen("firms", frame).column("region")
    assert column is not None
    assert column.heading == "State"
    only_codes = chosen("firms", frame.drop("State")).column("region")
    assert only_codes is not None
    assert only_codes.heading == "State code"


def test_a_value_with_insurance_and_freight_is_not_the_fob_value() -> None:
    customs = truth()["customs"]
    both = customs.rename({"value": "FOB value (USD)"}).with_columns(pl.col("quantity").alias("CIF value (USD)"))
    roles = {p.column.heading: p.role for p in chosen("customs", both).pairs}
    assert roles["FOB value (USD)"] == "value"
    assert roles["CIF value (USD)"] == CIF
    alone = chosen("customs", customs.rename({"value": "CIF value (USD)"}))
    assert alone.lacking == ("value",)


def test_two_columns_that_could_be_one_are_rivals() -> None:
    customs = truth()["customs"].rename({"quantity": "Net weight (kg)"})
    customs = customs.with_columns((pl.col("Net weight (kg)") * 2).alias("Export quantity"))
    pair = next(p for p in chosen("customs", customs).pairs if p.role == "quantity")
    assert {pair.column.heading, *pair.rivals} == {"Net weight (kg)", "Export quantity"}


def test_cells_tell_where_headings_tell_nothing() -> None:
    customs = truth()["customs"].select(
        a="firm", b="product", c="destination", d="year", e=pl.col("value"), f=pl.col("quantity")
    )
    roles = {p.column.heading: p.role for p in chosen("customs", customs).pairs}
    assert (roles["b"], roles["c"], roles["d"]) == ("product", "destination", "year")
    assert "value" not in roles.values(), "which of two amounts is the value no cell tells"


def test_an_index_of_three_decimals_is_one() -> None:
    rows = [(s, y, g, round(101 + i * 0.0371, 3)) for i, (s, y, g) in enumerate(product("ABCDE", (2001, 2002), "xy"))]
    typed = pl.DataFrame(rows, schema=["State", "Year", "Item", "A"], orient="row")
    for frame in (typed, typed.cast(pl.String)):
        assert chosen("prices", frame).lacking == ()


def test_numbers_in_any_writing_keep_their_magnitude() -> None:
    assert [number_of(t) for t in ("1,234.5", "101.234", "1.234,5", "1 234", "101,5", "-3.2", "12a")] == [
        1234.5,
        101.234,
        1234.5,
        1234.0,
        101.5,
        -3.2,
        None,
    ]


def test_a_column_without_cells_is_no_column() -> None:
    frame = pl.DataFrame({"State": pl.Series([None, None], dtype=pl.String), "Year": [2010, 2011]})
    assert chosen("covariates", frame).column("region") is None


def test_reasons_rest_on_headings_and_cells_together() -> None:
    """Names repeat as regions do, and descriptions as units: cells alone are no reason."""
    rows = 60
    frame = pl.DataFrame(
        {
            "npwp": [f"0{i % 30:014d}" for i in range(rows)],
            "tahun": [2010 + i // 30 for i in range(rows)],
            "provinsi": [("Aceh", "Bali", "Riau", "Jambi")[i % 4] for i in range(rows)],
            "provinsi asal": [("Aceh", "Bali", "Riau", "Banten")[i % 4] for i in range(rows)],
            "aset": [1000.5 + 7 * i for i in range(rows)],
            "kewajiban": [500.5 + 7 * i for i in range(rows)],
            "sebutan": [f"PT {chr(65 + i % 26)}" for i in range(rows)],
        }
    )
    columns = contents_of(frame)
    choice = choose_columns("firms", columns)
    assert choice.column("region").heading == "provinsi"  # type: ignore[union-attr]
    said = {c.heading: why_unused(choice, c, columns) for c in columns}
    assert said["sebutan"] == "no column of firms is like it"
    assert said["provinsi asal"] == "it may be region, too, for which 'provinsi' was taken"


@pytest.mark.parametrize(("mark", "said"), [(",", False), (".", True)])
def test_no_number_is_told_that_rests_on_an_undecided_mark(mark: str, said: bool) -> None:
    frame = pl.DataFrame({"INPC": [f"{n}{mark}{767 + n}" for n in range(80, 110)]}).with_columns(
        Entidad=pl.lit("Sonora"), Año=pl.Series(["2014", "2015"] * 15), Genérico=pl.lit("Vivienda")
    )
    [index] = [pair for pair in chosen("prices", frame).pairs if pair.role == "index"]
    assert any("half of the values" in why for why in index.why) is said
