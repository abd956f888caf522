"""Answers to the questions of ``integrade fit``: each is text below the fit and one key of ``--json``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from integrade.cli.questions import Instrumental, Noise, Questions
from integrade.errors import UsageError

if TYPE_CHECKING:
    from integrade.frames import Table
    from integrade.models.fit.fit import Fit


class Answer(NamedTuple):
    """The key in ``--json``, the record (or several) that goes there, and the text below the fit."""

    key: str
    found: Any
    text: str


class Asked(NamedTuple):
    """A regression and what is asked of it; ``made`` are the shift-share instruments that were made for it."""

    table: Table
    formula: str
    fit: Fit
    questions: Questions
    made: tuple[Any, ...] = ()

    @property
    def treatment(self) -> str:
        """The regressor the questions are about."""
        return self.questions.opinions.treatment or treatment_of(self.formula)


def answers(asked: Asked) -> Iterator[Answer]:
    """Answer what is asked, in a fixed order. Raises the coded errors of the models."""
    for given, answer in _wanted(asked.questions, asked):
        if given:
            yield answer(asked)


def _wanted(q: Questions, asked: Asked) -> list[tuple[object, Callable[[Asked], Answer]]]:
    if q.time.lag_of and not (q.time.lags or q.time.leads):
        raise UsageError(f"--lag-of {q.time.lag_of} says of what, not how far back", remedy="give --lags 1 --lags 2")
    return [
        (q.opinions.clusters, _clusters),
        (q.splits.by or q.splits.how, _groups),
        (q.time.lags or q.time.leads, _lags),
        (q.time.placebo, _placebo),
        (q.mechanism.mediator, _mediation),
        (q.mechanism.gelbach, _gelbach),
        (q.shape.two_lines, _two_lines),
        (q.shape.cubic, _cubic),
        (q.shape.effect_sizes, _effects),
        (q.opinions.hausman, _hausman),
        (q.robust.sensitivity, _sensitivity),
        (q.instruments.weak_iv, _weak_iv),
        (asked.made, _shift_share),
        (q.noise.oriv, _oriv),
        (q.noise.simex, _simex),
        (q.noise.pipeline, _pipeline),
        (q.opinions.randomise, _randomisation),
        (q.opinions.romano_wolf, _family),
        (q.robust.spillover, _spillover),
        (q.robust.row_level, _row_level),
        (q.robust.robustness, _robustness),
    ]


def any_asked(questions: Questions) -> bool:
    """Whether anything is asked that a table of several regressions does not answer."""
    plain = replace(
        questions,
        splits=replace(questions.splits, split=None),
        instruments=Instrumental(instrument=questions.instruments.instrument),
        noise=Noise(prices=questions.noise.prices),
    )
    return plain != replace(Questions(), instruments=plain.instruments, noise=plain.noise)


def treatment_of(formula: str) -> str:
    """The variable whose square is in the formula, else its first regressor (endogenous ones first)."""
    from integrade.models.fit.formula import parse_formula

    parsed = parse_formula(formula)
    names = [t.name for t in (*parsed.regressors, *parsed.endogenous)]
    first = [t.name for t in (*parsed.endogenous, *parsed.regressors)]
    return next((n for n in names if f"{n}^2" in names), first[0] if first else "")


def prices_of(questions: Questions) -> Any:
    """The prices given by --prices."""
    from integrade.sources import read_prices

    if questions.noise.prices is None:
        raise UsageError("this needs the prices behind the index", remedy="give --prices FILE")
    return read_prices([questions.noise.prices])


def _clusters(asked: Asked) -> Answer:
    from integrade.models.inference.clusters import cluster_report

    if not asked.fit.cluster:
        raise UsageError("--clusters needs a cluster variable", remedy="give --cluster region")
    found = cluster_report(asked.table, asked.formula, asked.fit.cluster, asked.fit)
    return Answer("cluster_report", found, str(found))


def _groups(asked: Asked) -> Answer:
    from integrade.models.groups.compare import Groups, compare_groups, summary

    q = asked.questions.splits
    rows, by = _grouped(asked)
    options = Groups(treatment=asked.treatment, permutations=q.permutations, fit=asked.fit)
    found = compare_groups(rows, asked.formula, by, options)
    return Answer("groups", found, summary(found))


def _grouped(asked: Asked) -> tuple[Any, str]:
    """The table with its column of groups, and that column's name."""
    from integrade.models.groups.compare import group_column

    q = asked.questions.splits
    if q.how is None:
        return asked.table, str(q.by)
    name = f"{q.how}_group"
    source = {"ownership": "ownership", "intensity": "industry", "period": "year", "area": "region"}[q.how]
    changes: dict[str, Any] = {"name": name, source: q.by or source}
    return group_column(asked.table, q.how, **changes), name


