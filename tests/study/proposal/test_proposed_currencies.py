"""Columns of currencies, and columns that no table has, in a study proposed from files."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from foreign_files import truth
from integrade.cli import run
from integrade.sources.writing.stata_tables import write_labelled


def files(folder: Path, value: str, currency: str, other: str = "IDR") -> Path:
    """Customs records with a currency in every row, quantities in two measures, and text that nobody needs."""
    raw = folder / "raw"
    raw.mkdir(parents=True)
    code = pl.when(pl.int_range(pl.len()) % 10 == 0).then(pl.lit(other)).otherwise(pl.lit("USD"))
    customs = truth()["customs"].with_columns(code.alias(currency), pl.lit("barang").alias("Uraian"))
    names = {"firm": "NPWP", "product": "Kode HS", "destination": "Negara tujuan", "year": "Tahun"}
    customs.rename({**names, "value": value, "quantity": "Berat bersih (kg)"}).write_csv(raw / "ekspor.csv")
    return raw


@pytest.mark.parametrize("heading", ["Valuta", "Mata Uang", "zzz"])
def test_currencies_of_rows_are_asked_for_by_new_and_refused_by_check(
    tmp_path: Path, heading: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "study"
    assert run(["new", str(out), "--from", str(files(tmp_path, "Nilai FOB", heading))]) == 0
    assert "customs, rows not counted: reading stopped at an open question" in capsys.readouterr().out
    text = (out / "study.toml").read_text(encoding="utf-8")
    head, _, body = text.partition("title =")
    assert "the money of customs is in several currencies: IDR, USD" in head
    assert 'currency = "USD"' in head
    assert f'"{heading}" = "currency"' in body
    assert "# rows not counted: reading stopped at a question" in body
    assert '# currency = "USD"\n# rates = "rates.csv"\n' in body
    assert '# "Uraian" left out: no column of customs is like it' in body
    assert run(["check", str(out)]) == 1
    assert "D240" in capsys.readouterr().err
    (out / "study.toml").write_text(text.replace(f'"{heading}" = "currency"', "#"), encoding="utf-8")
    assert run(["check", str(out)]) == 1
    assert "D240" in capsys.readouterr().err


def test_currencies_of_invoices_are_left_out_with_the_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "study"
    assert run(["new", str(out), "--from", str(files(tmp_path, "Nilai FOB (US$)", "Valuta"))]) == 0
    text = (out / "study.toml").read_text(encoding="utf-8")
    assert '# "Valuta" left out: currencies (IDR, USD) beside money whose headings state their own' in text
    assert run(["check", str(out)]) == 0, capsys.readouterr()


@pytest.mark.parametrize("heading", ["Kode Satuan", "Satuan"])
def test_units_beside_a_quantity_that_states_its_own_are_asked_for_and_not_taken(
    tmp_path: Path, heading: str, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = files(tmp_path, "Nilai FOB (US$)", "Valuta")
    unit = pl.when(pl.int_range(pl.len()) % 3 == 0).then(pl.lit("KGM")).otherwise(pl.lit("PCE"))
    pl.read_csv(raw / "ekspor.csv", infer_schema=False).with_columns(unit.alias(heading)).write_csv(raw / "ekspor.csv")
    out = tmp_path / "study"
    assert run(["new", str(out), "--from", str(raw)]) == 0
    head, _, body = (out / "study.toml").read_text(encoding="utf-8").partition("title =")
    assert f"unit: '{heading}' seems to contain the units of another quantity, as 'Berat bersih (kg)' states kg" in head
    assert f'"{heading}" = "unit", with "..." = "quantity" in place of "Berat bersih (kg)"' in head
    assert f'\n"{heading}" = "unit"' not in body
    assert run(["check", str(out), "-v"]) == 0, capsys.readouterr()
    assert f"{heading!r} read as 'unit'" not in capsys.readouterr().err


def test_currencies_in_words_are_found_under_any_heading(tmp_path: Path) -> None:
    out = tmp_path / "study"
    assert run(["new", str(out), "--from", str(files(tmp_path, "Nilai FOB", "zzz", other="Rupiah"))]) == 0
    text = (out / "study.toml").read_text(encoding="utf-8")
    assert '"zzz" = "currency"' in text
    assert "the money of customs is in several currencies: IDR, USD" in text.partition("title =")[0]


def test_labels_of_a_stata_file_say_what_its_variables_are(tmp_path: Path) -> None:
    """Variables of eight letters; labels with the name and the unit."""
    firms, names = truth()["firms"], {"firm": "v1", "year": "v2", "region": "v3", "assets": "v4", "liabilities": "v5"}
    labels = {"v1": "NPWP", "v2": "Tahun", "v3": "Provinsi", "v4": "Total aset, juta rupiah"}
    labels["v5"] = "Total liabilitas, juta rupiah"
    raw, out = files(tmp_path, "Nilai FOB (US$)", "Valuta"), tmp_path / "study"
    write_labelled(firms.select(*names).rename(names), raw / "neraca.dta", labels, {})
    assert run(["new", str(out), "--from", str(raw)]) == 0
    text = (out / "study.toml").read_text(encoding="utf-8")
    assert 'units = { assets = "million IDR", liabilities = "million IDR" }' in text
    for name, role in {v: k for k, v in names.items()}.items():
        assert f'"{name}" = "{role}"' in text


STATES = ("Jalisco", "Sonora", "Puebla", "Yucatán", "Oaxaca", "Colima", "Sinaloa", "Chiapas", "Morelos", "México")


@pytest.mark.parametrize(
    ("unit", "ready"), [("miles de pesos", "thousand MXN"), ("$", "thousand MXN"), ("pounds", "thousand USD")]
)
def test_words_of_several_currencies_are_asked_for_with_that_of_the_country(
    tmp_path: Path, unit: str, ready: str, capsys: pytest.CaptureFixture[str]
) -> None:
    raw, out = files(tmp_path, "Nilai FOB (US$)", "Valuta"), tmp_path / "study"
    firms = truth()["firms"]
    states = dict(zip(firms["region"].unique().sort(), STATES, strict=True))
    money = {c: f"{c} ({unit})" for c in ("assets", "liabilities", "net_profit", "inventory")}
    told = firms.with_columns(pl.col("region").replace_strict(states)).rename(money)
    told.write_csv(raw / "empresas.csv")
    assert run(["new", str(out), "--from", str(raw)]) == 0
    text = (out / "study.toml").read_text(encoding="utf-8")
    assert 'country = "MX"' in text
    assert f'#       units = {{ assets = "{ready}", liabilities = "{ready}"' in text
    given = f'units = {{ {", ".join(f"""{c} = "{{}}" """.strip() for c in money)} }}'
    for code, warned in (("MXN", unit == "pounds"), ("USD", unit != "$")):
        scale = "thousand " if unit.startswith("miles") else ""
        line = given.replace("{}", f"{scale}{code}")
        (out / "study.toml").write_text(
            text.replace("\n[firms.columns]", f"\n{line}\n[firms.columns]"), encoding="utf-8"
        )
        capsys.readouterr()
        run(["check", str(out), "-v"])
        said = f"is declared in {scale}{code}, but the file states {unit}, a different currency"
        assert (said in "".join(capsys.readouterr())) == warned, (unit, code)
