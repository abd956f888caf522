"""Write the study files of single parts for ``integrade new DIR --kind``, with the simulated data that they use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal, NamedTuple, get_args

import polars as pl

from integrade.engine.exact import total_of
from integrade.errors import UnknownName, UsageError, did_you_mean
from integrade.records.presets import Preset, of_the_paper
from integrade.simulation import Economy, Simulated, simulate
from integrade.study.json_schema import write_study
from integrade.study.proposal.paper import sections_of_the_paper
from integrade.study.template import write_new

Kind = Literal["study", "index", "quality", "panel"]
"""Kinds of studies that ``integrade new`` writes: a whole study, or one of its parts."""

INDEX = """\
#:schema study.schema.json
# A study of the index alone: prices of goods in regions -> how integrated their markets are, by region and year.
# Check it with `integrade check`, run it with `integrade run`. Paths are relative to this file.
title = "How integrated are the markets of the regions?"

[prices]                       # one row per region, year and good; previous year = 100
files = ["raw/prices.csv"]     # files, folders or patterns; .csv .xls .xlsx .dta .parquet
columns = { "State" = "region", "Year" = "year", "Item" = "commodity", "CPI" = "index" }   # heading = integrade's name
regions = "english"            # how provinces of China are spelt from here on: as_is, english, chinese
# where = 'Item != "All items"'  # leave rows out, in the file's own column names
# to_year = true                 # average months into years

[integration]                  # options of relative_price: integrade list relative_price
transform = "log_inverse_sqrt"
se = "jackknife"               # how far each value can be trusted: delete one good at a time
# pairs = "adjacent"             # neighbours only, of a built-in country or of [geography]; or a file of pairs

[report]
formats = ["html", "docx", "pdf", "tex", "md"]
# language = "zh"                # of every word that integrade makes: en (default) or zh

# With [customs] and [quality] the report has export quality too; with [firms] beside them the regressions.
"""


QUALITY = """\
#:schema study.schema.json
# A study of export quality alone: customs records -> quality by year, product and destination (and firm, where named).
# Check it with `integrade check`, run it with `integrade run`. Paths are relative to this file.
title = "The quality of exports"

[customs]                      # one row per (firm,) product, destination and year; monthly rows are added up
files = ["raw/customs.csv"]    # or a table of a database; .csv .xls .xlsx .dta .parquet
pad = { product = 6 }          # restores leading zeros of HS codes that a csv lost
# source = "baci"                # a public source whose headings and units are known: integrade list --sources
# rules = ["usual"]              # or exports, not_home, chapters, main_unit, trim ...

[customs.columns]              # the file's heading = integrade's name; without firms leave that line out
"Exporter" = "firm"
"HS code" = "product"
"Country" = "destination"
"Year" = "year"
"FOB value (USD)" = "value"
"Net weight (kg)" = "quantity"

[quality]                      # options of demand_residual: integrade list demand_residual
sigma = 5                      # elasticity of substitution: a number, a file, ols, iv or feenstra. No default.
# effects = "product+destination:year"
# standardise = "minmax_trim"

[report]
formats = ["html", "docx", "pdf", "tex", "md"]
# language = "zh"                # of every word that integrade makes: en (default) or zh
"""

PANEL = """\
#:schema study.schema.json
# A study of a panel that exists already: what a variable does to an outcome, with the tests that a referee asks for.
# Check it with `integrade check`, run it with `integrade run`. Paths are relative to this file.
title = "Openness and export quality in my panel"
preset = "sound"               # or published: the paper's choices and the layout of its tables; or complete

[panel]                        # one row per firm (or other unit) and year, under your own column names
files = ["raw/panel.csv"]      # files, folders or patterns; .csv .xls .xlsx .dta .parquet
columns = { "Company ID" = "firm", "Year" = "year" }   # these two have integrade's names: heading = name
# where = "Year >= 2005"         # leave rows out, in the file's own column names

[regression]                   # names with spaces stand in backticks; the square is what tests of the shape are about
formula = "`Export quality` ~ Openness + Openness^2 + Size + Age + Leverage | firm + year"
cluster = "State"              # the level at which the treatment varies
# vcov = "CR3"                   # cluster jackknife, with t(clusters - 1)
# wild = 9999                    # wild cluster bootstrap draws, 0 for none

