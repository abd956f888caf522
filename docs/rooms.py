"""Draw docs/images/rooms.svg: the rooms in the order of the flow, and who imports whom, counted from the source."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

from integrade.study.closure import layer
from integrade.surface.packages import BELOW, full_name, is_ours, short_name

SOURCE = Path(__file__).parents[1] / "src"
PICTURE = Path(__file__).parent / "images" / "rooms.svg"
FLOW = (
    *BELOW,
    "wording",
    "engine",
    "records",
    "regress",
    "sources",
    "integration",
    "quality",
    "panel",
    "estimate",
    "subjects",
    "verdicts",
    "report",
    "plot",
    "study",
    "cli",
)
WIDTH, STEP, LEFT, BOX = 760, 62, 40, 190


def room(path: Path) -> str:
    """Return the layer of a file; public modules and small rooms are the ground floor."""
    return of_module(short_name(".".join(path.relative_to(SOURCE).with_suffix("").parts)))


def of_module(name: str) -> str:
    """Return the layer of a module, without ``integrade``."""
    found = layer(name)
    return found if found in FLOW else "ground floor"


def imports() -> Counter[tuple[str, str]]:
    """How many modules of a room import from another, also inside functions."""
    found: Counter[tuple[str, str]] = Counter()
    for path in sorted(SOURCE.rglob("*.py")):
        named = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and is_ours(node.module or ""):
                base = short_name(str(node.module))
                named |= (
                    {base}
                    if (SOURCE / full_name(base).replace(".", "/")).with_suffix(".py").is_file()
                    else {f"{base}.{alias.name}" for alias in node.names}
                )
        others = {of_module(name) for name in named} - {room(path)}
        found.update((room(path), other) for other in others)
    return found


def picture() -> str:
    """The drawing: a box for each room with its files and lines, an arc from each room to those it imports."""
    found, parts = imports(), list[str]()
    place = {name: 30 + STEP * i for i, name in enumerate(FLOW)}
    for (one, other), n in sorted(found.items()):
        if one in place and other in place:
            a, b = place[one] + 20, place[other] + 20
            reach = LEFT + BOX + 30 + abs(a - b) * 0.75
            parts.append(
                f'<path d="M {LEFT + BOX} {a} C {reach:.0f} {a}, {reach:.0f} {b}, {LEFT + BOX + 6} {b}" fill="none" '
                f'stroke="#2a6f97" stroke-opacity="0.45" stroke-width="{1 + min(n, 40) / 8:.1f}" '
                'marker-end="url(#end)">'
                f"<title>{n} modules of {one} import {other}</title></path>"
            )
    for name, y in place.items():
        files = [path for path in sorted(SOURCE.rglob("*.py")) if room(path) == name]
        lines = sum(len(f.read_text(encoding="utf-8").splitlines()) for f in files)
        about = f"{len(files)} file{'s' if len(files) > 1 else ''}, {lines:,} lines"
        parts.append(
            f'<rect x="{LEFT}" y="{y}" width="{BOX}" height="40" rx="6" fill="#fff" stroke="#012a4a"/>'
            f'<text x="{LEFT + 12}" y="{y + 17}" font-weight="600">{name}</text>'
            f'<text x="{LEFT + 12}" y="{y + 33}" font-size="11" fill="#555">{about}</text>'
        )
    floor = 30 + STEP * len(FLOW)
    users = sum(n for (_, other), n in found.items() if other == "ground floor")
    parts.append(
        f'<rect x="{LEFT}" y="{floor}" width="{WIDTH - 2 * LEFT}" height="40" rx="6" fill="#eef3f7" stroke="#012a4a"/>'
        f'<text x="{LEFT + 12}" y="{floor + 17}" font-weight="600">ground floor</text>'
        f'<text x="{LEFT + 12}" y="{floor + 33}" font-size="11" fill="#555">known to every room ({users} modules use '
        f"it), knows none</text>"
    )
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{floor + 60}" '
        'font-family="sans-serif" font-size="14">'
        '<defs><marker id="end" orient="auto" markerWidth="5" markerHeight="5" refX="4" refY="2.5">'
        '<path d="M0,0 L5,2.5 L0,5 z" fill="#2a6f97"/></marker></defs>'
        '<rect width="100%" height="100%" fill="#fff"/>'
    )
    return "\n".join([head, *parts, "</svg>\n"])


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
    print(f"wrote {PICTURE.name}")