def _lags(asked: Asked) -> Answer:
    from integrade.models.fit.formula import parse_formula, square
    from integrade.models.timing.lags import Lags, lag_table, summary

    q = asked.questions.time
    variable = q.lag_of or asked.treatment
    squared = square(variable) in parse_formula(asked.formula).regressors
    options = Lags(variable=variable, lags=q.lags, leads=q.leads, include_square=squared, fit=asked.fit)
    found = lag_table(asked.table, asked.formula, options)
    return Answer("lags", found, summary(found))


def _placebo(asked: Asked) -> Answer:
    from integrade.models.samples.robustness import Robustness, robustness, summary

    options = Robustness(checks=("placebo",), fit=asked.fit)
    found = robustness(asked.table, asked.formula, asked.treatment, options)
    return Answer("placebo", found[1], summary(found))


def _mediation(asked: Asked) -> Answer:
    from integrade.models.mediation.mediate import Mediation, mediate

    options = Mediation(treatment=asked.treatment, fit=asked.fit)
    found = mediate(asked.table, asked.formula, asked.questions.mechanism.mediator, options)
    return Answer("mediation", found, str(found))


def _gelbach(asked: Asked) -> Answer:
    from integrade.models.omitted.gelbach import Gelbach, gelbach

    found = gelbach(asked.table, asked.formula, asked.questions.mechanism.gelbach, Gelbach(fit=asked.fit))
    return Answer("gelbach", found, str(found))


def _two_lines(asked: Asked) -> Answer:
    from integrade.models.shape.two_lines import TwoLines, summary, two_lines

    options = TwoLines(variable=str(asked.questions.shape.two_lines), fit=asked.fit)
    found = two_lines(asked.table, asked.formula, options)
    return Answer("two_lines", found, summary(found))


def _cubic(asked: Asked) -> Answer:
    from integrade.models.shape.two_lines import cubic_test, summary

    found = cubic_test(asked.table, asked.formula, str(asked.questions.shape.cubic), asked.fit)
    return Answer("cubic", found, summary(found))


def _effects(asked: Asked) -> Answer:
    from integrade.models.fit.fit import fit
    from integrade.models.shape.effect_size import effect_sizes

    found = effect_sizes(fit(asked.table, asked.formula, asked.fit))
    return Answer("effect_sizes", found, str(found))


def _hausman(asked: Asked) -> Answer:
    from integrade.models.fit.hausman import hausman

    found = hausman(asked.table, asked.formula, method=asked.questions.opinions.hausman, cluster=asked.fit.cluster)
    p = f"p = {found.p_value:.4f}" if found.valid else "no valid test"
    text = f"Hausman ({found.method}): {found.statistic:.4f} for {found.df:g} coefficients, {p}\n  {found.note}"
    return Answer("hausman", found, text)


def _sensitivity(asked: Asked) -> Answer:
    from integrade.models.fit.formula import parse_formula, square
    from integrade.models.omitted.sensitivity import ConfounderOptions, OsterOptions, omitted_confounder, oster

    x = str(asked.questions.robust.sensitivity)
    at: Any = "p50" if square(x) in parse_formula(asked.formula).regressors else None
    confounder = omitted_confounder(asked.table, asked.formula, x, ConfounderOptions(at=at, fit=asked.fit))
    if not confounder.benchmarks:
        return Answer("sensitivity", {"confounder": confounder, "oster": None}, confounder.summary)
    stability = oster(asked.table, asked.formula, x, OsterOptions(at=at, fit=asked.fit))
    found = {"confounder": confounder, "oster": stability}
    return Answer("sensitivity", found, f"{confounder.summary}\n{stability.summary}")


def _weak_iv(asked: Asked) -> Answer:
    from integrade.models.instruments.weak_iv import WeakIVOptions, summary, weak_iv

    draws = {"draws": asked.fit.wild} if asked.fit.wild else {}
    found = weak_iv(asked.table, asked.formula, WeakIVOptions(fit=asked.fit), **draws)
    return Answer("weak_iv", found, summary(found))


