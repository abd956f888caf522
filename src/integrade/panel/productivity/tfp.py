"""Estimate total factor productivity of firms from their accounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from zlib import crc32

import narwhals as nw
import numpy as np
import polars as pl

from integrade.engine.frames import Table, bring, enter, units_of
from integrade.errors import TooFew, option
from integrade.panel.productivity.control_function import GRID, Choices, Solution, ackerberg_caves_frazer, two_stage
from integrade.panel.productivity.gandhi_navarro_rivers import gandhi_navarro_rivers
from integrade.panel.productivity.least_squares import multilateral, ols, shares, within
from integrade.panel.productivity.options import CLUSTERED, DYNAMIC, NEVER_ADDED, SEEN_BY, Tfp, columns_of
from integrade.panel.productivity.results import Elasticity, Technology, TfpResult
from integrade.panel.productivity.rows import FEWEST, Accounts, prepare, rows_of
from integrade.panel.productivity.series import Array, Rows
from integrade.panel.productivity.variation import require_variation
from integrade.panel.productivity.wooldridge import wooldridge
from integrade.records.catalogue import choose, keywords
from integrade.records.schema import TABLES, conform
from integrade.wording.numerals import p_equals
from plainwords.account import Entry, Kind
from plainwords.texts import Said, listed, say

STEP = "tfp"
MUCH = 0.1
"""More than this share of rows with one of three problems gives a warning (a convention).

