"""Annotate options with the meaning of their value: a column, a filter, a file, one of a list of names, and so on.

The meaning is in the annotation of the option, for example ``cluster: Annotated[str, Column()]``. Further conditions of
a section of a study file are in its ``needs``. `integrade.study.checking` compares a study with the columns that its
panel will have, before any row is read.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from numbers import Real
from typing import Any, TypeAlias

from integrade.errors import UsageError, option


@dataclass(frozen=True)
class Column:
    """A column of a table.

    The table is ``panel``, a raw table, ``accounts`` (with real values) or ``rows`` (customs, with quality).

    ``numbers``: the column must hold numbers. ``words``: values of the option that are not names of columns. ``own``:
    only a column that the user names must exist; a default column is skipped if the table lacks it.
    """

    of: str = "panel"
    numbers: bool = False
    words: tuple[str, ...] = ()
    own: bool = False


@dataclass(frozen=True)
class Term:
    """A term of a formula over the columns of the panel: ``scale``, ``ln(assets)``, ``scale:age``."""


@dataclass(frozen=True)
class Effect:
    """Fixed effects or cluster variables, one or several: ``firm``, ``industry^year``, ``firm + year``."""

    of: str = "panel"
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Filter:
    """A filter expression for the rows of a table, over its columns (`integrade.sources.files.where`)."""

    of: str = "panel"


@dataclass(frozen=True)
class File:
    """A file, relative to the study folder. Values in ``words``, or for which ``like`` is true, are not files."""

    words: tuple[str, ...] = ()
    like: Callable[[str], bool] = field(default=lambda _: False)
    folder: bool = False


@dataclass(frozen=True)
class Name:
    """One of the names that the function ``of`` returns."""

    of: Callable[[], Iterable[str]]
    what: str = "choice"


@dataclass(frozen=True)
class Regressor:
    """A regressor of the benchmark; with ``groups``, several under one name, such as ``size = scale + age``.

    ``control``: the regressor must be one of the study's controls.
    """

    groups: bool = False
    control: bool = False


@dataclass(frozen=True)
class Test:
    """A value for which the function ``accepts`` raises no `IntegradeError`."""

    accepts: Callable[[Any], object]


@dataclass(frozen=True)
class Count:
    """A number of draws or simulated units: at most ``most``, for the reason ``why``.

    The count is checked wherever options are given: as flags, keys of a study file or arguments in Python.
    """

    most: int
    why: str

    def check(self, value: Any, name: str) -> None:
        """Raise `UsageError` for a value that is not a whole number, and for a count above the maximum."""
        if not _is_whole(value):
            raise UsageError(
                f"{name} takes a whole number, not {value!r:.60}", remedy=f"give {option(name, self._near(value))}"
            )
        if value > self.most:
            raise UsageError(
                f"{option(name, value)} is more than {self.most:,}, the maximum",
                remedy=f"give {option(name, self.most)} or fewer: {self.why}",
            )

    def _near(self, value: Any) -> int:
        """Return the count that was probably meant."""
        meant = round(float(value)) if isinstance(value, Real) and math.isfinite(value) else 0
        return min(self.most, meant if meant > 1 else 999)

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        """Add this check to the pydantic schema of a study section.

        Flags of the command line have no such schema; they are checked with the other options.
        """
        from pydantic import AfterValidator

        def bounded(value: Any, info: Any) -> Any:
            if info.field_name is None:
                return value
            try:
                self.check(value, info.field_name)
            except UsageError as problem:
                raise ValueError(problem) from None
            return value

        return AfterValidator(bounded).__get_pydantic_core_schema__(source, handler)


def _is_whole(value: Any) -> bool:
    """Return whether a value is an integer of Python or numpy; booleans are not."""
    try:
        return not isinstance(value, bool) and operator.index(value) == value
    except TypeError:
        return False


DRAWS = Count(1_000_000, "with a million draws the simulation error of a p-value is below 0.001")
SIZE = Count(1_000_000, "more take hours and do not change the result")
"""Limit for points of a curve, versions and samples."""
FIRMS = Count(1_000_000, "the raw tables of more firms are too large for the memory of most computers")
ROWS = Count(1_000_000_000, "more rows are too large for the memory of most computers")
KNOTS = Count(1_000, "a spline with more knots fits single rows, and its time grows with their cube")
PLACES = Count(10_000, "there are fewer product codes with six digits")
"""Limit for products, goods and destinations of a simulated economy."""
YEARS = Count(9_999, "dates end with the year 9999")


def require_count(need: Count, **given: Any) -> None:
    """Check counts that a function takes by name. Raises `UsageError`."""
    for name, value in given.items():
        need.check(value, name)


@dataclass(frozen=True)
class Several:
    """A flag that takes several values one after the other, such as ``--lags 1 2 3``."""


@dataclass(frozen=True)
class NoNegative:
    """A flag without its ``--no-`` form."""


@dataclass(frozen=True)
class Given:
    """A need: ``option`` must be given if ``when`` (another option of the same section) has one of these values."""

    when: str
    values: tuple[Any, ...]
    option: str


@dataclass(frozen=True)
class Only:
    """A need that applies only if ``when`` (an option of the same section) has one of these values."""

    need: Column | Term | Effect | File
    when: str
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Columns:
    """Columns that a section needs whatever its options are."""

    names: tuple[str, ...]
    of: str = "panel"


@dataclass(frozen=True)
class Holds:
    """A condition on a section and its study, as a function that raises an `IntegradeError`.

    ``key`` is the key at fault.
    """

    test: Callable[[Any, Any], object]
    key: str = ""


Need: TypeAlias = Column | Term | Effect | Filter | File | Name | Regressor | Test | Given | Only
"""A need of one option."""
Precondition: TypeAlias = Columns | Holds | Given
"""A precondition of a section."""
KINDS = (Column, Term, Effect, Filter, File, Name, Regressor, Test, Given, Only)
