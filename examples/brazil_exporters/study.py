"""The quality of exports of Brazilian municipalities, and their reach. The steps of examples/brazil_exporters.

usage: python examples/brazil_exporters/study.py fetch 2020 2025    downloads a file for each year into raw/
       python examples/brazil_exporters/study.py run                checks and runs both studies

A file of Comex Stat is about 60 MB. Two studies: export quality from the files (study.toml), then a panel of
municipalities made from it (panel/study.toml).
"""

from __future__ import annotations

import shutil
import sys
import tomllib
import urllib.request
from pathlib import Path

import polars as pl

import integrade as ig
from integrade.cli import run as integrade

HERE = Path(__file__).parent
ADDRESS = "https://balanca.economia.gov.br/balanca/bd/comexstat-bd/mun/EXP_{year}_MUN.csv"


def fetch(first: int, last: int) -> int:
    """The files as published, into raw/."""
    (HERE / "raw").mkdir(exist_ok=True)
    for year in range(first, last + 1):
        address = ADDRESS.format(year=year)
        with urllib.request.urlopen(address) as page, (HERE / "raw" / Path(address).name).open("wb") as file:
            shutil.copyfileobj(page, file)
    return 0


def write_panel() -> None:
    """panel/panel.csv: one row per municipality and year with quality, destinations and products."""
    told = tomllib.loads((HERE / "study.toml").read_text(encoding="utf-8"))
    where, columns = told["customs"]["where"], told["customs"]["columns"]
    customs = ig.read_customs(str(HERE / "raw" / "EXP_*_MUN.csv"), where=where, columns=columns)
    quality = ig.demand_residual(customs, sigma=told["quality"]["sigma"]).polars()
    reach = (
        customs.polars()
        .group_by("firm", "year")
        .agg(pl.col("region").first(), pl.col("destination").n_unique(), pl.col("product").n_unique())
    )
    panel = quality.select("firm", "year", "quality").join(reach, on=["firm", "year"]).sort("firm", "year")
    logs = {"ln_destinations": pl.col("destination").log(), "ln_products": pl.col("product").log()}
    panel.with_columns(**logs).drop("destination", "product").write_csv(HERE / "panel" / "panel.csv")


def run() -> int:
    """Quality checked and measured, the panel written, checked and estimated; the first exit code that is not 0."""
    failed = integrade(["check", str(HERE), "-v"]) or integrade(["run", str(HERE)])
    if failed:
        return failed
    write_panel()
    return integrade(["check", str(HERE / "panel"), "-v"]) or integrade(["run", str(HERE / "panel")])


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["fetch", first, last]:
            sys.exit(fetch(int(first), int(last)))
        case ["run"]:
            sys.exit(run())
        case _:
            sys.exit(__doc__)
