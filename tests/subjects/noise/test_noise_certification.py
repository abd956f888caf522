"""The certification on a noisy index: batches are kept, shares counted, the page is put together by script."""

from __future__ import annotations

import ast
import importlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import integrade as ig
from integrade.subjects.noise.verdict import certified

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))
cn: Any = importlib.import_module("certify_noise")


@pytest.fixture(scope="module")
def drawn() -> list[dict[str, Any]]:
    return [cn.intervals(cn.Design(10, -4.0), number) for number in range(1)]


def test_the_sample_is_the_parabola_that_is_written(drawn: list[dict[str, Any]]) -> None:
    """Without shocks the regression on the true index would be exact: with them it is near, and far on the measured."""
    design = cn.Design(10, -4.0)
    made = cn.sample(design, 0)
    found = ig.fit(made.panel.with_columns(market="true"), cn.FORMULA, cluster="region", vcov="CR3")
    assert found["market^2"].estimate == pytest.approx(-4.0, abs=4 * found["market^2"].std_error)
    slope = found["market"].estimate + 2 * found["market^2"].estimate * made.centre
    assert slope == pytest.approx(1.0, abs=0.5)
    again = cn.sample(cn.Design(10, -0.6), 0)
    assert again.prices.equals(made.prices)  # curvatures share their economies
    for one in drawn:
        place = abs(one["none"]["p10"][0])
        assert place > abs(one["true_index"]["p10"][0])  # what noise takes is seen where the curve is steep
        for way in cn.WAYS:
            for quantity in ("p10", "p50", "p90"):
                estimate, low, high = one[way][quantity]
                assert low < estimate < high


def test_coverage_counts_intervals_that_hold_the_truth() -> None:
    rows = [
        {"none": {"p10": (0.5, 0.1, 0.9), "turning": (0.1, 1.0, 1.0)}},
        {"none": {"p10": (0.5, -0.1, 0.9), "turning": (0.1, 0.0, 1.0)}},
        {"none": {"p10": (-0.5, -0.9, 0.0), "turning": (0.1, 1.0, 0.0)}},
    ]
    assert cn.covered(rows, "none", "p10") == pytest.approx(2 / 3)
    assert cn.covered(rows, "none", "turning") == pytest.approx(2 / 3)
    assert cn.covered(rows, "none", "move") is None


def test_finished_batches_are_used_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    design, asked = cn.Design(10, -4.0), list[int]()

    def quick(_: object, number: int) -> dict[str, dict[str, tuple[float, float, float]]]:
        asked.append(number)
        return {"none": {"p10": (0.0, -1.0, 1.0)}}

    monkeypatch.setattr(cn, "intervals", quick)
    cn.run(design, 4, 2, tmp_path)
    assert asked == [0, 1, 2, 3]
    assert len(cn.run(design, 6, 2, tmp_path)) == 6
    assert asked == [0, 1, 2, 3, 4, 5]
    assert len(cn.run(design, 8, 2, tmp_path, only_kept=True)) == 6
    assert asked == [0, 1, 2, 3, 4, 5]


def test_words_do_not_change_the_fingerprint_and_code_does() -> None:
    def dumped(text: str) -> str:
        return ast.dump(cn._without_words(ast.parse(text)))

    code = 'def f(x):\n    """Words."""\n    return x + 1\n'
    assert dumped(code) == dumped(code.replace("Words", "Other words") + "# a comment")
    assert dumped(code) != dumped(code.replace("+ 1", "+ 2"))


def test_the_section_is_put_into_the_page_once(drawn: list[dict[str, Any]]) -> None:
    found = {cn.Design(10, -4.0): drawn}
    text = cn.section(found)
    page = "# Certification\n\n## First\n\nwords\n\n## Bands\n\n| a |\n"
    once = cn.with_section(page, text)
    assert once.index("## First") < once.index("## Noise in the index, on a curve") < once.index("## Bands")
    assert cn.with_section(once, text) == once
    shorter = cn.with_section(once, "## Noise in the index, on a curve\n\nnone\n")
    assert shorter == page.replace("## Bands", "## Noise in the index, on a curve\n\nnone\n\n## Bands")
    share = cn.covered(drawn, "simex_goods", "p50")
    line = next(one for one in text.splitlines() if one.startswith("| SIMEX, goods"))
    assert line.split(" | ")[2] == f"{share:.3f}"


def test_what_reports_quote_is_what_the_page_says() -> None:
    page = (BENCHMARKS.parent / "docs" / "certification.md").read_text(encoding="utf-8")
    quoted = json.loads(cn.QUOTED.read_text(encoding="utf-8"))
    assert {(one["way"], one["goods"], one["curvature"]) for one in quoted} == {
        (way, design.goods, design.curvature)
        for way in ("none", "simex_goods", "simex_independent", "oriv")
        for design in cn.DESIGNS
    }
    assert len(certified()) == len(quoted)
    for one in quoted:
        _, _, part = page.partition(f"### {one['goods']} goods, curvature {one['curvature']:g}\n")
        assert part.lstrip().startswith(f"{one['draws']} draws.")
        line = next(row for row in part.splitlines() if row.startswith(f"| {cn.NAMES[one['way']]} |"))
        assert line.strip("| ").split(" | ")[1:] == [f"{one[q]:.3f}" for q in cn.QUANTITIES]


@pytest.mark.slow
def test_slopes_bend_as_the_designs_say() -> None:
    bends = [cn.bend(cn.Design(10, b)) for b in (-0.6, -1.5, -4.0)]
    assert bends == sorted(bends)
    assert np.all((np.array(bends) > 0) & (np.array(bends) <= 1))


@pytest.mark.slow
def test_simex_holds_what_the_headline_misses() -> None:
    """10 samples: certified are about 3 % and 98 %; four of the rarer kind have a chance of 2 in 10,000."""
    design = cn.Design(10, -4.0)
    found = [cn.intervals(design, number) for number in range(500, 510)]
    assert cn.covered(found, "none", "p10") <= 0.3
    assert cn.covered(found, "simex_goods", "p10") >= 0.7
    assert cn.covered(found, "simex_goods", "turning") >= 0.7
