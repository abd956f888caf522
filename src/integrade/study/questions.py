"""What a study asks beyond its benchmark: lags, mediators, groups and robustness of the same regression."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import polars as pl

from integrade.account import Account, Entry
from integrade.errors import DataError, UsageError
from integrade.frames import Table
from integrade.models.bundle import GroupSplit, LagStudy
from integrade.models.findings import Adjusted
from integrade.models.groups.compare import Groups, adjust_family, compare_groups, group_column
from integrade.models.linear.fit import Fit
from integrade.models.mediation.mediate import Mediation, mediate
from integrade.models.mediation.records import MediationResult
from integrade.models.robust.robustness import Robustness, Variant, robustness
from integrade.models.timing.lags import Lags, lag_table
from integrade.study import config
from integrade.study.config import Regression, Study
from integrade.study.records import without_spreads

Found = TypeVar("Found")

TITLES = {
    "ownership": "ownership",
    "intensity": "factor intensity of the industry",
    "period": "period",
    "area": "area of the country",
}


@dataclass(frozen=True)
class Answers:
    """What was asked and found; what the data do not allow is missing and named in the warnings."""

    lags: LagStudy | None = None
    mediation: tuple[MediationResult, ...] = ()
    groups: tuple[GroupSplit, ...] = ()
    group_family: tuple[Adjusted, ...] = ()
    robustness: tuple[Variant, ...] = ()
    warnings: tuple[str, ...] = ()
    account: Account = field(default_factory=Account)


class Asked(NamedTuple):
    """The study, the rows and the formula of its full benchmark regression, and the index by region and year."""

    study: Study
    sample: pl.DataFrame
    formula: str
    series: pl.DataFrame | None


def answer(asked: Asked) -> Answers:
    """Answer every section of the study file.

    A table that the data do not allow (too few clusters in a group, an absorbed lag) becomes a warning; the coded usage
    errors of a wrong column or option are raised.
    """
    study, warnings = asked.study, list[str]()
    _require_titles([title_of(g) for g in study.groups])

    def tried(what: str, make: Callable[[], Found]) -> Found | None:
        try:
            return without_spreads(make())
        except DataError as problem:
            warnings.append(f"{what} left out: {problem.what}")
            return None

    lags = tried("the table of lags is", lambda: _lags(asked)) if study.lags else None
    through = [tried(f"mediation by {m} is", lambda m=m: _mediation(asked, m)) for m in _mediators(study)]  # type: ignore[misc]
    account = list[Entry]()
    splits = [tried(f"groups by {g.by} are", lambda g=g: _split(asked, g, account)) for g in study.groups]  # type: ignore[misc]
    mediation, groups = tuple(m for m in through if m), tuple(s for s in splits if s)
    family = adjust_family({s.title: s.comparison for s in groups}) if groups else ()
    varied = tried("the table of robustness is", lambda: _robustness(asked)) if study.robustness else None
    return Answers(lags, mediation, groups, family, varied or (), tuple(warnings), Account(tuple(account)))


def title_of(section: config.Groups) -> str:
    """What a split is called: its title, else the usual words, else its column."""
    return section.title or TITLES.get(section.how, section.by)


def _require_titles(titles: list[str]) -> None:
    twice = [t for i, t in enumerate(titles) if t in titles[:i]]
    if twice:
        raise UsageError(f"two sections [[groups]] are called {twice[0]!r}", remedy='give one of them title = "..."')


def options_of(chosen: Regression, *, wild: int = 0) -> Fit:
    """The study's inference as options of a fit; a wild bootstrap needs a cluster."""
    return Fit(vcov=chosen.vcov, cluster=chosen.cluster, ssc=chosen.ssc, singletons=chosen.singletons,
               movers_nested=chosen.movers_nested, wild=wild if chosen.cluster else 0)  # fmt: skip


def index_series(study: Study, folder: Path) -> pl.DataFrame | None:
    """The whole index under the treatment's name, so that lags reach back before the panel; nothing where the treatment
    is another column or was winsorised.
    """
    x = study.regression.treatment
    if x != "market" or x in study.winsor.columns:
        return None
    rows = pl.read_parquet(folder / "integration.parquet")
    return rows.select("region", "year", pl.col("integration").alias(x))


def _lags(asked: Asked) -> LagStudy:
    """Both kinds of columns; only those with current controls, on which the table rests, are bootstrapped."""
    section, chosen = asked.study.lags or config.Lags(), asked.study.regression
    options = Lags(variable=chosen.treatment, lags=tuple(section.lags), leads=tuple(section.leads), on=section.on,
                   include_square=section.include_square, same_sample=section.same_sample)  # fmt: skip
    fit, plain = options_of(chosen, wild=chosen.wild), options_of(chosen)
    current = lag_table(asked.sample, asked.formula, options, series=asked.series, fit=fit)
    lagged = lag_table(asked.sample, asked.formula, options, series=asked.series, fit=plain, controls="lagged")
    return LagStudy(current, lagged)


def _mediators(study: Study) -> list[str]:
    return study.mediation.mediators if study.mediation else []


def _mediation(asked: Asked, mediator: str) -> MediationResult:
    section, chosen = asked.study.mediation, asked.study.regression
    given = section.model_dump(exclude={"mediators", "at"}) if section else {}
    options = Mediation(treatment=chosen.treatment, at=tuple(section.at if section else ()), fit=options_of(chosen))
    return mediate(asked.sample, asked.formula, mediator, options, **given)


def _split(asked: Asked, section: config.Groups, account: list[Entry]) -> GroupSplit:
    """The comparison; what became of the rows is added to the account."""
    chosen = asked.study.regression
    rows, by = grouped(asked.sample, section)
    account += rows.account
    options = Groups(treatment=chosen.treatment, permutations=section.permutations, permute=section.permute,
                     fit=options_of(chosen, wild=chosen.wild))  # fmt: skip
    return GroupSplit(section.how, title_of(section), compare_groups(rows, asked.formula, by, options))


def grouped(sample: pl.DataFrame, section: config.Groups) -> tuple[Table, str]:
    """The rows with the column of groups, and its name."""
    table = Table("panel", sample)
    if section.how == "column":
        return table, section.by
    source = {"ownership": "ownership", "intensity": "industry", "period": "year", "area": "region"}[section.how]
    changes: dict[str, Any] = {"name": f"{section.how}_group", source: section.by}
    changes |= {"capital": section.capital, "labour": section.labour, "first_of_later": section.first_of_later}
    if section.state is not None:
        changes["state"] = tuple(section.state)
    found: Table = group_column(table, section.how, **changes)
    return found, f"{section.how}_group"


def _robustness(asked: Asked) -> tuple[Variant, ...]:
    section, chosen = asked.study.robustness or config.Robustness(), asked.study.regression
    given = {name: tuple(value) for name, value in section.model_dump(exclude_none=True).items()}
    return robustness(asked.sample, asked.formula, chosen.treatment, Robustness(fit=options_of(chosen)), **given)
