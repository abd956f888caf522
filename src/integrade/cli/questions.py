"""What a referee asks of a regression, as flags of ``integrade fit``: each answer is text and one key of ``--json``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

from cyclopts import Parameter

from integrade.errors import UsageError

if TYPE_CHECKING:
    from integrade.frames import Table
    from integrade.models.linear.fit import Fit

Several = Parameter(consume_multiple=True)


@Parameter(name="*")
@dataclass(frozen=True)
class Questions:
    """Tests beside the regression. With a cluster and no --vcov they use CR3.

    Parameters
    ----------
    u_test
        A variable that also enters squared: test the (inverted) U and place its turning point.
    treatment
        The regressor the questions are about; the one that enters squared, else the first, where not given.
    by
        A column of groups: estimate in each group and test the differences.
    how
        Make the groups from the column: ownership (state-owned or not), intensity (of factors, by industry), period,
        area (East, Central, West); without --by from the column that usually holds it.
    permutations
        Draws of the permutation test of the differences, 0 for none.
    lags
        Years back, each in a regression of its own and all together; repeatable.
    leads
        Years ahead, as a placebo beside the lags; repeatable.
    lag_of
        The variable that is lagged, by region and year; the treatment where not given.
    mediator
        A column through which the treatment may act, with a bootstrap of the clusters; repeatable, then taken together.
    two_lines
        A variable: Simonsohn's two-lines test of a U, whatever the form of the curve.
    cubic
        A variable: is its cube needed beside the square?
    hausman
        Fixed or random effects of the first effect of the formula.
    sensitivity
        A regressor: how strong must an omitted variable be? At its median where it enters squared.
    weak_iv
        With instruments in the formula: Anderson-Rubin sets, tF, LIML, tests of exogeneity.
    randomise
        Draws of a test that gives the regions one another's paths of the treatment, 0 for none.
    robustness
        The regression under one change at a time: sample, cleaning, effects, weights, aggregation, estimator.
    """

    u_test: str | None = None
    treatment: str | None = None
    by: str | None = None
    how: Literal["ownership", "intensity", "period", "area"] | None = None
    permutations: int = 999
    lags: Annotated[tuple[int, ...], Several] = ()
    leads: Annotated[tuple[int, ...], Several] = ()
    lag_of: str | None = None
    mediator: Annotated[tuple[str, ...], Several] = ()
    two_lines: str | None = None
    cubic: str | None = None
    hausman: Literal["mundlak", "classical", "sigmamore", "sigmaless"] | None = None
    sensitivity: str | None = None
    weak_iv: bool = False
    randomise: int = 0
    robustness: bool = False


class Answer(NamedTuple):
    """The key in ``--json``, the record (or several) that goes there, and the text below the fit."""

    key: str
    found: Any
    text: str


class Asked(NamedTuple):
    """A regression and what is asked of it."""

    table: Table
    formula: str
    fit: Fit
    questions: Questions

    @property
    def treatment(self) -> str:
        """The regressor the questions are about."""
        return self.questions.treatment or treatment_of(self.formula)


def answers(asked: Asked) -> Iterator[Answer]:
    """Answer what is asked, in a fixed order. Raises the coded errors of the models."""
    q = asked.questions
    if q.lag_of and not (q.lags or q.leads):
        raise UsageError(f"--lag-of {q.lag_of} says of what, not how far back", remedy="give --lags 1 --lags 2")
    wanted: list[tuple[object, Callable[[Asked], Answer]]] = [
        (q.by or q.how, _groups), (q.lags or q.leads, _lags), (q.mediator, _mediation), (q.two_lines, _two_lines),
        (q.cubic, _cubic), (q.hausman, _hausman), (q.sensitivity, _sensitivity), (q.weak_iv, _weak_iv),
        (q.randomise, _randomisation), (q.robustness, _robustness),
    ]  # fmt: skip
    for given, answer in wanted:
        if given:
            yield answer(asked)


def treatment_of(formula: str) -> str:
    """The variable whose square is in the formula, else its first regressor."""
    from integrade.models.linear.formula import parse_formula

    parsed = parse_formula(formula)
    names = [t.name for t in (*parsed.regressors, *parsed.endogenous)]
    return next((n for n in names if f"{n}^2" in names), names[0] if names else "")


def _groups(asked: Asked) -> Answer:
    from integrade.models.groups.compare import Groups, compare_groups, summary

    q = asked.questions
    rows, by = _grouped(asked)
    options = Groups(treatment=asked.treatment, permutations=q.permutations, fit=asked.fit)
    found = compare_groups(rows, asked.formula, by, options)
    return Answer("groups", found, summary(found))


def _grouped(asked: Asked) -> tuple[Any, str]:
    """The table with its column of groups, and that column's name."""
    from integrade.models.groups.compare import group_column

    q = asked.questions
    if q.how is None:
        return asked.table, str(q.by)
    name = f"{q.how}_group"
    source = {"ownership": "ownership", "intensity": "industry", "period": "year", "area": "region"}[q.how]
    changes: dict[str, Any] = {"name": name, source: q.by or source}
    return group_column(asked.table, q.how, **changes), name


