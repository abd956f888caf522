"""What a study asks beyond its benchmark: lags, mediators, groups, robustness, and what a referee doubts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import polars as pl

from integrade.account import Account, Entry
from integrade.errors import DataError, IntegradeError, UsageError
from integrade.frames import Table
from integrade.models.bundle import (
    GroupSplit,
    InferenceStudy,
    Instrumented,
    LagStudy,
    NoiseStudy,
    SensitivityStudy,
    ShapeStudy,
    SpilloverStudy,
)
from integrade.models.findings import Adjusted
from integrade.models.groups.compare import Groups, adjust_family, compare_groups, group_column
from integrade.models.linear.fit import Fit
from integrade.models.mediation.mediate import Mediation, mediate
from integrade.models.mediation.records import MediationResult
from integrade.models.robust.robustness import Robustness, Variant, robustness
from integrade.models.robust.row_level import RowLevelResult
from integrade.models.timing.lags import Lags, lag_table
from integrade.study import checks, config, endogeneity, index_noise
from integrade.study.checks import Data
from integrade.study.config import Regression, Study
from integrade.study.records import without_spreads
from integrade.study.sections import Inference

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
    shape: ShapeStudy | None = None
    inference: InferenceStudy | None = None
    noise: NoiseStudy | None = None
    sensitivity: SensitivityStudy | None = None
    instruments: tuple[Instrumented, ...] = ()
    row_level: RowLevelResult | None = None
    spillover: SpilloverStudy | None = None
    left_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    account: Account = field(default_factory=Account)


class Asked(NamedTuple):
    """The study, the rows and the formula of its full benchmark regression, and the index by region and year.

    ``root`` is the folder of the study file; ``prices`` and ``rows`` as in `integrade.study.checks.Data`.
    """

    study: Study
    sample: pl.DataFrame
    formula: str
    series: pl.DataFrame | None
    root: Path = Path()
    prices: Table | None = None
    rows: pl.DataFrame | None = None


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
    family = tuple(adjust_family({s.title: s.comparison for s in groups})) if groups else ()
    varied = tried("the table of robustness is", lambda: _robustness(asked)) if study.robustness else None
    first = Answers(lags, mediation, groups, family, varied or (), warnings=tuple(warnings),
                    account=Account(tuple(account)))  # fmt: skip
    return _doubts(asked, first)


def _doubts(asked: Asked, first: Answers) -> Answers:
    """The answers with those to what a referee doubts; what cannot be answered says why in ``left_out``."""
    study, data, left_out = asked.study, data_of(asked), dict[str, tuple[str, ...]]()

    def tried(name: str, section: Any, make: Callable[[Data, Any], Found]) -> Found | None:
        if section is None or not section.run:
            return None
        try:
            return without_spreads(make(data, section))
        except IntegradeError as problem:
            if not (isinstance(problem, DataError) or type(problem) is UsageError):
                raise
            left_out[name] = (*left_out.get(name, ()), f"{WORDS[name]} left out: {problem.what}.")
            return None

    made = [tried("instruments", one, endogeneity.instrumented) for one in study.instruments]
    found = replace(
        first,
        shape=tried("shape", study.shape, checks.shape),
        inference=tried("inference", study.inference, checks.inference),
        noise=tried("noise", study.noise, index_noise.noise),
        sensitivity=tried("sensitivity", study.sensitivity, checks.sensitivity),
        instruments=tuple(m for m in made if m is not None),
        row_level=tried("row_level", study.row_level, checks.customs_rows),
        spillover=tried("spillover", study.spillover, checks.spillovers),
    )
    more = Account(found.row_level.account.entries if found.row_level else ())
    own = tuple(e for e in more if e.step == "row_level")
    said = tuple(sentence for sentences in left_out.values() for sentence in sentences)
    return replace(found, left_out=left_out, warnings=(*first.warnings, *said), account=first.account + own)


def data_of(asked: Asked) -> Data:
    """What the doubts are answered from; prices only where the treatment is the index made from them."""
    chosen, relative = asked.study.regression, asked.study.integration.get("method", "relative_price")
    measured = asked.series is not None and relative == "relative_price"
    how = options_of(chosen, settings=asked.study.inference)
    return Data(asked.study, asked.root, asked.sample, asked.formula, how, chosen.wild if chosen.cluster else 0,
                asked.series, asked.prices if measured else None, asked.rows)  # fmt: skip


WORDS = {
    "shape": "The tests of the curve's shape are",
    "inference": "The permutation of paths and the report on clusters are",
    "noise": "The corrections for the noise of the index are",
    "sensitivity": "The sensitivity to omitted variables is",
    "instruments": "An instrument is",
    "row_level": "The regression on customs rows is",
    "spillover": "The neighbours' integration is",
}


def title_of(section: config.Groups) -> str:
    """What a split is called: its title, else the usual words, else its column."""
    return section.title or TITLES.get(section.how, section.by)


def _require_titles(titles: list[str]) -> None:
    twice = [t for i, t in enumerate(titles) if t in titles[:i]]
    if twice:
        raise UsageError(f"two sections [[groups]] are called {twice[0]!r}", remedy='give one of them title = "..."')


def options_of(chosen: Regression, *, wild: int = 0, settings: Inference | None = None) -> Fit:
    """The study's inference as options of a fit; a wild bootstrap needs a cluster, its settings are optional."""
    plain = Fit(vcov=chosen.vcov, cluster=chosen.cluster, ssc=chosen.ssc, df=chosen.df, singletons=chosen.singletons,
                movers_nested=chosen.movers_nested, wild=wild if chosen.cluster else 0)  # fmt: skip
    if settings is None or not settings.run:
        return plain
    return replace(plain, wild_weights=settings.wild_weights, wild_null=settings.wild_null, seed=settings.seed,
                   wild_ci=settings.wild_ci and plain.wild > 0)  # fmt: skip


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
    return tuple(robustness(asked.sample, asked.formula, chosen.treatment, Robustness(fit=options_of(chosen)), **given))
