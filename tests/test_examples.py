"""The studies of examples/ run on small files in the layouts in which their data are published.

The files are written here, no number is real. Each study is copied, its raw folder filled, its ``run`` called as a user
calls it, and the index or the quality compared with one from numpy alone.
"""

from __future__ import annotations

import csv
import re
import runpy
import shutil
from collections.abc import Iterator, Mapping
from itertools import combinations, product
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import integrade as ig
from integrade.cli import run as integrade
from raw_files import NEW, OLD
from studies import run_folder

EXAMPLES = Path(__file__).parents[1] / "examples"
STUDIES = ("china_provinces", "malaysia_states", "us_metros", "brazil_exporters")
Cells = Mapping[tuple[str, int, str], float]
"""Annual indices by region, year and good."""


def copied(name: str, folder: Path) -> Path:
    """The example's own files in a folder, with an empty raw folder and one quick format of the reports."""
    study = folder / name
    shutil.copytree(EXAMPLES / name, study, ignore=shutil.ignore_patterns("raw", "runs", "panel.csv"))
    (study / "raw").mkdir()
    for path in study.rglob("study.toml"):
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"formats = .*", 'formats = ["md"]', text), encoding="utf-8")
    return study


def called(study: Path, step: str, *given: Any) -> Any:
    """A step of the study's script, which finds its files beside itself."""
    return runpy.run_path(str(study / "study.py"))[step](*given)


def walk(seed: int, periods: int, regions: int, goods: int) -> np.ndarray:
    """Log prices (T, N, K): what the nation shares, and what a region has for itself."""
    draw = np.random.default_rng(seed)
    own = draw.normal(0, 0.01, (periods, regions, goods)) * draw.uniform(0.3, 1.5, regions)[:, None]
    return np.cumsum(draw.normal(0.002, 0.004, (periods, 1, goods)) + own, axis=0)


def segmentation(cells: Cells, *, link: bool = False) -> dict[tuple[str, int], float]:
    """The variance over goods of |relative price changes| net of their mean over pairs, mean over a region's pairs."""
    regions, years, goods = (sorted({key[i] for key in cells}) for i in range(3))
    levels = np.array([[[np.log(cells[r, y, g] / 100) for g in goods] for r in regions] for y in years])
    changes, told = (levels, years) if link else (np.diff(levels, axis=0), years[1:])
    pairs = list(combinations(range(len(regions)), 2))
    found = {}
    for t, year in enumerate(told):
        apart = np.abs(np.array([changes[t, i] - changes[t, j] for i, j in pairs]))
        spread = (apart - apart.mean(axis=0)).var(axis=1, ddof=1)
        for n, region in enumerate(regions):
            found[region, year] = float(np.mean([s for s, pair in zip(spread, pairs, strict=True) if n in pair]))
    return found


def same_index(study: Path, expected: Mapping[tuple[str, int], float]) -> None:
    """The run's segmentation is the expected one, and integration is ln(1 / sqrt of it), to rounding of sums."""
    rows = pl.read_parquet(run_folder(study) / "tables" / "integration.parquet")
    got = {(r, y): s for r, y, s in rows.select("region", "year", "segmentation").iter_rows()}
    assert set(got) == set(expected)
    assert list(got.values()) == pytest.approx([expected[key] for key in got], rel=1e-9)
    assert rows["integration"].to_numpy() == pytest.approx(-0.5 * np.log(rows["segmentation"].to_numpy()), rel=1e-9)


def averaged(months: Iterator[tuple[str, int, str, float]]) -> dict[tuple[str, int, str], float]:
    """The mean of the months of each year."""
    found: dict[tuple[str, int, str], list[float]] = {}
    for region, year, good, value in months:
        found.setdefault((region, year, good), []).append(value)
    return {key: float(np.mean(values)) for key, values in found.items()}


def printed(capfd: pytest.CaptureFixture[str]) -> str:
    """What was printed on standard output and standard error."""
    return "\n".join(capfd.readouterr())


