"""Notes below the rows of a long text file: left out and counted, as those of a workbook are."""

from __future__ import annotations

from pathlib import Path

import pytest

from each import each
from integrade.engine.frames import Table
from integrade.sources import read_customs, read_prices
from integrade.sources.cells import delimited
from integrade.sources.files import readers

KEYS = ["region", "year", "month", "commodity"]
PRICES = "Periodo,Entidad federativa,Concepto,Índice\n" + "".join(
    f"Ene {year},{region},{good},{100 + (3 * r + 5 * g + year) % 11}.5\n"
    for year in range(2014, 2018)
    for r, region in enumerate(("Sonora", "Jalisco", "Puebla"))
    for g, good in enumerate(("Vivienda", "Transporte", "Salud"))
)
CUSTOMS = "firm,product,destination,year,value,quantity\n" + "".join(
    f"F{firm},850110,CHN,{year},{firm + year}.5,{firm + 3}\n" for year in range(2014, 2018) for firm in range(5)
)
NOTES = {
    "short": '\n"Nota: cifras definitivas."\n"Fuente: INEGI, Índice Nacional."\n',
    "with separators": ",,,\nNota: cifras definitivas.,,,\nFuente: INEGI.,,,\n",
    "cut by the separator": "Nota: cifras definitivas, del mes,\nFuente: INEGI, México\n",
    "a sentence first": "\nElaboración propia con datos públicos\nFuente: INEGI\n",
    "what follows a note": "Fuente: INEGI\n1/ Preliminar\n",
}


def _dropped(table: Table) -> list[tuple[int, str]]:
    return [
        (e.rows, e.example) for e in table.account if e.kind == "dropped" and e.reason == "footnotes below the table"
    ]


def _large(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (readers, delimited):
        monkeypatch.setattr(module, "SMALL", 0)


@each("size", ["small", "large"])
@each("notes", NOTES)
def test_footnotes_of_a_long_text_file_are_left_out_and_counted(
    notes: str, size: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if size == "large":
        _large(monkeypatch)
    plain, noted = tmp_path / "plain.csv", tmp_path / "noted.csv"
    plain.write_text(PRICES, encoding="utf-8")
    noted.write_text(PRICES + NOTES[notes], encoding="utf-8")
    found = read_prices([noted])
    assert found.polars().sort(KEYS).equals(read_prices([plain]).polars().sort(KEYS))
    assert [n for n, _ in _dropped(found)] == [2]
    assert _dropped(found)[0][1] in NOTES[notes].replace(", ", " ")
    assert not any("fewer cells" in e.reason for e in found.account)


def test_a_note_below_customs_records_is_no_firm(tmp_path: Path) -> None:
    path = tmp_path / "customs.csv"
    path.write_text(CUSTOMS + '\n"Fuente: Administración General de Aduanas"\n', encoding="utf-8")
    found = read_customs([path])
    assert found.polars()["firm"].n_unique() == 5
    assert _dropped(found) == [(1, "Fuente: Administración General de Aduanas")]
    assert not any("product missing" in e.reason for e in found.account)


def test_short_rows_among_the_others_are_still_said(tmp_path: Path) -> None:
    path = tmp_path / "customs.csv"
    path.write_text(CUSTOMS.replace("F3,850110,CHN,2015,2018.5,6", "F3,850110,CHN") + "Fuente: Aduanas\n", "utf-8")
    said = [e.reason for e in read_customs([path]).account if "fewer cells" in e.reason]
    assert len(said) == 1
    assert "rows with fewer cells than the headings: 1 (" in said[0]


@pytest.mark.parametrize("last", ["F9,,,,,\n", "F9,850110,CHN,2017,,\n", "Fuente: A,850110,CHN,2017,5,2\n"])
def test_a_last_row_that_is_no_note_stays(last: str, tmp_path: Path) -> None:
    path = tmp_path / "customs.csv"
    path.write_text(CUSTOMS + last, encoding="utf-8")
    assert _dropped(read_customs([path])) == []
