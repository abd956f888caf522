"""The steps of a study, one per room: each reads raw files or earlier outputs and fills a folder."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from integrade.account import Account, Entry
from integrade.frames import Engine, Table
from integrade.integration import index_trust, pure_regions, ranking, trend, trend_of
from integrade.panel import Assemble, assemble, human_capital
from integrade.panel.deflate import deflate
from integrade.sources import Reading, databases, read_canonical, write_table
from integrade.sources.readers import File
from integrade.study.cleaning import cleaned, price_choices
from integrade.study.config import Deflators, Education, Source, Study
from integrade.study.inputs import (
    everything_of,
    families_of,
    files_of,
    index_files,
    quality_files,
    question_files,
    recipe_of,
)
from integrade.study.measures import FAMILY_OF, by_prices, measure_of, options_given, tables_of, version_of
from integrade.study.registers import match_registers, register_choices, register_sources, reviewed_files
from integrade.study.steps import Step

Folders = dict[str, Path]


def build_steps(study: Study, root: Path, engine: Engine) -> dict[str, Step]:
    """The six steps of a study; nothing is read yet except the list of files."""
    databases.fingerprint.cache_clear()
    single = [source for source in (study.education, study.deflators) if source is not None]
    beside = [*study.covariates, *single, *register_sources(study)]
    firm_files = tuple(f for source in (study.firms, *beside) for f in everything_of(source, root))
    index, grade = tables_of(study, "integration"), tables_of(study, "quality")
    raw = {"index": index, "grade": grade}
    plain = {name: {table: _plain(source) for table, source in tables.items()} for name, tables in raw.items()}
    files = {
        name: tuple(f for one in tables.values() for f in everything_of(one, root)) for name, tables in raw.items()
    }
    truth = tuple(sorted((root / study.truth).glob("*"))) if study.truth else ()

    def step(name: str, needs: tuple[str, ...], parameters: object, files: tuple[File, ...], run: Any) -> Step:
        code = (*GROUND, *CODE[name])
        return Step(name, needs, parameters, files, code, lambda out, done: run(study, root, out, done))

    return {
        "prices": step("prices", (), plain["index"], files["index"], _prices),
        "integration": step("integration", ("prices",), study.integration, tuple(index_files(study, root).values()),
                            _integration),
        "quality": step("quality", (), [study.quality, plain["grade"], engine, _asks_rows(study)],
                        (*files["grade"], *quality_files(study, root).values()), _with_engine(engine)),
        "panel": step("panel", ("integration", "quality"),
                      [_plain([study.firms, *beside]), study.controls, _plain(study.winsor), _plain(study.regression),
                       *register_choices(study)],
                      (*firm_files, *reviewed_files(study, root)), _panel),
        "models": step("models", ("integration", "quality", "panel", "prices"), _plain(study),
                       (*truth, *question_files(study, root), *_version_files(study, root)), _models_with(engine)),
        "report": step("report", ("models",), _plain(study.report), (), _report),
    }  # fmt: skip


GROUND = ("account", "cells", "errors", "escaping", "frames", "geography", "measure", "regress", "schema", "sheet",
          "study/cleaning", "study/rooms")  # fmt: skip
QUESTIONS = ("study/analysis", "study/checks", "study/endogeneity", "study/hypotheses", "study/index_noise",
             "study/questions", "study/records", "study/registers", "study/situation", "study/truth", "study/variants",
             "study/versions")  # fmt: skip
CODE: Mapping[str, tuple[str, ...]] = {
    "prices": ("sources",),
    "integration": ("integration", "sources"),
    "quality": ("quality", "simulation", "sources"),
    "panel": ("panel", "sources", "study/registers"),
    "models": ("integration", "models", "panel", "quality", "report", "sources", *QUESTIONS),
    "report": ("integration", "models", "panel", "report", "sources", "study/records"),
}
"""The source that a step's result depends on beside `GROUND`: rooms, or files in them. What reads the study file and
names the files (config, sections, inputs, measures) shows in a step's parameters and files, which are hashed."""


def read_source(table: str, source: Source, root: Path, engine: Engine) -> Table:
    """One raw table of a study as its canonical table."""
    options = Reading(columns=source.columns, where=source.where, encoding=source.encoding, sheet=source.sheet,
                      pad=source.pad, regions=source.regions, source=recipe_of(source, root),
                      countries=source.countries, edition=source.edition, labels=source.labels,
                      decimal=source.decimal, families=[str(f) for f in families_of(source, root)])  # fmt: skip
    files, more = files_of(source, root), price_choices(source)
    return cleaned(read_canonical(table, files, options=options, engine=engine, **more), source)


def _plain(value: Any) -> Any:
    return [_plain(v) for v in value] if isinstance(value, list) else value.model_dump(mode="json")


def _keep(out: Path, account: Account, tables: Mapping[str, pl.DataFrame]) -> None:
    """The tables of a step and its account; those of many rows in the order of their keys, so that two runs write the
    same.
    """
    for name, rows in tables.items():
        keys = [c for c, kind in rows.schema.items() if name in ORDERED and not kind.is_float()]
        write_table(rows.sort(keys) if keys else rows, out / f"{name}.parquet")
    (out / "account.json").write_text(json.dumps(account.records(), ensure_ascii=False), encoding="utf-8")


