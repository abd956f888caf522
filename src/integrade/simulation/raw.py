"""Write a simulated economy as a researcher's raw files: yearbook sheets, a .dta, csv in GB18030, Parquet."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from integrade.engine.system import coded
from integrade.simulation.covariates import CLASSES
from integrade.simulation.dta import write_dta
from integrade.simulation.economy import Simulated

COLUMNS: Mapping[str, Mapping[str, str]] = {
    "education": {"地区": "region", "年份": "year", **{f"{name}(%)": f"h{i + 1}" for i, name in enumerate(CLASSES)}},
    "rd": {"地区": "region", "年份": "year", "R&D经费支出(亿元)": "rd_spending", "R&D经费与GDP之比": "rd"},
    "firms": {},
    "customs": {},
}
"""Raw file -> heading -> canonical name, in the form that ``columns`` of a study has."""

LABELS = {
    "firm": "企业代码",
    "year": "年份",
    "name": "企业名称",
    "region": "省份",
    "industry": "行业代码(GB/T 4754 两位)",
    "ownership": "登记注册类型",
    "founded": "开业年份",
    "assets": "资产总计(千元)",
    "liabilities": "负债合计(千元)",
    "net_profit": "净利润(千元)",
    "inventory": "存货(千元)",
    "receivables": "应收账款(千元)",
    "fixed_assets": "固定资产合计(千元)",
    "employees": "从业人数(人)",
    "postcode": "邮政编码",
    "phone": "电话号码",
    "contact": "法定代表人",
}
CREATED = datetime(2024, 1, 1)
GROUPS = (("食品", 5), ("烟酒及衣着", 3), ("家庭用品", 2), ("医疗和个人用品", 2), ("交通和通信", 2), ("教育文化", 2))


def write_raw(simulated: Simulated, directory: Path) -> list[Path]:
    """Write the raw files and, under ``truth/``, the true values. Returns the paths, sorted.

    ``prices/cpi_YYYY.xlsx`` has a row per province and a column per good under two heading rows; the year is only in
    the file's name. The other files are ``firms.dta`` (format 114, GB18030), ``education.csv`` and ``rd.csv`` (GB18030,
    Chinese headings: see ``COLUMNS``), ``customs/customs_YYYY.parquet``, ``exporters.csv`` (UTF-8), ``sigma_true.csv``.
    ``truth/`` holds truth.json, index.parquet (region, year, segmentation, integration, ln_human_capital),
    firm_quality.parquet (firm, year, true quality, market and controls) and quality.parquet (ln_lambda by customs row).
    A firm has the same code in the customs records and the accounts, so a match by name or telephone can be checked
    against the code. The same economy gives the same bytes.
    """
    for folder in ("prices", "customs", "truth"):
        (directory / folder).mkdir(parents=True, exist_ok=True)
    written = [_sheet(simulated.prices, year, directory / "prices") for year in simulated.economy.years]
    for year in simulated.economy.years:
        rows = simulated.customs.filter(pl.col("year") == year)
        written.append(_parquet(rows, directory / "customs" / f"customs_{year}.parquet"))
    written += [
        write_dta(simulated.firms, directory / "firms.dta", labels=LABELS, title="工业企业数据(模拟)"),
        _chinese_csv(simulated.education, COLUMNS["education"], directory / "education.csv"),
        _chinese_csv(simulated.rd, COLUMNS["rd"], directory / "rd.csv"),
        _csv(simulated.exporters, directory / "exporters.csv"),
        _csv(simulated.sigma, directory / "sigma_true.csv"),
    ]
    truth = directory / "truth" / "truth.json"
    text = json.dumps(simulated.truth, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    with coded(truth):
        truth.write_text(text, encoding="utf-8")
    tables = {"index": simulated.true_index, "firm_quality": simulated.true_quality, "quality": simulated.true_rows}
    written += [truth, *(_parquet(table, truth.with_name(f"{name}.parquet")) for name, table in tables.items())]
    return sorted(written)


def _parquet(table: pl.DataFrame, path: Path) -> Path:
    with coded(path):
        table.rechunk().write_parquet(path, compression="zstd", compression_level=3, row_group_size=1_000_000)
    return path


def _csv(table: pl.DataFrame, path: Path) -> Path:
    with coded(path):
        table.write_csv(path)
    return path


def _chinese_csv(table: pl.DataFrame, columns: Mapping[str, str], path: Path) -> Path:
    named = table.rename({new: old for old, new in columns.items()})
    with coded(path):
        path.write_bytes(named.write_csv().encode("gb18030"))
    return path


def _sheet(prices: pl.DataFrame, year: int, directory: Path) -> Path:
    """Write one yearbook sheet: title, note of the base, two heading rows, a row per province, a footnote."""
    import xlsxwriter

    wide = prices.filter(pl.col("year") == year).pivot("commodity", index="region", values="index", maintain_order=True)
    path, buffer = directory / f"cpi_{year}.xlsx", io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:  # on a full disk zipfile would only warn
        book.set_properties({"created": CREATED})
        sheet = book.add_worksheet("CPI")
        names = wide.columns[1:]
        sheet.merge_range(0, 0, 0, len(names), "各地区居民消费价格分类指数")
        sheet.write(1, 0, "(上年=100)")
        sheet.merge_range(2, 0, 3, 0, "地区")
        _heads(sheet, names)
        one_decimal = book.add_format({"num_format": "0.0"})
        for at, row in enumerate(wide.iter_rows(), start=4):
            sheet.write(at, 0, row[0])
            for column, value in enumerate(row[1:], start=1):
                sheet.write_number(at, column, value, one_decimal)
        sheet.write(4 + wide.height, 0, "注：本表数据为模拟数据。")
    with coded(path):
        path.write_bytes(buffer.getvalue())
    return path


def _heads(sheet: Any, names: Sequence[str]) -> None:
    """Write group headings, merged over their goods, above the goods."""
    for column, name in enumerate(names, start=1):
        sheet.write(3, column, name)
    start = 1
    for title, size in (*GROUPS, ("其他", len(names))):
        end = min(start + size - 1, len(names))
        if start < end:
            sheet.merge_range(2, start, 2, end, title)
        elif start == end:
            sheet.write(2, start, title)
        start = end + 1
