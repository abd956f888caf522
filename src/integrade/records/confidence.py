"""The confidence of an interval and the size of a test: one option, one range and one type for each.

An option record and a section of a study file declare ``level: Level`` or ``alpha: Alpha``. The type carries the range,
so that neither can be given for the other. A function that takes one as a plain argument is `checked`.
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
    """A probability that users set: its name, what it is of, its usual value, and the range that makes sense."""

    name: str
    of: str
    usual: float
    low: float
    high: float
    with_low: bool = False
    with_high: bool = False

    def admits(self, value: float) -> bool:
        """Whether the value lies in the range."""
        above = value >= self.low if self.with_low else value > self.low
        return above and (value <= self.high if self.with_high else value < self.high)

    def check(self, value: object, name: str = "") -> None:
        """Raise `UsageError` for no number, and for one outside the range, with the number that was probably meant."""
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
        """The value that was probably meant: as it is, one minus it, or per cent; else the usual one."""
        meant = [round(v, 10) for v in (value, 1 - value, value / 100, 1 - value / 100)]
        return next((v for v in meant if self.admits(v)), self.usual)

    @property
    def schema(self) -> dict[str, Any]:
        """The range in the words of a JSON schema."""
        low, high = ("m" if self.with_low else "exclusiveM"), ("m" if self.with_high else "exclusiveM")
        return {f"{low}inimum": self.low, f"{high}aximum": self.high}

    @property
    def range(self) -> str:
        """The range in words."""
        low, high = ("at least" if self.with_low else "above"), ("at most" if self.with_high else "below")
        return f"{low} {self.low:g} and {high} {self.high:g}"


def _as_written(value: Real) -> float:
    """A number by its digits: 0.95 of 32 bits is 0.95, not 0.949999988. One beyond all numbers is infinite."""
    try:
        return float(str(value)) if hasattr(value, "dtype") else float(value)
    except OverflowError:
        return math.inf


LEVEL = Probability("level", "the confidence of an interval", 0.95, 0.5, 1.0, with_low=True)
ALPHA = Probability("alpha", "the size of a test", 0.05, 0.0, 0.5, with_high=True)
OWN = {"level": LEVEL, "alpha": ALPHA}
OTHER = {"level": ALPHA, "alpha": LEVEL}
"""By name, what it is mistaken for."""

Level = Annotated[float, LEVEL]
"""The confidence of an interval."""
Alpha = Annotated[float, ALPHA]
"""The size of a test."""
TYPES = {"Level": LEVEL, "Alpha": ALPHA}
"""By the name of the type."""


def probability_in(hint: Any) -> Probability | None:
    """The probability that an annotation declares; None for any other type."""
    said = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
    return next((one for one in said if isinstance(one, Probability)), None)


def declared_in(hints: Mapping[str, Any]) -> dict[str, Probability]:
    """The probabilities among annotated names."""
    return {name: found for name, hint in hints.items() if (found := probability_in(hint)) is not None}


def instead_of(name: str, value: object, declared: Mapping[str, Probability]) -> str:
    """The remedy where a call gives ``level`` to what takes ``alpha`` alone, or the reverse; empty for other names.

    Measures whose ``level`` is the grain of their rows take the confidence of their intervals under another name.
    """
    meant = [key for key, one in declared.items() if name in OTHER and one in (OTHER[name], OWN[name])]
    if not meant or name in meant:
        return ""
    taken, one = meant[0], declared[meant[0]]
    near = one.near(_as_written(value)) if isinstance(value, Real) else one.usual
    return f"leave {name} out; give {option(taken, near)}, which is {one.of}"


def checked(function: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
    """Check the arguments of a function that are annotated `Level` or `Alpha` before it runs."""
    signature = inspect.signature(function)
    # annotations are texts; those of other rooms cannot be evaluated where they are imported for type checkers alone
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
