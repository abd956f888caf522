"""Define the commands that match firms: over time within a register, and between accounts and customs records."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Annotated, Any

from cyclopts import Group, Parameter

from integrade.cli import say
from integrade.cli.files import Input, Out, finish, reading, reading_beside
from integrade.panel.identity import FirmIdentity, firm_identity
from integrade.panel.matching import STEPS, Matched, MatchFirms, match_firms
from integrade.panel.names import Names
from integrade.panel.similar import Similar
from integrade.sources import (
    check_target,
    read_customs,
    read_exporters,
    read_firms,
    read_registry,
    read_table,
    write_table,
)

NAMES = Group("How names are normalised", sort_key=2)
SIMILAR = Group("Similar names (--similar)", sort_key=1)


@Parameter(name="*")
@dataclass(frozen=True)
class Beside:
    """Further files of `integrade match`.

    Parameters
    ----------
    customs
        Customs records, for match rates by export value; not needed if EXPORTERS has a column value.
    reviewed
        A review sheet with its column decision filled in: pairs with yes are linked, pairs with no are never linked.
    review_sheet
        File for a reviewer, with the pairs near the threshold and both records side by side (with --similar).
    conflicts
        File for the pairs that were rejected for a better pair or because of a tie.
    chart
        File for a chart of what each threshold would link (with --similar): .html, .svg or .png.
    """

    customs: str | None = None
    reviewed: str | None = None
    review_sheet: str | None = None
    conflicts: str | None = None
    chart: str | None = None


@Parameter(name="*")
@dataclass(frozen=True)
class Steps:
    """Options that choose how exporters are matched.

    Parameters
    ----------
    steps
        The exact rules in the order in which they are tried: name_year, name, postcode_phone, phone_contact.
    several
        Let several customs firms match the same firm of the accounts in a year.
    similar
        After the exact steps, match the remaining exporters by similar names (needs splink).
    weights
        How similar names are matched.
    names
        How names are normalised.
    """

    steps: tuple[str, ...] = tuple(STEPS)
    several: bool = False
    similar: bool = False
    weights: Annotated[Similar, Parameter(name="*", group=SIMILAR)] = field(default_factory=Similar)
    names: Annotated[Names, Parameter(name="*", group=NAMES)] = field(default_factory=Names)


def identify(
    firms: list[str],
    /,
    *,
    out: Out,
    conflicts: str | None = None,
    options: Annotated[FirmIdentity | None, Parameter(name="*")] = None,
    names: Annotated[Names | None, Parameter(name="*", group=NAMES)] = None,
    given: Annotated[Input | None, Parameter(name="*")] = None,
) -> None:
    """Follow firms over time when codes change, repeat or are given to other firms.

    Parameters
    ----------
    firms
        Firm records, one file a year or one for all: firm (its code), year, and any of name, legal_person, phone,
        county, founded, industry, product.
    out
        .csv, .parquet, .dta or .xlsx with the accounts under their panel firm; - is standard output as csv.
    conflicts
        File for the pairs of records that were rejected for a better pair or because of a tie.
    """
    given = given or Input()
    for target in (out, conflicts):
        if target is not None:
            check_target(target, firms)
    result = firm_identity(read_registry(firms, **reading(given)), names=names, options=options)
    if conflicts is not None:
        write_table(result.conflicts.polars(), conflicts)
    if given.json or out == "-":
        finish(result.table, out, given)
        return
    finish(result.table, out, given)
    say.line(result)


def match(
    firms: str,
    exporters: list[str],
    /,
    *,
    out: Out,
    steps: Annotated[Steps | None, Parameter(name="*")] = None,
    beside: Annotated[Beside | None, Parameter(name="*")] = None,
    given: Annotated[Input | None, Parameter(name="*")] = None,
) -> None:
    """Match the firms of customs records to the firms of accounts, step by step; each link has the rule that made it.

    Parameters
    ----------
    firms
        Firm accounts with name, and any of postcode, phone, contact (else legal_person), region; one row per firm and
        year, as in the file that `integrade identify` writes.
    exporters
        The customs side: firm, year, name and any of postcode, phone, contact, region, value; or the customs records
        themselves. Its --column and --pad flags begin with exporters.
    out
        .csv, .parquet, .dta or .xlsx with the links, which `[links]` of study.toml takes; - is standard output as csv.
    """
    given, beside, chosen = given or Input(), beside or Beside(), steps or Steps()
    for target in (out, beside.review_sheet, beside.conflicts):
        if target is not None:
            check_target(target, [firms, *exporters])
    options = MatchFirms(chosen.steps, chosen.several, chosen.names, chosen.weights if chosen.similar else False)
    result = match_firms(
        read_firms(firms, **reading(given, beside=("exporters", "customs"))),
        read_exporters(exporters, **reading_beside(given, "exporters")),
        customs=read_customs(beside.customs, **reading_beside(given, "customs")) if beside.customs else None,
        reviewed=read_table(beside.reviewed) if beside.reviewed else None,
        options=options,
    )
    _write_beside(result, beside, given)
    if given.json:
        say.account(result.links.account, quiet=given.quiet)
        write_table(result.links.polars(), out)
        linkage, similar = result.linkage, dict[str, Any]()
        if linkage is not None:
            similar = {
                "threshold": linkage.threshold,
                "weights": [asdict(w) for w in linkage.weights],
                "thresholds": [asdict(t) for t in linkage.thresholds],
            }
        head = {"out": out, "rows": result.links.polars().height, "report": asdict(result.report)}
        say.as_json(head | similar | {"account": result.links.account.records()})
        return
    finish(result.links, out, given)
    if out != "-":
        say.line(result)


def _write_beside(matched: Matched, beside: Beside, given: Input) -> None:
    if beside.conflicts is not None:
        write_table(matched.conflicts.polars(), beside.conflicts)
    if (beside.review_sheet or beside.chart) and matched.linkage is None:
        say.note("--similar is required to review pairs or list thresholds", quiet=given.quiet)
        return
    if beside.review_sheet is not None and matched.linkage is not None:
        write_table(matched.linkage.review.polars(), beside.review_sheet)
    if beside.chart is not None and matched.linkage is not None:
        from integrade.report.match_figures import threshold_figure
        from integrade.report.style import save_figure

        save_figure(threshold_figure(matched.linkage.thresholds, matched.linkage.threshold), beside.chart)
