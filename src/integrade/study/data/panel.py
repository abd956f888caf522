"""The estimation panel: firms, the index of their region, their quality, controls and what else the study reads."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from integrade.errors import UsageError
from integrade.frames import Table
from integrade.panel import Assemble, assemble, human_capital, ratio
from integrade.panel.deflate import deflate
from integrade.panel.productivity import tfp
from integrade.study.config import Deflators, FirmSource, Study
from integrade.study.data.tables import keep, read_source, stored
from integrade.study.geography import geography_in
from integrade.study.records import to_json
from integrade.study.registers import Reader, match_registers
from integrade.study.setting import Folders, Setting


def run(at: Setting, out: Path, done: Folders) -> None:
    """Read what is not yet read, match, join."""
    study, root = at.study, at.root
    where = geography_in(study, root)
    read = partial(read_source, without=study.without_regions, geography=where)
    index, quality = (stored(done, name) if name in done else None for name in ("integration", "quality"))
    registers = match_registers(study, _accounts(study), root, quality, read)
    covariates = [read("covariates", source, root, "polars") for source in study.covariates]
    if study.ratios:
        output = [read("output", study.output, root, "polars")] if study.output else []
        tables = [*covariates, *output, registers.firms]
        covariates += [ratio(tables, **one.options()) for one in study.ratios]
    if study.education:
        covariates.append(_human_capital(read("education", study.education, root, "polars"), log=study.education.log))
    panel = assemble(
        _productive(_deflated(registers.firms, study.deflators, read, root), study.tfp),
        links=registers.links,
        integration=index,
        quality=quality,
        covariates=covariates,
        options=Assemble(
            study.controls, tuple(study.winsor.columns), study.winsor.cuts, study.winsor.by, study.winsor.trim, where
        ),
    )
    links = {"links": registers.links.polars()} if registers.links is not None else {}
    keep(out, panel.account, {"panel": panel.polars(), **links})
    if registers.found is not None:
        (out / "match.json").write_text(to_json(registers.found), encoding="utf-8")


def _accounts(study: Study) -> FirmSource:
    """The section of the accounts. Raises `UsageError` for a study without it."""
    if study.firms is None:
        raise UsageError("the study has no accounts", remedy="add [firms] with files = [...]")
    return study.firms


def _deflated(firms: Table, prices: Deflators | None, read: Reader, root: Path) -> Table:
    if prices is None:
        return firms
    own = {name: getattr(prices, name) for name in ("form", "base", "output_price", "input_price")}
    real: Table = deflate(
        firms,
        read("deflators", prices, root, "polars"),
        output=tuple(prices.output),
        inputs=tuple(prices.inputs),
        **own,
    )
    return real


def _productive(firms: Table, options: dict[str, Any] | None) -> Table:
    return firms if options is None else tfp(firms, **options).table


def _human_capital(education: Table, *, log: bool) -> Table:
    result: Table = human_capital(education, log=log)
    return result
