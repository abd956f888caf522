"""Build the steps up to the panel, each with everything that decides its result."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from integrade.engine.frames import Engine
from integrade.sources.files import databases
from integrade.sources.files.selection import File
from integrade.study.config import Study
from integrade.study.data import accounts, index_trust, integration, panel, prices, quality, quality_rows
from integrade.study.geography import geography_asked, geography_files
from integrade.study.inputs import everything_of, index_files, quality_files
from integrade.study.measures import (
    by_prices,
    families_of,
    has_index,
    has_quality,
    measure_of,
    options_given,
    tables_of,
)
from integrade.study.parts import has_panel
from integrade.study.registers import identity_choices, matching_choices, register_sources, reviewed_files
from integrade.study.setting import Setting
from integrade.study.steps import Step

ALONE = "integrade.study.data.quality_alone"
"""Module of the quality step of a study without a panel.

It is imported only for such a study. Its code is therefore not in the keys of a study with a panel.
"""


def data_steps(study: Study, root: Path, engine: Engine) -> dict[str, Step]:
    """Return name -> step for the steps up to the panel that the study has; raw files are listed, but not read."""
    databases.fingerprint.cache_clear()
    at = Setting(study, root, engine)
    single = [source for source in (study.education, study.deflators) if source is not None]
    summed = [study.output] if study.ratios and study.output else []
    further = [*study.covariates, *summed, *single, *register_sources(study)]
    named = {"integration": index_files(study, root), "quality": quality_files(study, root)}
    chosen = {f: {"method": measure_of(study, f).name, **options_given(study, f)} for f in named}
    code = {f: measure_code(study, f) for f in named}
    sources = {f: {table: _plain(source) for table, source in tables_of(study, f).items()} for f in named}
    files = {f: tuple(x for one in tables_of(study, f).values() for x in everything_of(one, root)) for f in named}
    own_panel = [study.panel] if study.panel is not None else []
    read = [*([study.firms] if study.firms is not None else own_panel), *further]
    firm_files = tuple(f for source in read for f in everything_of(source, root))
    without = [{"without_regions": study.without_regions}] if study.without_regions else []
    where = geography_asked(study)
    regions, files_of_regions = [*without, *where], geography_files(study, root)
    for_accounts = [_plain(read), *identity_choices(study), *regions]
    for_accounts += [{"ratios": _plain(list(study.ratios))}] if study.ratios else []
    for_accounts += [{"tfp": study.tfp}] if study.tfp is not None else []
    for_panel = [study.controls, _plain(study.winsor), *matching_choices(study), *where]

    files_of_index = tuple(named["integration"].values())
    for_quality = [chosen["quality"], sources["quality"], engine, *where]
    files_of_quality = (*files["quality"], *named["quality"].values(), *files_of_regions)

    def step(module: Any, needs: tuple[str, ...], parameters: object, files: tuple[File, ...], *code: str) -> Step:
        name = module.__name__.removeprefix("integrade.")
        return Step(
            name.rpartition(".")[2].removesuffix("_alone"),
            needs,
            parameters,
            files,
            (name, *code),
            lambda out, done: module.run(at, out, done),
        )

    every = (
        step(
            prices,
            (),
            [sources["integration"], *regions] if regions else sources["integration"],
            (*files["integration"], *files_of_regions),
        ),
        *(
            step(module, ("prices",), chosen["integration"], files_of_index, *code["integration"])
            for module in (index_trust, integration)
        ),
        step(
            quality if has_panel(study) else import_module(ALONE), (), for_quality, files_of_quality, *code["quality"]
        ),
        step(accounts, (), for_accounts, (*firm_files, *files_of_regions)),
        step(panel, (*families_of(study), "accounts"), for_panel, (*reviewed_files(study, root), *files_of_regions))
        if study.panel is None
        else step(panel, families_of(study), [*for_accounts, *for_panel], (*firm_files, *files_of_regions)),
        step(quality_rows, ("quality",), for_quality, files_of_quality, *code["quality"]),
    )
    present = {"prices": has_index(study), "integration": has_index(study), "quality": has_quality(study)}
    present["index_trust"] = has_index(study) and by_prices(study)
    present["quality_rows"] = has_quality(study) and has_panel(study) and quality_rows.asks_rows(study)
    present["accounts"] = study.panel is None and has_panel(study)
    return {one.name: one for one in every if present.get(one.name, has_panel(study))}


def measure_code(study: Study, family: str) -> tuple[str, ...]:
    """Return the module of the measure that a study chooses."""
    return (measure_of(study, family).function.__module__.removeprefix("integrade."),)


def _plain(value: Any) -> Any:
    return [_plain(v) for v in value] if isinstance(value, list) else value.model_dump(mode="json")
