"""Match firms to customs records: ``[identity]``, ``[exporters]``, ``[matching]`` and ``[links]``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from integrade.engine.frames import Engine, Table
from integrade.errors import IntegradeError, UsageError
from integrade.panel import FirmIdentity, MatchFirms, Names, Similar, firm_identity, match_firms
from integrade.panel.controls import Controls
from integrade.panel.productivity import Tfp
from integrade.panel.review_links import MatchStudy
from integrade.records.catalogue import choose
from integrade.sources import leave_out_regions, read_table
from integrade.study.cleaning import cleaned
from integrade.study.config import FirmSource, Source, Study
from integrade.study.keys import record_of
from integrade.study.lines import Lines, placed
from integrade.study.options import option_problems
from integrade.study.records import from_json
from plainwords.account import Account
from rawcells import doors

Reader = Callable[[str, Source, Path, Engine], Table]


@dataclass(frozen=True)
class Read:
    """The registers after reading: firms with their panel firm, exporters, links, and how firms were followed."""

    firms: Table
    exporters: Table | None
    links: Table | None
    rules: MatchStudy | None


@dataclass(frozen=True)
class Registers:
    """Links between customs firms and firms of the accounts, if the study has links, and the report on matching."""

    links: Table | None
    found: MatchStudy | None


def register_sources(study: Study) -> list[Source]:
    """Return the tables of exporters and links that the study names."""
    return [source for source in (study.exporters, study.links) if source is not None]


def identity_choices(study: Study) -> list[Any]:
    """Return the options for following firms over time; empty if the study uses the codes of firms unchanged."""
    return [{"identity": study.identity}] if study.identity is not None else []


def matching_choices(study: Study) -> list[Any]:
    """Return the options for matching exporters; empty if the study does not match."""
    return [{"matching": study.matching.model_dump(mode="json")}] if study.matching is not None else []


def reviewed_files(study: Study, root: Path) -> tuple[Path, ...]:
    """Return the review sheet that a study names."""
    return (root / study.matching.reviewed,) if study.matching and study.matching.reviewed else ()


def check_registers(study: Study, lines: Lines) -> list[IntegradeError]:
    """Return errors on registers that cannot be matched, and on unknown options."""
    problems: list[IntegradeError] = []
    if study.links is not None and (study.exporters is not None or study.matching is not None):
        problems.append(
            UsageError(
                f"{lines.place(('links',))}: {lines.file} has both [links] and [exporters] or [matching]",
                remedy="leave out [links] to match in the study, or the others to take the links as they are",
            )
        )
    if study.matching is not None and study.exporters is None:
        problems.append(
            UsageError(
                f"{lines.place(('matching',))}: the study has no [exporters] to match",
                remedy="add [exporters] with files = [...]",
            )
        )
    for path, options, given in options_declared(study):
        for key, problem, known in option_problems(options, given):
            problems += placed(problem, lines.place((*path, key), key=known))
        together = getattr(options, "together", None)
        if together is not None and not list(option_problems(options, given)):
            try:
                together(options(**given))
            except IntegradeError as problem:
                problems += placed(problem, lines.place(path))
    return problems


def options_declared(study: Study) -> Iterator[tuple[tuple[str, ...], type, dict[str, Any]]]:
    """Yield the sections that are options of functions, each with its path, option class and values."""
    if study.identity is not None:
        yield ("identity",), FirmIdentity, study.identity
    if study.matching is not None:
        yield ("matching", "names"), Names, study.matching.names
        if isinstance(study.matching.similar, dict):
            yield ("matching", "similar"), Similar, study.matching.similar
    if study.tfp is not None:
        yield ("tfp",), Tfp, study.tfp
    # the files may state the unit of assets: `validation` checks it when it has read them
    known = {"currency_unit": "million 2004 USD"} if study.firms is not None else {}
    yield ("controls",), Controls, {**known, **study.controls}


def read_registers(study: Study, accounts: FirmSource, root: Path, read: Reader) -> Read:
    """Read the firms, follow them over time if requested, and read the exporters or the links."""
    identity = None
    if study.identity is None:
        firms = read("firms", accounts, root, "polars")
    else:
        raw = read("registry", accounts, root, "polars")
        identity = firm_identity(raw, options=choose(FirmIdentity, None, study.identity), give="accounts")
        firms = cleaned(leave_out_regions(identity.table, study.without_regions), accounts)
    rules = identity.rules if identity else ()
    return Read(
        firms,
        read("exporters", study.exporters, root, "polars") if study.exporters is not None else None,
        read("links", study.links, root, "polars") if study.links is not None else None,
        MatchStudy(identity=rules) if rules else None,
    )


def match_registers(study: Study, there: Read, root: Path, quality: Table | None) -> Registers:
    """Match the exporters, or use the links that the study names."""
    if there.exporters is None or there.links is not None:
        return Registers(there.links, there.rules)
    sheets, chosen = reviewed_files(study, root), study.matching
    reviewed = read_table(str(sheets[0])) if sheets else None
    options = MatchFirms()
    if chosen is not None:
        similar = choose(Similar, None, chosen.similar) if isinstance(chosen.similar, dict) else chosen.similar
        options = record_of(chosen, MatchFirms, names=choose(Names, None, chosen.names), similar=similar)
    matched = match_firms(
        there.firms,
        there.exporters,
        customs=quality.polars().select("firm", "year", "value") if quality and "value" in quality.columns else None,
        reviewed=reviewed,
        options=options,
    )
    known = set(there.firms.account)
    account = Account(tuple(e for e in matched.links.account if e not in known))
    links = Table("links", matched.links.polars(), account, conformed="links")
    linkage = matched.linkage
    more = (linkage.thresholds, linkage.threshold) if linkage else ((), None)
    return Registers(links, MatchStudy(matched.report, there.rules.identity if there.rules else (), *more))


def stored_match(folder: Path) -> MatchStudy | None:
    """Return the panel step's report on matching and identification; None if it did neither."""
    file = folder / "match.json"
    return from_json(MatchStudy, doors.read_text(file)) if file.exists() else None