def _shift_share(asked: Asked) -> Answer:
    from integrade.models.instruments.shift_share import ShiftShareOptions, shift_share_errors

    found = shift_share_errors(asked.table, asked.formula, asked.made[0], ShiftShareOptions(fit=asked.fit))
    return Answer("shift_share", found, str(found))


def _oriv(asked: Asked) -> Answer:
    from integrade.models.instruments.builders import join_instrument, split_goods
    from integrade.models.measurement_error.oriv import Oriv, oriv, summary

    prices = prices_of(asked.questions)
    goods = prices.polars()["commodity"].n_unique()
    rows = join_instrument(asked.table, split_goods(prices))
    found = oriv(rows, asked.formula, Oriv(variable=asked.treatment, goods=goods, fit=_clustered(asked.fit)))
    return Answer("oriv", found, summary(found))


def _simex(asked: Asked) -> Answer:
    from integrade.models.measurement_error.simex import SimexOptions, simex

    options = SimexOptions(treatment=asked.treatment, draws=asked.questions.noise.simex, fit=_clustered(asked.fit))
    found = simex(prices_of(asked.questions), asked.table, asked.formula, options)
    return Answer("simex", found, found.summary)


def _pipeline(asked: Asked) -> Answer:
    from integrade.models.measurement_error.pipeline import PipelineOptions, pipeline_bootstrap

    q = asked.questions.noise
    options = PipelineOptions(treatment=asked.treatment, draws=q.pipeline, fit=_clustered(asked.fit))
    found = pipeline_bootstrap(prices_of(asked.questions), asked.table, asked.formula, options)
    return Answer("pipeline", found, found.summary)


def _clustered(fit: Fit) -> Fit:
    """With clusters by region where none are given, as the models of noise have it."""
    return fit if fit.cluster else replace(fit, cluster="region")


def _randomisation(asked: Asked) -> Answer:
    from integrade.models.inference.randomisation import Randomise, randomisation, summary

    options = Randomise(permutations=asked.questions.opinions.randomise, fit=asked.fit)
    found = randomisation(asked.table, asked.formula, asked.treatment, options)
    return Answer("randomisation", found, summary(found))


def _family(asked: Asked) -> Answer:
    from integrade.models.inference.family import romano_wolf_family

    how = replace(asked.fit, wild=asked.questions.opinions.romano_wolf)
    found = romano_wolf_family(asked.table, asked.formula, (), how)
    return Answer("romano_wolf", found, str(found))


def _spillover(asked: Asked) -> Answer:
    from integrade.models.fit.fit import fit, summary
    from integrade.models.fit.formula import Part, Term, parse_formula, square, with_regressors
    from integrade.models.samples.spillover import add_spillover, mechanical_correlation

    prices, parsed = prices_of(asked.questions), parse_formula(asked.formula)
    squared = square(asked.treatment) in parsed.regressors
    wider = add_spillover(asked.table, prices=prices, square=False)
    own = [Term((Part("market_neighbours"),)), *([square("market_neighbours")] if squared else [])]
    found = fit(wider, with_regressors(parsed, [*parsed.regressors, *own]), asked.fit)
    correlation = mechanical_correlation(prices)
    record = {"fit": found, "mechanical_correlation": correlation}
    return Answer("spillover", record, f"with the neighbours' integration:\n{summary(found)}\n{correlation}")


def _row_level(asked: Asked) -> Answer:
    from integrade.models.fit.formula import parse_formula
    from integrade.models.samples.row_level import RowLevel, row_level
    from integrade.sources import read_table

    q, parsed = asked.questions.robust, parse_formula(asked.formula)
    rows = read_table(str(q.row_level))
    classes = None if q.rauch is None else read_table(q.rauch)
    text = asked.formula.split("|")[0].strip() + f" | {q.row_effects}"
    fit = replace(_clustered(asked.fit), wild=0)
    options = RowLevel(rauch=classes, firm_year=parsed.text, fit=fit)
    found = row_level(rows, asked.table, text, options)
    return Answer("row_level", {"columns": found.columns, "notes": found.notes}, str(found))


def _robustness(asked: Asked) -> Answer:
    from integrade.models.samples.robustness import Robustness, robustness

    options = Robustness(fit=asked.fit, gelbach=asked.questions.mechanism.gelbach)
    found = robustness(asked.table, asked.formula, asked.treatment, options)
    return Answer("robustness", tuple(found), str(found))
