"""Simulate the firms of an economy: identity, years of life, accounts and customs registration."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from integrade.geography import PROVINCES
from integrade.simulation.names import firm_names, people, respelt
from integrade.simulation.options import Economy
from integrade.simulation.prices import REGIONS, Array

Whole = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]

WEIGHTS = {
    "Guangdong": 20,
    "Zhejiang": 14,
    "Jiangsu": 14,
    "Shandong": 9,
    "Shanghai": 8,
    "Fujian": 7,
    "Liaoning": 4,
    "Beijing": 4,
    "Tianjin": 3,
    "Hebei": 3,
    "Hubei": 2,
    "Henan": 2,
    "Hunan": 2,
    "Anhui": 2,
    "Sichuan": 2,
    "Jiangxi": 1.5,
}
"""Province -> relative number of firms; 0.7 in other provinces."""

INDUSTRIES = (
    "13",
    "14",
    "17",
    "18",
    "19",
    "20",
    "21",
    "24",
    "26",
    "27",
    "29",
    "30",
    "34",
    "35",
    "36",
    "37",
    "39",
    "40",
)
"""Two-digit codes of GB/T 4754."""

UNACCOUNTED, TRADERS = 0.05, 0.06  # exporters without accounts and trading companies, relative to firms with accounts
EXPORTING, MOVING, LEAVING, GAPS, BLANKS = 0.85, 0.008, 0.06, 0.015, 0.003  # shares; LEAVING is per year


@dataclass(frozen=True)
class Roster:
    """All firms, first the firms with accounts.

    The fields are arrays over firms, or of shape (firms, years).
    """

    identity: pl.Series
    name: pl.Series
    region: Whole  # (firms, years): index of the province
    industry: Whole
    ownership: Whole  # 0 state, 1 private, 2 foreign
    founded: Whole
    accounts: Truths
    exporter: Truths
    trader: Truths
    alive: Truths  # (firms, years)


def roster(economy: Economy) -> Roster:
    """Draw the firms with province, industry, owner and years of life; 0.8% of the firms change province once."""
    rng = economy.stream(3)
    kept, more, traders = (round(economy.n_firms * share) for share in (1.0, UNACCOUNTED, TRADERS))
    n, years = kept + more + traders, economy.n_years
    weight = np.array([WEIGHTS.get(p.english, 0.7) for p in PROVINCES])
    home = rng.choice(len(PROVINCES), n, p=weight / weight.sum())
    accounts, trader = np.arange(n) < kept, np.arange(n) >= kept + more
    state = rng.random(n) < economy.state_share
    region = np.repeat(home[:, None], years, axis=1)
    movers = np.flatnonzero(rng.random(n) < MOVING)
    for f in movers.tolist():
        region[f, rng.integers(1, years) :] = rng.integers(len(PROVINCES))
    entry = np.where(rng.random(n) < 0.6, 0, rng.integers(0, years, n))
    life = rng.geometric(LEAVING, n)
    t = np.arange(years)
    alive = (t >= entry[:, None]) & (t < (entry + life)[:, None]) & (rng.random((n, years)) >= GAPS)
    founded = np.where(
        entry > 0,
        economy.first_year + entry - rng.integers(0, 3, n),
        economy.first_year - rng.geometric(0.09, n).clip(1, 50),
    )
    pairs = [(PROVINCES[i].english, PROVINCES[i].chinese_short) for i in home.tolist()]
    return Roster(
        # a letter and eight digits; the multiplier scatters the codes, so that their order means nothing
        identity=pl.Series([f"{'ABCDEFGH'[i % 8]}{i * 48271 % 100_000_007:08d}" for i in range(1, n + 1)]),
        name=pl.Series(firm_names(pairs, trader.tolist(), rng)),
        region=region,
        industry=rng.integers(len(INDUSTRIES), size=n),
        ownership=np.where(state, 0, np.where(rng.random(n) < 0.35, 2, 1)),
        founded=founded,
        accounts=accounts,
        exporter=~accounts | (rng.random(n) < EXPORTING),
        trader=trader,
        alive=alive,
    )


def accounts(economy: Economy, firms: Roster) -> pl.DataFrame:
    """Draw accounts in 1000 yuan, with one row per firm with accounts and year of life, and the controls without error.

    The last columns (``controls``) are the values that `firm_controls` computes from the rounded accounts, before some
    accounts are made missing.
    """
    rng = economy.stream(4)
    firm, year = np.nonzero(firms.alive & firms.accounts[:, None])
    n = len(firms.accounts)
    walk = rng.normal(0, 0.1, (n, economy.n_years)).cumsum(axis=1)
    size = rng.normal(10.3, 1.3, n)[:, None] + 0.08 * np.arange(economy.n_years) + walk
    assets = np.round(np.exp(size[firm, year]))
    profit = rng.normal(0.08, 0.10, n)[firm] + rng.normal(0, 0.08, len(firm))
    workers = 0.7 * size[firm, year] - 2.3 + rng.normal(0, 0.5, len(firm))
    frame = pl.DataFrame(
        {
            "firm": firms.identity.gather(firm),
            "year": year + economy.first_year,
            "name": firms.name.gather(firm),
            "region": pl.Series(REGIONS).gather(firms.region[firm, year]),
            "industry": pl.Series(INDUSTRIES).gather(firms.industry[firm]),
            "ownership": pl.Series(("state", "private", "foreign")).gather(firms.ownership[firm]),
            "founded": firms.founded[firm],
            "assets": assets,
            "liabilities": np.round(assets * _share(rng, n, 0.55, 0.20, firm)),
            "net_profit": np.round(assets * np.clip(profit, -0.4, 0.9)),
            "inventory": np.round(assets * _share(rng, n, 0.20, 0.13, firm)),
            "receivables": np.round(assets * _share(rng, n, 0.19, 0.13, firm)),
            "fixed_assets": np.round(assets * _share(rng, n, 0.35, 0.15, firm)),
            "employees": np.maximum(np.round(np.exp(workers)), 8).astype(int),
        }
    )
    frame = frame.with_columns(**_addresses(economy, firms, firm, year))
    share = {"roa": "net_profit", "rdebt": "liabilities", "fic": "receivables"}
    return frame.with_columns(
        pl.col("assets").log().alias("scale"),
        (pl.col("year") - pl.col("founded") + 1).log().alias("age"),
        *[(pl.col(part) / pl.col("assets")).alias(ratio) for ratio, part in share.items()],
        *[pl.when(pl.Series(rng.random(len(firm)) >= BLANKS)).then(c).alias(c) for c in ("net_profit", "inventory")],
    )


def _share(rng: np.random.Generator, n: int, mean: float, sd: float, firm: Whole) -> Array:
    """Draw a share of assets with that mean and standard deviation over firms; it moves slightly between years."""
    strength = mean * (1 - mean) / sd**2 - 1
    firm_share = rng.beta(mean * strength, (1 - mean) * strength, n)
    return np.asarray(np.clip(firm_share[firm] * np.exp(rng.normal(0, 0.15, len(firm))), 0.001, 0.98))


def _addresses(economy: Economy, firms: Roster, firm: Whole, year: Whole) -> dict[str, pl.Series]:
    """Return postcode, telephone and contact of firms; every call returns the same."""
    rng = economy.stream(5)
    n = len(firms.accounts)
    line, street, contact = rng.integers(2_000_000, 9_000_000, n), rng.integers(100, 9_900, n), people(n, rng)
    place = firms.region[firm, year]
    postcode = (10 + 2 * place) * 10_000 + street[firm]
    return {
        "postcode": pl.Series(postcode.astype(int)).cast(pl.String).str.zfill(6),
        "phone": pl.Series(80_000_000 + line[firm]).cast(pl.String),
        "contact": pl.Series(contact).gather(firm),
    }


def exporters(economy: Economy, firms: Roster) -> pl.DataFrame:
    """Draw the customs register, one row per exporter and year.

    Names are spelt differently from the accounts; some telephones and postcodes are missing.
    """
    rng = economy.stream(6)
    firm, year = np.nonzero(firms.alive & firms.exporter[:, None])
    names = pl.Series(respelt(firms.name.to_list(), rng))
    area = pl.Series([f"0{310 + 17 * i}" for i in range(len(PROVINCES))]).gather(firms.region[firm, year])
    frame = pl.DataFrame(
        {
            "firm": firms.identity.gather(firm),
            "year": year + economy.first_year,
            "name": names.gather(firm),
            **_addresses(economy, firms, firm, year),
        }
    )
    known = pl.Series(rng.random(len(firm)) >= 0.05)
    other_contacts = pl.Series(people(len(firm), rng))
    return frame.with_columns(
        pl.when(known).then(area + "-" + pl.col("phone")).alias("phone"),
        pl.when(pl.Series(rng.random(len(firm)) >= 0.05)).then("postcode").alias("postcode"),
        pl.when(pl.Series(rng.random(len(firm)) < 0.8)).then("contact").otherwise(other_contacts).alias("contact"),
    )
