"""Compute the specification curve of a study from its declared versions of index and quality in one panel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from integrade.engine.frames import Engine
from integrade.errors import IntegradeError, speaking
from integrade.estimate.linear import Fit
from integrade.records.schema import column_word
from integrade.study import sections
from integrade.study.config import Study
from integrade.study.keys import record_of
from integrade.study.measures import families_of
from integrade.study.reading import load
from integrade.study.run import STORE
from integrade.study.variants import other_panel, own_panel
from integrade.subjects.curve.model import Curve, specification_curve
from integrade.subjects.curve.records import SpecificationCurve
from plainwords.texts import say

KEY = ["firm", "year"]
Tell = Callable[[str], None]


@speaking("file")
def curve_study(
    path: Path, *, engine: Engine = "auto", tell: Tell = lambda _: None, **changes: Any
) -> tuple[Study, SpecificationCurve]:
    """Measure the declared versions, add them to the study's panel of firm-years, and estimate all combinations.

    ``changes`` are options of `Curve` (``permutations=0``). A version that cannot be measured is left out and named in
    the notes of the curve.
    """
    root, study = path if path.is_dir() else path.parent, load(path)
    section = study.curve or sections.Curve.model_validate({})
    panel, notes = _wide(study, section, root, engine, tell)
    regression = study.regression
    outcomes = [name_of(regression.outcome, version) for version in section.qualities]
    indices = [name_of(regression.treatment, version) for version in section.indices]
    options = record_of(
        section,
        Curve,
        treatment=regression.treatment,
        outcomes=tuple(c for c in outcomes if c in panel.columns),
        indices=tuple(c for c in indices if c in panel.columns),
        controls=tuple(regression.controls),
        effects=tuple(section.effects or [" + ".join(regression.effects)]),
        samples=section.samples if section.samples is not None else _halves(panel),
        cluster=regression.cluster or "region",
        fit=Fit(ssc=regression.ssc, movers_nested=regression.movers_nested),
    )
    tell(f"{len(options.outcomes)} measures of the outcome, {len(options.indices)} of the index")
    result = specification_curve(panel, options, **changes)
    return study, replace(result, notes=(*notes, *result.notes))


def _wide(
    study: Study, section: sections.Curve, root: Path, engine: Engine, tell: Tell
) -> tuple[pl.DataFrame, list[str]]:
    """Return the study's panel with a column for every other version of index and outcome, named after the change."""
    chosen = study.regression
    notes: list[str] = []
    with own_panel(study, root, engine, root / STORE) as study_panel:
        panel = study_panel.panel
        for room, column, versions in (
            ("integration", chosen.treatment, section.indices),
            ("quality", chosen.outcome, section.qualities),
        ):
            for version in versions:
                if not version or room not in families_of(study):
                    continue
                tell(f"{room}: {label_of(version)}")
                version_study = study.model_copy(update={room: {**getattr(study, room), **version}})
                try:
                    moved = other_panel(study_panel, version_study)
                except IntegradeError as problem:
                    left = {"room": column_word(room), "version": label_of(version)}
                    notes.append(say("left_out.version", why=problem.what, **left))
                    continue
                panel = _with_column(panel, moved, column, name_of(column, version))
    return panel, notes


def _with_column(panel: pl.DataFrame, moved: pl.DataFrame, column: str, name: str) -> pl.DataFrame:
    """Return a panel with the column of another version added as ``name``."""
    if moved.select(KEY).equals(panel.select(KEY)):
        return panel.with_columns(moved[column].alias(name))
    renamed = moved.select(*KEY, pl.col(column).alias(name))
    return panel.join(renamed, on=KEY, how="left", maintain_order="left")


def label_of(version: Mapping[str, Any]) -> str:
    """Return the text of a version, such as ``pairs = adjacent, ddof = 0``."""
    return ", ".join(f"{k} = {v}" for k, v in version.items())


def name_of(column: str, version: Mapping[str, Any]) -> str:
    """Return the column name of a version, such as ``market (pairs = adjacent)``."""
    return f"{column} ({label_of(version)})" if version else column


def _halves(panel: pl.DataFrame) -> dict[str, str]:
    """Return filters for both halves of the years; empty unless each half has three years."""
    years = sorted(panel["year"].unique().to_list())
    if len(years) < 6:
        return {}
    cut = years[len(years) // 2 - 1]
    return {f"years to {cut}": f"year <= {cut}", f"years from {cut + 1}": f"year > {cut}"}
