"""Write the simulated files of docs/first_hour.md: ``python docs/first_hour.py FOLDER``.

With ``china`` behind the folder: those of docs/zh/first_hour.md, from the economy of ``integrade demo``.

Malaysian states as a statistical office, customs and a register of companies would hand them over; no number is real.
The truth: ln quality of an exporter rises by `EFFECT` with the integration of its state, 0.5 ln(1/S), where S is the
variance over divisions of the state's price changes beside the others'.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import polars as pl
import xlsxwriter

from integrade.simulation import Economy, simulate, write_raw

EFFECT = 0.5
STATES = (
    *("Johor", "Kedah", "Kelantan", "Melaka", "Negeri Sembilan", "Pahang", "Perak", "Perlis", "Pulau Pinang", "Sabah"),
    *("Sarawak", "Selangor", "Terengganu", "W.P. Kuala Lumpur"),
)
DIVISIONS = {
    "Food and beverages": 29.5,
    "Alcohol and tobacco": 2.4,
    "Clothing and footwear": 3.2,
    "Housing and utilities": 23.8,
    "Furnishings": 4.1,
    "Health": 1.9,
    "Transport": 14.6,
    "Communication": 4.8,
    "Recreation": 4.8,
    "Education": 1.3,
    "Restaurants": 3.2,
    "Other goods": 6.4,
}
"""Divisions and their weights in per cent."""
PRODUCTS = ("151190", "180100", "400122", "610910", "854231", "870899", "940360", "030617")
PARTNERS = ("Singapore", "Thailand", "China", "Japan", "United States", "Germany", "India", "Australia")
YEARS = range(2012, 2020)
FIRMS = 240
Draw = np.random.Generator


def write_files(folder: Path, seed: int = 7) -> None:
    """cpi_by_state.csv, customs_exports.csv, company_accounts.xlsx, research.csv."""
    folder.mkdir(parents=True, exist_ok=True)
    draw = np.random.default_rng(seed)
    spread = np.exp(
        draw.normal(-5.2, 0.3, len(STATES))[:, None] + np.cumsum(draw.normal(-0.05, 0.15, (len(STATES), len(YEARS))), 1)
    )
    _prices(draw, spread).write_csv(folder / "cpi_by_state.csv")
    firms, quality = _firms(draw, -np.log(spread))
    _workbook(folder / "company_accounts.xlsx", firms)
    _customs(draw, firms, quality).write_csv(folder / "customs_exports.csv")
    research = [(state, year, round(float(draw.uniform(0.4, 2.5)), 2)) for state in STATES for year in YEARS]
    pl.DataFrame(research, schema=["State", "Year", "R&D spending (% of GDP)"], orient="row").write_csv(
        folder / "research.csv"
    )


def write_chinese(folder: Path, seed: int = 7) -> None:
    """Yearbook sheets, firm accounts, customs records, education and R&D of 31 provinces, without their truth."""
    write_raw(simulate(Economy(n_firms=400, seed=seed)), folder)
    shutil.rmtree(folder / "truth")
    for name in ("sigma_true.csv", "exporters.csv"):
        (folder / name).unlink()


def _prices(draw: Draw, spread: np.ndarray) -> pl.DataFrame:
    """Monthly indices with one base (the first year = 100), the mean of all divisions and the country among them."""
    months, goods = 12 * len(YEARS), len(DIVISIONS)
    nation = draw.normal(0.002, 0.004, (1, months, goods))
    own = draw.normal(0, 1, (len(STATES), months, goods)) * np.repeat(spread, 12, axis=1)[:, :, None]
    level = np.exp(np.cumsum(nation + own, axis=1))
    level = 100 * level / level[:, :12].mean(axis=1, keepdims=True)
    weights = np.array(list(DIVISIONS.values())) / sum(DIVISIONS.values())
    level = np.concatenate([(level @ weights)[:, :, None], level], axis=2)
    level = np.concatenate([level.mean(axis=0, keepdims=True), level])
    dates = [f"{year}-{month:02d}-01" for year in YEARS for month in range(1, 13)]
    keys = [(r, d, g) for r in ("Malaysia", *STATES) for d in dates for g in ("overall", *DIVISIONS)]
    state, date, division = zip(*keys, strict=True)
    return pl.DataFrame({"state": state, "date": date, "division": division, "index": level.ravel().round(1)})


def _firms(draw: Draw, market: np.ndarray) -> tuple[pl.DataFrame, np.ndarray]:
    """The accounts, and ln quality of every firm in every year, shape (firms, years)."""
    home = draw.choice(len(STATES), FIRMS)
    assets = np.exp(draw.normal(9.5, 1, FIRMS)[:, None] + np.cumsum(draw.normal(0.03, 0.1, (FIRMS, len(YEARS))), 1))
    debt, profit = draw.uniform(0.2, 0.8, assets.shape), draw.normal(0.05, 0.07, assets.shape)
    quality = (
        draw.normal(0, 0.5, FIRMS)[:, None]
        + EFFECT * market[home]
        + 0.1 * np.log(assets)
        + draw.normal(0, 0.2, assets.shape)
    )
    spelt = {"Pulau Pinang": "Penang", "Melaka": "Malacca", "W.P. Kuala Lumpur": "Kuala Lumpur"}
    founded = draw.integers(1960, 2010, FIRMS)
    rows = [
        (
            *(
                f"{201000 + 7 * k}-{'KPTX'[k % 4]}",
                f"Syarikat {k + 1} Sdn Bhd",
                spelt.get(STATES[home[k]], STATES[home[k]]),
            ),
            *(
                f"{10 + k % 14}",
                int(founded[k]),
                year,
                round(float(assets[k, t]), 1),
                round(float(assets[k, t] * debt[k, t]), 1),
            ),
            *(round(float(assets[k, t] * profit[k, t]), 1), round(float(assets[k, t]) * 0.12, 1)),
        )
        for k in range(FIRMS)
        for t, year in enumerate(YEARS)
    ]
    headings = [
        *(
            "Company ID",
            "Company name",
            "State",
            "MSIC code",
            "Year founded",
            "Financial year",
            "Total assets (RM'000)",
        ),
        *("Total liabilities (RM'000)", "Net profit (RM'000)", "Inventories (RM'000)"),
    ]
    slips = pl.when((pl.col("State") == "Terengganu") & (pl.col("Financial year") == 2015)).then(pl.lit("Terenganu"))
    return pl.DataFrame(rows, schema=headings, orient="row").with_columns(
        slips.otherwise("State").alias("State")
    ), quality


def _customs(draw: Draw, firms: pl.DataFrame, quality: np.ndarray) -> pl.DataFrame:
    """Exports of every firm: ln q = ... + ln quality - sigma ln p, sigma 5; values in ringgit, with freight beside."""
    codes = firms["Company ID"].unique(maintain_order=True).to_list()
    demand = draw.normal(0, 0.5, (len(PRODUCTS), len(PARTNERS), len(YEARS)))
    rows = []
    for k, code in enumerate(codes):
        sold = draw.choice(len(PRODUCTS), 2, replace=False)
        for t, year in enumerate(YEARS):
            for p in sold:
                for d in draw.choice(len(PARTNERS), 3, replace=False):
                    price = np.exp(2 + 0.3 * p + 0.15 * quality[k, t] + draw.normal(0, 0.15))
                    quantity = np.exp(
                        14 + quality[k, t] - 5 * np.log(price) + 1.5 * p + demand[p, d, t] + draw.normal(0, 0.5)
                    )
                    value = price * quantity
                    rows.append(
                        (
                            code,
                            PRODUCTS[p].lstrip("0"),
                            PARTNERS[d],
                            year,
                            round(value, 2),
                            round(1.08 * value, 2),
                            round(quantity, 3),
                        )
                    )
    headings = [
        "Exporter ID",
        "HS code",
        "Country of destination",
        "Year",
        "FOB value (RM)",
        "CIF value (RM)",
        "Net weight (kg)",
    ]
    return pl.DataFrame(rows, schema=headings, orient="row")


def _workbook(path: Path, frame: pl.DataFrame) -> None:
    """A sheet with a title above and a source below."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("accounts")
        sheet.write(0, 0, "Annual accounts of exporters, Malaysia")
        sheet.write_row(2, 0, frame.columns)
        for i, row in enumerate(frame.rows()):
            sheet.write_row(3 + i, 0, row)
        sheet.write(frame.height + 4, 0, "Source: simulated")


if __name__ == "__main__":
    (write_chinese if "china" in sys.argv[2:] else write_files)(Path(sys.argv[1]))
