"""Collect the inputs of a question from the finished steps of a study."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from integrade.integration.options import RelativePrice
from integrade.records.catalogue import choose
from integrade.study.asked import FORMULA, SAMPLE, Asked
from integrade.study.config import Study
from integrade.study.data.tables import measured_from
from integrade.study.inputs import index_given
from integrade.study.setting import Folders, Setting
from rawcells import doors


def asked_from(at: Setting, done: Folders) -> Asked:
    """Return the inputs of a question: the rows of the benchmark (empty in a study without it), and stored tables."""
    study, ready = at.study, done.get("benchmark")
    series = index_series(study, done["integration"]) if "integration" in done else None
    relative = study.integration.get("method", "relative_price") == "relative_price"
    here = "prices" in done and series is not None and relative and (done["prices"] / "prices.parquet").exists()
    rows = (
        pl.scan_parquet(doors.regular(done["quality_rows"] / "quality_rows.parquet"))
        if "quality_rows" in done
        else None
    )
    return Asked(
        study,
        pl.DataFrame() if ready is None else pl.read_parquet(doors.regular(ready / SAMPLE)),
        "" if ready is None else doors.read_text(ready / FORMULA),
        series,
        at.root,
        measured_from(done["prices"], "prices") if here else None,
        rows,
        index_options=index_options(study, at.root),
        done=done,
        engine=at.engine,
    )


def index_series(study: Study, folder: Path) -> pl.DataFrame | None:
    """Return the whole index under the treatment's name, so that lags can use years before the panel.

    Return None if the treatment is another column or was winsorised.
    """
    x = study.regression.treatment
    if x != "market" or x in study.winsor.columns:
        return None
    rows = pl.read_parquet(doors.regular(folder / "integration.parquet"))
    return rows.select("region", "year", pl.col("integration").alias(x))


def index_options(study: Study, root: Path) -> RelativePrice:
    """Return the options with which the index is made from prices, or the defaults if the index is another measure."""
    if study.integration.get("method", "relative_price") != "relative_price":
        return RelativePrice()
    given = {k: v for k, v in study.integration.items() if k not in ("level", "method", "with")}
    return choose(RelativePrice, None, given | index_given(study, root))
