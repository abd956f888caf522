"""Generated files in the shape of public ones: provincial consumer prices, BACI, accounts of listed firms."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from integrade.geography import PROVINCES

OLD = (
    "食品",
    "烟酒及用品",
    "衣着",
    "家庭设备用品及维修服务",
    "医疗保健和个人用品",
    "交通和通信",
    "娱乐教育文化用品及服务",
    "居住",
)
NEW = ("食品烟酒", "衣着", "居住", "生活用品及服务", "交通和通信", "教育文化和娱乐", "医疗保健", "其他用品和服务")
"""The divisions of the consumer-price index to 2015 and from 2016."""
ALL = "总指数"


def monthly_prices(years: range = range(2005, 2024), seed: int = 1) -> pl.DataFrame:
    """region, year, month, item, value: same month of last year = 100; the last year lacks its December.

    Goods have a national course; a province strays from it by its own scale, larger in the west and smaller every year.
    """
    draw = np.random.default_rng(seed)
    west = np.array([-p.tile_column for p in PROVINCES], dtype=float)
    stray = np.exp(0.5 * (west - west.mean()) / west.std() + draw.normal(0, 0.1, len(PROVINCES)))
    parts = []
    for t, year in enumerate(years):
        months = 11 if year == years[-1] else 12
        goods = (*(OLD if year < 2016 else NEW), ALL)
        nation = draw.normal(0.02, 0.03, len(goods))
        own = draw.normal(0, 0.015, (len(PROVINCES), len(goods))) * stray[:, None] * np.exp(-0.08 * t)
        log = (nation + own)[:, :, None] + draw.normal(0, 0.002, (len(PROVINCES), len(goods), months))
        parts.append(
            pl.DataFrame(
                {
                    "region": np.repeat([p.chinese_long for p in PROVINCES], len(goods) * months),
                    "year": year,
                    "month": np.tile(np.arange(1, months + 1), len(PROVINCES) * len(goods)),
                    "item": np.tile(np.repeat(goods, months), len(PROVINCES)),
                    "value": 100 * np.exp(log.ravel()),
                }
            )
        )
    return pl.concat(parts)


def annual_prices(years: range = range(2005, 2024), seed: int = 1) -> pl.DataFrame:
    """The means of the months, in the columns of a long table of the bureau."""
    months = monthly_prices(years, seed).group_by("region", "year", "item", maintain_order=True)
    return months.agg(pl.col("value").mean(), n_months=pl.len()).with_columns(complete=pl.col("n_months") == 12)


def write_wide(path: Path, months: pl.DataFrame) -> Path:
    """Provinces and indicators in two heading rows, food twice, cells of goods that are not in the list left empty."""
    heading = pl.when(item=ALL).then(pl.lit("")).otherwise(pl.col("item") + "类") + "居民消费价格指数(上年同月=100)"
    cells = months.select(
        time=pl.format("{}-{}", "year", pl.col("month").cast(pl.String).str.zfill(2)),
        column=pl.col("region") + "," + heading,
        value="value",
    )
    wide = cells.pivot(on="column", index="time", values="value")
    columns: list[tuple[str, str, str]] = []  # in the table, and both headings
    for name in sorted(wide.columns[1:], key=lambda n: n.split(",")[0]):
        region, title = name.split(",")
        columns.append((name, region, title))
        if title.startswith("食品类"):
            columns.append((name, region, f"{title}.1"))
    body = wide.select("time", *(pl.col(name).alias(str(i)) for i, (name, *_) in enumerate(columns)))
    heads = [",".join(["time", *(c[k] for c in columns)]) for k in (1, 2)]
    path.write_text("\n".join([*heads, body.write_csv(include_header=False)]), encoding="utf-8")
    return path


def write_baci(path: Path, *, products: int = 900, seed: int = 1) -> Path:
    """Exports of two countries in one year: codes without their leading zero, quantities padded or NA."""
    draw = np.random.default_rng(seed)
    codes = np.unique(draw.integers(10_121, 970_600, products))
    rows = []
    for exporter, sells in ((4, 0.8), (710, 0.9)):
        for code in codes[draw.random(len(codes)) < sells]:
            for importer in draw.choice([24, 36, 76, 251, 276, 392, 699, 842], draw.integers(1, 5), replace=False):
                value, quantity = np.exp(draw.normal(2, 2)), np.exp(draw.normal(1, 2))
                amount = "NA" if draw.random() < 0.03 else f"{quantity:.3f}"
                rows.append(f'2021,{exporter},{importer},{code},{value:.3f},"{amount:>13}"')
    path.write_text('"t","i","j","k","v","q"\n' + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def listed_firms(firms: int = 120, years: range = range(2000, 2018), seed: int = 1) -> pl.DataFrame:
    """Accounts with Chinese headings and short province names, unbalanced; some total assets are missing or zero."""
    draw = np.random.default_rng(seed)
    provinces = [p.chinese_short for p in PROVINCES]
    rows = []
    for i in range(firms):
        first = int(draw.integers(years[0], years[-4]))
        own = draw.choice(["公有制企业", "民营企业", "外资企业"])
        size = draw.normal(21, 1.2)
        for year in range(first, years[-1] + 1):
            assets = float(np.round(np.exp(size + 0.08 * (year - first) + draw.normal(0, 0.1)), 2))
            owed, profit, due = np.round(assets * np.array([draw.uniform(0.1, 1.1), draw.normal(0.04, 0.1), 0.2]), 2)
            held = None if draw.random() < 0.01 else 0.0 if draw.random() < 0.005 else assets
            rows.append(
                (year, f"{i:06d}.SZ", provinces[i % len(provinces)], own, 1980 + i % 30, held, owed, profit, due)
            )
    names = ["年份", "股票", "省份", "所有制", "创立日期", "总资产", "总负债", "净利润", "应收账款"]
    return pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)
