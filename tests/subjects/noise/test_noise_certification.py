"""The certification on a noisy index: batches are kept, shares counted, the page is put together by script."""

from __future__ import annotations

import ast
import importlib
import math
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from integrade.estimate.fit import fit
from integrade.subjects.noise.verdict import certified

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"
DOCS = BENCHMARKS.parent / "docs"
sys.path.insert(0, str(BENCHMARKS))
cn: Any = importlib.import_module("certify_noise")
ECONOMY = cn.Economy(10, "normal", 0.0, 0.4)
PAGE = (DOCS / "certification.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def drawn() -> list[dict[str, Any]]:
    return [cn.outcomes(ECONOMY, 0)]


def test_the_regression_on_the_true_index_is_the_parabola_that_is_written() -> None:
    """Without shocks it is exact."""
    made = cn.sample(ECONOMY, 0)
    panel = cn._panel(made, made.true - 0.25 * made.true**2, made.true, np.full(31, 6))
    found = fit(panel.with_columns(z=pl.Series(made.true.ravel())), "y ~ z + z^2 | region + year", weights="firms")
    assert found["z"].estimate == pytest.approx(1, abs=1e-9)
    assert found["z^2"].estimate == pytest.approx(-0.25, abs=1e-9)
    # the measured index in the units of the true one, and back
    assert made.offset + made.sd * made.measured == pytest.approx(made.halves.whole.T)


def test_firms_of_a_region_are_one_row_with_their_number_as_weight() -> None:
    """Coefficients and CR3 of 6 to 30 equal firms by region are those of the region's weighted row."""
    made = cn.sample(ECONOMY, 1)
    random = np.random.default_rng(1)
    firms = np.arange(31) % 4 + 2
    panel = cn._panel(made, made.true + random.normal(size=made.true.shape), made.true, firms)
    rows = panel.with_columns(firm=pl.int_ranges(0, "firms")).explode("firm")
    rows = rows.with_columns(firm=pl.format("{} {}", "region", "firm"))
    one = fit(panel, cn.FORMULA, cn.HOW)
    every = fit(rows, "y ~ market + market^2 | firm + year", cluster="region", vcov="CR3")
    for term in ("market", "market^2"):
        assert one[term].estimate == pytest.approx(every[term].estimate, rel=1e-8)
        assert one[term].std_error == pytest.approx(every[term].std_error, rel=1e-8)


def test_added_errors_have_the_share_of_noise_that_is_asked_for() -> None:
    economy = cn.Economy(10, "added t5", 0.0, 0.6)
    made = cn.sample(economy, 2)
    noise = cn.within(made.measured - made.true).var()
    assert noise / (noise + cn.within(made.true).var()) == pytest.approx(0.6)
    assert made.prices is None
    whole = made.halves.pairs.mean(axis=1) - made.halves.pairs.mean(axis=(1, 2, 3))[:, None, None]
    assert whole[3] == pytest.approx(made.halves.whole - made.halves.whole.mean())  # halves of five goods each


def test_every_way_has_its_quantities(drawn: list[dict[str, Any]]) -> None:
    found = drawn[0]["found"]
    keys = [f"{curve:g} {regions}" for curve, regions in cn.designs_of(ECONOMY)]
    assert set(found) == {*(f"{w} {k}" for w in ("none", "halves") for k in keys), "simex_goods -0.25 equal"}
    assert set(cn.designs_of(cn.Economy(10, "normal", 0.3, 0.4))) == {(c, "equal") for c in cn.CURVES}
    for quantity in cn.QUANTITIES[:4]:
        _, low, high = found["none -0.25 equal"][quantity]
        assert low < high
    assert drawn[0]["net"] > 0.2


def test_a_set_that_is_the_whole_line_is_uninformative() -> None:
    def row(low: float, held: float, informative: float) -> dict[str, Any]:
        one = dict.fromkeys(cn.QUANTITIES[:4], (1.0, low, 0.5))
        return {"found": {"none x": {**one, "turning": (0.1, held, informative)}}}

    rows = [row(-0.1, 1, 1), row(0.1, 0, 1), row(-0.2, 1, 0), row(-0.3, 1, 1), {"found": {"none x": None}}]
    found = cn.shares(rows, ["none x"])
    assert (found.asked, found.draws) == (5, 4)
    assert found.move == pytest.approx(3 / 4)
    assert found.turning == pytest.approx(2 / 3)  # of the three sets that are not the whole line
    assert found.uninformative == pytest.approx(1 / 4)
    assert cn.shares(rows, ["halves x"]) is None
    assert cn.rejected([{"mediator": [0.01, None]}, {"mediator": [0.2, 0.04]}], 0) == 0.5
    assert cn.rejected([{"mediator": [0.01, None]}, {"mediator": [0.2, 0.04]}], 1) == 0.5


def test_finished_batches_are_used_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[int]()

    def quick(_: object, number: int) -> dict[str, Any]:
        asked.append(number)
        return {"found": {}}

    monkeypatch.setattr(cn, "outcomes", quick)
    cn.run(ECONOMY, 4, 2, tmp_path)
    assert asked == [0, 1, 2, 3]
    assert len(cn.run(ECONOMY, 6, 2, tmp_path)) == 6
    assert asked == [0, 1, 2, 3, 4, 5]
    assert len(cn.run(ECONOMY, 8, 2, tmp_path, only_kept=True)) == 6
    assert asked == [0, 1, 2, 3, 4, 5]
    monkeypatch.setattr(cn, "ECONOMIES", (ECONOMY, cn.Economy(20, "normal", 0.0, 0.4)))
    assert list(cn.measured(6, 2, tmp_path, (0, 2), only_kept=True)) == [ECONOMY]
    assert not cn.measured(6, 2, tmp_path, (1, 2), only_kept=True)


def test_words_do_not_change_the_fingerprint_and_code_does() -> None:
    def dumped(text: str) -> str:
        return ast.dump(cn._without_words(ast.parse(text)))

    code = 'def f(x):\n    """Words."""\n    return x + 1\n'
    assert dumped(code) == dumped(code.replace("Words", "Other words") + "# a comment")
    assert dumped(code) != dumped(code.replace("+ 1", "+ 2"))
    own = {n.name for n in ast.parse(Path(cn.__file__).read_text(encoding="utf-8")).body if hasattr(n, "name")}
    assert set(cn.SIMULATED) <= own


def test_the_section_is_put_into_the_page_once(drawn: list[dict[str, Any]]) -> None:
    text = cn.section({ECONOMY: drawn})
    page = "# Certification\n\n## First\n\nwords\n\n## Bands\n\n| a |\n"
    once = cn.with_section(page, text)
    assert once.index("## First") < once.index("## Noise in the index, on a curve") < once.index("## Bands")
    assert cn.with_section(once, text) == once
    shorter = cn.with_section(once, "## Noise in the index, on a curve\n\nnone\n")
    assert shorter == page.replace("## Bands", "## Noise in the index, on a curve\n\nnone\n\n## Bands")
    mine = cn.shares(drawn, ["halves -0.25 equal"])
    line = next(one for one in text.splitlines() if f"| {cn.NAMES['halves']} | 1 |" in one)
    assert line.split(" | ")[3] == f"{mine.move:.3f}"
    picture = cn.picture({ECONOMY: drawn})
    assert picture.count("<polyline") == 5
    assert "nan" not in picture


def test_what_reports_quote_is_what_the_page_says() -> None:
    """The coverage of the move, for the curve and regions of the page's table of economies."""
    economies = [e for e in cn.ECONOMIES if not e.added]
    table = PAGE.partition("### By goods, price changes and noise\n")[2].partition("\n## ")[0]
    lines = [line.strip("| ").split(" | ") for line in table.splitlines() if re.match(r"\| \d+ \| (normal|t5)", line)]
    by_economy = dict(zip(sorted(economies, key=cn.in_order), lines, strict=True))
    middle, design = dict[int, Any](), 0
    for economy in economies:
        keys = cn.designs_of(economy)
        middle[design + keys.index(cn.MIDDLE)] = economy
        design += len(keys)
    compared = 0
    for one in certified():
        assert one.design < design
        if one.design in middle:
            economy, line = middle[one.design], by_economy[middle[one.design]]
            assert (one.goods, economies[one.economy]) == (economy.goods, economy)
            assert f"{one.move:.3f}" == line[6 + cn.WAYS.index(one.way)]
            compared += 1
    assert compared > 2 * len(economies)


def test_pages_state_the_coverage_of_corrections_as_the_certification_does() -> None:
    """docs/explanation/noise.md quotes the table over the share of noise; other pages have no such number."""
    over = PAGE.partition("### Over the share of noise\n")[2].partition("\n### ")[0]
    rows = [line.strip("| ").split(" | ") for line in over.splitlines() if line.startswith("| 0.")]
    certain = {(row[0], row[1]): row for row in rows}
    text = (DOCS / "explanation" / "noise.md").read_text(encoding="utf-8")
    table = [line.strip("| ").split(" | ") for line in text.splitlines() if re.match(r"\| 0\.\d\d \|", line)]
    assert [line[0] for line in table] == sorted({row[0] for row in rows})
    for net, *cells in table:
        printed, halves, simex = (certain[net, cn.NAMES[way]] for way in cn.WAYS)
        want = [printed[3], halves[3], simex[3], printed[7], halves[7], halves[8]]
        assert cells == [f"{float(x):.2f}" for x in want]
    methods = (DOCS / "methods" / "econometrics.md").read_text(encoding="utf-8")
    assert not re.search(r"SIMEX[^.]{0,80}\d\d (to \d\d )?%", methods + text)


def test_the_limits_of_near_designs_are_those_of_the_manual() -> None:
    page = (DOCS / "verdicts.md").read_text(encoding="utf-8").partition("## Coverage of intervals")[2]
    from integrade.subjects.noise import verdict

    for limit in (verdict.NEAR_NET, verdict.NEAR_TAILS, verdict.NEAR_BEND):
        assert f"at most {limit:g}".replace("0.", ".") in page
    factors = {verdict.NEAR_GOODS, verdict.NEAR_CLUSTERS, verdict.NEAR_REGIONS}
    assert factors == {1.5}
    assert "factor of at most 1.5" in page
    least, most = math.ceil(31 / 1.5), math.floor(31 * 1.5)
    assert f"fewer than {least} or more than {most} regions" in " ".join(page.split())
