"""Define the confidence of an interval and the size of a test: one option, one range and one type for each.

Option records and sections of a study file declare ``level: Level`` or ``alpha: Alpha``. The type has the range of the
value, so that a confidence cannot be given for a size, or the reverse. Functions that have such a value as a plain
argument are decorated with `checked`.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from numbers import Real
from typing import Annotated, Any, ParamSpec, TypeVar, get_args, get_origin

from integrade.errors import UsageError, option

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Probability:
    """A probability that users set: its name, its meaning, its usual value and its range."""

    name: str
    of: str
    usual: float
    low: float
    high: float
    with_low: bool = False
    with_high: bool = False

    def admits(self, value: float) -> bool:
        """Return whether the value lies in the range."""
        above = value >= self.low if self.with_low else value > self.low
        return above and (value <= self.high if self.with_high else value < self.high)

    def check(self, value: object, name: str = "") -> None:
        """Raise `UsageError` for a value that is no number or out of range, with the number that was probably meant."""
        name = name or self.name
        if not isinstance(value, Real) or isinstance(value, bool):
            raise UsageError(
                f"{name} takes a number, not {value!r:.60}: {self.of}, {self.range}",
                remedy=f"give {option(name, self.usual)}",
            )
        if not self.admits(number := _as_written(value)):
            raise UsageError(
                f"{option(name, value)} is out of range: {name}, {self.of}, is {self.range}",
                remedy=f"give {option(name, self.near(number))}",
            )

    def near(self, value: float) -> float:
        """Return the value that was probably meant: the value itself, one minus the value, or the value in per cent.

        If none of them is in the range, return the usual value.
        """
        meant = [round(v, 10) for v in (value, 1 - value, value / 100, 1 - value / 100)]
        return next((v for v in meant if self.admits(v)), self.usual)

    @property
    def schema(self) -> dict[str, Any]:
        """The range as a JSON schema."""
        low, high = ("m" if self.with_low else "exclusiveM"), ("m" if self.with_high else "exclusiveM")
        return {f"{low}inimum": self.low, f"{high}aximum": self.high}

    @property
    def range(self) -> str:
        """The range in words."""
        low, high = ("at least" if self.with_low else "above"), ("at most" if self.with_high else "below")
        return f"{low} {self.low:g} and {high} {self.high:g}"


def _as_written(value: Real) -> float:
    """Convert a number by its shortest decimal digits: a 32-bit 0.95 becomes 0.95, not 0.949999988.

    An overflow becomes infinite.
    """
    try:
        return float(str(value)) if hasattr(value, "dtype") else float(value)
    except OverflowError:
        return math.inf


LEVEL = Probability("level", "the confidence of an interval", 0.95, 0.5, 1.0, with_low=True)
ALPHA = Probability("alpha", "the size of a test", 0.05, 0.0, 0.5, with_high=True)
OWN = {"level": LEVEL, "alpha": ALPHA}
OTHER = {"level": ALPHA, "alpha": LEVEL}
"""Option -> the probability with which it may be confused."""

Level = Annotated[float, LEVEL]
"""The confidence of an interval."""
Alpha = Annotated[float, ALPHA]
"""The size of a test."""
TYPES = {"Level": LEVEL, "Alpha": ALPHA}
"""Probabilities by the name of their type."""


def probability_in(hint: Any) -> Probability | None:
    """Return the probability that an annotation declares; None for any other type."""
    metadata = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
    return next((item for item in metadata if isinstance(item, Probability)), None)


def declared_in(hints: Mapping[str, Any]) -> dict[str, Probability]:
    """Return the probabilities among annotated names."""
    return {name: probability for name, hint in hints.items() if (probability := probability_in(hint)) is not None}


def instead_of(name: str, value: object, declared: Mapping[str, Probability]) -> str:
    """Return the remedy if a call gives ``level`` to a function that takes only ``alpha``, or the reverse.

    Return an empty text for other names. If the function has its confidence or size under another name, the remedy
    gives that name.
    """
    meant = [key for key, probability in declared.items() if name in OTHER and probability in (OTHER[name], OWN[name])]
    if not meant or name in meant:
        return ""
    taken, probability = meant[0], declared[meant[0]]
    near = probability.near(_as_written(value)) if isinstance(value, Real) else probability.usual
    return f"leave {name} out; give {option(taken, near)}, which is {probability.of}"


def checked(function: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
    """Wrap a function to check its arguments annotated `Level` or `Alpha` before it runs."""
    signature = inspect.signature(function)
    # annotations are texts; types imported only for type checkers cannot be evaluated here
    declared = {p.name: TYPES[p.annotation] for p in signature.parameters.values() if p.annotation in TYPES}

    @wraps(function)
    def call(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
        for name in kwargs.keys() - signature.parameters.keys():
            remedy = instead_of(name, kwargs[name], declared)
            if remedy:
                raise UsageError(f"{function.__name__} has no option {name!r}", remedy=remedy)
        given = signature.bind_partial(*args, **kwargs).arguments
        for name in declared.keys() & given.keys():
            declared[name].check(given[name], name)
        return function(*args, **kwargs)

    return call
