"""Sections of study.toml that ask what a referee asks: shape, inference, noise, omitted variables, instruments, rows.

Each section is optional: one that is not there is not answered. Under the preset ``published``, whose tables are the
paper's, they are answered only where ``run = true`` stands in them.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from integrade.needs import Column, Columns, Effect, File, Filter, Given, Holds, Only, Precondition, Regressor
from integrade.study import preconditions as must

Draws = Annotated[int, Field(ge=0)]
Place = Literal["p5", "p10", "p50", "p90", "p95"]
Share = Annotated[float, Field(gt=0, lt=1)]
Seed = Annotated[int, Field(ge=0)]
SEED = 20240101
Cuts = Annotated[tuple[float, float], AfterValidator(must.ascending_percentiles)]
Ends = Annotated[tuple[float | str, float | str], AfterValidator(must.ascending_ends)]
NEAR = File(words=("adjacent",))


class Strict(BaseModel):
    """A section that refuses unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Matching(Strict):
    """How the firms of the customs records are matched to those of the accounts: the options of match_firms."""

    steps: tuple[Literal["name_year", "name", "postcode_phone", "phone_contact"], ...] = Field(
        default=("name_year", "name", "postcode_phone", "phone_contact"), description="exact rules in their order"
    )
    several: bool = Field(default=False, description="several customs firms may be one firm of the accounts")
    names: dict[str, Any] = Field(default_factory=dict, description="script, forms, places, brackets")
    similar: bool | dict[str, Any] = Field(
        default=False, description="match what is left by similar names (splink); true, or threshold, known ..."
    )
    reviewed: Annotated[str | None, File()] = Field(
        default=None, description="a review sheet with yes or no in its column decision"
    )


class Shape(Strict):
    """Is it an inverted U, whatever the form of the curve, and who is past its turning point?"""

    run: bool = True
    ends: Ends = Field(
        default=("p5", "p95"), description="a second range of the U-test: values, or percentiles of the sample"
    )
    level: Share = Field(default=0.95, description="of the intervals of the turning point and of the curve's band")
    two_lines: bool = Field(default=True, description="Simonsohn's test: two slopes of opposite sign")
    knots: int = Field(default=10, ge=4, description="of the spline that places the break of the two lines")
    cubic: bool = Field(default=True, description="is a cube needed beside the square?")
    curve: int = Field(default=101, ge=2, description="points of the fitted curve with its band")


class Inference(Strict):
    """How much the clusters can carry, and second opinions on the headline."""

    run: bool = True
    randomisation: Draws = Field(default=999, description="permutations of the regions' paths; 0 for none")
    clusters: bool = Field(default=True, description="effective number of clusters, and what each one does")
    wild_weights: Literal["auto", "rademacher", "webb", "mammen"] = "auto"
    wild_null: Literal["imposed", "free"] = "imposed"
    wild_ci: bool = Field(default=True, description="95 % sets of the headline by inverting the bootstrap test")
    seed: Seed = SEED


class Noise(Strict):
    """What the sampling error of the index does to the slope, and what can be done about it."""

    run: bool = True
    oriv: bool = Field(default=True, description="the index of half of the goods instrumented by the other half")
    simex: Draws = Field(default=100, description="draws of simulation-extrapolation; 0 for none")
    extrapolant: Literal["quadratic", "linear"] = "quadratic"
    pipeline: Draws = Field(default=199, description="bootstrap of goods and regions through index and regression")
    resample: Literal["both", "goods", "clusters"] = Field(default="both", description="what the bootstrap draws")
    spreads: tuple[Annotated[float, Field(gt=0)], ...] = Field(
        default=(0.2, 0.4), description="s.d. of ln tau for which the attenuation is simulated"
    )
    samples: Draws = Field(default=40, description="simulated samples per spread; 0 for no expected attenuation")
    seed: Seed = SEED


class Sensitivity(Strict):
    """How strong an omitted variable would have to be."""

    run: bool = True
    at: tuple[Place, ...] = Field(default=("p10", "p50", "p90"), description="where the slope is judged")
    oster: bool = True
    r_factor: float = Field(default=1.3, ge=1, description="Rmax as a multiple of the R2 with the controls")
    r_max: float | None = Field(default=None, gt=0, le=1)
    delta: float = Field(default=1.0, description="selection on unobservables relative to that on observables")
    robustness_value: bool = True
    q: float = Field(default=1.0, gt=0, description="share of the estimate that a confounder is to take away")
    alpha: Share = 0.05
    benchmarks: tuple[Annotated[str, Regressor(control=True)], ...] = Field(
        default=(), description="controls that confounders are compared with"
    )
    strengths: tuple[Annotated[float, Field(gt=0)], ...] = (1.0, 2.0, 3.0)


