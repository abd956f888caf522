"""Figures drawn in a process beside this one are those that vl-convert draws here; what ends it ends nothing else."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import altair as alt
import pytest
import vl_convert

from each import each
from integrade.report import drawing_process
from integrade.report.drawing_process import drawn, script
from integrade.report.fonts import TYPEFACE
from integrade.report.style import MEANT, dressed, image, specification


def _specified(title: str) -> str:
    bars = alt.Chart(alt.InlineData(values=[{"x": "a", "y": 2}, {"x": "b", "y": 3}])).mark_bar()
    return json.dumps(specification(dressed(bars.encode(x="x:N", y="y:Q"), title)) | {"width": 300})


@pytest.mark.parametrize("title", ["Market é", "市场"])
def test_a_figure_is_that_of_vl_convert(title: str) -> None:
    specified = _specified(title)
    vl_convert.register_font_directory(str(TYPEFACE))
    svg = vl_convert.vegalite_to_svg(specified)
    assert drawn(specified).result() == (svg, vl_convert.svg_to_png(svg, scale=2))


def test_the_script_is_that_of_vl_convert() -> None:
    assert script("window.x=1;").result() == vl_convert.javascript_bundle("window.x=1;")


def test_what_cannot_be_drawn_is_said_and_the_next_figure_is_drawn() -> None:
    with pytest.raises(ValueError, match=r"\S"):
        drawn("no specification").result()
    assert drawn(_specified("Next")).result().svg.startswith("<svg")


def test_a_process_that_ended_is_started_again() -> None:
    drawing_process._process(os.getpid()).child.kill()
    with pytest.raises(ValueError, match="vl-convert cannot draw the figure"):
        drawn(_specified("Lost")).result()
    assert drawn(_specified("Again")).result().svg.startswith("<svg")


def test_a_picture_is_drawn_once_for_both_formats(monkeypatch: pytest.MonkeyPatch) -> None:
    chart = dressed(alt.Chart(alt.InlineData(values=[{"x": 1}])).mark_point().encode(x="x:Q"), "Once")
    assert image(chart, "svg").startswith(b"<svg")
    monkeypatch.setattr(drawing_process, "_process", None)
    assert image(chart, "png").startswith(b"\x89PNG")


@pytest.mark.skipif(sys.platform == "win32", reason="limits of addresses are of POSIX")
def test_a_limit_of_addresses_is_told(tmp_path: Path) -> None:
    """The process that draws ended with its own words, and the command with a trace."""
    program = (
        "import resource, sys, altair as alt\n"
        "from integrade.cli import say\n"
        "from integrade.errors import OutOfMemory\n"
        "from integrade.report.style import save_figure\n"
        "resource.setrlimit(resource.RLIMIT_AS, (2_000_000_000, 2_000_000_000))\n"
        "chart = alt.Chart(alt.InlineData(values=[{'x': 1}])).mark_point().encode(x='x:Q')\n"
        "try:\n    save_figure(chart, 'a.png')\n"
        "except OutOfMemory as told:\n    print(told)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert re.match("S302 the process that draws figures has too little address space: 1.9 GB", done.stdout)
    assert "ulimit -v unlimited" in done.stdout
    assert done.stderr == ""
    assert list(tmp_path.iterdir()) == []


@each("name", sorted(MEANT))
def test_a_column_may_be_called_as_what_vega_takes_for_its_own(name: str) -> None:
    points = alt.Chart(alt.InlineData(values=[{"x": 1, "y": 2}])).mark_point()
    titled = points.encode(x=alt.X("x:Q", title=name), y=alt.Y("y:Q", title=name))
    assert name in image(dressed(titled, name, subtitle=name), "svg").decode()
