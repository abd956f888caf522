"""The workbook of the index: its cells are the numbers of the library, also as LibreOffice calculates the formulas."""

from __future__ import annotations

import re
import subprocess
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import polars as pl
import pytest

from integrade.cli import run
from integrade.geography import built_in
from integrade.integration import relative_price, workbook
from integrade.integration.options import RelativePrice
from integrade.integration.workbook import index_workbook
from integrade.simulation import Economy, simulate
from integrade.sources.writing.workbooks import Column, Sheet, write_workbook
from library import needs_calc, shared

REGIONS = ("=1+1", "AA", "O'Brien", 'Zé "q"', "aa", "北京")
"""Names that a formula, a comparison without case or a quotation mark could misread."""
GOODS = tuple(f"g{k}" for k in range(5))
NEAR = 1e-12
"""Formulas and the library differ by rounding only: logs of numbers near 100 are exact to about 1e-15."""

Cells = dict[str, list[list[Any]]]


def prices(kind: str = "link", *, gaps: bool = True) -> pl.DataFrame:
    """Prices of six regions, five goods and four years; some are missing."""
    draw = np.random.default_rng(3)
    changes = draw.normal(0.02, 0.03, (len(REGIONS), 4, len(GOODS)))
    missing = gaps & (draw.random(changes.shape) < 0.08)
    levels = 100 * np.exp(changes.cumsum(axis=1))
    values = {"link": 100 * np.exp(changes), "fixed": levels, "level": 3 * levels * np.arange(1, 6)}[kind]
    return pl.DataFrame(
        [
            (region, 2010 + t, good, float(round(values[i, t, k], 3)))
            for i, region in enumerate(REGIONS)
            for t in range(4)
            for k, good in enumerate(GOODS)
            if not missing[i, t, k]
        ],
        schema=["region", "year", "commodity", "index"],
        orient="row",
    )


DISTANCES = pl.DataFrame(
    [(a, b, 10.0 + 3 * i + j) for i, a in enumerate(REGIONS) for j, b in enumerate(REGIONS) if i < j],
    schema=["from", "to", "distance"],
    orient="row",
)
SOME = [("=1+1", "AA"), ("O'Brien", "aa"), ("AA", "北京"), ("aa", "北京")]
WEIGHTS = pl.DataFrame({"region": REGIONS, "weight": [1.0, 2, 3, 4, 5, 6]})
SHARES = pl.DataFrame({"commodity": GOODS, "weight": [0.1, 0.2, 0.3, 0.3, 0.1]})

CASES: Mapping[str, Mapping[str, Any]] = {
    "as it is": {},
    "fixed base": {"basis": "fixed"},
    "ratio of changes": {"form": "ratio_change"},
    "levels": {"basis": "level", "form": "level_ratio"},
    "signed": {"absolute": False},
    "mean over the pairs used": {"demean": "used", "pairs": SOME},
    "some pairs": {"pairs": SOME},
    "no mean": {"demean": "none"},
    "two ways": {"demean": "two_way"},
    "regression": {"demean": "regression"},
    "divisor K": {"ddof": 0},
    "standard deviation": {"dispersion": "sd"},
    "absolute": {"dispersion": "mean_absolute"},
    "joint": {"dispersion": "joint"},
    "over time": {"dispersion": "over_time", "window": 3},
    "nearest": {"pairs": "nearest:2", "distances": DISTANCES},
    "weights of partners": {"partner_weights": WEIGHTS},
    "weights of goods": {"good_weights": SHARES},
    "nation": {"level": "nation", "pairs": "nearest:2", "distances": DISTANCES},
    "nation by weights": {"level": "nation", "partner_weights": WEIGHTS},
    "pairs": {"level": "pair"},
    "groups": {"level": "group", "groups": dict(zip(REGIONS, "ababab", strict=True))},
    "errors": {"se": "jackknife"},
    "every good": {"missing": "listwise", "k_min": 2},
    "more goods needed": {"k_min": 5},
    **{transform: {"transform": transform} for transform in ("inverse_sqrt", "inverse", "neg_log", "none")},
}


