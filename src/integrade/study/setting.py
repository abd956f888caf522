"""Define the setting of a step: the study, the folder of the study file, and the engine that processes rows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from integrade.engine.frames import Engine

if TYPE_CHECKING:
    from integrade.study.config import Study


Folders = dict[str, Path]
"""The folders of finished steps by name."""


class Setting(NamedTuple):
    """A study, the folder that its paths are relative to, and the engine that processes its rows."""

    study: Study
    root: Path
    engine: Engine = "auto"
