"""Set aside findings that an editor has settled, each with a reason."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from rawcells import doors
from rawcells.errors import FileMissing, Unreadable
from tablecheck.findings import Accepted, Review

EXAMPLE = '[[accepted]]\nfinding = "3f2a9c1e"\nreason = "the authors confirm that the stars are those of column 2"'


def read_accepted(file: str | Path) -> dict[str, str]:
    """Read a TOML file of settled findings: for each key of a finding (`Finding.key`), the reason.

    Every entry of ``[[accepted]]`` has ``finding`` and ``reason``, both not empty. Raises `FileMissing` without a file,
    and `Unreadable` if the file is no TOML, has another form, or settles a finding twice.
    """
    path = Path(file)
    if not path.is_file():
        raise FileMissing(f"{path}: no such file", remedy="name a file of settled findings", example=EXAMPLE)
    try:
        with doors.open_bytes(path) as opened:
            content = tomllib.load(opened)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as why:
        raise Unreadable(f"{path.name}: not a TOML file: {why}", example=EXAMPLE) from None
    entries = content.get("accepted")
    if set(content) != {"accepted"} or not isinstance(entries, list):
        raise Unreadable(f"{path.name}: only entries of [[accepted]] are known", example=EXAMPLE)
    reasons: dict[str, str] = {}
    for number, entry in enumerate(entries, 1):
        named = entry if isinstance(entry, dict) else {}
        key, reason = named.get("finding"), named.get("reason")
        if not (set(named) == {"finding", "reason"} and isinstance(key, str) and isinstance(reason, str)):
            raise Unreadable(f"{path.name}: entry {number} needs finding and reason, and nothing else", example=EXAMPLE)
        if not key.strip() or not reason.strip():
            raise Unreadable(f"{path.name}: entry {number} has an empty finding or reason", example=EXAMPLE)
        if key in reasons:
            raise Unreadable(f"{path.name}: entry {number} settles finding {key} a second time", example=EXAMPLE)
        reasons[key] = reason.strip()
    return reasons


def without_accepted(review: Review, reasons: Mapping[str, str]) -> Review:
    """Move settled findings to `Review.accepted`, and the keys that no finding has to `Review.unused`."""
    settled = tuple(Accepted(f, reasons[f.key]) for f in review.findings if f.key in reasons)
    left = tuple(f for f in review.findings if f.key not in reasons)
    used = {one.finding.key for one in settled}
    unused = tuple(key for key in reasons if key not in used)
    return replace(review, findings=left, accepted=settled, unused=unused)
