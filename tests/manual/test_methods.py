"""docs/methods: every section that is cited is written, and its worked numbers are those of the program."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import integrade as ig
from pages import DOCS, ROOT, module

METHODS = DOCS / "methods"


def citing() -> Iterator[tuple[Path, str]]:
    for folder in ("src", "tests", "benchmarks", "docs"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".py", ".md", ".toml", ".R", ".ftl") and "_site" not in path.parts:
                yield path, path.read_text(encoding="utf-8")


def test_every_section_that_is_cited_is_written() -> None:
    manual = module("manual")
    written = manual.sections()
    lacking = {
        (str(path.relative_to(ROOT)), n) for path, text in citing() for n in manual.cited(text) if n not in written
    }
    assert not lacking


def test_citations_are_found_however_many_stand_together() -> None:
    cited = module("manual").cited
    assert cited("METHODS 3.2a, 3.3.") == ["3.2a", "3.3"]
    assert cited("METHODS 1.5 and 5.9).") == ["1.5", "5.9"]
    assert cited("METHODS 5: verified") == ["5"]


PRICES = {"A": (102, 105, 98), "B": (103, 101, 99), "C": (100, 104, 101), "D": (104, 103, 97)}


def test_the_worked_index() -> None:
    rows = [(r, y, g, float(v if y else 100)) for r, vs in PRICES.items() for g, v in enumerate(vs) for y in (0, 1)]
    prices = pl.DataFrame(
        [(r, 2003 + y, f"good {g}", v) for r, y, g, v in rows],
        schema=["region", "year", "commodity", "index"],
        orient="row",
    )
    found = ig.relative_price(prices, basis="link", k_min=3).filter(year=2004).sort("region")
    table = (METHODS / "relative_price.md").read_text(encoding="utf-8").partition("| pair | V, ddof 1 |")[2]
    printed = re.findall(r"\| ([A-D]) \| (\S+) \| (\S+) \|", table)
    assert [r for r, *_ in printed] == found["region"].to_list()
    np.testing.assert_allclose([float(s) for _, s, _ in printed], found["segmentation"], rtol=5e-9)
    np.testing.assert_allclose([float(m) for *_, m in printed], found["integration"], atol=5e-7)
    pairs = ig.relative_price(prices, basis="link", k_min=3, level="pair").filter(year=2004)
    by_pair = dict(re.findall(r"\| ([A-D]{2}) \| (\S+) \|", table))
    for a, b, v in pairs.select("region_a", "region_b", "segmentation").iter_rows():
        assert float(by_pair[a + b]) == pytest.approx(v, rel=5e-9)


def test_the_worked_quality() -> None:
    text = (METHODS / "quality.md").read_text(encoding="utf-8")
    found = re.findall(r"\| (\d) (h\d) (\w\w) (\d\d) (\S+) (\S+) \| (\S+) \| (\S+) \|", text)
    assert len(found) == 16
    customs = pl.DataFrame(
        {
            "firm": [f[0] for f in found],
            "product": [f[1] for f in found],
            "destination": [f[2] for f in found],
            "year": [2000 + int(f[3]) for f in found],
            "quantity": [float(f[4]) for f in found],
            "value": [float(f[4]) * float(f[5]) for f in found],
            "printed": [float(f[6]) for f in found],
            "scaled": [float(f[7]) for f in found],
        }
    )
    rows = ig.demand_residual(customs.drop("printed", "scaled"), sigma=3, level="row", standardise="minmax")
    key = ["firm", "product", "destination", "year"]
    both = customs.join(rows, on=key)
    assert both.height == 16
    known = both.filter(pl.col("ln_quality").is_not_null())
    np.testing.assert_allclose(known["ln_quality"], known["printed"] / 2, atol=1e-6)


def test_the_standard_errors_of_conventions() -> None:
    data = pl.read_csv(ROOT / "tests" / "public" / "grunfeld.csv")
    said = (
        (METHODS / "econometrics.md")
        .read_text(encoding="utf-8")
        .partition("**Worked numbers**")[2]
        .partition("\n\n")[0]
    )
    for options, printed in (({"ssc": "reghdfe"}, ".0632812941"), ({"ssc": "cgm"}, ".0649347850")):
        fit = ig.fit(data, "inv ~ capital | firm + year", cluster="firm", **options)
        assert printed in said
        assert fit.std_errors["capital"] == pytest.approx(float(printed), abs=5e-11)
    assert ig.fit(data, "inv ~ capital | firm + year").std_errors["capital"] == pytest.approx(0.0259782118, abs=5e-11)


def test_the_turning_point_of_grunfelds_data() -> None:
    data = pl.read_csv(ROOT / "tests" / "public" / "grunfeld.csv")
    test = ig.u_test(ig.fit(data, "inv ~ capital + capital^2 | firm + year", cluster="firm"), "capital")
    said = (METHODS / "econometrics.md").read_text(encoding="utf-8").partition("Grunfeld (capital and its square):")[2]
    p, turn, *ends = map(float, re.findall(r"-?(?<![.\d])\d*\.\d\d+", said.partition("\n\n")[0].replace("..", " ")))
    assert (test.p_value, test.turning_point) == pytest.approx((p, turn), abs=6e-3)
    assert p == pytest.approx(test.p_value, abs=5e-7)
    assert ends == pytest.approx((test.delta_low, test.delta_high, test.fieller_low, test.fieller_high), abs=6e-3)
