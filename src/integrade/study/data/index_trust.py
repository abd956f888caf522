"""Compute the trends and the reliability of an index made of prices, in a separate step on which no panel depends."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from integrade.engine.frames import Table
from integrade.errors import DataError
from integrade.integration import index_trust, pure_regions, trend
from integrade.integration.change import NationalChange, national_change
from integrade.integration.summary import NATION
from integrade.study.data.integration import asked
from integrade.study.data.tables import keep
from integrade.study.setting import Folders, Setting
from plainwords.account import Account, Entry
from plainwords.texts import say
from rawcells import doors

TRUST = "trust.json"


def run(at: Setting, out: Path, done: Folders) -> None:
    """Measure trends and reliability with the options of the study's index, except its level.

    With too few goods (for example the three goods of investment prices), reliability is left out with a warning.
    """
    _, tables, options = asked(at, done)
    prices, by_level = tables["prices"], {k: v for k, v in options.items() if k != "level"}
    measured = {"trend": trend(prices, **by_level).polars()}
    trust, account = dict[str, Any](), Account()
    try:
        trust = dataclasses.asdict(index_trust(prices, **{**by_level, "se": "jackknife"}))
        measured |= trust_tables(prices, trust, by_level)
    except DataError as problem:
        reason = say("left_out.reliability", why=problem.what)
        account += [Entry("index_trust", "integration", "warning", reason, 0)]
    change = change_of(prices, measured["trend"], by_level)
    trust |= {} if change is None else {"change": dataclasses.asdict(change)}
    for name, rows in measured.items():
        rows.write_parquet(out / f"{name}.parquet")
    keep(out, account, {})
    (out / TRUST).write_text(json.dumps(trust), encoding="utf-8")


def change_of(prices: Table, trends: pl.DataFrame, options: Mapping[str, Any]) -> NationalChange | None:
    """Return the change of national integration from its first to its last period; None without two periods."""
    known = trends.filter((pl.col("series") == NATION) & pl.col("integration").is_finite())
    periods = known.select(name for name in ("year", "month") if name in known.columns).unique().sort(pl.all()).rows()
    return national_change(prices, periods[0], periods[-1], **options) if len(periods) > 1 else None


def trust_tables(prices: Table, trust: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, pl.DataFrame]:
    """Return tables on reliability: the effect of leaving out each good, and the regions' own components."""
    tables = {"goods": pl.DataFrame(trust["goods"], infer_schema_length=None)}
    if trust["pure"] is not None:
        tables["pure_regions"] = pure_regions(prices, **options).polars()
    return tables


def trust_in(done: Folders) -> dict[str, Any]:
    """Return the figures on the index's reliability; empty for an index that is not made of prices."""
    trust: dict[str, Any] = {}
    if "index_trust" in done:
        trust = json.loads(doors.read_text(done["index_trust"] / TRUST))
    return trust


def trend_in(done: Folders) -> pl.DataFrame:
    """Return the trends of the index."""
    return pl.read_parquet(doors.regular(done.get("index_trust", done["integration"]) / "trend.parquet"))
