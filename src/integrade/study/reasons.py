"""Find the reason why a step of a study runs again, with the name of the file, key or module that changed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from rawcells import doors

STAMP = "step.json"
MISSING = "not set"


def why_changed(name: str, store: Path, made_of: Mapping[str, object]) -> str:
    """Return why a step runs: the first difference from its last stored result.

    The comparison is in this order: files, parameters, earlier steps, code.
    """
    before = next(filter(None, map(_stamp, latest_first(store.glob(f"{name}-*/{STAMP}")))), None)
    if before is None:
        return "first run"
    now = json.loads(json.dumps(made_of, ensure_ascii=False, default=str))
    reasons = (
        _files(before["files"], now["files"]),
        _parameters(before["parameters"], now["parameters"]),
        _needs(before["needs"], now["needs"]),
        "the code changed" if before["code"] != now["code"] else "",
    )
    return next((reason for reason in reasons if reason), "an earlier result is stored under another key")


def latest_first(files: Iterable[Path]) -> list[Path]:
    """Return files by time of change, the latest first; files that another run removes meanwhile are skipped."""
    times = dict[Path, float]()
    for file in files:
        with suppress(OSError):
            times[file] = file.stat().st_mtime
    return sorted(times, key=lambda p: -times[p])


def _stamp(file: Path) -> dict[str, Any] | None:
    """Return the ingredients of a stored step; None if its file is damaged."""
    try:
        record = json.loads(doors.read_bytes(file))
        dict(flat(record))
    except (OSError, ValueError, RecursionError):
        return None
    match record:
        case {"files": list(files), "parameters": _, "needs": dict(needs), "code": _}:
            of_text = all(isinstance(key, str) for key in needs.values())
            return record if of_text and all(map(_is_named_hash, files)) else None
    return None


def _is_named_hash(value: object) -> bool:
    """Return whether a value is the name of a file with its hash."""
    match value:
        case [str(_), str(_)]:
            return True
    return False


def _files(before: Sequence[Sequence[str]], now: Sequence[Sequence[str]]) -> str:
    """Return how the input files changed; a file with the same name and another hash counts as changed."""
    old, new = [tuple(f) for f in before], [tuple(f) for f in now]
    if old == new:
        return ""
    gone, come = [f[0] for f in old if f not in new], [f[0] for f in new if f not in old]
    both = [name for name in come if name in gone]
    if both:
        return f"an input file changed: {_first_of(both)}"
    if come:
        return f"an input file is new: {_first_of(come)}"
    return f"an input file is gone: {_first_of(gone)}" if gone else "the order of the input files changed"


def _parameters(before: Any, now: Any) -> str:
    if before == now:
        return ""
    old, new = dict(flat(before)), dict(flat(now))
    moved = [
        f"{name} {old.get(name, MISSING)} -> {new.get(name, MISSING)}"
        for name in dict.fromkeys((*old, *new))
        if old.get(name, MISSING) != new.get(name, MISSING)
    ]
    return f"a parameter changed: {_first_of(moved)}" if moved else "a parameter changed"


def _needs(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    moved = [name for name in now if before.get(name) != now[name]]
    return f"an earlier step changed: {', '.join(moved)}" if moved else ""


def _first_of(names: Sequence[str]) -> str:
    return names[0] + (f" and {len(names) - 1} more" if len(names) > 1 else "")


def flat(value: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every value in nested values, with the path of keys that leads to it.

    An outermost list adds nothing to the path.
    """
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from flat(inner, f"{prefix}.{name}" if prefix else str(name))
    elif isinstance(value, list) and any(isinstance(v, Mapping | list) for v in value):
        for i, inner in enumerate(value, start=1):
            yield from flat(inner, f"{prefix}.{i}" if prefix else "")
    else:
        yield prefix, value
