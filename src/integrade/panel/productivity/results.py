"""Define the result records of the estimation of productivity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from integrade.engine.frames import Table
from integrade.panel.productivity.options import CLUSTERED
from integrade.records import tidied
from integrade.wording.sheet import Sheet, number, shown


@dataclass(frozen=True)
class Elasticity:
    """The elasticity of output to one input (``scale``: all inputs), with standard error and 95% interval.

    They come from bootstrap draws of firms and are None without draws; for wooldridge they come from GMM, clustered by
    firm. For a production function without a given form, the elasticity is the mean over rows.
    """

    name: str
    estimate: float
    std_error: float | None = None
    conf_low: float | None = None
    conf_high: float | None = None


@dataclass(frozen=True)
class Hansen:
    """Hansen's J test of the moments that exceed the number of parameters (``df``)."""

    statistic: float
    df: int
    p_value: float


@dataclass(frozen=True)
class Technology:
    """The production function of one group (empty name: all firms).

    ``n_rows``, ``n_firms``: firm-years and firms; ``n_pairs``: firm-years with the year before. ``unseen``: share of
    rows without a positive proxy (investment or materials). ``falling``: share of rows where output without noise falls
    with the proxy. Both are None for methods without a proxy. ``others``: further solutions of the equations;
    ``solved``: whether the equations hold. ``draws``: number of bootstrap draws that had a solution. ``reasons``: why
    each of ``others`` was not chosen (``beyond`` the usual range of elasticities, ``less-persistent`` productivity, or
    ``as-persistent``). ``hansen``: the test of a surplus of moments (wooldridge only).
    """

    group: str
    elasticities: tuple[Elasticity, ...]
    n_rows: int
    n_firms: int
    n_pairs: int
    unseen: float | None
    falling: float | None
    others: tuple[tuple[float, ...], ...]
    solved: bool
    draws: int
    reasons: tuple[str, ...] = ()
    hansen: Hansen | None = None


@shown
@dataclass(frozen=True)
class TfpResult:
    """Log total factor productivity of firms.

    ``table``: the accounts with ``ln_tfp``, as a `Table` that describes how it was made. ``columns``: the column of
    each input and output. ``dropped``: firm-years without productivity, by reason. ``warnings``: reasons to doubt the
    estimates.
    """

    method: str
    form: str
    table: Table
    columns: Mapping[str, str]
    technologies: tuple[Technology, ...]
    n_rows: int
    dropped: Mapping[str, int]
    warnings: tuple[str, ...]
    replicates: int
    seed: int

    def tidy(self) -> pl.DataFrame:
        """Return one row per group and input, with broom's columns (`integrade.records.tidied`)."""
        return tidied.estimates(
            [
                {
                    "part": t.group,
                    "term": e.name,
                    "estimate": e.estimate,
                    "std_error": e.std_error,
                    "conf_low": e.conf_low,
                    "conf_high": e.conf_high,
                }
                for t in self.technologies
                for e in t.elasticities
            ]
        )

    def glance(self) -> pl.DataFrame:
        """Return the summary numbers of this result in one row."""
        return tidied.glance(self)

    def sheet(self) -> Sheet:
        """Return a printable table of elasticities by group, with standard errors."""
        names = [e.name for e in self.technologies[0].elasticities]
        head = ("group", *names, "rows", "firms", "rows with the year before")
        rows = []
        for t in self.technologies:
            estimates = [
                number(e.estimate, 4) + ("" if e.std_error is None else f" ({number(e.std_error, 2)})")
                for e in t.elasticities
            ]
            rows.append((t.group or "all", *estimates, f"{t.n_rows:,}", f"{t.n_firms:,}", f"{t.n_pairs:,}"))
        lost = tuple(f"{n:,} rows without productivity: {why}" for why, n in self.dropped.items())
        errors = f"standard errors from {self.replicates} draws of firms, seed {self.seed}" if self.replicates else ""
        errors = "standard errors clustered by firm" if self.method in CLUSTERED else errors
        tests = tuple(
            f"Hansen's J{f' of {t.group}' if t.group else ''}: {number(t.hansen.statistic, 3)}, "
            f"{t.hansen.df} degrees of freedom, p = {number(t.hansen.p_value, 3)}"
            for t in self.technologies
            if t.hansen is not None
        )
        doubts = tuple(f"warning: {warning}" for warning in self.warnings)
        lines = (
            f"{self.n_rows:,} firm-years with productivity",
            *lost,
            *((errors,) if errors else ()),
            *tests,
            *doubts,
        )
        return Sheet(f"Total factor productivity: {self.method}, {self.form}", head, tuple(rows), lines)