def write(data: Any, path: Path, chosen: Mapping[str, Any]) -> pl.DataFrame:
    options = RelativePrice(**{"basis": "link", **chosen})
    index: pl.DataFrame = relative_price(data, options)
    write_workbook(index_workbook(data, index, options), path)
    return index


def cells_of(path: Path, *, values: bool = True) -> Cells:
    book = openpyxl.load_workbook(path, data_only=values)
    return {page.title: [list(row) for row in page.iter_rows(values_only=True)] for page in book}


def recalculated(files: Sequence[Path], folder: Path) -> list[Cells]:
    """The cells as LibreOffice calculates them, from files without the stored values of formulas."""
    program = needs_calc()
    bare = folder / "bare"
    bare.mkdir()
    for n, file in enumerate(files):
        with zipfile.ZipFile(file) as full, zipfile.ZipFile(bare / f"{n}.xlsx", "w") as empty:
            for name in full.namelist():
                empty.writestr(name, re.sub(rb"</f><v>[^<]*</v>", b"</f>", full.read(name)))
    assert all(v is None for row in cells_of(bare / "0.xlsx")["Index"][1:] for v in row[-1:]), "values are gone"
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [program, profile, "--headless", "--convert-to", "xlsx", "--outdir", str(folder / "new")]
    subprocess.run([*command, *map(str, sorted(bare.iterdir()))], check=True, capture_output=True, timeout=300)
    return [cells_of(folder / "new" / f"{n}.xlsx") for n in range(len(files))]


def apart(ours: Cells, theirs: Cells) -> str:
    """The first cell in which two workbooks differ by more than rounding; empty if there is none."""
    assert list(ours) == list(theirs)
    for name, rows in ours.items():
        for i, row in enumerate(rows):
            for j, mine in enumerate(row):
                other = theirs[name][i][j] if i < len(theirs[name]) and j < len(theirs[name][i]) else None
                if isinstance(mine, int | float) and isinstance(other, int | float):
                    if abs(mine - other) <= NEAR * max(1.0, abs(mine)):
                        continue
                elif (mine or None) == (other or None):
                    continue
                return f"{name}, row {i + 1}, column {j + 1}: {mine!r} and {other!r}"
    return ""


def same_as_index(cells: Cells, index: pl.DataFrame) -> None:
    """The sheet Index has every number of the library's index, at 1e-12 of its size."""
    head, *rows = cells["Index"]
    assert set(head) <= set(index.columns)
    assert {"segmentation", "integration"} <= set(head)
    assert len(rows) == index.height
    for j, name in enumerate(head):
        ours = index[name].to_list()
        if not index[name].dtype.is_numeric():
            assert [row[j] for row in rows] == ours
            continue
        assert [row[j] is None for row in rows] == [v is None for v in ours]
        here = [(row[j], v) for row, v in zip(rows, ours, strict=True) if v is not None]
        np.testing.assert_allclose([a for a, _ in here], [b for _, b in here], rtol=NEAR, atol=0)


def data_of(name: str) -> pl.DataFrame:
    basis = CASES[name].get("basis", "link")
    return prices(basis, gaps=name != "errors")


@pytest.mark.system
def test_formulas_of_every_option_recalculate_to_the_index(tmp_path: Path) -> None:
    files = {name: tmp_path / f"{n}.xlsx" for n, name in enumerate(CASES)}
    index = {name: write(data_of(name), file, CASES[name]) for name, file in files.items()}
    for name, new in zip(files, recalculated(list(files.values()), tmp_path), strict=True):
        assert apart(cells_of(files[name]), new) == "", name
        same_as_index(new, index[name])
        assert not [v for rows in new.values() for row in rows for v in row if str(v).startswith(("#", "Err:"))], name


@pytest.mark.system
def test_real_prices_and_a_simulated_economy_recalculate_to_the_index(tmp_path: Path) -> None:
    real = pl.read_csv(shared("data/china_cpi/cpi_province_annual_prev_year_100.csv"))
    eight = ("食品", "烟酒及用品", "衣着", "家庭设备用品及维修服务", "医疗保健和个人用品", "交通和通信", "居住")
    real = real.filter(pl.col("item").is_in(eight), pl.col("year") <= 2009).select(
        "region", "year", commodity="item", index="value"
    )
    economy = simulate(Economy(seed=1)).prices
    files = [tmp_path / "real.xlsx", tmp_path / "adjacent.xlsx", tmp_path / "economy.xlsx"]
    index = [
        write(real, files[0], {}),
        write(real, files[1], {"pairs": "adjacent"}),
        write(economy, files[2], {"pairs": "nearest:3", "demean": "used", "distances": None}),
    ]
    for file, ours, new in zip(files, index, recalculated(files, tmp_path), strict=True):
        assert apart(cells_of(file), new) == ""
        same_as_index(new, ours)


