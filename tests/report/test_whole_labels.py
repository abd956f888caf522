"""No label beside an axis or in a legend is cut, on any page: long ones stand in lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

import integrade as ig
from integrade.report.comparison import comparison_figures
from integrade.report.style import names_axis
from integrade.subjects.curve.page import choices_figure, curve_figure, turning_figure
from integrade.subjects.curve.records import Specification, SpecificationCurve, Target

LONG = "A measure whose name its author wrote out in full, for a reader"


def limits(node: Any) -> Iterator[float]:
    """The limits of labels in a specification."""
    if isinstance(node, dict):
        yield from (v for k, v in node.items() if k == "labelLimit")
        for value in node.values():
            yield from limits(value)
    elif isinstance(node, list):
        for value in node:
            yield from limits(value)


def axes(chart: Any) -> list[dict[str, Any]]:
    spec = chart.to_dict()
    layers = spec.get("layer", [spec])
    channels = [layer["encoding"][k] for layer in layers for k in ("x", "y") if k in layer["encoding"]]
    return [axis for channel in channels if (axis := channel.get("axis"))]


def test_names_are_whole_in_the_comparison_of_measures() -> None:
    rng = np.random.default_rng(3)
    index = pl.DataFrame(
        {"region": np.repeat([f"R{i}" for i in range(8)], 6), "year": list(range(2000, 2006)) * 8}
    ).with_columns(integration=pl.Series(rng.normal(size=48)))
    other = index.with_columns(integration=pl.col("integration") + pl.Series(rng.normal(size=48)))
    found = ig.compare_measures({LONG: index, "short": other})
    figures = comparison_figures(found)
    assert set(limits({k: f.to_dict() for k, f in figures.items()})) <= {0}
    both = [axis for axis in axes(figures["matrix"]) if LONG[:9] in axis.get("labelExpr", "")]
    assert {axis.get("labelAngle") for axis in both} == {-40, None}, "columns and rows"


def curve() -> SpecificationCurve:
    """Two specifications, one of them with long names."""
    target = Target(0.1, 0.02, 0.001, 30)
    choices = {"index": LONG, "controls": f"{LONG} + scale"}
    one = Specification(choices, 100, 0.5, -0.1, target, target, target, 0.6, 0.01, True, "inverted U")
    other = replace(one, choices={"index": "b", "controls": "scale"})
    return SpecificationCurve("market", 0.05, (one, other), 2, (), (), "region", 8, 1, 100, 0)


def test_names_are_whole_in_a_specification_curve() -> None:
    drawn = [curve_figure(curve(), "slope_p10"), choices_figure(curve(), "slope_p10"), turning_figure(curve())]
    assert {v for chart in drawn for v in limits(chart.to_dict())} <= {0}
    for chart in drawn[1:]:
        assert any(LONG[:9] in axis.get("labelExpr", "") for axis in axes(chart))
    extents = {axis["minExtent"] for chart in drawn[:2] for axis in axes(chart) if "minExtent" in axis}
    assert len(extents) == 1, "the columns of both stand below each other"


def test_what_is_asked_of_an_axis_wins() -> None:
    assert names_axis([], grid=True).to_dict()["grid"] is True
    assert names_axis(["a"]).to_dict()["labelLimit"] == 0
