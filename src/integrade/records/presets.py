"""Name the presets of a study, and say which of them have the paper's choices and layout."""

from __future__ import annotations

from typing import Literal

Preset = Literal["sound", "published", "complete"]
"""The presets of a study.

``sound``: integrade's own choices. ``published``: the paper's choices, with its tables. ``complete``: the same, and the
questions that the paper announces and prints nothing about.
"""


def of_the_paper(preset: str) -> bool:
    """Return whether a preset has the paper's choices and the layout of its tables."""
    return preset in ("published", "complete")
