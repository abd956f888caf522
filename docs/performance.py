"""docs/performance.md and its picture from docs/performance.json, which `python benchmarks/bench.py --out` writes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FIGURES = HERE / "performance.json"
PICTURE = HERE / "images" / "performance.svg"
HEAD = """\
# What it costs

Written by `make docs` from docs/performance.json, which `make bench` measures.

- Every tool loads the data in its own process and waits. Each round calls every tool once. A call of less than two
  seconds is repeated, and the second call counts.
- Numbers are medians of the warm rounds, or one cold call if a contest has one round.
- A ratio is the median over rounds of a tool's seconds divided by those of the best peer in the same round.
- Peak memory includes the data, the interpreter and what the benchmark imports. That of a program is at least that of
  the process that starts it.
- `make bench COMPARE=docs/performance.json` finds what got more than 15% worse, relative to the same peers.

[Notes](performance_notes.md) explain the targets that are missed.
"""


def page(figures: dict[str, Any]) -> str:
    """The page: targets, each contest beside its peers, curves with their slopes, limits of the machine."""
    return "\n".join([HEAD, _machine(figures), *_targets(figures), *_contests(figures), *_curves(figures)])


def _machine(figures: dict[str, Any]) -> str:
    at = figures["machine"]
    libraries = ", ".join(f"{name} {number}" for name, number in at["libraries"].items())
    of = f"{at['processors']} processors, load {at['load']} at the start, Python {at['python']}, {at['date']}"
    return f"{of}; {libraries}.\n"


def _targets(figures: dict[str, Any]) -> Iterator[str]:
    yield "## Targets\n\n| work | measured | target | |\n|---|---|---|---|"
    for contest in figures["contests"].values():
        for one in contest["targets"]:
            name = f"{contest['title']}: {one['tool']}"
            base = one["beside"][0] if len(one["beside"]) == 1 else "the best peer"
            yield _row(name, one["measured"], one["target"], f"x {base}" if one["ratio"] else "s")
            if one["memory"]:
                yield _row(f"{name}, memory", one["peak"] / 1000, one["memory"] / 1000, "GB")
    yield ""


def _row(name: str, measured: float, target: float, unit: str) -> str:
    value = f"{measured:.2f}" if measured < 10 else f"{measured:.1f}"
    return f"| {name} | {value} {unit} | {target:g} | {'met' if measured <= target else 'missed'} |"


def _contests(figures: dict[str, Any]) -> Iterator[str]:
    for contest in figures["contests"].values():
        yield f"## {contest['title']}\n\n{contest['size']:,} {contest['counts']}.\n"
        yield "| | seconds | of processors | first call | peak MB |\n|---|---|---|---|---|"
        for tool, one in contest["tools"].items():
            seconds = " | ".join(f"{one[k]:.3g}" for k in ("seconds", "cpu", "cold"))
            yield f"| {tool} | {seconds} | {one['peak']:,.0f} |"
        yield ""


def _curves(figures: dict[str, Any]) -> Iterator[str]:
    if not figures["curves"]:
        return
    yield "## How costs grow\n\n![Seconds over size, both on log scales](images/performance.svg)\n"
    yield "The slope is that of log seconds on log size over the larger half of the sizes: 1 is linear growth.\n"
    yield "| over | tool | seconds at each size | slope | peak MB at the largest |\n|---|---|---|---|---|"
    for key, curve in figures["curves"].items():
        title, counts = figures["contests"][key]["title"], curve["counts"]
        for tool, one in curve["tools"].items():
            pairs = zip(curve["sizes"], one["seconds"], strict=True)
            shown = ", ".join(f"{size:,}: {seconds:.3g}" for size, seconds in pairs)
            yield f"| {title}, {counts} | {tool} | {shown} | {one['slope']:.2f} | {one['peak'][-1]:,.0f} |"
    yield ""


def picture(figures: dict[str, Any]) -> str:
    """The curves as one picture (SVG): a panel for each contest, a line for each tool."""
    import altair as alt

    rows = [
        {"over": curve["counts"], "what": key, "tool": tool, "size": size, "seconds": seconds}
        for key, curve in figures["curves"].items()
        for tool, one in curve["tools"].items()
        for size, seconds in zip(curve["sizes"], one["seconds"], strict=True)
    ]

    powers = "abs(log(datum.value) / LN10 - round(log(datum.value) / LN10)) < 1e-9 ? datum.label : ''"

    def axis(title: str, form: str) -> alt.Axis:
        return alt.Axis(title=title, format=form, labelExpr=powers)

    panels = [
        alt.Chart(alt.Data(values=[r for r in rows if r["what"] == key]), width=260, height=170, title=key)
        .mark_line(point=True)
        .encode(
            x=alt.X("size:Q", scale=alt.Scale(type="log"), axis=axis(curve["counts"], "~s")),
            y=alt.Y("seconds:Q", scale=alt.Scale(type="log"), axis=axis("seconds", "~g")),
            color=alt.Color("tool:N", legend=alt.Legend(orient="bottom", columns=1, title=None, labelLimit=260)),
        )
        for key, curve in figures["curves"].items()
    ]
    chart = alt.concat(*panels, columns=3).resolve_scale(color="independent")
    from io import StringIO

    file = StringIO()
    chart.save(file, format="svg")
    return file.getvalue()


def write() -> None:
    """Both files, when there are figures."""
    if not FIGURES.exists():
        return
    figures = json.loads(FIGURES.read_text(encoding="utf-8"))
    (HERE / "performance.md").write_text(page(figures), encoding="utf-8")
    if figures["curves"]:
        PICTURE.write_text(picture(figures), encoding="utf-8")
