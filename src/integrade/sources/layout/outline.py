"""Read names that are indented by dots: ``..Ilocos Region`` above its parts ``....Abra`` and ``....La Union``.

Statistical offices that publish with PX-Web write levels of regions and goods in this way. A name with deeper names
directly below it is the total of these names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

_DOTS = re.compile(r"(\.{2,})\s*(?=[^\W_])")


def bare(name: str) -> str:
    """Remove the dots that indent a name.

    Example:
        >>> bare("....La Union"), bare("..Food"), bare("...")
        ('La Union', 'Food', '...')
    """
    match = _DOTS.match(name)
    return name[match.end() :] if match else name


def wholes(names: Iterable[str | None]) -> list[str]:
    """Return the names that have deeper names directly below them; ``names`` are in the order of the file.

    Names without dots are the outermost level. An empty list if no name has dots, or if all have equally many.

    Example:
        >>> wholes(["Total", "..North", "..South", "....A", "....B"])
        ['Total', '..South']
    """
    distinct = list(dict.fromkeys(name for name in names if name))
    return [name for name, below in pairwise(distinct) if _depth(below) > _depth(name)]


def _depth(name: str) -> int:
    match = _DOTS.match(name)
    return len(match[1]) if match else 0


def levels(names: Iterable[str]) -> list[str]:
    """Return one name of each depth, the outermost first, if the names have dots of several depths; else nothing.

    Example:
        >>> levels(["..South", "....A", "....B"]), levels(["A", "B"])
        (['..South', '....A'], [])
    """
    first = {_depth(name): name for name in sorted(names, reverse=True)}
    return [first[depth] for depth in sorted(first)] if len(first) > 1 else []
