"""Cluster variables by name: a list or tuple of names is the text that joins them; anything else is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import integrade as ig
from each import each
from integrade.errors import UsageError
from integrade.estimate.cluster_names import joined_names
from integrade.estimate.linear import Fit
from integrade.study.json_schema import json_schema
from integrade.study.reading import load
from integrade.study.template import write_new
from panels import panel

FORMULA = "y ~ market + market^2 + scale | firm + year"


@pytest.mark.parametrize("names", [["firm", "year"], ("firm", "year"), [" firm", "year "]])
def test_a_list_is_two_way_clustering(names: Any) -> None:
    rows = panel(3)
    text, listed = (ig.fit(rows, FORMULA, cluster=c) for c in ("firm + year", names))
    assert list(listed.clusters) == ["firm", "year"]
    assert [c.std_error for c in listed.coefficients] == [c.std_error for c in text.coefficients]
    one = ig.fit(rows, FORMULA, cluster="firm")
    assert one.coefficients[0].std_error != text.coefficients[0].std_error


def test_a_list_of_one_is_that_name() -> None:
    rows = panel(3)
    a, b = (ig.fit(rows, FORMULA, cluster=c, vcov="CR3", wild=99) for c in ("region", ["region"]))
    assert a.coefficients == b.coefficients
    assert a.wild == b.wild


CALLS: dict[str, Any] = {
    "fit": lambda rows, c: ig.fit(rows, FORMULA, cluster=c),
    "Fit": lambda rows, c: ig.fit(rows, FORMULA, Fit(cluster=c)),
    "fit_many": lambda rows, c: ig.fit_many(rows, FORMULA, cluster=c),
    "hausman": lambda rows, c: ig.hausman(rows, FORMULA, cluster=c),
    "lag_table": lambda rows, c: ig.lag_table(rows, FORMULA, lags=(1,), leads=(), cluster=c),
    "mediate": lambda rows, c: ig.mediate(rows, FORMULA, "z1", interval="monte_carlo", draws=9, cluster=c),
    "cluster_report": lambda rows, c: ig.cluster_report(rows, FORMULA, c),
    "ppml": lambda rows, c: ig.fit(rows, FORMULA, model="ppml", cluster=c),
    "specification_curve": lambda rows, c: ig.specification_curve(rows, outcomes=("y",), cluster=c),
}


@each("wrong", [7, {"firm": 1}, [], ["firm", 3], ["firm", ""], "", "firm + "])
@each("name", CALLS)
def test_other_types_are_refused_with_a_code(name: str, wrong: Any) -> None:
    with pytest.raises(UsageError) as caught:
        CALLS[name](panel(3), wrong)
    assert 'cluster="region"' in caught.value.remedy


ONE_ONLY = ("cluster_report", "specification_curve")


@each("name", [n for n in CALLS if n not in ONE_ONLY])
def test_a_list_is_taken_everywhere(name: str) -> None:
    if name == "ppml":
        with pytest.raises(UsageError, match="cluster"):
            CALLS[name](panel(3), ["firm", "year"])
    else:
        assert CALLS[name](panel(3), ["firm", "year"]) is not None


@pytest.mark.parametrize("name", ONE_ONLY)
def test_where_one_is_needed_several_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match="one cluster variable"):
        CALLS[name](panel(3), ["firm", "year"])


def test_in_a_study(tmp_path: Path) -> None:
    write_new(tmp_path)
    path = tmp_path / "study.toml"
    text = path.read_text(encoding="utf-8")
    assert '# cluster = "region"' in text
    path.write_text(text.replace('# cluster = "region"', 'cluster = ["firm", "year"]'), encoding="utf-8")
    assert load(tmp_path).regression.cluster == "firm+year"
    path.write_text(text.replace('# cluster = "region"', "cluster = 7"), encoding="utf-8")
    with pytest.raises(UsageError, match="cluster"):
        load(tmp_path)
    kinds = json_schema()["$defs"]["Regression"]["properties"]["cluster"]["anyOf"]
    assert {"type": "array", "items": {"type": "string"}} in kinds


def test_text_and_nothing_stay_as_they_are() -> None:
    assert joined_names(None) is None
    assert joined_names("firm + industry^year") == "firm + industry^year"
    assert joined_names(("firm", "industry^year")) == "firm+industry^year"
