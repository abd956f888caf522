"""Assemble firms, integration, quality and covariates into one panel, and account for every row gained or lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from integrade.engine.frames import Table, bring, enter
from integrade.errors import Coverage, MissingColumn, UsageError, mapped_as, option
from integrade.panel.controls import Controls, firm_controls
from integrade.panel.joins import Side, attach, one_spelling
from integrade.panel.link_quality import link_quality
from integrade.panel.outliers import winsorise
from integrade.records.catalogue import choose, keywords
from integrade.records.schema import TABLES, Schema, conform
from integrade.sources.tables.geography import read_geography
from plainwords.account import Entry
from plainwords.texts import say

FIRST = ("firm", "year", "region", "industry", "ownership", "quality", "market")
CONTROLS = ("scale", "age", "roa", "rdebt", "fic", "invint")


@dataclass(frozen=True)
class Assemble:
    """Options of `assemble`: how the panel is put together.

    Parameters
    ----------
    controls
        Options of `firm_controls`, or a mapping of them.
    winsorise
        Columns of the finished panel to winsorise.
    cuts
        The two percentiles of `winsorise`.
    winsor_by
        Column within whose groups the percentiles are taken.
    trim
        Set values beyond the percentiles to missing instead of to the percentiles.
    geography
        The regions, so that two spellings of one region match: a built-in country (MY), a file or a `Geography`.
        Default: the country that has all regions of the index.
    """

    controls: Controls | Mapping[str, Any] = field(default_factory=Controls)
    winsorise: tuple[str, ...] = ()
    cuts: tuple[float, float] = (1.0, 99.0)
    winsor_by: str | None = None
    trim: bool = False
    geography: Any = None


@keywords(Assemble)
def assemble(
    firms: Any,
    *,
    integration: Any = None,
    quality: Any = None,
    covariates: Any = (),
    links: Any = None,
    options: Assemble | None = None,
    **changes: Any,
) -> Table:
    """Join measures and covariates to firm accounts by their keys; integration becomes the column ``market``.

    Formula: rows = firm accounts with their controls (`firm_controls`), inner join quality on firm and year, inner join
        integration on region and year, left join each table of covariates on year and its firm, region or industry.

    Missing values: a firm-year without quality or without an index is dropped; a firm-year without a covariate
        is kept with the value missing. All are counted by reason. Firms that move, firms with a single year,
        and exporters without accounts or a link are counted too. A region written in several ways (北京, 北京市,
        Beijing; Penang, Pulau Pinang) is one region, in the spelling of the index. The account lists the names
        that were unified. It counts, by region, rows of regions without an index.

    Args:
        firms: firm accounts, one row per firm and year.
        integration: index by region and year.
        quality: export quality by firm and year.
        covariates: one table or several, each by firm, region or industry (or region and industry) and year.
        links: links from customs firms to firms of the accounts (`match_firms`), if the two are numbered differently;
            quality is then by customs firm.
        options: see `Assemble`; or single options by name.

    Returns: a `Table` named ``panel``, one row per firm and year, sorted, with the accounts of all inputs.

    Raises: `Coverage` if two tables have no year, region or firm in common; `DuplicateKeys`; `MissingColumn`;
        `UsageError` for a column that two tables have; `UnknownRegion` if a region of the firms and a region of the
        index have no match and differ by one letter; `UnknownName` for an unknown geography.

    Example:
        >>> panel = assemble(firms, integration=index, quality=quality, winsorise=("roa",))  # doctest: +SKIP
        >>> print(panel.account)  # doctest: +SKIP
    """
    chosen = choose(Assemble, options, changes)
    brought = firms if isinstance(firms, Table) else Table("firms", firms)
    controls = chosen.controls if isinstance(chosen.controls, Controls) else choose(Controls, None, chosen.controls)
    accounts = firm_controls(brought, controls)
    rows, log = accounts.polars(), accounts.account
    if links is not None:
        if quality is None:
            raise UsageError(
                "links are given without quality",
                remedy=f"give {option('quality', ...)} by customs firm, or leave {option('links')} out",
            )
        quality = link_quality(quality, links)
    sides = _sides(integration, quality, covariates)
    for side in sides:
        log += side.account
        absent = [k for k in side.key if k not in rows.columns]
        if absent:
            raise MissingColumn(
                f"firms has no column {absent[0]!r}, by which {side.name} is joined",
                remedy=f"map it with {mapped_as(absent[0])}",
            )
    rows, sides, unified = one_spelling(rows, sides, read_geography(chosen.geography))
    _refuse_clashes(rows, sides)
    log += [*unified, Entry("assemble", "panel", "in", say("panel.accounts-in"), rows.height)]
    for side in sides:
        rows, entries = attach(rows, side)
        log += entries
        if not rows.height:
            why = "; ".join(
                f"{e.rows:,} rows {e.reason}" for e in entries if e.kind == "dropped" and e.table == "panel"
            )
            raise Coverage(
                f"no firm-year is left after joining {side.name}",
                example=why,
                remedy=f"write keys and years the same way in both, or give {side.name} of the same firm-years",
            )
    # order of columns: keys and classes, outcome and treatment, controls, covariates, then all others
    optional = [c for s in sides if not s.required for c in s.rows.columns if c not in s.key]
    first = [c for c in dict.fromkeys((*FIRST, *CONTROLS, *optional)) if c in rows.columns]
    rows = rows.select(*first, *[c for c in rows.columns if c not in first]).sort("firm", "year")
    if chosen.winsorise:
        table, by = Table("panel", rows), chosen.winsor_by
        cut = winsorise(table, chosen.winsorise, cuts=chosen.cuts, by=by, trim=chosen.trim)
        rows, log = cut.polars(), log + cut.account
    return Table("panel", rows, log + _shape_of(rows))


def _sides(integration: Any, quality: Any, covariates: Any) -> list[Side]:
    """Return the tables to be joined, after checking them; the index gets the name ``market``."""
    sides = []
    if quality is not None:
        sides.append(_side("quality", quality, TABLES["quality"], required=True))
    if integration is not None:
        side = _side("integration", integration, TABLES["integration"], required=True)
        if "month" in side.rows.columns:
            raise UsageError(
                "the index is monthly, but the accounts are yearly",
                remedy=f"read the prices with {option('to_year', True)}, and compute the index from them",
            )
        sides.append(side._replace(rows=side.rows.rename({"integration": "market"})))
    tables = covariates if isinstance(covariates, (list, tuple)) else (covariates,)
    for i, table in enumerate(tables):
        firm_level = "firm" in enter(table).collect_schema().names()
        name = table.name if isinstance(table, Table) else "covariates"
        name = f"{name} {i + 1}" if len(tables) > 1 else name
        sides.append(_side(name, table, TABLES["panel" if firm_level else "covariates"], required=False))
    return sides


def _side(name: str, data: Any, schema: Schema, *, required: bool) -> Side:
    """Check one table and find its key: the year, and firm, region or industry."""
    conformed = conform(data, schema.name)
    key = tuple(k for k in ("firm", "region", "industry") if k in conformed.columns and k in schema.key)
    return Side(name, (*key, "year"), bring(conformed.frame, name), conformed.account, required)


def _refuse_clashes(rows: pl.DataFrame, sides: Sequence[Side]) -> None:
    """Raise `UsageError` for a column, other than a key, that two tables have."""
    owner = dict.fromkeys(rows.columns, "firms")
    for side in sides:
        for column in side.rows.columns:
            if column in side.key:
                continue
            if column in owner:
                raise UsageError(
                    f"column {column!r} is in both {owner[column]} and {side.name}",
                    remedy=f"rename or leave out {column!r} of {owner[column]} or of {side.name}",
                )
            owner[column] = side.name


def _shape_of(rows: pl.DataFrame) -> list[Entry]:
    """Return notes on movers, firms with a single year, and the final number of rows."""
    entries = []
    if "region" in rows.columns:
        where = (
            rows.group_by("firm")
            .agg(regions=pl.col("region").drop_nulls().n_unique(), n=pl.len())
            .filter(pl.col("regions") > 1)
        )
        reason = say("panel.several-regions", firms=where.height)
        entries.append(Entry("assemble", "panel", "note", reason, int(where["n"].sum()), _first(where)))
    single = rows.group_by("firm").agg(n=pl.len()).filter(pl.col("n") == 1)
    reason = say("panel.single-year", firms=single.height)
    entries.append(Entry("assemble", "panel", "note", reason, single.height, _first(single)))
    return [*entries, Entry("assemble", "panel", "out", say("account.firm-years"), rows.height)]


def _first(firms: pl.DataFrame) -> str:
    return f"firm={firms['firm'].sort()[0]}" if firms.height else ""
