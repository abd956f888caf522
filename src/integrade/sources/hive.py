"""Columns that folders give: ``customs/year=2004/product=010121/part.parquet``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

WHOLE = ("year", "quarter", "month", "day")
_FOLDER = re.compile(r"([^=/\\]+)=([^/\\]*)")


def partition_kinds(files: Sequence[Path]) -> dict[str, type]:
    """The columns that the folders of all these files give: years and months are whole numbers, all else is text.

    Example:
        >>> partition_kinds([Path("a/year=2004/hs=010121/x.parquet"), Path("a/year=2005/hs=847130/x.parquet")])
        {'year': <class 'int'>, 'hs': <class 'str'>}
    """
    found = [{m[1]: m[2] for part in file.parts[:-1] if (m := _FOLDER.fullmatch(part))} for file in files]
    shared = [name for name in found[0] if all(name in one for one in found)]
    return {n: int if n.lower() in WHOLE and all(one[n].isdecimal() for one in found) else str for n in shared}
