"""Do two runs hold the same numbers? Compares every number and word of two ``results.json``.

    python benchmarks/same_numbers.py OLD NEW [--within 1e-12]

OLD and NEW are run folders (``runs/latest``) or files ``results.json``. A number counts as the same when it differs
by no more than the tolerance times the larger of the two, or of the scale of its own list. What differs is listed,
worst first, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterator
from pathlib import Path

Found = tuple[float, str, object, object]


def differences(old: object, new: object, within: float, place: str = "", scale: float = 0.0) -> Iterator[Found]:
    """Each place where two JSON values differ: by how much (inf for words and shapes), where, and both values."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            if key in old and key in new:
                yield from differences(old[key], new[key], within, f"{place}.{key}")
            else:
                yield math.inf, f"{place}.{key}", old.get(key, "absent"), new.get(key, "absent")
    elif isinstance(old, list) and isinstance(new, list):
        if len(old) != len(new):
            yield math.inf, place, f"{len(old)} entries", f"{len(new)} entries"
        largest = max((abs(v) for v in old if isinstance(v, float) and math.isfinite(v)), default=0.0)
        for i, (one, other) in enumerate(zip(old, new, strict=False)):
            yield from differences(one, other, within, f"{place}[{i}]", max(scale, largest))
    elif _number(old) and _number(new):
        a, b = float(old), float(new)  # type: ignore[arg-type]
        if a != b and not (math.isnan(a) and math.isnan(b)):
            gap = abs(a - b) / max(abs(a), abs(b), scale)
            if not gap <= within:
                yield gap, place, old, new
    elif old != new:
        yield math.inf, place, old, new


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def results(path: Path) -> object:
    """The results of a run folder, of the one that a file ``latest`` names, or of a file."""
    folder = path.parent / path.read_text(encoding="utf-8").strip() if path.name == "latest" else path
    file = folder / "tables" / "results.json" if folder.is_dir() else folder
    return json.loads(file.read_text(encoding="utf-8"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--within", type=float, default=1e-12)
    parser.add_argument("--show", type=int, default=40)
    asked = parser.parse_args()
    found = sorted(differences(results(asked.old), results(asked.new), asked.within), key=lambda f: (-f[0], f[1]))
    for gap, place, old, new in found[: asked.show]:
        print(f"{gap:9.1e}  {place}: {str(old)[:60]} | {str(new)[:60]}")
    print(f"{len(found)} differ by more than {asked.within:g}")
    return bool(found)


if __name__ == "__main__":
    raise SystemExit(main())
