"""Other versions of a study: one key changed, and the panel that comes out, from the same store of finished steps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from integrade.frames import Engine
from integrade.study.config import Study
from integrade.study.data.steps import data_steps
from integrade.study.parts import require_panel
from integrade.study.steps import Done, perform


def changed(study: Study, key: str, value: Any) -> Study:
    """The study with ``key`` (``quality.sigma``, ``regression.vcov``) set to ``value``, checked as a study file is."""
    section, _, name = key.partition(".")
    content = study.model_dump()
    if name:
        content[section] = {**(content[section] or {}), name: value}
    else:
        content[section] = value
    return type(study).model_validate(content)


def panel_of(study: Study, root: Path, engine: Engine, store: Path) -> tuple[pl.DataFrame, dict[str, Done]]:
    """The estimation panel of a study; steps that are stored are reused, new ones stored."""
    steps, done = data_steps(study, root, engine), dict[str, Done]()
    require_panel(study, "this moves the choices of a regression")

    def finish(name: str) -> None:
        for before in steps[name].needs:
            if before not in done:
                finish(before)
        done[name] = perform(steps[name], store, done)

    finish("panel")
    return pl.read_parquet(done["panel"].folder / "panel.parquet"), done
