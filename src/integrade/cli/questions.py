"""What a referee asks of a regression, as flags of ``integrade fit``, by group."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from cyclopts import Group, Parameter

ESTIMATION = Group("Estimation and errors", sort_key=1)
INFERENCE = Group("Second opinions on the errors", sort_key=2)
SHAPE = Group("Shape of the effect", sort_key=3)
TIME = Group("Time", sort_key=4)
GROUPS = Group("Groups and tables", sort_key=5)
MECHANISM = Group("What it goes through", sort_key=6)
INSTRUMENTS = Group("Instruments", sort_key=7)
NOISE = Group("Noise in the index", sort_key=8)
ROBUSTNESS = Group("Robustness", sort_key=9)
FILES = Group("Files and output", sort_key=10)


@Parameter(name="*", group=INFERENCE)
@dataclass(frozen=True)
class Opinions:
    """Tests beside the regression. With a cluster and no --vcov they use CR3.

    Parameters
    ----------
    treatment
        The regressor the questions are about; the one that enters squared, else the first, where not given.
    clusters
        Effective number of clusters, leverage, and what each cluster does to each coefficient.
    randomise
        Draws of a test that gives the regions one another's paths of the treatment, 0 for none.
    romano_wolf
        Wild draws of a family of tests over all coefficients (Holm, Romano-Wolf), 0 for none.
    hausman
        Fixed or random effects of the first effect of the formula.
    """

    treatment: str | None = None
    clusters: bool = False
    randomise: int = 0
    romano_wolf: int = 0
    hausman: Literal["mundlak", "classical", "sigmamore", "sigmaless"] | None = None


@Parameter(name="*", group=SHAPE)
@dataclass(frozen=True)
class Shape:
    """Is it an inverted U?

    Parameters
    ----------
    u_test
        A variable that also enters squared: test the (inverted) U and place its turning point.
    two_lines
        A variable: Simonsohn's two-lines test of a U, whatever the form of the curve.
    cubic
        A variable: is its cube needed beside the square?
    effect_sizes
        What moves inside the data do, in standard deviations of the outcome.
    """

    u_test: str | None = None
    two_lines: str | None = None
    cubic: str | None = None
    effect_sizes: Annotated[bool, Parameter(negative=())] = False


@Parameter(name="*", group=TIME)
@dataclass(frozen=True)
class Time:
    """Earlier and later years of the treatment.

    Parameters
    ----------
    lags
        Years back, each in a regression of its own and all together; repeatable.
    leads
        Years ahead, as a placebo beside the lags; repeatable.
    lag_of
        The variable that is lagged, by region and year; the treatment where not given.
    placebo
        Next year's treatment in the same terms beside this year's: it should do nothing.
    """

    lags: Annotated[tuple[int, ...], Parameter(consume_multiple=True)] = ()
    leads: Annotated[tuple[int, ...], Parameter(consume_multiple=True)] = ()
    lag_of: str | None = None
    placebo: bool = False


@Parameter(name="*", group=GROUPS)
@dataclass(frozen=True)
class Splits:
    """The regression in groups, and many regressions in one table.

    Parameters
    ----------
    by
        A column of groups: estimate in each group and test the differences.
    how
        Make the groups from the column: ownership (state-owned or not), intensity (of factors, by industry), period,
        area (East, Central, West); without --by from the column that usually holds it.
    permutations
        Draws of the permutation test of the differences, 0 for none.
    split
        A column: one column of the printed table for each of its values. Formulas with several outcomes c(y1, y2) or
        steps sw(a, b), csw(a, b), sw0, csw0 print a table too.
    """

    by: str | None = None
    how: Literal["ownership", "intensity", "period", "area"] | None = None
    permutations: int = 999
    split: str | None = None


@Parameter(name="*", group=MECHANISM)
@dataclass(frozen=True)
class Mechanism:
    """Mediators and controls.

    Parameters
    ----------
    mediator
        A column through which the treatment may act, with a bootstrap of the clusters; repeatable, then taken together.
    gelbach
        A group of controls, "size = scale + age": what each group takes out of the coefficients; repeatable.
    """

    mediator: Annotated[tuple[str, ...], Parameter(consume_multiple=True)] = ()
    gelbach: tuple[str, ...] = ()


@Parameter(name="*", group=INSTRUMENTS)
@dataclass(frozen=True)
class Instrumental:
    """Instruments, in the last part of the formula: "y ~ w | firm + year | x ~ z".

    Parameters
    ----------
    instrument
        Add a column to the panel before the regression: lag:2 (the treatment, as NAME_l2); neighbours (with
        --prices); halves (market_a and market_b, with --prices); terrain:TRAITS,SERIES (files by region and by year);
        exposure:FILE (by region, or by region and source: shift_share, with exposure-robust errors). Repeatable.
    weak_iv
        Anderson-Rubin sets on CR1, the cluster jackknife and the wild bootstrap, first stage, tF, LIML, exogeneity.
    """

    instrument: tuple[str, ...] = ()
    weak_iv: bool = False


@Parameter(name="*", group=NOISE)
@dataclass(frozen=True)
class Noise:
    """Sampling error of the index; each needs the prices it was made from.

    Parameters
    ----------
    prices
        File, folder or pattern with the prices: region, year, commodity, index.
    oriv
        The index of half of the goods instrumented by that of the other half.
    simex
        Draws of simulation-extrapolation to an index without error, 0 for none.
    pipeline
        Draws of the bootstrap of goods and clusters through index and regression, 0 for none.
    """

    prices: str | None = None
    oriv: bool = False
    simex: int = 0
    pipeline: int = 0


@Parameter(name="*", group=ROBUSTNESS)
@dataclass(frozen=True)
class Robust:
    """Other samples, outcomes and effects.

    Parameters
    ----------
    robustness
        The regression under one change at a time: sample, cleaning, effects, weights, aggregation, estimator.
    sensitivity
        A regressor: how strong must an omitted variable be? At its median where it enters squared.
    spillover
        The neighbours' integration beside the region's own (with --prices).
    row_level
        File of customs rows with their quality (quality --level row): the regression on rows beside this one.
    row_effects
        Effects of the regression on rows.
    rauch
        File of product and class: the regression on rows for each class.
    """

    robustness: bool = False
    sensitivity: str | None = None
    spillover: bool = False
    row_level: str | None = None
    row_effects: str = "firm + product + destination^year"
    rauch: str | None = None


_Flat = Parameter(name="*")


@Parameter(name="*")
@dataclass(frozen=True)
class Questions:
    """Everything that may be asked of one regression."""

    opinions: Annotated[Opinions, _Flat] = field(default_factory=Opinions)
    shape: Annotated[Shape, _Flat] = field(default_factory=Shape)
    time: Annotated[Time, _Flat] = field(default_factory=Time)
    splits: Annotated[Splits, _Flat] = field(default_factory=Splits)
    mechanism: Annotated[Mechanism, _Flat] = field(default_factory=Mechanism)
    instruments: Annotated[Instrumental, _Flat] = field(default_factory=Instrumental)
    noise: Annotated[Noise, _Flat] = field(default_factory=Noise)
    robust: Annotated[Robust, _Flat] = field(default_factory=Robust)
