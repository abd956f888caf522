"""Which objects of a store an address stands for: itself, those below a folder, those of a pattern.

    s3://bucket/customs.parquet          s3://bucket/customs/            s3://bucket/customs/year=*/*.parquet

``*`` and ``?`` stand for signs within one part of a name, ``**`` for any number of parts. What begins with ``.`` or
``_`` in a folder or behind a pattern is left out, as engines leave it out.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from integrade.engine.stage import store_of
from integrade.errors import Unreachable, did_you_mean
from integrade.sources.bytes.addresses import Address

PATTERN = "*?["
PARQUET = (".parquet", ".parq")


class Stored(NamedTuple):
    """An object: its address, its size in bytes, and when it was written (nanoseconds since 1970, 0 where unknown)."""

    location: str
    size: int
    changed: int


def stored(address: Address) -> list[Stored]:
    """The objects that an address stands for, in the order of their names.

    Raises `Unreachable` where there is none, with the nearest name; and what PyArrow raises.
    """
    system, path = store_of(address.location)
    if is_pattern(path):
        folder = re.split(r"[*?[]", path, maxsplit=1)[0].rpartition("/")[0]
        whole = re.compile(_expression(path))
        found = [one for one in _below(system, folder) if whole.fullmatch(one.path)]
    else:
        asked = system.get_file_info(path)
        found = [asked] if asked.is_file else _below(system, path.rstrip("/"))
    if not found:
        raise no_object(address, system, path)
    scheme, _, rest = address.location.partition("://")
    bucket = f"{'s3' if scheme.lower() == 's3a' else scheme}://{rest.partition('/')[0]}/"
    ordered = sorted(found, key=lambda one: one.path)
    return [Stored(bucket + one.path.partition("/")[2], one.size or 0, one.mtime_ns or 0) for one in ordered]


def no_object(address: Address, system: Any, path: str) -> Unreachable:
    """The error of an address behind which no object is, with the nearest name in its folder."""
    from pyarrow import fs

    folder, _, name = path.rstrip("/").rpartition("/")
    named = folder and not is_pattern(path)
    there = system.get_file_info(fs.FileSelector(folder, allow_not_found=True)) if named else []
    remedy = did_you_mean(name, [one.base_name for one in there]) if there else "check the bucket and the name"
    return Unreachable(f"there is no object {address.name}", remedy=remedy)


def is_pattern(text: str) -> bool:
    """Whether a name stands for those of a pattern."""
    return any(sign in text for sign in PATTERN)


def is_parquet(location: str) -> bool:
    """Whether an object is Parquet by its name."""
    return location.lower().endswith(PARQUET)


def _below(system: Any, folder: str) -> list[Any]:
    from pyarrow import fs

    every = system.get_file_info(fs.FileSelector(folder, recursive=True, allow_not_found=True))
    within = len(PurePosixPath(folder).parts)
    return [
        one
        for one in every
        if one.is_file and not any(p.startswith((".", "_")) for p in PurePosixPath(one.path).parts[within:])
    ]


def _expression(pattern: str) -> str:
    """A pattern of names as a regular expression.

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