[shape]                        # where the curve turns, and whether it does

# More questions of a referee, each a section: docs/questions.md. Those about the index or quality as they were measured
# ([noise], [row_level]) need the raw files in place of the panel.

[report]
formats = ["html", "docx", "pdf", "tex", "md"]
# language = "zh"                # of every word that integrade makes: en (default) or zh
"""


class Part(NamedTuple):
    """A study of one part: its study.toml, and its raw files from a simulated economy, by name."""

    text: str
    files: Callable[[Simulated], dict[str, pl.DataFrame]]


def _prices(economy: Simulated) -> dict[str, pl.DataFrame]:
    headings = {"region": "State", "year": "Year", "commodity": "Item", "index": "CPI"}
    return {"prices.csv": economy.prices.select(*headings).rename(headings).with_columns(pl.col("CPI").round(2))}


def _customs(economy: Simulated) -> dict[str, pl.DataFrame]:
    headings = {
        "firm": "Exporter",
        "product": "HS code",
        "destination": "Country",
        "year": "Year",
        "value": "FOB value (USD)",
        "quantity": "Net weight (kg)",
    }
    whole = economy.customs.group_by("firm", "product", "destination", "year").agg(
        total_of(pl.col(name)).alias(name) for name in ("value", "quantity")
    )
    rows = whole.sort("firm", "product", "destination", "year").select(*headings).rename(headings)
    return {"customs.csv": rows.with_columns(pl.col("FOB value (USD)", "Net weight (kg)").round(2))}


def _panel(economy: Simulated) -> dict[str, pl.DataFrame]:
    headings = {
        "firm": "Company ID",
        "year": "Year",
        "region": "State",
        "quality": "Export quality",
        "market": "Openness",
        "scale": "Size",
        "age": "Age",
        "rdebt": "Leverage",
    }
    rounded = pl.col("Export quality", "Openness", "Size", "Age", "Leverage").round(4)
    return {"panel.csv": economy.true_quality.select(*headings).rename(headings).with_columns(rounded)}


PARTS: dict[str, Part] = {
    "index": Part(INDEX, _prices),
    "quality": Part(QUALITY, _customs),
    "panel": Part(PANEL, _panel),
}


def write_kind(directory: Path, kind: str, preset: Preset = "sound") -> None:
    """Write a study of this kind and its simulated data. The paper's preset has the paper's four splits.

    Raises `UnknownName`, and `UsageError` if there is a study already or if the kind has no regression for the preset.
    """
    if kind == "study":
        write_new(directory, of_china=of_the_paper(preset), preset=preset)
        return
    if of_the_paper(preset) and kind in ("index", "quality"):
        raise UsageError(
            f"preset {preset} is for a study with regressions; --kind {kind} has none",
            remedy="leave --kind out: integrade new DIRECTORY --preset " + preset,
        )
    if kind not in PARTS:
        raise UnknownName(f"no kind of study {kind!r}", remedy=did_you_mean(kind, get_args(Kind)))
    if (directory / "study.toml").exists():
        raise UsageError(f"{directory / 'study.toml'} exists", remedy="choose another folder; nothing was overwritten")
    part, raw = PARTS[kind], directory / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    for name, table in part.files(simulate(Economy(n_firms=300, seed=20240103))).items():
        table.write_csv(raw / name)
    write_study(directory, _of_the_paper(part.text, preset) if of_the_paper(preset) else part.text)


def _of_the_paper(text: str, preset: Preset) -> str:
    """Return the study of a panel under the paper's preset: errors as in the paper, and the sections of its tables."""
    sections = "\n".join(sections_of_the_paper({"year": "year", "area": "region"}, (), schooling=False))
    changes = (
        (
            'preset = "sound"               # or published: the paper\'s choices and the layout',
            f'preset = "{preset}"'.ljust(30) + " # the paper's choices and the layout",
        ),
        ('"Year" = "year" }   # these two have', '"Year" = "year", "State" = "region" }   # these have'),
        ('cluster = "State"              #', 'cluster = { sound = "region" }  #'),
        ("\n# More questions of a referee", f"{sections}\n\n# More questions of a referee"),
    )
    for old, new in changes:
        text = text.replace(old, new)
    return text
