"""Which pairs of regions are compared."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from integrade.errors import FileMissing, TooFew, UnknownName, UsageError, did_you_mean
from integrade.frames import collect, enter
from integrade.geography import CONTIGUITY, province_of

Index: TypeAlias = NDArray[np.intp]


@dataclass(frozen=True)
class Pairs:
    """Positions of the two regions of each pair, ``first`` < ``second``, shapes (P,)."""

    first: Index
    second: Index

    def __len__(self) -> int:
        """P."""
        return len(self.first)


def every_pair(n: int) -> Pairs:
    """All n(n-1)/2 pairs, in order."""
    return Pairs(*np.triu_indices(n, 1))


def place_among_all(pairs: Pairs, n: int) -> Index:
    """Where each pair stands in `every_pair`."""
    i, j = pairs.first, pairs.second
    return np.asarray(i * n - i * (i + 1) // 2 + j - i - 1, dtype=np.intp)


def choose_pairs(choice: Any, regions: Sequence[str]) -> Pairs:
    """The pairs that ``choice`` names: all, adjacent, a .csv file, a frame or a list of name pairs.

    Names match as written, or as spellings of the same province of China. Raises `UnknownName` for a name that is not
    among ``regions``, `FileMissing`, `UsageError` for fewer than two columns, `TooFew` for no pair at all.
    """
    if isinstance(choice, str) and choice == "all":
        return every_pair(len(regions))
    named = _adjacent(regions) if isinstance(choice, str) and choice == "adjacent" else _listed(choice)
    at = _positions(regions)
    missing = [name for name in dict.fromkeys(n for pair in named for n in pair) if _find(name, at) is None]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise UnknownName(
            f"the pairs name a region that has no prices: {missing[0]!r}{more}",
            remedy=did_you_mean(missing[0], regions),
        )
    ends = sorted({(min(p), max(p)) for p in ((_at(a, at), _at(b, at)) for a, b in named)})
    same = [i for i, j in ends if i == j]
    if same:
        raise UsageError(f"a pair joins {regions[same[0]]!r} with itself", remedy="give two different regions")
    if not ends:
        raise TooFew("no pair of regions to compare", remedy="give pairs='all'")
    first, second = np.array(ends, dtype=np.intp).T
    return Pairs(first, second)


def _positions(regions: Sequence[str]) -> Mapping[str, int]:
    """Positions by name as written and, for provinces of China, by English name."""
    found = {p.english: i for i, name in enumerate(regions) if (p := province_of(name))}
    return {**found, **{name: i for i, name in enumerate(regions)}}


def _find(name: str, at: Mapping[str, int]) -> int | None:
    province = province_of(name)
    return at.get(name, at.get(province.english) if province else None)


def _at(name: str, at: Mapping[str, int]) -> int:
    place = _find(name, at)
    assert place is not None  # every name was looked up before
    return place


def _adjacent(regions: Sequence[str]) -> list[tuple[str, str]]:
    provinces = {name: province_of(name) for name in regions}
    unknown = [name for name, province in provinces.items() if province is None]
    if unknown:
        raise UsageError(
            f"pairs='adjacent' knows the provinces of China, and {unknown[0]!r} is none ({len(unknown)} such regions)",
            remedy="give a file with two columns of region names: pairs='borders.csv' (--pairs borders.csv)",
        )
    here = {province.english for province in provinces.values() if province}
    return [(a, b) for a, b in CONTIGUITY if a in here and b in here]


def _listed(choice: Any) -> list[tuple[str, str]]:
    if isinstance(choice, str | Path):
        return _read(Path(choice))
    if isinstance(choice, Sequence):
        wrong = [pair for pair in choice if isinstance(pair, str) or len(pair) != 2]
        if wrong:
            raise UsageError("pairs must be pairs of names", example=repr(wrong[0]), remedy="[('A', 'B'), ('A', 'C')]")
        return [(str(a).strip(), str(b).strip()) for a, b in choice]
    return _two_columns(collect(enter(choice)), "the frame of pairs")


def _read(path: Path) -> list[tuple[str, str]]:
    import polars as pl

    if not path.is_file():
        near = sorted(p.name for p in path.parent.glob("*.csv")) if path.parent.is_dir() else []
        remedy = did_you_mean(str(path), ["all", "adjacent", *near])
        raise FileMissing(f"pairs={str(path)!r} is neither all, adjacent nor a file", remedy=remedy)
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("gb18030")
    return _two_columns(pl.read_csv(io.StringIO(text), infer_schema=False), str(path))


def _two_columns(rows: Any, where: str) -> list[tuple[str, str]]:
    if rows.width < 2:
        raise UsageError(f"{where} needs two columns of region names, found {rows.width}")
    both = rows.select(rows.columns[:2]).drop_nulls()
    return [(str(a).strip(), str(b).strip()) for a, b in both.iter_rows()]
