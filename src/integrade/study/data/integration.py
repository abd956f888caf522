"""The index of integration by region and year, its ranking and trends, and how far it can be trusted."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from integrade.frames import Table
from integrade.integration import index_trust, pure_regions, ranking, trend, trend_of
from integrade.study.data.tables import keep, measured_from
from integrade.study.inputs import index_given
from integrade.study.measures import by_prices, measure_of, options_given, tables_of
from integrade.study.setting import Folders, Setting


def run(at: Setting, out: Path, done: Folders) -> None:
    """Measure it with the measure of the study."""
    study, root = at.study, at.root
    record, wanted = measure_of(study, "integration"), options_given(study, "integration") | index_given(study, root)
    tables = {t: measured_from(done["prices"], t) for t in tables_of(study, "integration")}
    region = record(tables, **wanted)
    rows = region.polars()
    measured = {"integration": rows, "ranking": ranking(rows)}
    if by_prices(study):
        by_level = {k: v for k, v in wanted.items() if k != "level"}
        measured["trend"] = trend(tables["prices"], **by_level).polars()
        trust = dataclasses.asdict(index_trust(tables["prices"], **{**by_level, "se": "jackknife"}))
        measured |= trust_tables(tables["prices"], trust, by_level)
    else:
        measured["trend"], trust = trend_of(rows), {}
    (out / "trust.json").write_text(json.dumps(trust), encoding="utf-8")
    keep(out, region.account, measured)


def trust_tables(prices: Table, trust: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, pl.DataFrame]:
    """Behind the figures on trust: what leaving each good out does, and the regions' own components."""
    found = {"goods": pl.DataFrame(trust["goods"], infer_schema_length=None)}
    if trust["pure"] is not None:
        found["pure_regions"] = pure_regions(prices, **options).polars()
    return found
