"""The answer, its page and its command."""

from __future__ import annotations

import json
import shlex
from functools import cache
from pathlib import Path

import polars as pl
import pytest

import integrade as ig
import other_economy
from each import each
from integrade.cli import run
from integrade.errors import UsageError
from integrade.subjects.power.model import Power, smallest
from integrade.subjects.power.page import power_page
from integrade.subjects.power.sentences import command, lead
from integrade.subjects.power.setting import PowerOptions, quantities, setting_of, spread, with_size
from integrade.subjects.power.simulate import scale_of, simulated

QUICK = {"regions": 8, "years": 5, "goods": 8, "draws": 30, "splits": 4}


@cache
def quick(effect: float | None = None) -> Power:
    return ig.questions.power(effect=effect, **QUICK)


def test_more_goods_and_years_find_smaller_effects() -> None:
    power = ig.questions.power(regions=20, draws=40, splits=4)
    few, many = power.at(10, 10), power.at(80, 30)
    assert few is not None
    assert many is not None
    assert many < few
    assert power["effect"].exact < power["effect"].printed  # type: ignore[operator]


def test_a_sentence_says_the_cell_of_the_table() -> None:
    power = ig.questions.power(regions=20, draws=40, splits=4, years=10, goods=10)
    found, more = power.at(10, 10), power.at(40, 10)
    assert found == power["effect"].corrected
    assert lead(power) == (
        f"With 20 regions, 10 years and 10 goods, more than 20% of samples would miss an effect smaller than "
        f"{found:.3f} s.d. With 40 goods, the threshold is {more:.3f} s.d."
    )


def test_what_is_needed_is_enough_and_one_fewer_is_not() -> None:
    power = ig.questions.power(regions=20, years=6, goods=6, effect=0.2, draws=60, splits=4)
    needed = power.needed
    assert needed is not None
    assert needed.years is not None
    again = {"regions": 20, "draws": 60, "splits": 4, "effect": 0.2}

    def found(years: int) -> float:
        own = setting_of(quantities(PowerOptions(years=6, goods=6, **again), {}), None)  # type: ignore[arg-type]
        draws = simulated(with_size(own, 6, years), scale_of(own), 4, 60, power.seed, "effect")
        return draws["corrected", "effect"].share(0.2)

    assert found(needed.years) >= 0.8 > found(needed.years - 1)


def test_the_command_that_is_printed_repeats_the_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    power = quick(0.3)
    assert run([*shlex.split(command(power))[1:], "--json"]) == 0
    again = json.loads(capsys.readouterr().out)
    assert [s["corrected"] for s in again["smallest"]] == [s.corrected for s in power.smallest]
    assert again["needed"]["corrected"] == power.needed.corrected  # type: ignore[union-attr]
    assert {q["source"] for q in again["quantities"]} == {"given"}


def test_prices_and_panel_say_what_is_not_given(tmp_path: Path) -> None:
    drawn = other_economy.measured(other_economy.Design(goods=8, regions=12, years=6), 1)
    formula = "y ~ market | firm + year"
    power = ig.questions.power(drawn.prices, drawn.panel, formula, draws=20, splits=3, proxy=0.3)
    sources = {q.name: q.source for q in power.quantities}
    assert sources["goods"] == sources["between"] == "prices"
    assert sources["regions"] == sources["icc"] == sources["noise"] == "panel"
    assert (sources["proxy"], sources["group"]) == ("given", "default")
    assert power.outcome_sd is not None
    assert power.index_sd is not None
    assert "units of the outcome per unit of the index" in str(power)
    alone = ig.questions.power(panel=drawn.panel, formula=formula, draws=20, splits=3, goods=8)
    assert {q.name: q.source for q in alone.quantities}["noise"] == "demo"
    assert {q.name: q.source for q in alone.quantities}["persistence"] == "panel"
    drawn.prices.write_csv(tmp_path / "prices.csv")
    drawn.panel.write_csv(tmp_path / "panel.csv")
    out = tmp_path / "p.json"
    call = ["power", str(tmp_path / "prices.csv"), "--panel", str(tmp_path / "panel.csv"), "--formula", formula]
    assert run([*call, "--draws", "20", "--splits", "3", "--proxy", "0.3", "--out", str(out), "--quiet"]) == 0
    stored = json.loads(out.read_text())
    assert stored["smallest"][0]["corrected"] == pytest.approx(power["effect"].corrected)


def test_the_page_has_the_answer_first_in_both_languages() -> None:
    power = quick(0.3)
    english, chinese = power_page(power), power_page(power, "zh")
    assert english.index("With 8 regions, 5 years and 8 goods") < english.index("Table 1")
    assert 'lang="zh-CN"' in chinese
    assert "若有 8 个地区、5 年和 8 种商品" in chinese
    for page in (english, chinese):
        assert "integrade power --regions 8" in page
        assert page.count("<figure") == 1
        assert page.count('<table class="printed"') == 3


def test_files_are_written_by_their_suffix(tmp_path: Path) -> None:
    flags = [f for name, value in QUICK.items() for f in (f"--{name}", str(value))]
    assert run(["power", *flags, "--quiet", "--out", str(tmp_path / "t.csv")]) == 0
    assert pl.read_csv(tmp_path / "t.csv", has_header=True).height >= 5
    assert run(["power", *flags, "--out", str(tmp_path / "t.xyz")]) == 2


@each(
    "wrong,remedy",
    [
        ({"goods": 3}, "give goods=4 or more"),
        ({"goods": 500}, "give goods=400 or fewer"),
        ({"noise": 1.5}, "give noise=0.99"),
        ({"proxy": 0.9, "mediator_icc": 0.5}, "give proxy=0.354"),
        ({"panel": pl.DataFrame({"y": [1.0]})}, 'give formula="y ~ market | firm + year"'),
    ],
)
def test_what_is_impossible_is_refused(wrong: dict[str, object], remedy: str) -> None:
    with pytest.raises(UsageError) as refused:
        ig.questions.power(**wrong)
    assert remedy in str(refused.value)


def test_firms_are_as_unequal_as_asked() -> None:
    for inequality in (0.0, 0.5, 1.4):
        values = spread(31, 40.0, inequality)
        assert values.mean() == pytest.approx(40)
        assert values.std() / values.mean() == pytest.approx(inequality, abs=1e-6)


def test_a_size_that_is_never_found_is_none() -> None:
    assert smallest(lambda _: 0.5, 0.8) is None
    assert smallest(lambda size: min(size, 1.0), 0.8) == pytest.approx(0.8, rel=0.001)
