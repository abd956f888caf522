"""Predict the columns of a study's panel from the headings of its raw files, without reading any row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from integrade.errors import FileMissing, IntegradeError, MissingColumn, UsageError
from integrade.panel.controls import Controls, controls_made
from integrade.panel.productivity import Tfp
from integrade.panel.productivity.options import columns_of
from integrade.sources.files.headings import Kind, Known, known_columns
from integrade.sources.meaning.plain_names import plain_names
from integrade.study.config import Study
from integrade.study.data.quality_rows import COLUMNS as ROW_COLUMNS
from integrade.study.inputs import beside_of, files_of, reading_of, sources_of
from integrade.study.lines import Path as Place
from integrade.study.measures import measure_of
from integrade.study.options import option_problems

OPEN = Known({}, open=True)
FIRM_YEAR: Mapping[str, Kind] = {"firm": "text", "year": "number"}
REGION_YEAR: Mapping[str, Kind] = {"region": "text", "year": "number"}


class Side(NamedTuple):
    """Columns that are joined to the panel, and the section of the study file from which they come."""

    section: str
    known: Known


def headings_of(study: Study, root: Path, problems: list[tuple[Place, IntegradeError]]) -> list[Known]:
    """Return the columns of every raw table, in the order of `sources_of`.

    Problems are added to ``problems`` with their keys.
    """
    columns = []
    for (table, source), place in zip(sources_of(study), source_places(study), strict=True):
        try:
            known = known_columns(table, files_of(source, root), reading_of(source, root))
            for further in beside_of(source):
                more = known_columns(table, files_of(further, root), reading_of(further, root))
                known = Known({**more.kinds, **known.kinds}, known.open or more.open)
            columns.append(in_formulas(known) if table == "panel" else known)
        except IntegradeError as problem:
            problems.append((place_of(place, problem), problem))
            columns.append(OPEN)
    return columns


def in_formulas(known: Known) -> Known:
    """Return the columns of an existing panel under the names that the study gives them."""
    names = plain_names(known.kinds)
    return Known({names[old]: kind for old, kind in known.kinds.items()}, known.open)


def source_places(study: Study) -> list[Place]:
    """Return the section of the study file for each table of `sources_of`."""
    places, covariates = list[Place](), 0
    for table, _ in sources_of(study):
        if table == "covariates":
            places.append((table, covariates))
            covariates += 1
        else:
            places.append((section_of(table),))
    return places


def place_of(place: Place, problem: IntegradeError) -> Place:
    """Return the key of a table's section that a problem is about."""
    return (*place, "files") if isinstance(problem, FileMissing) else place


def section_of(table: str) -> str:
    """Return the section of a table; a registry of firms is in [firms]."""
    return "firms" if table == "registry" else table


def panel_columns(study: Study, tables: list[tuple[str, Known]]) -> tuple[Known, list[tuple[Place, IntegradeError]]]:
    """Return the columns of the panel, and the problems of joining the tables, each with its key in the file."""
    if study.panel is not None:
        return next((known for table, known in tables if table == "panel"), OPEN), []
    firms = _accounts(study, tables)
    sides = list(_sides(study, tables))
    problems = list(_productivity(study, accounts_columns(study, tables)))
    kinds, owner = dict(firms.kinds), dict.fromkeys(firms.kinds, "firms")
    for section, known in sides:
        key = [k for k in ("firm", "region", "industry", "year") if k in known.kinds]
        lacking = [k for k in key if k not in firms.kinds and not firms.open]
        if lacking:
            remedy = f'columns = {{ "its name there" = "{lacking[0]}" }} in [firms]'
            what = f"the accounts have no column {lacking[0]!r}, by which {section} is joined"
            problems.append((("firms",), UsageError(what, remedy=remedy)))
        for name, kind in known.kinds.items():
            if name in key:
                continue
            if name in owner:
                what = f"column {name!r} is in both {owner[name]} and {section}"
                problems.append(((section,), UsageError(what, remedy="rename or leave out one of them")))
            owner[name] = section
            kinds[name] = kind
    return Known(kinds, firms.open or any(known.open for _, known in sides)), problems


