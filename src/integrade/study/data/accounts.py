"""Read firm accounts, their links to customs records, and the tables joined to them, once for all panels of a study.

Versions of the study with another index, another quality or other cuts make their panels from the same accounts.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import NamedTuple

from integrade.engine.frames import Table
from integrade.errors import UsageError
from integrade.panel import human_capital, ratio
from integrade.panel.deflate import Deflate, deflate
from integrade.panel.logs import in_logs
from integrade.panel.productivity import tfp
from integrade.panel.review_links import MatchStudy
from integrade.study.config import FirmSource, Study
from integrade.study.data.tables import keep_whole, kept_whole, read_source
from integrade.study.geography import geography_in
from integrade.study.keys import record_of
from integrade.study.records import from_json, to_json
from integrade.study.registers import Read, read_registers
from integrade.study.setting import Folders, Setting
from rawcells import doors

REGISTERED, FIRMS, EXPORTERS, LINKS, COVARIATES = "registered", "firms", "exporters", "links", "covariates"
RULES = "identity.json"


class Accounts(NamedTuple):
    """The registers after reading, the firms at constant prices with their productivity, and the joined tables."""

    registers: Read
    firms: Table
    covariates: list[Table]


def run(at: Setting, out: Path, _: Folders) -> None:
    """Read all tables of the panel except index and quality; the panel step reports the rows read and dropped."""
    study, root = at.study, at.root
    where = geography_in(study, root)
    read = partial(read_source, without=study.without_regions, geography=where)
    registers = read_registers(study, _accounts(study), root, read)
    read_in = [read("covariates", source, root, "polars") for source in study.covariates]
    covariates = [
        in_logs(table) if source.log else table for table, source in zip(read_in, study.covariates, strict=True)
    ]
    if study.ratios:
        output = [read("output", study.output, root, "polars")] if study.output else []
        summed = [*read_in, *output, registers.firms]  # sums are of values, not of their logarithms
        covariates += [ratio(summed, **item.options()) for item in study.ratios]
    if study.education:
        covariates.append(human_capital(read("education", study.education, root, "polars"), log=study.education.log))
    firms = registers.firms
    if study.deflators is not None:
        prices = read("deflators", study.deflators, root, "polars")
        firms = deflate(firms, prices, record_of(study.deflators, Deflate))
    if study.tfp is not None:
        firms = tfp(firms, **study.tfp).table
    tables = {FIRMS: firms}
    if firms is not registers.firms:
        tables[REGISTERED] = registers.firms
    to_match = {EXPORTERS: registers.exporters, LINKS: registers.links}
    tables |= {name: table for name, table in to_match.items() if table is not None}
    tables |= {f"{COVARIATES}{i}": item for i, item in enumerate(covariates)}
    keep_whole(out, tables)
    if registers.rules is not None:
        (out / RULES).write_text(to_json(registers.rules), encoding="utf-8")


def accounts_in(folder: Path) -> Accounts:
    """Return the accounts that the step stored."""
    tables, rules = kept_whole(folder), folder / RULES
    followed = from_json(MatchStudy, doors.read_text(rules)) if rules.exists() else None
    registers = Read(tables.get(REGISTERED, tables[FIRMS]), tables.get(EXPORTERS), tables.get(LINKS), followed)
    return Accounts(registers, tables[FIRMS], [table for name, table in tables.items() if name.startswith(COVARIATES)])


def _accounts(study: Study) -> FirmSource:
    """Return the section of the accounts. Raises `UsageError` for a study without it."""
    if study.firms is None:
        raise UsageError("the study has no accounts", remedy="add [firms] with files = [...]")
    return study.firms
