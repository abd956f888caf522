"""A study of the states of Malaysia: spelt apart in every file, adjacent, split by area, on the map."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from integrade.study.loaded import load_run
from integrade.study.run import Request, check_study, run_study

PRICES = (
    *("Johor", "Kedah", "Kelantan", "Melaka", "Negeri Sembilan", "Pahang", "Penang", "Perak", "Perlis", "Selangor"),
    *("Terengganu", "Sabah", "Sarawak", "W.P. Labuan"),
)
FIRMS = (
    *("JOHOR", "KEDAH", "KELANTAN", "MALACCA", "NEGRI SEMBILAN", "PAHANG", "PULAU PINANG", "PERAK", "PERLIS"),
    *("SELANGOR", "TRENGGANU", "SABAH", "SARAWAK", "LABUAN"),
)
CODES = (*(f"MY-{i:02d}" for i in range(1, 14)), "MY-15")
YEARS = range(2005, 2011)

STUDY = """title = "States of Malaysia"
[prices]
files = ["prices.csv"]
[customs]
files = ["customs.csv"]
[firms]
files = ["firms.csv"]
[[covariates]]
files = ["rd.csv"]
[quality]
sigma = 5
[controls]
fic = "none"
[regression]
controls = ["scale", "rd"]
wild = 0
[[indices]]
name = "near"
pairs = "adjacent"
[[groups]]
by = "region"
how = "area"
permutations = 0
[spillover]
[report]
formats = ["html"]
"""


def write(root: Path, firms: int = 84) -> Path:
    """Prices with names, accounts in capitals and other spellings, research by ISO codes."""
    d, n = np.random.default_rng(5), len(PRICES)
    rough = d.uniform(0.4, 1.6, n)
    prices = [
        (PRICES[i], t, f"division {k}", float(100 * np.exp(d.normal(0.03, 0.01 * rough[i]))))
        for t in YEARS
        for i in range(n)
        for k in range(8)
    ]
    accounts, customs = [], []
    for f in range(firms):
        size = d.normal(6, 1)
        for t in YEARS:
            size += d.normal(0.05, 0.1)
            assets = float(np.exp(size))
            accounts.append((f"F{f:03d}", t, FIRMS[f % n], 1990, assets * 1000, assets * 400, int(assets) + 9))
            price = float(np.exp(d.normal(1, 0.4)))
            customs.append((f"F{f:03d}", "640399", "USA", t, assets * price, assets))
            customs.append((f"F{f:03d}", "620342", "JPN", t, assets * price, assets * float(d.uniform(0.5, 2))))
    tables = {
        "prices": (prices, ["region", "year", "commodity", "index"]),
        "firms": (accounts, ["firm", "year", "region", "founded", "total_assets", "fixed_assets", "employment"]),
        "customs": (customs, ["firm", "product", "destination", "year", "value", "quantity"]),
        "rd": ([(c, t, float(d.uniform(1, 2))) for c in CODES for t in YEARS], ["region", "year", "rd"]),
    }
    for name, (rows, columns) in tables.items():
        pl.DataFrame(rows, schema=columns, orient="row").write_csv(root / f"{name}.csv")
    (root / "study.toml").write_text(STUDY, encoding="utf-8")
    return root


def test_check_finds_the_country_and_every_region_meets(tmp_path: Path) -> None:
    found, account = check_study(write(tmp_path))
    assert found == ()
    said = [str(e.reason) for e in account]
    assert "14 region names are all states of Malaysia" in said
    assert not [e for e in account if e.kind == "warning" and "regions of firms" in e.reason]


def test_a_slip_in_a_named_country_is_refused_at_check_with_its_line(tmp_path: Path) -> None:
    write(tmp_path)
    text = (tmp_path / "firms.csv").read_text(encoding="utf-8")
    (tmp_path / "firms.csv").write_text(text.replace("PULAU PINANG", "PULAU PINAG"), encoding="utf-8")
    (tmp_path / "study.toml").write_text(STUDY + '[geography]\ncountry = "MY"\n', encoding="utf-8")
    [problem] = check_study(tmp_path)[0]
    assert problem.code == "D220"
    assert "[firms]" in problem.what
    assert "'PULAU PINAG' (36 rows of firms) is not a region of Malaysia, nearest 'Pulau Pinang'" in problem.what
    assert '{ "PULAU PINAG" = "Pulau Pinang" }' in problem.remedy
    alias = '[geography]\ncountry = "MY"\naliases = { "PULAU PINAG" = "Pulau Pinang" }\n'
    (tmp_path / "study.toml").write_text(STUDY + alias, encoding="utf-8")
    assert check_study(tmp_path)[0] == ()


@pytest.mark.slow
def test_the_study_runs_to_a_report_with_its_map(tmp_path: Path) -> None:
    done = run_study(write(tmp_path), Request(), tell=lambda _: None)
    assert done is not None
    assert done.report is not None
    run = load_run(tmp_path)
    assert run.panel.polars()["region"].n_unique() == 14
    assert run.panel.polars()["rd"].null_count() == 0, "codes meet names"
    index = run.results.index
    assert {t.series for t in index.trend} == {"nation", "Peninsular Malaysia", "East Malaysia"}
    assert {r.group for r in index.ranking} == {"Peninsular Malaysia", "East Malaysia"}
    assert len(index.places) == 16
    assert "map" in run.figures
    text = done.report.read_text(encoding="utf-8")
    words = re.sub(r"<(script|style)\b.*?</\1>", "", text, flags=re.DOTALL)
    assert "regions with a common border" in words
    for other in ("province", "East, Central", "state-owned", "China"):
        assert other not in words, other
    [split] = run.results.groups
    assert {g.group for g in split.comparison.groups} == {"Peninsular Malaysia", "East Malaysia"}
