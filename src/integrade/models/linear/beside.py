"""A small table joined to the rows of a panel, which keep their order on the engine that has one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw
import polars as pl

from integrade.frames import Frame, engine_of, place


def beside(frame: Frame, local: pl.DataFrame, on: Sequence[str]) -> Frame:
    """Every row of the frame with the columns of ``local`` (one row per key) for its key, missing where it has none."""
    if engine_of(frame) != "polars":
        return frame.join(place(local, frame), on=list(on), how="left")
    native: Any = nw.to_native(frame)
    joined: Frame = nw.from_native(native.join(local.lazy(), on=list(on), how="left", maintain_order="left"))
    return joined