class Instruments(Strict):
    """One instrument (or set of columns) for the treatment, and the sentence it stands on."""

    needs: ClassVar[tuple[Precondition, ...]] = (
        Given("builder", ("column",), "columns"),
        Given("builder", ("terrain",), "trait"),
        Given("builder", ("terrain",), "series"),
    )

    run: bool = True
    builder: Literal["terrain", "lagged", "neighbour", "split_goods", "column"] = Field(
        description="how it is made; column: columns of the panel are instruments as they are"
    )
    title: str = ""
    columns: tuple[Annotated[str, Only(Column(numbers=True), "builder", ("column",))], ...] = Field(
        default=(), description="builder column: the instruments"
    )
    exclusion: str = Field(default="", description="builder column: what must be true for them to be instruments")
    lags: int = Field(default=2, ge=1, description="builder lagged: years back")
    pairs: Annotated[str, Only(NEAR, "builder", ("neighbour",))] = Field(
        default="adjacent", description="builder neighbour: adjacent, or a file of two columns of names"
    )
    component: Literal["pure", "index"] = Field(default="pure", description="builder neighbour: what is averaged")
    trait: Annotated[str | None, Only(File(), "builder", ("terrain",))] = Field(
        default=None, description="builder terrain: a file by region"
    )
    trait_column: str | None = None
    series: Annotated[str | None, Only(File(), "builder", ("terrain",))] = Field(
        default=None, description="builder terrain: a file by year"
    )
    series_column: str | None = None
    estimators: tuple[Literal["2sls", "liml", "gmm"], ...] = ("2sls", "liml", "gmm")
    quadratic: bool = Field(default=True, description="instrument x and x^2 by z and z^2; false: x alone by z")
    control_function: bool = Field(default=True, description="a first stage for x alone, its residual beside x and x^2")
    sets: bool = Field(default=True, description="Anderson-Rubin sets, which hold whatever the strength")
    level: Share = 0.95
    at: tuple[Place, ...] = Field(default=("p10", "p50", "p90"), description="where the slope's set is given")
    seed: Seed = Field(default=SEED, description="builder split_goods: which goods are in which half")


class RowLevel(Strict):
    """The regression on customs rows beside the one on firm-years."""

    needs: ClassVar[tuple[Precondition, ...]] = (Columns(("firm",), of="rows"),)

    run: bool = True
    effects: tuple[Annotated[str, Effect(of="rows")], ...] = ("firm", "product", "destination^year")
    weights: Literal["equal", "value", "share"] = "equal"
    regime: Annotated[str, Column(of="rows", own=True)] = Field(
        default="regime", description="column with the customs regime, for ordinary and processing"
    )
    rauch: Annotated[str | None, File()] = Field(
        default=None, description="file with product and class; repeated for each class"
    )
    vcov: Literal["CR1", "CR3"] = Field(default="CR1", description="CR3 is slow with several large effects")


class Spillover(Strict):
    """The neighbours' integration beside the region's own."""

    needs: ClassVar[tuple[Precondition, ...]] = (Columns(("region", "year")),)

    run: bool = True
    neighbours: Annotated[str, NEAR] = Field(
        default="adjacent", description="adjacent, or a file of two columns of names"
    )
    shared: Literal["drop", "keep"] = Field(default="drop", description="the pair that both indices contain")
    square: bool = True


class Version(BaseModel):
    """Another outcome, or another index: a column of the panel, or options of a measure.

    Options without ``method`` are laid over those of [quality] or [integration]; with ``method`` they stand alone.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    name: str = Field(description="what it is called in the tables")
    column: Annotated[str | None, Column(numbers=True)] = Field(
        default=None, description="a column of the panel as it is"
    )

    def options(self) -> dict[str, Any]:
        """The options of the measure."""
        return dict(self.model_extra or {})


class Sample(Strict):
    """A part of the sample on which the benchmark is estimated again."""

    name: str
    where: Annotated[str, Filter()] = Field(description="which rows, in the names of the panel: year <= 2007")


class Hypothesis(Strict):
    """A claim and the rule over results that decides it; the names of results are those of `integrade list rules`."""

    name: str
    claim: str
    rule: str = Field(description="supported where it holds: u_test_p < 0.05 and b(market^2) < 0")
    contradicted: str | None = Field(default=None, description="contradicted where this holds")


ASKED = ("shape", "inference", "noise", "sensitivity", "row_level", "spillover")
"""The sections above that stand once in a study."""


class Curve(Strict):
    """The specification curve of ``integrade curve``: what is crossed. Versions are options of the study's measures."""

    indices: list[dict[str, Any]] = Field(
        default=[{}, {"pairs": "adjacent"}, {"demean": "none"}, {"transform": "inverse_sqrt"}],
        description="versions of the index; {} is the study's own",
    )
    qualities: list[dict[str, Any]] = Field(
        default=[{}, {"sigma": 10}, {"standardise": "zscore"}], description="versions of quality; {} is the study's own"
    )
    subsets: Literal["all", "leave_one_out", "none_and_all"] = Field(default="all", description="of the controls")
    needs: ClassVar[tuple[Precondition, ...]] = (Holds(must.one_cluster),)

    effects: list[Annotated[str, Effect()]] = Field(
        default_factory=list, description='sets of effects, "firm + industry^year"'
    )
    samples: dict[str, Annotated[str, Filter()]] | None = Field(
        default=None, description="label -> condition; both halves of the years"
    )
    vcovs: list[Literal["iid", "CR1", "CR3"]] = Field(default=["CR3"], min_length=1)
    shape: Literal["inverted U", "U"] = Field(default="inverted U", description="what is expected")
    permutations: Draws = 500
    draws: Draws = Field(default=500, description="wild draws with the null imposed")
    most: int = Field(default=5000, ge=1, description="more specifications are drawn at random")
    seed: Seed = SEED