def _lags(asked: Asked) -> Answer:
    from integrade.models.linear.formula import parse_formula
    from integrade.models.linear.rewrite import square
    from integrade.models.timing.lags import Lags, lag_table, summary

    q = asked.questions
    variable = q.lag_of or asked.treatment
    squared = square(variable) in parse_formula(asked.formula).regressors
    options = Lags(variable=variable, lags=q.lags, leads=q.leads, include_square=squared, fit=asked.fit)
    found = lag_table(asked.table, asked.formula, options)
    return Answer("lags", found, summary(found))


def _mediation(asked: Asked) -> Answer:
    from integrade.models.mediation.mediate import Mediation, mediate

    options = Mediation(treatment=asked.treatment, fit=asked.fit)
    found = mediate(asked.table, asked.formula, asked.questions.mediator, options)
    return Answer("mediation", found, str(found))


def _two_lines(asked: Asked) -> Answer:
    from integrade.models.shape.two_lines import TwoLines, summary, two_lines

    options = TwoLines(variable=str(asked.questions.two_lines), fit=asked.fit)
    found = two_lines(asked.table, asked.formula, options)
    return Answer("two_lines", found, summary(found))


def _cubic(asked: Asked) -> Answer:
    from integrade.models.shape.two_lines import cubic_test, summary

    found = cubic_test(asked.table, asked.formula, str(asked.questions.cubic), asked.fit)
    return Answer("cubic", found, summary(found))


def _hausman(asked: Asked) -> Answer:
    from integrade.models.hausman import hausman

    found = hausman(asked.table, asked.formula, method=asked.questions.hausman, cluster=asked.fit.cluster)
    p = f"p = {found.p_value:.4f}" if found.valid else "no valid test"
    text = f"Hausman ({found.method}): {found.statistic:.4f} for {found.df:g} coefficients, {p}\n  {found.note}"
    return Answer("hausman", found, text)


def _sensitivity(asked: Asked) -> Answer:
    from integrade.models.linear.formula import parse_formula
    from integrade.models.linear.rewrite import square
    from integrade.models.robust.sensitivity import ConfounderOptions, OsterOptions, omitted_confounder, oster

    x = str(asked.questions.sensitivity)
    at: Any = "p50" if square(x) in parse_formula(asked.formula).regressors else None
    confounder = omitted_confounder(asked.table, asked.formula, x, ConfounderOptions(at=at, fit=asked.fit))
    if not confounder.benchmarks:
        return Answer("sensitivity", {"confounder": confounder, "oster": None}, confounder.summary)
    stability = oster(asked.table, asked.formula, x, OsterOptions(at=at, fit=asked.fit))
    found = {"confounder": confounder, "oster": stability}
    return Answer("sensitivity", found, f"{confounder.summary}\n{stability.summary}")


def _weak_iv(asked: Asked) -> Answer:
    from integrade.models.instruments.weak_iv import WeakIVOptions, summary, weak_iv

    found = weak_iv(asked.table, asked.formula, WeakIVOptions(fit=asked.fit))
    return Answer("weak_iv", found, summary(found))


def _randomisation(asked: Asked) -> Answer:
    from integrade.models.robust.randomisation import Randomise, randomisation, summary

    options = Randomise(permutations=asked.questions.randomise, fit=asked.fit)
    found = randomisation(asked.table, asked.formula, asked.treatment, options)
    return Answer("randomisation", found, summary(found))


def _robustness(asked: Asked) -> Answer:
    from integrade.models.robust.robustness import Robustness, robustness, summary

    found = robustness(asked.table, asked.formula, asked.treatment, Robustness(fit=asked.fit))
    return Answer("robustness", found, summary(found))