The problems are: no proxy, noiseless output that falls with the proxy, and materials above output.
"""
LEVEL = 0.05  # Hansen's J below this p-value gives a warning; a convention
FEW_FIRMS = 30  # a group with fewer firms gets a warning: bootstrap errors are then unreliable. A convention


@keywords(Tfp)
def tfp(firms: Any, options: Tfp | None = None, **changes: Any) -> TfpResult:
    """Estimate log total factor productivity of firms, ``ln_tfp``, from their accounts.

    Formula: ln TFP_it = y_it - bl l_it - bk k_it (- bm m_it), logs of output, labour, capital (and materials). The
        method gives the elasticities b: `two_stage` (op, lp), `ackerberg_caves_frazer` (acf), `gandhi_navarro_rivers`
        (gnr, whose production function has no given form), `wooldridge`, `within` (fe), `ols`, `shares` (solow),
        `multilateral` (index) of integrade.panel.productivity. Standard errors come from a bootstrap: firms are drawn
        with replacement, with all their years, and the estimation is repeated, starting near the first solution.
        Those of wooldridge come from GMM, clustered by firm.

    Missing values: ln_tfp is missing, and counted by reason, if output or an input is missing, infinite or not
        positive. It is also missing in groups with fewer than 50 rows (op, lp, acf, gnr, wooldridge: 50 rows with the
        year before).
        Rows without a positive investment (op) or without the year before are not used in the estimation. They still
        have ln_tfp, unless noise="remove".

    Units: logs. Output and inputs must be quantities, so deflate them first (`deflate`, `real_capital`). The level of
        ln_tfp cannot be compared between groups.

    Args:
        firms: firm accounts, one row per firm and year.
        options: see `Tfp`; or single options by name.

    Returns: a `TfpResult`: the accounts with ln_tfp, identifiers in the type in which they came in; elasticities with
        standard errors by group; warnings.

    Raises: `MissingColumn`, `NotANumber`. `TooFew` if no group has enough rows, or a group has a single firm.
        `NotIdentified` if an input does not vary or follows exactly from another. `UsageError` for options that exclude
        each other.

    Reference: Olley and Pakes (1996); Levinsohn and Petrin (2003); Wooldridge (2009); Ackerberg, Caves and Frazer
        (2015); Gandhi, Navarro and Rivers (2020); Good, Nadiri and Sickles (1997). docs/productivity.md.

    Example:
        >>> from integrade.simulation import simulate_production
        >>> found = tfp(simulate_production(n_firms=200).accounts, method="acf", replicates=0)
        >>> [e.name for e in found.technologies[0].elasticities]
        ['labour', 'capital', 'scale']
    """
    chosen = choose(Tfp, options, changes)
    conformed = conform(firms, "firms")
    columns = columns_of(chosen, conformed.columns)
    frame = bring(conformed.frame, "firms")
    accounts = prepare(frame, columns, chosen)
    pieces: list[pl.DataFrame] = []
    technologies: list[Technology] = []
    few = 0
    for name, used in accounts.groups():
        rows = rows_of(used, chosen)
        if _usable(rows, chosen.method) < FEWEST:
            few += used.height
            continue
        require_variation(name, rows, columns, chosen)
        solution = _estimate(rows, chosen)
        value = _productivity(rows, solution, chosen)
        value = np.where(np.isfinite(value), value, np.nan)
        pieces.append(
            used.select("firm", "year").with_columns(ln_tfp=pl.Series(value, dtype=pl.Float64).fill_nan(None))
        )
        technologies.append(_technology(name, rows, solution, chosen))
    if not technologies:
        coarser = f", or take coarser groups ({option('digits', 1)}, another {option('by')})"
        raise TooFew(
            f"no group has {FEWEST} firm-years with all columns" + (" and the year before" if few else ""),
            example="; ".join(f"{n:,} rows: {why}" for why, n in accounts.reasons.items()),
            remedy="give accounts of more firms and years, with all columns" + ("" if chosen.by is None else coarser),
        )
    dropped = dict(accounts.reasons) | ({say("productivity.few-rows", fewest=FEWEST): few} if few else {})
    values = pl.concat(pieces)
    if unseen := int(values["ln_tfp"].null_count()):
        dropped[say("productivity.noise-unknown" if chosen.noise == "remove" else "productivity.no-value")] = unseen
    accounts_only = frame.drop("ln_tfp", strict=False)
    table = accounts_only.join(values, on=["firm", "year"], how="left", maintain_order="left")
    table = _with_given_types(table, firms)
    warnings = [warning for technology in technologies for warning in _warnings(technology, chosen)]
    warnings += _warnings_on_columns(accounts, columns, chosen)
    form = "gross_output" if chosen.gross else "value_added"
    entries = _entries(chosen.method, form, technologies, dropped, warnings, values.height - unseen)
    return TfpResult(
        chosen.method,
        form,
        Table("firms", table, conformed.account + entries, units=units_of(firms)),
        columns,
        tuple(technologies),
        values.height - unseen,
        {str(why): n for why, n in dropped.items()},
        tuple(warnings),
        0 if chosen.method in CLUSTERED else chosen.replicates,
        chosen.seed,
    )


def _with_given_types(table: pl.DataFrame, firms: Any) -> pl.DataFrame:
    """Return the table with identifiers and codes in the type in which they were given.

    `conform` makes text of them, and 64-bit numbers of years. In their own type the table can be joined with the
    accounts that it was made from.
    """
    given, columns = enter(firms).collect_schema(), [c for c in TABLES["firms"].columns if c.name in table.columns]
    texts = [c.name for c in columns if c.kind == "text" and given[c.name] != nw.String]
    years = [c.name for c in columns if c.name == "year" and given["year"].is_integer()]
    changed = [nw.col(name).cast(given[name]) for name in (*texts, *years)]
    return nw.from_native(table).with_columns(*changed).to_native()


def _usable(rows: Rows, method: str) -> int:
    """Count the rows that the estimation uses: those with the proxy and, if the method needs it, the year before."""
    if method not in DYNAMIC:
        return len(rows.output)
    seen = np.isfinite(rows.proxy) if method in SEEN_BY else np.ones(len(rows.output), dtype=bool)
    return int(((rows.before >= 0) & seen[rows.before] & (seen | (method == "op"))).sum())


def _estimate(rows: Rows, chosen: Tfp, near: Solution | None = None) -> Solution:
    """Estimate the elasticities by the chosen method, starting near a solution if one is given."""
    how = Choices(chosen.degree, chosen.markov, chosen.years, chosen.labour_before)
    start = near.elasticities if near else None
    if chosen.method in ("op", "lp"):
        return two_stage(rows, how, start)
    if chosen.method == "acf":
        return ackerberg_caves_frazer(rows, how, start)
    if chosen.method == "gnr":
        return gandhi_navarro_rivers(rows, how, near.parameters if near else None)
    if chosen.method == "wooldridge":
        return wooldridge(rows, how)
    if chosen.method in ("ols", "fe"):
        least = ols if chosen.method == "ols" else within
        return Solution(least(rows, years=chosen.years), rows.output)
    return Solution(shares(rows), rows.output, omega=multilateral(rows) if chosen.method == "index" else None)


def _productivity(rows: Rows, solution: Solution, chosen: Tfp) -> Array:
    """Return log productivity (n,), with or without the noise of output."""
    noise = rows.output - solution.noiseless
    if solution.omega is not None:
        return solution.omega if chosen.noise == "remove" or chosen.method == "index" else solution.omega + noise
    level = solution.noiseless if chosen.noise == "remove" else rows.output
    return np.asarray(level - rows.inputs @ solution.elasticities)


def _technology(name: str, rows: Rows, solution: Solution, chosen: Tfp) -> Technology:
    """Return the production function of a group, with standard errors from its covariance or from draws."""
    inputs = ("labour", "capital", "materials")[: rows.inputs.shape[1]]
    drawn = _draws(name, rows, solution, chosen) if solution.covariance is None else np.empty((0, len(inputs)))
    point = [*solution.elasticities.tolist(), float(solution.elasticities.sum())]
    errors = None
    if solution.covariance is not None:
        errors = np.sqrt([*np.diag(solution.covariance), solution.covariance.sum()]).tolist()
    elif len(drawn) > 1:
        errors = np.column_stack([drawn, drawn.sum(axis=1)]).std(axis=0, ddof=1).tolist()
    elasticities = tuple(
        Elasticity(n, b) if errors is None else Elasticity(n, b, errors[i], b - 1.96 * errors[i], b + 1.96 * errors[i])
        for i, (n, b) in enumerate(zip((*inputs, "scale"), point, strict=True))
    )
    return Technology(
        name,
        elasticities,
        len(rows.output),
        len(np.unique(rows.firm)),
        int((rows.before >= 0).sum()),
        float(np.mean(~np.isfinite(rows.proxy))) if chosen.method in SEEN_BY else None,
        solution.falling,
        solution.others,
        solution.solved,
        len(drawn),
        solution.reasons,
        solution.hansen,
    )


def _draws(name: str, rows: Rows, solution: Solution, chosen: Tfp) -> Array:
    """Return elasticities from bootstrap draws of firms with replacement, an array (draws, p)."""
    draw = np.random.default_rng([chosen.seed, crc32(name.encode())])
    chosen = replace(chosen, method="solow") if chosen.method == "index" else chosen  # both use the same cost shares
    firms = int(rows.firm.max()) + 1
    kept: list[Array] = []
    for _ in range(chosen.replicates):
        times = np.bincount(draw.integers(0, firms, firms), minlength=firms).astype(float)
        try:
            kept.append(_estimate(replace(rows, weight=times[rows.firm]), chosen, solution).elasticities)
        except np.linalg.LinAlgError:  # a draw with too few different firms; the result counts the successful draws
            continue
    return np.array(kept).reshape(len(kept), rows.inputs.shape[1])


def _described(one: Technology) -> Entry:
    """Describe the elasticities of a group in a note."""
    values = []
    for e in one.elasticities:
        value = f"{e.estimate:.3f}" if e.std_error is None else f"{e.estimate:.3f} ({e.std_error:.3f})"
        values.append(say("productivity.elasticity", input=say(f"productivity.{e.name}"), value=value))
    sentence = say(
        "productivity.elasticities",
        group=_name(one),
        values=listed(values, "comma"),
        rows=one.n_rows,
        firms=one.n_firms,
    )
    return Entry(STEP, "firms", "note", sentence, one.n_rows)


def _name(one: Technology) -> str:
    return one.group or say("productivity.all-firms")


def _other_solutions(one: Technology) -> Iterator[Said]:
    """Describe further solutions of the equations, and why the chosen solution is preferred."""
    low, high = (f"{end:.2f}" for end in (GRID[0], GRID[-1]))
    for values, reason in zip(one.others, one.reasons, strict=True):
        each = [
            say("productivity.elasticity", input=say(f"productivity.{e.name}"), value=f"{v:.3f}")
            for e, v in zip(one.elasticities[:-1], values, strict=True)
        ]
        why = say("productivity.beyond", low=low, high=high) if reason == "beyond" else say(f"productivity.{reason}")
        yield say("productivity.other-solution", group=_name(one), values=listed(each, "comma"), why=why)


def _warnings(one: Technology, chosen: Tfp) -> Iterator[Said]:
    """Yield reasons to doubt the estimates of a group."""
    group = _name(one)
    for e in one.elasticities[:-1]:
        if not 0 < e.estimate < 1:
            yield say(
                "productivity.outside", group=group, input=say(f"productivity.{e.name}"), value=f"{e.estimate:.3f}"
            )
    if not one.solved:
        yield say("productivity.not-solved", group=group)
    seen_by = (
        say(f"productivity.{SEEN_BY[chosen.method]}") if chosen.method in SEEN_BY else say("productivity.materials")
    )
    if one.unseen is not None and one.unseen > MUCH:
        yield say("productivity.unseen", group=group, choice=seen_by, share=f"{100 * one.unseen:.0f}")
    if one.falling is not None and one.falling > MUCH:
        yield say("productivity.falling", group=group, choice=seen_by, share=f"{100 * one.falling:.0f}")
    if one.n_firms < FEW_FIRMS:
        yield say("productivity.few-firms", group=group, n=one.n_firms)
    if one.hansen is not None and one.hansen.p_value < LEVEL:
        yield say("productivity.over-identified", group=group, p=p_equals(one.hansen.p_value), df=one.hansen.df)
    if one.draws < chosen.replicates and chosen.method not in CLUSTERED:
        yield say("productivity.lost-draws", group=group, n=chosen.replicates - one.draws, of=chosen.replicates)


def _warnings_on_columns(accounts: Accounts, columns: Mapping[str, str], chosen: Tfp) -> Iterator[Said]:
    """Yield warnings about columns that may not be what the method needs."""
    if not chosen.gross and columns["output"] in NEVER_ADDED:
        yield say("productivity.output-is-gross", column=columns["output"])
    elif not chosen.gross and "value_added" not in columns["output"]:
        yield say("productivity.output-taken", column=columns["output"])
    if chosen.gross and "material_share" not in columns:
        used = accounts.rows.filter(pl.col("why").is_null())
        above = used.filter(pl.col("current_materials") >= pl.col("current_output")).height / max(used.height, 1)
        if above > MUCH:
            yield say("productivity.materials-above-output", share=f"{100 * above:.0f}")


def _entries(
    method: str,
    form: str,
    technologies: Sequence[Technology],
    dropped: Mapping[Said, int],
    warnings: Sequence[Said],
    n: int,
) -> list[Entry]:
    """Return the entries of the account: a summary, the elasticities, lost rows, further solutions, warnings."""

    def entry(kind: Kind, sentence: Said, rows: int = 0) -> Entry:
        return Entry(STEP, "firms", kind, sentence, rows)

    method_name, form_name = say(f"productivity.{method}"), say(f"productivity.{form}")
    summary = say("productivity.made", method=method_name, form=form_name, n=n, groups=len(technologies))
    lost = [entry("warning", say("productivity.without", n=rows, why=why), rows) for why, rows in dropped.items()]
    others = [entry("note", text) for technology in technologies for text in _other_solutions(technology)]
    doubts = [entry("warning", text) for text in warnings]
    return [entry("note", summary, n), *map(_described, technologies), *lost, *others, *doubts]
