"""without_regions: a province is gone from index, panel and questions alike, as if it had never been in the files."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from integrade.errors import UnknownName
from integrade.simulation import Economy
from integrade.sources.files.readers import read_raw
from integrade.study.choices import moves
from integrade.study.inputs import index_given
from integrade.study.reading import load
from integrade.study.run import Request, check_study, run_study
from integrade.study.template import write_economy
from studies import run_folder

SMALL = '[report]\nformats = ["md"]\n'
SAMPLE = """
[[samples]]
name = "30 provinces"
without_regions = ["西藏"]
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("regions")
    write_economy(root, Economy(n_firms=300, seed=7), "Regions")
    file = root / "study.toml"
    text = file.read_text(encoding="utf-8")
    text = text[: text.index("# The sections below are optional")].replace('se = "jackknife"', 'se = "none"')
    file.write_text(text.replace("wild = 9999", "wild = 0") + SMALL, encoding="utf-8")
    return root


def changed(made: Path, to: Path, *, top: str = "", below: str = "") -> Path:
    shutil.copytree(made, to, ignore=shutil.ignore_patterns("runs"))
    file = to / "study.toml"
    file.write_text(top + file.read_text(encoding="utf-8") + below, encoding="utf-8")
    return to


def table(root: Path, name: str) -> pl.DataFrame:
    return pl.read_parquet(run_folder(root) / "tables" / f"{name}.parquet")


def run(root: Path, to: str = "panel") -> Path:
    run_study(root, Request(to=to), tell=lambda _: None)  # type: ignore[arg-type]
    return root


@pytest.mark.slow
@pytest.mark.parametrize("written", ['["Tibet"]', '["西藏自治区"]', '["xizang "]'])
def test_index_and_panel_are_those_of_files_without_the_region(made: Path, tmp_path: Path, written: str) -> None:
    """Against the filter of every table by hand, which drops the same rows before anything is made of them."""
    mine = run(changed(made, tmp_path / "mine", top=f"without_regions = {written}\n"))
    by_hand = changed(made, tmp_path / "by_hand")
    file = by_hand / "study.toml"
    text = file.read_text(encoding="utf-8")
    names = str(sorted({"Tibet", "Xizang", "西藏", "西藏自治区"})).replace("'", '"')
    for section, column in (("prices", "地区"), ("firms", None), ("education", None)):
        text = filtered(text, section, column, names, by_hand)
    file.write_text(text, encoding="utf-8")
    run(by_hand)
    for name in ("prices", "integration", "panel"):
        assert_frame_equal(table(mine, name), table(by_hand, name), rel_tol=1e-12)
    assert table(mine, "integration")["region"].n_unique() == 30
    whole = run(made)
    assert table(whole, "integration")["region"].n_unique() == 31
    shared = table(whole, "integration").join(table(mine, "integration"), on=["region", "year"], suffix="_30")
    assert (shared["integration"] != shared["integration_30"]).all(), "the index of the others is made again"
    account = (run_folder(mine) / "account.txt").read_text(encoding="utf-8")
    gone = table(whole, "prices").filter(pl.col("region") == "Tibet").height
    assert f"{gone}" in account
    assert "excluded by the study" in account


def filtered(text: str, section: str, column: str | None, names: str, root: Path) -> str:
    """The section with a filter of its own on its column of regions."""
    head = f"[{section}]"
    body = text[text.index(head) :].split("\n[", 1)[0]
    pattern = body.split("files = [", 1)[1].split("]", 1)[0].split(",")[0].strip().strip('"')
    if column is None:
        raw = read_raw(str(root / pattern), table=section)
        column = next(c for c in raw.columns if c in ("region", "province", "省份", "地区", "省", "prov"))
    rule = f"where = '`{column}` not in {names.replace('[', '(').replace(']', ')')}'"
    return text.replace(body, body.replace(head, f"{head}\n{rule}", 1), 1)


@pytest.mark.slow
def test_a_sample_without_a_region_has_its_own_index(made: Path, tmp_path: Path) -> None:
    sample = run(changed(made, tmp_path / "sample", below=SAMPLE), "report")
    top = run(changed(made, tmp_path / "top", top='without_regions = ["Tibet"]\n'), "report")
    stored = [
        json.loads((run_folder(r) / "tables" / "results.json").read_text(encoding="utf-8")) for r in (sample, top)
    ]
    (version,) = stored[0]["versions"]
    assert version["change"] == "without_regions = 西藏"
    mine, theirs = version["column"]["headline"], stored[1]["benchmark"][-1]["headline"]
    assert mine["nobs"] == theirs["nobs"]
    for one, other in zip(mine["coefficients"], theirs["coefficients"], strict=True):
        assert one["estimate"] == pytest.approx(other["estimate"], rel=1e-9)
    own = stored[0]["benchmark"][-1]["headline"]
    assert own["nobs"] > mine["nobs"]
    assert stored[1]["settings"]["without_regions"] == "Tibet"


def test_a_misspelt_region_is_found(made: Path, tmp_path: Path) -> None:
    root = changed(made, tmp_path / "typo", top='without_regions = ["Tibbet"]\n')
    (problem,) = check_study(root)[0]
    assert problem.what.startswith("study.toml:1 without_regions: without_regions names 'Tibbet'")
    assert "did you mean 'Tibet'" in problem.remedy
    with pytest.raises(UnknownName, match="did you mean 'Tibet'"):
        run(root)


def test_an_empty_sample_is_refused_by_check(made: Path, tmp_path: Path) -> None:
    root = changed(made, tmp_path / "none", below='\n[[samples]]\nname = "All"\n')
    (problem,) = check_study(root)[0]
    assert "the part of the sample is not given" in problem.what


def test_the_audit_moves_regions_with_their_index(made: Path, tmp_path: Path) -> None:
    panel = table(run(made), "panel")
    plain = {m.after: m.value for m in moves(load(made), panel) if m.key == "without_regions"}
    assert plain == {"without Tibet": ["Tibet"], "without Beijing, Chongqing, Shanghai, Tianjin": [
        "Beijing", "Chongqing", "Shanghai", "Tianjin"]}  # fmt: skip
    root = changed(made, tmp_path / "less", top='without_regions = ["Tibet"]\n')
    less = {m.after: m.value for m in moves(load(root), panel) if m.key == "without_regions"}
    assert less["all regions"] == []
    without_firms = panel.filter(pl.col("region") != "Tibet")
    assert not [m for m in moves(load(made), without_firms) if m.after == "without Tibet"]
    assert [m.value for m in moves(load(made), without_firms, ["Tibet"]) if m.after == "without Tibet"] == [["Tibet"]]


@pytest.mark.slow
def test_a_file_of_pairs_loses_the_region(made: Path, tmp_path: Path) -> None:
    root = changed(made, tmp_path / "pairs", top='without_regions = ["Tibet"]\n')
    file = root / "study.toml"
    (root / "pairs.csv").write_text("a,b\n西藏,Qinghai\nQinghai,Gansu\nGansu,Ningxia\n", encoding="utf-8")
    text = file.read_text(encoding="utf-8").replace("[integration] ", '[integration]\npairs = "pairs.csv"\n# ')
    file.write_text(text, encoding="utf-8")
    study = load(root)
    assert index_given(study, root) == {"pairs": [("Qinghai", "Gansu"), ("Gansu", "Ningxia")]}
    assert check_study(root)[0] == ()
    assert set(table(run(root), "integration").drop_nulls("integration")["region"]) == {"Qinghai", "Gansu", "Ningxia"}