@pytest.mark.parametrize("name", CASES)
def test_stored_values_are_those_of_the_library(name: str, tmp_path: Path) -> None:
    index = write(data_of(name), tmp_path / "index.xlsx", CASES[name])
    same_as_index(cells_of(tmp_path / "index.xlsx"), index)


def test_each_sheet_follows_from_the_one_before(tmp_path: Path) -> None:
    """The stored numbers of METHODS 1.1 step by step, by numpy: nothing of the library is used."""
    write(prices(), tmp_path / "index.xlsx", {})
    cells = cells_of(tmp_path / "index.xlsx")
    assert list(cells) == [
        *("Method", "Index by year", "Prices", "Logs", "Relative prices"),
        *("Means of goods", "Residuals", "Variances", "Segmentation", "Index"),
    ]

    def numbers(sheet: str, keys: int) -> dict[tuple[Any, ...], np.ndarray]:
        return {tuple(r[:keys]): np.array([np.nan if v is None else v for v in r[keys:]]) for r in cells[sheet][1:]}

    raw, relative, means = numbers("Prices", 2), numbers("Relative prices", 3), numbers("Means of goods", 1)
    residuals, spread = numbers("Residuals", 3), numbers("Variances", 3)
    for (a, b, year), d in relative.items():
        np.testing.assert_allclose(d, abs(np.log(raw[a, year] / raw[b, year])), rtol=0, atol=NEAR)
    for (year,), mean in means.items():
        np.testing.assert_allclose(mean, np.nanmean([d for key, d in relative.items() if key[2] == year], axis=0))
    for key, q in residuals.items():
        np.testing.assert_allclose(q, relative[key] - means[(key[2],)], rtol=0, atol=NEAR)
        for end in (key, (key[1], key[0], key[2])):
            n = int(np.isfinite(q).sum())
            assert spread[end][0] == n
            np.testing.assert_allclose(spread[end][1], np.nanvar(q, ddof=1) if n >= 3 else np.nan, rtol=NEAR)
    for region, year, n_pairs, _, s in cells["Segmentation"][1:]:
        of_pairs = [v[1] for (a, _, y), v in spread.items() if (a, y) == (region, year) and np.isfinite(v[1])]
        assert n_pairs == len(of_pairs)
        np.testing.assert_allclose(s, np.mean(of_pairs), rtol=NEAR)


