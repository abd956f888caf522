"""List the objects of a store that an address means: one object, or the objects of a folder or pattern.

    s3://bucket/customs.parquet          s3://bucket/customs/            s3://bucket/customs/year=*/*.parquet

``*`` and ``?`` match characters within one part of a name; ``**`` matches any number of parts. In a folder or pattern,
names that begin with ``.`` or ``_`` are left out, as in the engines.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from integrade.engine.stage import store_of
from integrade.errors import Unreachable, did_you_mean
from integrade.sources.origins.addresses import Address

PATTERN = "*?["
PARQUET = (".parquet", ".parq")


class Stored(NamedTuple):
    """Object: its address, its size in bytes, and its modification time (nanoseconds since 1970, 0 if unknown)."""

    location: str
    size: int
    changed: int


def stored(address: Address) -> list[Stored]:
    """Return the objects that an address means, in the order of their names.

    Raises `Unreachable` with the nearest name if there is no object, and what PyArrow raises.
    """
    system, path = store_of(address.location)
    if is_pattern(path):
        folder = re.split(r"[*?[]", path, maxsplit=1)[0].rpartition("/")[0]
        whole = re.compile(_expression(path))
        objects = [one for one in _below(system, folder) if whole.fullmatch(one.path)]
    else:
        asked = system.get_file_info(path)
        objects = [asked] if asked.is_file else _below(system, path.rstrip("/"))
    if not objects:
        raise no_object(address, system, path)
    scheme, _, place = address.location.partition("://")
    bucket = f"{'s3' if scheme.lower() == 's3a' else scheme}://{place.partition('/')[0]}/"
    ordered = sorted(objects, key=lambda one: one.path)
    return [Stored(bucket + one.path.partition("/")[2], one.size or 0, one.mtime_ns or 0) for one in ordered]


def no_object(address: Address, system: Any, path: str) -> Unreachable:
    """Build the error for an address that has no object, with the nearest name in its folder."""
    from pyarrow import fs

    folder, _, name = path.rstrip("/").rpartition("/")
    named = folder and not is_pattern(path)
    there = system.get_file_info(fs.FileSelector(folder, allow_not_found=True)) if named else []
    remedy = did_you_mean(name, [info.base_name for info in there]) if there else "check the bucket and the name"
    return Unreachable(f"there is no object {address.name}", remedy=remedy)


def is_pattern(text: str) -> bool:
    """Return whether a name is a pattern."""
    return any(sign in text for sign in PATTERN)


def is_parquet(location: str) -> bool:
    """Return whether the name of an object has the suffix of Parquet."""
    return location.lower().endswith(PARQUET)


def _below(system: Any, folder: str) -> list[Any]:
    from pyarrow import fs

    every = system.get_file_info(fs.FileSelector(folder, recursive=True, allow_not_found=True))
    within = len(PurePosixPath(folder).parts)
    return [
        info
        for info in every
        if info.is_file and not any(p.startswith((".", "_")) for p in PurePosixPath(info.path).parts[within:])
    ]


def _expression(pattern: str) -> str:
    """Translate a pattern of names into a regular expression.

    Example:
        >>> import re
        >>> [bool(re.fullmatch(_expression("b/*.parquet"), name)) for name in ("b/x.parquet", "b/c/x.parquet")]
        [True, False]
        >>> [bool(re.fullmatch(_expression("b/**/x[12].*"), name)) for name in ("b/x1.csv", "b/c/d/x2.csv", "b/x3.csv")]
        [True, True, False]
    """
    signs = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    pieces = re.split(r"(\*\*/|\*\*|\*|\?|\[[^\]/]+\])", pattern)
    return "".join(
        signs.get(piece) or (piece.replace("[!", "[^") if piece[:1] == "[" and piece[-1:] == "]" else re.escape(piece))
        for piece in pieces
    )
