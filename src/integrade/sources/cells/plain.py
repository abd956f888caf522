"""Find text columns in which every cell is a plain number while the file is read, so that no later pass is needed.

A plain number has ASCII digits with at most a sign and a decimal point; it has no exponent.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import narwhals as nw

from integrade.engine.frames import Frame

if TYPE_CHECKING:
    import polars as pl

DIGITS = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)$"
LONG = 16
"""A float may not hold a whole number of this many digits or more exactly."""
PROBE = 1000
"""Number of cells checked first (a convention)."""


class Plain(NamedTuple):
    """Facts about a column of plain numbers.

    ``there``: whether the column has any number. ``real``: whether a number has a decimal point. ``code``: whether a
    number looks like a code, because it has a leading zero, more digits than a float holds, or a size beyond its range.
    """

    there: bool
    real: bool
    code: bool


def plain(cells: pl.Series) -> Plain | None:
    """Return the facts about trimmed texts, if all texts that are not missing are plain numbers; otherwise None.

    Example:
        >>> import polars as pl
        >>> plain(pl.Series(["1", None, "2.5"])), plain(pl.Series(["1", "n.a."])), plain(pl.Series(["007"])).code
        (Plain(there=True, real=True, code=False), None, True)
    """
    import polars as pl

    if not _are_numbers(cells.head(PROBE)):
        return None
    whole = cells.cast(pl.Int64, strict=False).null_count() == cells.null_count()
    if not whole and not _are_numbers(cells):
        return None
    # In ASCII order, texts that begin with a zero before another digit are between "00" and "0:".
    zeros = (cells.is_between(f"{sign}00", f"{sign}0:", closed="left").any() for sign in ("", "-", "+"))
    long = cells.filter(cells.str.len_bytes() >= LONG)
    code = any(zeros) or bool(long.str.contains(rf"^[+-]?[0-9]{{{LONG},}}$|^[+-]?[0-9]{{309}}").any())
    return Plain(cells.null_count() < len(cells), not whole, code)


def _are_numbers(cells: pl.Series) -> bool:
    return bool(cells.str.contains(DIGITS).all())


def of_all(parts: Sequence[Mapping[str, Plain | None]]) -> dict[str, Plain]:
    """Return the columns of which every part that has them holds only plain numbers, with the facts of all parts."""
    names = dict.fromkeys(name for part in parts for name in part)
    facts_by_name = {name: [part[name] for part in parts if name in part] for name in names}
    return {
        name: Plain(*map(any, zip(*seen, strict=True)))
        for name, seen in ((n, [facts for facts in facts_by_name[n] if facts is not None]) for n in names)
        if len(seen) == len(facts_by_name[name])
    }


def with_numbers(frame: Frame, plain: Mapping[str, Plain], names: Collection[str]) -> Frame:
    """Convert the columns of ``names`` that hold plain numbers to numbers; whole numbers become integers."""
    kinds = dict(frame.collect_schema())
    known = [n for n in kinds if n in names and n in plain and kinds[n] == nw.String]
    casts = [nw.col(n).cast(nw.Int64 if plain[n].there and not plain[n].real else nw.Float64) for n in known]
    return frame.with_columns(*casts) if casts else frame