def without_works(report: str) -> str:
    """A report without the works that it cites, whose titles may name a country."""
    return "\n".join(line for line in report.splitlines() if not re.search(r"\(\d{4}[a-z]?\)\\?\.", line))


def whole_report(study: Path) -> str:
    """The paper and its appendices."""
    folder = run_folder(study) / "report"
    return "".join((folder / f"{name}.md").read_text(encoding="utf-8") for name in ("report", "appendix"))


def said(out: str, *sentences: str) -> None:
    for sentence in sentences:
        assert sentence in out, sentence


STATES = (
    *("Johor", "Kedah", "Kelantan", "Melaka", "Negeri Sembilan", "Pahang", "Perak", "Perlis", "Pulau Pinang", "Sabah"),
    *("Sarawak", "Selangor", "Terengganu", "W.P. Kuala Lumpur", "W.P. Labuan", "W.P. Putrajaya"),
)


def not_accused(study: Path) -> None:
    """The audit of printed tables finds nothing in the tables and sentences of the report, which were computed."""
    found = ig.published.audit_table(run_folder(study) / "report" / "report.md").findings
    assert not [f.sentence for f in found if f.grade != "note"]


def test_malaysian_states(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    study = copied("malaysia_states", tmp_path)
    dates = [(y, m) for y in range(2010, 2015) for m in range(1, 13)] + [(2025, 1), (2025, 2)]
    level = walk(1, len(dates), len(STATES), 13)
    level = np.round(100 * np.exp(level - level[:12].mean(axis=0)), 1)
    level[:12] *= 100 / level[:12].mean(axis=0)
    with (study / "raw" / "cpi_2d_state.csv").open("w", newline="") as file:
        write = csv.writer(file)
        write.writerow(["state", "date", "division", "index"])
        for (i, state), (t, (y, m)) in product(enumerate(STATES), enumerate(dates)):
            write.writerow([state, f"{y}-{m:02d}-01", "overall", repr(float(level[t, i].mean()))])
            for k in range(13):
                write.writerow([state, f"{y}-{m:02d}-01", f"{k + 1:02d}", repr(float(level[t, i, k]))])
    assert called(study, "run") == 0
    said(
        printed(capfd),
        "price basis stated in the file: fixed (base period = 100). The data agree: in 2010 every index equals the "
        "base",
        "80 rows dropped: commodity 'overall': a total, judging by the name",
        "W.P. Putrajaya -> Putrajaya",
        "good '13' read as 'Personal care and others'",
        "no problem found",
    )
    cells = averaged(
        (state.removeprefix("W.P. "), y, f"{k:02d}", level[t, i, k])
        for (i, state), (t, (y, _)), k in product(enumerate(STATES), enumerate(dates), range(13))
        if y < 2025
    )
    same_index(study, segmentation(cells))
    report = whole_report(study)
    said(report, "16 regions were from 2011 to 2014, from the prices of 13 goods", "East Malaysia", "figures/map.png")
    assert not re.search("yuan|province|China", without_works(report))
    not_accused(study)


def series_file(path: Path, rows: list[tuple[str, int, str, str]]) -> None:
    """A file of the Bureau of Labor Statistics: tabs, padded ids and values, an empty last column."""
    lines = [f"{sid:<17}\t{y}\t{period}\t{value:>12}\t" for sid, y, period, value in sorted(rows)]
    path.write_text("\r\n".join(["series_id        \tyear\tperiod\t       value\tfootnote_codes", *lines, ""]), "utf-8")


def test_us_metropolitan_areas(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    study = copied("us_metros", tmp_path)
    files = runpy.run_path(str(study / "study.py"))["FILES"]
    with (study / "areas.csv").open(encoding="utf-8") as file:
        areas = {row["codes"]: row["region"] for row in csv.DictReader(file)}
    text = (study / "study.toml").read_text(encoding="utf-8")
    items = re.findall(r'^(S\w+) = "', text, re.MULTILINE)
    assert (len(areas), len(items)) == (23, 13)
    assert set(items) == set(re.findall(r'"(S[AE]\w+)"', text)), "every item that is chosen has its name"
    months = [(y, m) for y in range(2018, 2022) for m in range(1, 13)]
    level = np.round(250 * np.exp(walk(2, len(months), len(areas), len(items))), 3)
    rows: dict[str, list[tuple[str, int, str, str]]] = {name: [] for name in files}
    used: dict[tuple[str, int, str], list[float]] = {}
    for (i, code), (k, item), (t, (y, m)) in product(enumerate(areas), enumerate(items), enumerate(months)):
        own, value = rows[files[int(code[1]) - 1]], f"{level[t, i, k]:.3f}"
        if m % 2 == i % 2 or code in ("S12A", "S23A", "S49A"):
            missing = (code, item, y, m) == ("S12A", "SAA", 2021, 10)
            own.append((f"CUUR{code}{item}", y, f"M{m:02d}", "-" if missing else value))
            own += [(f"CUUR{code}SA0", y, f"M{m:02d}", value)] if k == 0 else []
            used.setdefault((areas[code], y, item), []).extend([] if missing else [level[t, i, k]])
        if m == 12:
            own += [(f"CUUR{code}{item}", y, "M13", value), (f"CUUS{code}{item}", y, "S03", value)]
        if i == 0:
            whole = [f"CUUR{area}{item}" for area in ("0000", "S000", "S100", "N100")]
            own += [(sid, y, f"M{m:02d}", "999.000") for sid in whole]
    for name, own in rows.items():
        series_file(study / "raw" / name, own)
    assert called(study, "run") == 0
    said(
        printed(capfd),
        "read as delimited text",
        "rows dropped: an average of months",
        "rows dropped: not a metropolitan area",
        "1 row dropped: index missing",
        "price basis stated in the file: fixed (base period = 100). The data agree",
        "S12A -> New York",
    )
    same_index(study, segmentation({key: float(np.mean(values)) for key, values in used.items()}))
    report = whole_report(study)
    said(report, "23 regions were from 2019 to 2021, from the prices of 13 goods", "Midwest", "Motor fuel")
    assert not re.search("yuan|province|China", without_works(report))
    not_accused(study)


def test_files_of_the_bureau_are_proposed_as_its_source(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    for name, areas in (("3.AsizeNorthEast", ("S11A", "S12A", "S12B")), ("6.AsizeWest", ("S49A", "S49B", "S49D"))):
        rows = [
            (f"CUUR{area}{item}", y, f"M{m:02d}", f"{200 + y % 7 + m / 3:.3f}")
            for area, item, y, m in product(areas, ("SAF11", "SAA"), (2019, 2020), range(1, 13))
        ]
        series_file(tmp_path / "raw" / f"cu.data.{name}", rows)
    assert integrade(["new", str(tmp_path / "study"), "--from", str(tmp_path / "raw")]) == 0
    text = (tmp_path / "study" / "study.toml").read_text(encoding="utf-8")
    said(
        text, 'source = "bls_cpi"', '"../raw/cu.data.3.AsizeNorthEast", "../raw/cu.data.6.AsizeWest"', "to_year = true"
    )


BECOMES = {
    "食品烟酒": ("食品", "烟酒及用品"),
    "衣着": ("衣着",),
    "居住": ("居住",),
    "生活用品及服务": ("家庭设备用品及维修服务",),
    "交通和通信": ("交通和通信",),
    "教育文化和娱乐": ("娱乐教育文化用品及服务",),
    "医疗保健": ("医疗保健和个人用品",),
}
PROVINCES = {
    "北京市": "Beijing",
    "天津市": "Tianjin",
    "河北省": "Hebei",
    "上海市": "Shanghai",
    "江苏省": "Jiangsu",
    "广东省": "Guangdong",
}


def test_chinese_provinces(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    study = copied("china_provinces", tmp_path)
    years, months = list(range(2011, 2020)), range(1, 13)
    goods = [*OLD, *(g for g in NEW if g not in OLD), "鲜菜"]
    draw = np.random.default_rng(3)
    shape = (len(years) * 12 + 12, len(PROVINCES), len(goods))
    prices = np.cumsum(draw.normal(0.0017, 0.003, (shape[0], 1, shape[2])) + draw.normal(0, 0.004, shape), axis=0)
    level = np.round(100 * np.exp(prices[12:] - prices[:-12]), 1)  # on the same month of last year
    heads = [(p, g, f"{g}类居民消费价格指数(上年同月=100)") for p in PROVINCES for g in goods]
    heads += [(p, "", "居民消费价格指数(上年同月=100)") for p in PROVINCES]
    heads += [(p, "", "居民消费价格指数(上月=100)") for p in PROVINCES]
    with (study / "raw" / "portal.csv").open("w", encoding="utf-8", newline="") as file:
        write = csv.writer(file)
        write.writerow(["time", *(p for p, _, _ in heads)])
        write.writerow(["time", *(head for _, _, head in heads)])
        for t, (y, m) in enumerate(product(years, months)):
            live = {*(OLD if y < 2016 else NEW), "鲜菜", ""}
            cells = [
                level[t, list(PROVINCES).index(p), goods.index(g) if g else 0] if g in live else "" for p, g, _ in heads
            ]
            write.writerow([f"{y}-{m:02d}", *cells])
    assert called(study, "run") == 0
    said(
        printed(capfd),
        "the file states its basis: 上年同月=100",
        "commodity 'All items': a total, judging by the name",
        "spliced: Food + Tobacco, liquor and articles -> Food, tobacco and liquor (mean)",
        "good not in every year (1 goods) (e.g. Miscellaneous goods and services)",
        "price basis stated in the file: link (previous period = 100). The data agree",
    )
    annual = {
        (name, y, g): level[12 * j : 12 * j + 12, i, goods.index(g)].mean()
        for (i, name), (j, y), g in product(enumerate(PROVINCES.values()), enumerate(years), goods)
    }
    cells = {
        (name, y, g): float(np.mean([annual[name, y, old] for old in (olds if y < 2016 else (g,))]))
        for name, y, (g, olds) in product(PROVINCES.values(), years, BECOMES.items())
    }
    same_index(study, segmentation(cells, link=True))


MUNICIPALITIES = [(f"{41 if k % 2 else 35}{k:05d}", "PR" if k % 2 else "SP") for k in range(1, 25)]
TRADED = ("0207", "1201", "2304", "4407", "8708", "8471")


def municipal_records() -> list[tuple[int, int, str, str, str, str, int, int]]:
    """Records by month: year, month, SH4, country, state, municipality, kilograms, dollars."""
    draw = np.random.default_rng(4)
    countries = ("023", "063", "160", "249", "399", "586")
    rows: list[tuple[int, int, str, str, str, str, int, int]] = []

    def some(names: tuple[str, ...]) -> np.ndarray:
        return draw.choice(names, draw.integers(3, 6), replace=False)

    for (town, state), year in product(MUNICIPALITIES, (2020, 2021, 2022)):
        for good, country in product(some(TRADED), some(countries)):
            for month in draw.choice(range(1, 13), 2, replace=False):
                price, kilograms = np.exp(draw.normal(1, 0.4)), np.exp(draw.normal(9, 1))
                rows.append((year, int(month), good, country, state, town, round(kilograms), round(price * kilograms)))
        rows.append((year, 1, "0901", "160", "ND", "9999999", 500, 700))
        rows.append((year, 1, "1201", "160", state, town, 0, 700))
    return rows


def test_brazilian_municipalities(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    study, rows = copied("brazil_exporters", tmp_path), municipal_records()
    for year in (2020, 2021, 2022):
        with (study / "raw" / f"EXP_{year}_MUN.csv").open("w", encoding="latin-1", newline="") as file:
            file.write('"CO_ANO";"CO_MES";"SH4";"CO_PAIS";"SG_UF_MUN";"CO_MUN";"KG_LIQUIDO";"VL_FOB"\n')
            for y, m, good, country, state, town, kilograms, dollars in rows:
                if y == year:
                    file.write(f'"{y}";"{m:02d}";"{good}";"{country}";"{state}";"{town}";{kilograms};{dollars}\n')
    assert called(study, "run") == 0
    out = printed(capfd)
    said(
        out,
        "72 rows dropped: filter not satisfied: SG_UF_MUN not in",
        "rows dropped: quantity not positive",
        "SP -> São Paulo",
    )
    assert out.count("no problem found") == 2
    table = pl.read_parquet(run_folder(study) / "tables" / "quality.parquet")
    assert table.height == 3 * len(MUNICIPALITIES)
    same_residuals(study, rows)
    panel = pl.read_csv(study / "panel" / "panel.csv", schema_overrides={"firm": pl.String})
    assert panel.columns == ["firm", "year", "quality", "region", "ln_destinations", "ln_products"]
    both = table.join(panel, on=["firm", "year"])
    assert both["quality"].to_numpy() == pytest.approx(both["quality_right"].to_numpy(), rel=1e-9)
    report = whole_report(study / "panel")
    said(report, "ln\\_destinations", "Benchmark regression of export quality", "Table 2b.")
    assert "Weighted mean" not in report, "no column without a value"
    assert not re.search("yuan|province|China|state-owned", report)
    not_accused(study / "panel")


def same_residuals(study: Path, rows: list[tuple[int, int, str, str, str, str, int, int]]) -> None:
    """ln quality is the residual of ln q + 5 ln p on dummies of product and destination-year, over 4."""
    keys = [*("year", "month", "product", "destination", "state", "firm"), *("quantity", "value")]
    raw = pl.DataFrame(rows, schema=keys, orient="row").filter((pl.col("state") != "ND") & (pl.col("quantity") > 0))
    cells = raw.group_by("firm", "product", "destination", "year").agg(pl.col("quantity", "value").sum())
    cells = cells.sort("firm", "product", "destination", "year")
    y = (cells["quantity"].log() + 5 * (cells["value"] / cells["quantity"]).log()).to_numpy()
    market = cells["destination"] + cells["year"].cast(pl.String)
    dummies = np.hstack(
        [cells.select("product").to_dummies().to_numpy(), pl.DataFrame({"m": market}).to_dummies().to_numpy()]
    )
    residual = (y - dummies @ np.linalg.lstsq(dummies, y, rcond=None)[0]) / 4
    columns = {"CO_MUN": "firm", "SH4": "product", "CO_PAIS": "destination", "CO_ANO": "year", "CO_MES": "month"}
    columns |= {"VL_FOB": "value", "KG_LIQUIDO": "quantity"}
    where = 'SG_UF_MUN != "ND"'
    customs = ig.read_customs(str(study / "raw" / "EXP_*_MUN.csv"), columns=columns, where=where)
    own = ig.demand_residual(customs, sigma=5, level="row").polars().sort("firm", "product", "destination", "year")
    assert own["ln_quality"].to_numpy() == pytest.approx(residual, abs=1e-9)


@pytest.mark.parametrize("name", STUDIES)
def test_every_study_says_what_its_data_are_and_what_is_doubtful(name: str) -> None:
    text = (EXAMPLES / name / "README.md").read_text(encoding="utf-8")
    said(text, "| from |", "| steps |", "**What is done.**", "(run on ", "**What is doubtful.**", "https://")
    assert f"[{name}](" in (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert not [p for p in (EXAMPLES / name).rglob("*.csv") if p.name not in ("areas.csv",) and "raw" not in p.parts]


@pytest.mark.parametrize("name", STUDIES)
def test_a_script_without_its_data_says_what_to_do(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = copied(name, tmp_path)
    monkeypatch.setattr("sys.argv", [str(study / "study.py")])
    with pytest.raises(SystemExit) as stopped:
        runpy.run_path(str(study / "study.py"), run_name="__main__")
    assert f"usage: python examples/{name}/study.py" in str(stopped.value)
