"""Sections of study.toml that ask what a referee asks: shape, inference, noise, omitted variables, instruments, rows.

Each section is optional: one that is not there is not answered. Under the preset ``published``, whose tables are the
paper's, they are answered only where ``run = true`` stands in them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any, ClassVar, Literal, Self, get_args, get_type_hints

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    model_validator,
)

from integrade.errors import UsageError, speaking
from integrade.geography import geography_from
from integrade.integration.options import counts_or_reaches
from integrade.records.confidence import ALPHA, LEVEL, Probability
from integrade.records.needs import DRAWS, SIZE, Column, Effect, File, Filter, Holds, Only, Precondition, Test
from integrade.sources.tables.geography import rule_of_neighbours
from integrade.study import preconditions as must

Draws = Annotated[int, Field(ge=0), DRAWS]
Place = Literal["p5", "p10", "p50", "p90", "p95"]


def _within(one: Probability) -> Callable[[float], float]:
    """The validator of a key that holds a confidence or the size of a test."""

    def within(value: float) -> float:
        try:
            with speaking("file"):
                one.check(value)
        except UsageError as problem:
            raise ValueError(problem) from None
        return value

    return within


Level = Annotated[float, LEVEL, AfterValidator(_within(LEVEL)), Field(json_schema_extra=LEVEL.schema)]
Alpha = Annotated[float, ALPHA, AfterValidator(_within(ALPHA)), Field(json_schema_extra=ALPHA.schema)]
Seed = Annotated[int, Field(ge=0)]
SEED = 20240101
Cuts = Annotated[tuple[float, float], AfterValidator(must.ascending_percentiles)]
Ends = Annotated[tuple[float | str, float | str], AfterValidator(must.ascending_ends)]
NEAR = File(words=("adjacent",), like=counts_or_reaches)
Numbers = Annotated[str, Column(numbers=True)]


class Strict(BaseModel):
    """A section that refuses unknown keys; with ``run = false`` it needs none."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="wrap")
    @classmethod
    def _needs_nothing_when_off(cls, given: Any, validated: ModelWrapValidatorHandler[Self]) -> Self:
        """With ``run = false`` the keys that are required otherwise may be missing."""
        try:
            return validated(given)
        except ValidationError as problem:
            off = isinstance(given, dict) and given.get("run") is False and "run" in cls.model_fields
            if not off or any(e["type"] != "missing" or len(e["loc"]) > 1 for e in problem.errors()):
                raise
            return cls.model_construct(**given)

    def choices(self) -> dict[str, Any]:
        """What the table of settings has: every option with a value, but those that count only for another choice."""
        hints = get_type_hints(type(self), include_extras=True)
        chosen = self.model_dump(exclude={"run"}, exclude_none=True)
        return {name: value for name, value in chosen.items() if all(map(self._counts, _only(hints[name])))}

    def _counts(self, only: Only) -> bool:
        return getattr(self, only.when) in only.values


def choices_of(section: BaseModel) -> dict[str, Any]:
    """The options of a section as the table of settings has them."""
    if isinstance(section, Strict):
        return section.choices()
    return section.model_dump(exclude={"run"}, exclude_none=True)


def _only(hint: Any) -> Iterator[Only]:
    """When an option counts, wherever its annotation says so."""
    for part in get_args(hint):
        if isinstance(part, Only):
            yield part
        yield from _only(part)


class Where(Strict):
    """What the regions are: of which country, or of which file; and what else they are called."""

    needs: ClassVar[tuple[Precondition, ...]] = (Holds(must.regions_are_known),)

    country: Annotated[str | None, Test(geography_from)] = Field(
        default=None, description="a country that is built in, by code or name: MY, Malaysia"
    )
    file: Annotated[str | None, File()] = Field(
        default=None, description="a table of regions (csv), or their outlines as GeoJSON: docs/geography.md"
    )
    name: str | None = Field(default=None, description="column or property of the file that names the regions")
    neighbours: Annotated[str | None, Test(rule_of_neighbours)] = Field(
        default=None, description="nearest:4 or within:300 (km) in place of common borders, where regions are points"
    )
    aliases: dict[str, str] = Field(
        default_factory=dict,
        description='spelling -> region: { "Pulau Pinag" = "Pulau Pinang" }; a name to itself is a region of its own',
    )


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


class Hypothesis(Strict):
    """A claim and the rule over results that decides it; the names of results are those of `integrade list rules`."""

    name: str
    claim: str
    rule: str = Field(description="supported where it holds: u_test_p < 0.05 and b(market^2) < 0")
    contradicted: str | None = Field(default=None, description="contradicted where this holds")


def _one_cluster(_: Any, facts: Any) -> None:
    """The specification curve needs one set of clusters."""
    if len(facts.clusters) > 1:
        raise UsageError(
            "the curve needs one cluster variable",
            remedy='cluster = "region" in [regression], or leave the section [curve] out',
        )


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
    needs: ClassVar[tuple[Precondition, ...]] = (Holds(_one_cluster),)

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
    most: Annotated[int, SIZE] = Field(default=5000, ge=1, description="more specifications are drawn at random")
    seed: Seed = SEED