def rows_columns(tables: list[tuple[str, Known]], panel: Known) -> Known:
    """Return the columns of customs rows with quality, including the columns that are joined from the panel."""
    customs = next((known for table, known in tables if table == "customs"), OPEN)
    of_rows: dict[str, Kind] = {n: kind for n, kind in customs.kinds.items() if n in ROW_COLUMNS}
    return Known({**panel.kinds, **of_rows, "value": "number", "quality": "number"}, panel.open or customs.open)


def accounts_columns(study: Study, tables: list[tuple[str, Known]]) -> Known:
    """Return the columns of accounts after firms are followed and values deflated.

    Productivity and controls are made from these columns.
    """
    known = next((k for table, k in tables if section_of(table) == "firms"), OPEN)
    kinds = dict(known.kinds)
    if study.identity is not None:
        kinds |= {"firm_code": "text", "linked_by": "text"}
    if study.deflators is not None:
        kinds |= {f"real_{c}": "number" for c in (*study.deflators.output, *study.deflators.inputs) if c in kinds}
    return Known(kinds, known.open)


def _productivity(study: Study, accounts: Known) -> Iterator[tuple[Place, IntegradeError]]:
    """Yield errors for columns that total factor productivity needs and the accounts lack.

    Columns that the study file names are checked elsewhere.
    """
    if study.tfp is None or accounts.open or list(option_problems(Tfp, study.tfp)):
        return
    chosen = Tfp(**{k: v for k, v in study.tfp.items() if k in Tfp.__dataclass_fields__})
    named = {v for v in study.tfp.values() if isinstance(v, str)}
    try:
        columns_of(chosen, {*accounts.kinds, *named})
    except MissingColumn as problem:
        yield ("tfp",), problem
    except UsageError:
        return  # reported with its line by the check of options


def _accounts(study: Study, tables: list[tuple[str, Known]]) -> Known:
    """Return the columns of the accounts, including every column that is added to them."""
    known = accounts_columns(study, tables)
    kinds = dict(known.kinds)
    if study.tfp is not None:
        kinds["ln_tfp"] = "number"
    chosen = {k: v for k, v in study.controls.items() if k in Controls.__dataclass_fields__}
    kinds |= dict.fromkeys(controls_made(Controls(**chosen), kinds), "number")
    if "fic_column" in chosen and chosen.get("fic", "asset_share") == "asset_share":
        kinds["fic"] = "number"  # a missing column is reported at its key
    return Known(kinds, known.open)


def _sides(study: Study, tables: list[tuple[str, Known]]) -> Iterator[Side]:
    """Yield the columns that are joined to the accounts: quality, the index, and further tables."""
    quality, index = _added(study, "quality"), _added(study, "integration")
    yield Side("quality", Known({**FIRM_YEAR, **(quality or {})}, quality is None))
    unknown = index is None
    index = {"market" if n == "integration" else n: kind for n, kind in (index or {}).items()}
    if study.integration.get("se", "none") == "none":
        index = {n: kind for n, kind in index.items() if not n.startswith("se_")}
    yield Side("integration", Known({**REGION_YEAR, **index}, unknown))
    for table, known in tables:
        if table == "covariates":
            yield Side("covariates", known)
    for ratio in study.ratios:
        keys: dict[str, Kind] = {key: "number" if key == "year" else "text" for key in ratio.by}
        yield Side("ratios", Known({**keys, ratio.name: "number"}))
    if study.education is not None:
        yield Side("education", Known({**REGION_YEAR, "human_capital": "number"}))


def _added(study: Study, family: str) -> dict[str, Kind] | None:
    """Return the columns that a measure adds; None if the measure does not exist."""
    try:
        return dict.fromkeys(measure_of(study, family).adds, "number")
    except IntegradeError:
        return None
