"""Define the sections of study.toml that answer a referee's doubts, and the shared types of options.

The doubts are shape, inference, noise, omitted variables, instruments and rows. Each section is optional; without the
section, its question is not asked. Under the preset ``published``, which has the paper's tables, a section also needs
``run = true``.
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
from integrade.panel.matching import MatchFirms
from integrade.records.confidence import ALPHA, LEVEL, Probability
from integrade.records.needs import DRAWS, SIZE, Column, Effect, File, Filter, Holds, Only, Precondition, Test
from integrade.sources.tables.geography import rule_of_neighbours
from integrade.study import preconditions as must
from integrade.study.keys import with_keys_of
from integrade.subjects.curve.model import Curve as CurveOptions

Draws = Annotated[int, Field(ge=0), DRAWS]
Place = Literal["p5", "p10", "p50", "p90", "p95"]


def _within(one: Probability) -> Callable[[float], float]:
    """Return the validator of a key for a confidence level or the size of a test."""

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
"""Default seed of all draws; any fixed number would do."""
Cuts = Annotated[tuple[float, float], AfterValidator(must.ascending_percentiles)]
Ends = Annotated[tuple[float | str, float | str], AfterValidator(must.ascending_ends)]
NEAR = File(words=("adjacent",), like=counts_or_reaches)
Numbers = Annotated[str, Column(numbers=True)]


class Strict(BaseModel):
    """A section that refuses unknown keys; with ``run = false`` no key is required."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="wrap")
    @classmethod
    def _needs_nothing_when_off(cls, given: Any, validated: ModelWrapValidatorHandler[Self]) -> Self:
        """Accept missing required keys if the section has ``run = false``."""
        try:
            return validated(given)
        except ValidationError as problem:
            off = isinstance(given, dict) and given.get("run") is False and "run" in cls.model_fields
            if not off or any(e["type"] != "missing" or len(e["loc"]) > 1 for e in problem.errors()):
                raise
            return cls.model_construct(**given)

    def choices(self) -> dict[str, Any]:
        """Return the options that have a value and apply under the other choices, for the table of settings."""
        hints = get_type_hints(type(self), include_extras=True)
        chosen = self.model_dump(exclude={"run"}, exclude_none=True)
        return {name: value for name, value in chosen.items() if all(map(self._counts, _conditions(hints[name])))}

    def _counts(self, only: Only) -> bool:
        return getattr(self, only.when) in only.values


def choices_of(section: BaseModel) -> dict[str, Any]:
    """Return the options of a section as the table of settings shows them."""
    if isinstance(section, Strict):
        return section.choices()
    return section.model_dump(exclude={"run"}, exclude_none=True)


def _conditions(hint: Any) -> Iterator[Only]:
    """Yield the conditions under which an option applies, from anywhere in its annotation."""
    for part in get_args(hint):
        if isinstance(part, Only):
            yield part
        yield from _conditions(part)


class Where(Strict):
    """The regions of a study: their country or the file that lists them, and their alternative names."""

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


@with_keys_of(MatchFirms, "steps", "several", "similar")
class Matching(Strict):
    """The matching of customs firms to firms of the accounts: the options of match_firms."""

    steps: tuple[Literal["name_year", "name", "postcode_phone", "phone_contact"], ...]
    several: bool
    names: dict[str, Any] = Field(default_factory=dict, description="script, forms, places, brackets")
    similar: bool | dict[str, Any] = Field(
        description="match what is left by similar names (splink); true, or threshold, known ..."
    )
    reviewed: Annotated[str | None, File()] = Field(
        default=None, description="a review sheet with yes or no in its column decision"
    )


class Hypothesis(Strict):
    """A claim and the rule over results that decides it; `integrade list rules` shows the names of results."""

    name: str
    claim: str
    rule: str = Field(description="supported where it holds: u_test_p < 0.05 and b(market^2) < 0")
    contradicted: str | None = Field(default=None, description="contradicted where this holds")


def _one_cluster(_: Any, facts: Any) -> None:
    """Require at most one set of clusters, because the specification curve supports no more."""
    if len(facts.clusters) > 1:
        raise UsageError(
            "the curve needs one cluster variable",
            remedy='cluster = "region" in [regression], or leave the section [curve] out',
        )


@with_keys_of(
    CurveOptions,
    *("subsets", "effects", "samples", "vcovs", "shape", "permutations", "draws", "most", "seed"),
    defaults={"effects": (), "samples": None},
)
class Curve(Strict):
    """The choices that the specification curve combines; versions change options of the study's measures."""

    indices: list[dict[str, Any]] = Field(
        default=[{}, {"pairs": "adjacent"}, {"demean": "none"}, {"transform": "inverse_sqrt"}],
        description="versions of the index; {} is the study's own",
    )
    qualities: list[dict[str, Any]] = Field(
        default=[{}, {"sigma": 10}, {"standardise": "zscore"}], description="versions of quality; {} is the study's own"
    )
    subsets: Any
    needs: ClassVar[tuple[Precondition, ...]] = (Holds(_one_cluster),)

    effects: list[Annotated[str, Effect()]] = Field(
        description='sets of fixed effects, "firm + industry^year"; those of [regression] where none is given'
    )
    samples: dict[str, Annotated[str, Filter()]] | None = Field(
        description="label -> condition; both halves of the years where not given"
    )
    vcovs: Annotated[list[Literal["iid", "CR1", "CR3"]], Field(min_length=1)]
    shape: Any
    permutations: Draws
    draws: Draws
    most: Annotated[int, Field(ge=1), SIZE]
    seed: Seed
