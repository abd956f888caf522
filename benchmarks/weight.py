"""What each dependency of an installed integrade weighs, and what asks for it.

    python -m venv env; env/bin/pip install .; env/bin/python benchmarks/weight.py

prints a table in Markdown of the environment that runs it: size on disk (with bytecode, without what uninstalls leave),
and the packages that ask for it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from importlib.metadata import Distribution, distributions
from pathlib import Path

SMALL = 5.0  # MB: what weighs less stands in one line


def megabytes(one: Distribution) -> float:
    """The size of the files of a package, with the bytecode beside them and shared libraries of its own folder."""
    named = (Path(str(one.locate_file(file))) for file in one.files or ())
    files = {path for path in named if path.is_file()}
    files |= {c for f in files if f.suffix == ".py" for c in (f.parent / "__pycache__").glob(f"{f.stem}.cpython-*.pyc")}
    return sum(path.stat().st_size for path in files) / 1e6


def main() -> None:
    """Print the table, the heaviest first."""
    found = {_plain(d.metadata["Name"]): d for d in distributions()}
    askers: dict[str, list[str]] = defaultdict(list)
    for name, one in sorted(found.items()):
        for wanted in one.requires or ():
            if "extra ==" not in wanted:
                askers[_plain(re.split(r"[^\w.-]", wanted)[0])].append(name)
    weights = sorted(((megabytes(one), name) for name, one in found.items()), reverse=True)
    print("| package | MB | asked for by |\n|:---|---:|:---|")
    for size, name in weights:
        if size >= SMALL:
            print(f"| {name} | {size:.0f} | {', '.join(askers[name])} |")
    small = [size for size, _ in weights if size < SMALL]
    print(f"| {len(small)} others | {sum(small):.0f} | |\n| together | {sum(size for size, _ in weights):.0f} | |")


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    main()