ORDERED = ("prices", "flows", "output", "gdp", "survey", "quality", "panel")
"""Tables whose rows come in any order; those of a ranking or of series stand in an order that is meant."""


def _stored(done: Folders, table: str) -> Table:
    """A table that an earlier step wrote: its account is that step's."""
    return Table(table, pl.read_parquet(done[table] / f"{table}.parquet"), conformed=table)


def _prices(study: Study, root: Path, out: Path, _: Folders) -> None:
    """What the index is made from: prices, or the tables that another measure of integration takes."""
    tables = {t: read_source(t, source, root, "polars") for t, source in tables_of(study, "integration").items()}
    account = sum((table.account for table in tables.values()), Account())
    _keep(out, account, {name: table.polars() for name, table in tables.items()})


def _integration(study: Study, root: Path, out: Path, done: Folders) -> None:
    record, wanted = measure_of(study, "integration"), options_given(study, "integration") | index_files(study, root)
    stored = {t: pl.read_parquet(done["prices"] / f"{t}.parquet") for t in tables_of(study, "integration")}
    tables = {t: Table(t, rows, conformed=t) for t, rows in stored.items()}
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
    _keep(out, region.account, measured)


def trust_tables(prices: Table, trust: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, pl.DataFrame]:
    """Behind the figures on trust: what leaving each good out does, and the regions' own components."""
    found = {"goods": pl.DataFrame(trust["goods"], infer_schema_length=None)}
    if trust["pure"] is not None:
        found["pure_regions"] = pure_regions(prices, **options).polars()
    return found


def _with_engine(engine: Engine) -> Any:
    def quality(study: Study, root: Path, out: Path, _: Folders) -> None:
        record = measure_of(study, "quality")
        tables = {t: read_source(t, source, root, engine) for t, source in tables_of(study, "quality").items()}
        named = {option: str(path) for option, path in quality_files(study, root).items()}
        options = options_given(study, "quality") | named
        measured = record(tables, **options)
        _keep(out, measured.account, {"quality": measured.polars()})
        if _asks_rows(study):
            rows = record(tables, **{**options, "level": "row"}).polars()
            write_table(rows.select(c for c in ROW_COLUMNS if c in rows.columns), out / "quality_rows.parquet")

    return quality


ROW_COLUMNS = ("firm", "product", "destination", "year", "unit", "regime", "value", "quality")
"""What regressions on customs rows need."""


def _asks_rows(study: Study) -> bool:
    return study.row_level is not None and study.row_level.run


def _panel(study: Study, root: Path, out: Path, done: Folders) -> None:
    registers = match_registers(study, root, _stored(done, "quality"), read_source)
    covariates = [read_source("covariates", source, root, "polars") for source in study.covariates]
    if study.education:
        covariates.append(_human_capital(study.education, root))
    panel = assemble(
        _deflated(registers.firms, study.deflators, root),
        links=registers.links,
        integration=_stored(done, "integration"),
        quality=_stored(done, "quality"),
        covariates=covariates,
        options=Assemble(
            study.controls, tuple(study.winsor.columns), study.winsor.cuts, study.winsor.by, study.winsor.trim
        ),
    )
    links = {"links": registers.links.polars()} if registers.links is not None else {}
    _keep(out, panel.account, {"panel": panel.polars(), **links})
    if registers.found is not None:
        from integrade.study.records import to_json

        (out / "match.json").write_text(to_json(registers.found), encoding="utf-8")


def _deflated(firms: Table, prices: Deflators | None, root: Path) -> Table:
    if prices is None:
        return firms
    own = {name: getattr(prices, name) for name in ("form", "base", "output_price", "input_price")}
    real: Table = deflate(
        firms, read_source("deflators", prices, root, "polars"),
        output=tuple(prices.output), inputs=tuple(prices.inputs), **own,
    )  # fmt: skip
    return real


def _human_capital(education: Education, root: Path) -> Table:
    table = read_source("education", education, root, "polars")
    result: Table = human_capital(table, log=education.log)
    return result


def _models_with(engine: Engine) -> Any:
    def models(study: Study, root: Path, out: Path, done: Folders) -> None:
        from integrade.study.analysis import analyse
        from integrade.study.records import to_json

        results = analyse(study, root, done, engine)
        (out / "results.json").write_text(to_json(results), encoding="utf-8")

    return models


def _version_files(study: Study, root: Path) -> tuple[File, ...]:
    """The raw files of other outcomes and indices."""
    found: list[File] = []
    for section, family in FAMILY_OF.items():
        for version in getattr(study, section):
            if version.column is None:
                other = version_of(study, section, version)
                found += [f for source in tables_of(other, family).values() for f in everything_of(source, root)]
                named = index_files(other, root) if family == "integration" else quality_files(other, root)
                found += named.values()
    return tuple(dict.fromkeys(found))


def _report(study: Study, _: Path, out: Path, done: Folders) -> None:
    from integrade.models.bundle import StudyResults
    from integrade.report import write_report
    from integrade.study.records import from_json

    results = from_json(StudyResults, (done["models"] / "results.json").read_text(encoding="utf-8"))
    told: list[str] = []
    write_report(results, out, formats=study.report.formats, language=study.report.language, tell=told.append)
    notes = [Entry("report", "report", "note", f"warning: {sentence}", 0) for sentence in told]
    _keep(out, Account(tuple(notes)), {})