def test_names_that_look_like_formulas_are_text_and_equal_calls_give_equal_bytes(tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        write(prices(), tmp_path / name, {})
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    page = openpyxl.load_workbook(tmp_path / "a.xlsx")["Prices"]
    assert (page["A2"].value, page["A2"].data_type) == ("=1+1", "s")
    assert page.freeze_panes == "C2"


def test_large_sheets_have_values_and_the_first_sheet_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(prices(), tmp_path / "small.xlsx", {})
    monkeypatch.setattr(workbook, "LIVE", 100)
    index = write(prices(), tmp_path / "large.xlsx", {})
    small, large = (cells_of(tmp_path / f"{size}.xlsx", values=False) for size in ("small", "large"))

    def live(cells: Cells) -> set[str]:
        return {name for name, rows in cells.items() if str(rows[1][-1]).startswith("=") and name != "Method"}

    rest = {"Index by year", "Logs", "Segmentation", "Index"}
    assert live(large) == rest
    assert live(small) == {*rest, "Relative prices", "Means of goods", "Residuals", "Variances"}
    method = "\n".join(str(v) for row in large["Method"] for v in row)
    assert "With up to 100 relative prices" in method
    assert method.count("(values)") == 5, "prices, relative prices, means, residuals and variances"
    assert "Parsley and Wei (1996, 2001)" in method
    same_as_index(cells_of(tmp_path / "large.xlsx"), index)


def test_cities_of_the_yangtze_delta_make_a_workbook_of_adjacent_pairs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draw = np.random.default_rng(8)
    delta = built_in()["YRD"]
    lines = [
        f"{city.label}市,{year},{good},{draw.normal(102, 2):.1f}"
        for city in delta.regions
        for year in (2010, 2011)
        for good in ("粮食", "衣着", "燃料", "家电")
    ]
    (tmp_path / "cities.csv").write_text("\n".join(["region,year,commodity,index", *lines]), encoding="utf-8")
    command = ["integration", str(tmp_path / "cities.csv"), "--pairs", "adjacent", "--basis", "link"]
    files = ["--workbook", str(tmp_path / "book.xlsx"), "--out", str(tmp_path / "index.csv")]
    assert run([*command, *files]) == 0
    assert f"workbook written to {tmp_path / 'book.xlsx'}" in capsys.readouterr().err
    index = pl.read_csv(tmp_path / "index.csv")
    pairs = dict(index.filter(pl.col("year") == 2010).select("region", "n_pairs").iter_rows())
    assert pairs == {f"{city.label}市": len(delta.neighbours(city.name)) for city in delta.regions}
    same_as_index(cells_of(tmp_path / "book.xlsx"), index)
    assert run([*command, "--language", "zh", *files]) == 0
    assert "方法" in cells_of(tmp_path / "book.xlsx")


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--workbook", "index.xls"], "must end in .xlsx"),
        (["--workbook", "same.xlsx", "--out", "same.xlsx"], "are both same.xlsx"),
        (["--workbook", "none/index.xlsx"], "does not exist"),
        (["--workbook", "index.xlsx", "--method", "gravity"], "gravity has no such sheets"),
    ],
)
def test_a_workbook_that_cannot_be_written_is_refused_before_anything_is_read(
    flags: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    prices().write_csv("prices.csv")
    assert run(["integration", "prices.csv", *([] if "--out" in flags else ["--out", "index.csv"]), *flags]) != 0
    assert said in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["prices.csv"]


def test_prices_without_an_index_leave_no_workbook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    prices().with_columns(index=pl.lit(100.0)).write_csv("prices.csv")
    files = ["--workbook", "book.xlsx", "--out", "index.csv"]
    assert run(["integration", "prices.csv", "--basis", "link", *files]) != 0
    assert "no value of integration" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["prices.csv"]


def test_the_first_sheet_says_each_sentence_of_the_account_once(tmp_path: Path) -> None:
    """The basis is noted where the prices are read and where they are measured."""
    prices().write_csv(tmp_path / "prices.csv")
    command = ["integration", str(tmp_path / "prices.csv"), "--basis", "link", "--out", str(tmp_path / "index.csv")]
    assert run([*command, "--workbook", str(tmp_path / "book.xlsx")]) == 0
    lines = [line for _, line in cells_of(tmp_path / "book.xlsx")["Method"] if line]
    rows = lines[lines.index("leave_out") + 1 :]
    assert sum("price basis declared: link" in line for line in rows) == 1
    assert len(rows) == len(set(rows))


def test_a_text_longer_than_a_cell_is_cut(tmp_path: Path) -> None:
    """xlsxwriter leaves out a text of more than 32,767 letters and says so only in a return value."""
    sheet = Sheet("s", (Column("h" * 40_000, "text", 9),), lambda: iter([["w" * 40_000], ["wages"]]), 2)
    write_workbook([sheet], tmp_path / "b.xlsx")
    (head,), (long,), (short,) = openpyxl.load_workbook(tmp_path / "b.xlsx")["s"].iter_rows(values_only=True)
    assert (len(head), len(long), long[-1], short) == (32_767, 32_767, "\u2026", "wages")


def test_all_of_many_files_are_named() -> None:
    files = [f"{k:03d}{'n' * 240}.csv" for k in range(150)]
    chosen = RelativePrice(basis="link")
    table = prices()
    method = index_workbook(table, relative_price(table, chosen), chosen, files)[0]
    cells = [str(text) for _, text in method.rows()]
    assert max(map(len, cells)) <= 32_767
    assert all(any(name in cell for cell in cells) for name in files)
