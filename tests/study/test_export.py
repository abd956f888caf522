"""What a referee gets: the panel, and scripts that repeat the benchmark and check every number."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
from pathlib import Path

import polars as pl
import pyreadstat
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from integrade.cli import run
from integrade.estimate.fit import fit
from integrade.study.export import export_study
from integrade.study.run import Request, run_study
from integrade.study.variable_names import variable_name, variable_names
from library import needs_r
from stata_grammar import mistakes


@pytest.fixture(scope="module")
def exported(new_study: Path, short_study: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    assert run(["export", str(new_study)]) == 2  # nothing has run yet
    root = tmp_path_factory.mktemp("export") / "study"
    shutil.copytree(short_study, root)
    assert len(export_study(root, root / "export")) == 7
    return root / "export"


@pytest.mark.slow
def test_the_panel_and_what_is_expected_belong_together(exported: Path) -> None:
    """The regressions on the exported rows give the expected numbers; .dta and .csv hold the same panel."""
    panel = pl.read_csv(exported / "panel.csv", schema_overrides={"firm": pl.String})
    stata, _ = pyreadstat.read_dta(str(exported / "panel.dta"))
    assert len(stata) == panel.height
    assert stata["market"].to_numpy() == pytest.approx(panel["market"].to_numpy(), nan_ok=True)
    expected = pl.read_csv(exported / "expected.csv")
    for (formula, kind, cluster), rows in expected.group_by("formula", "covariance", "cluster"):
        again = fit(
            panel.filter(pl.col("in_sample") == 1),
            str(formula),
            vcov=str(kind),
            cluster=cluster or None,
            movers_nested=0.0,
        )
        assert again.nobs == rows["rows"][0]
        for row in rows.iter_rows(named=True):
            assert again[row["term"]].estimate == pytest.approx(row["estimate"], rel=1e-8)  # csv has all digits
            assert again[row["term"]].std_error == pytest.approx(row["std_error"], rel=1e-8)


@pytest.mark.slow
def test_the_do_file_is_stata_as_far_as_its_grammar_tells(exported: Path) -> None:
    """Every variable of every command is a column of the panel or made before; every assertion has a number."""
    text = (exported / "replicate.do").read_text(encoding="utf-8")
    assert list(mistakes(text, set(pl.read_csv(exported / "panel.csv", n_rows=1).columns))) == []
    assert text.count("\nreghdfe ") == 6  # two columns, three covariances that both programs have
    numbers = [float(n) for n in re.findall(r"assert reldif\(_(?:b|se)\[\w+\], ([-\d.e+]+)\)", text)]
    assert len(numbers) == 2 * 3 * (2 + 7)


@pytest.mark.system
@pytest.mark.slow
def test_the_r_script_agrees(exported: Path) -> None:
    """R reads the panel, repeats the regressions and finds every number."""
    needs_r("plm")
    done = subprocess.run(["Rscript", "replicate.R"], cwd=exported, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("agrees") >= 6
    expected = exported / "expected.csv"
    wrong, changed = re.subn(r'("market"),', r"\1,1", expected.read_text(encoding="utf-8"))
    assert changed > 0
    expected.write_text(wrong, encoding="utf-8")  # a wrong number must stop it
    assert subprocess.run(["Rscript", "replicate.R"], cwd=exported, capture_output=True, check=False).returncode != 0


# A panel of another country whose names no program takes

LONG = "Share of sales that goes abroad in per cent of all"
HEADINGS = ["Company ID", "Year", "état d'origine", "if", "_n", "TRUE", LONG, f"{LONG}!", "企业 规模", "a b", "a-b"]


def odd_panel(file: Path) -> None:
    """A panel under `HEADINGS`: firms in ten states, an outcome that rises and falls in ``_n``."""
    draw = random.Random(5)
    lines = [",".join(f'"{h}"' for h in HEADINGS)]
    for firm in range(60):
        own = draw.gauss(0, 0.3)
        for year in range(2008, 2015):
            x = (firm % 10) * 0.2 + (year - 2008) * 0.15 + draw.gauss(0, 0.3)
            w = [draw.gauss(0, 1) for _ in range(5)]
            y = own + 0.9 * x - 0.3 * x * x + 0.1 * w[0] + draw.gauss(0, 0.3)
            numbers = ",".join(f"{v:.6f}" for v in (y, x, x + w[4], *w[:3], w[3]))
            lines.append(f'F{firm:03d},{year},"Ñandú {firm % 10}",{numbers},{"x" * 3000 if firm == 1 else "z"}')
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study of such a panel, run and exported."""
    root = tmp_path_factory.mktemp("odd")
    odd_panel(root / "p.csv")
    (root / "study.toml").write_text(
        f"""title = "Odd `names` $x /* \\"quoted\\""
[panel]
files = ["p.csv"]
columns = {{ "Company ID" = "firm", "Year" = "year" }}
[regression]
formula = "`if` ~ `_n` + `_n`^2 + `{LONG}` + `企业 规模` | firm + year"
cluster = "état d\'origine"
wild = 0
[report]
formats = ["md"]
""",
        encoding="utf-8",
    )
    run_study(root, Request(), tell=lambda _: None)
    export_study(root, root / "export")
    return root / "export"


def test_an_export_never_stops_at_a_name(odd: Path) -> None:
    rows, known = pyreadstat.read_dta(str(odd / "panel.dta"))
    assert len(rows) == 420
    names = known.column_names
    assert len({n.lower() for n in names}) == len(names)
    assert all(len(n) <= 32 for n in names)
    book = pl.read_csv(odd / "codebook.csv", infer_schema=False)
    assert book["name"].to_list() == names
    assert {*HEADINGS[2:]} <= {*book["heading"].to_list()}
    labels = dict(zip(names, known.column_labels, strict=True))
    assert labels["企业_规模"] == "企业 规模"
    assert labels["if_"] == "if"
    assert known.variable_value_labels["in_sample"] == {0: "no", 1: "yes"}
    assert rows["état_d_origine"].iloc[0] == "Ñandú 0"
    account = (odd / "account.txt").read_text(encoding="utf-8")
    assert "column 'if' is called if_" in account
    assert "2,045 bytes" in account


def test_the_do_file_of_odd_names_is_stata_as_far_as_its_grammar_tells(odd: Path) -> None:
    names = set(pl.read_csv(odd / "panel.csv", n_rows=1).columns)
    text = (odd / "replicate.do").read_text(encoding="utf-8")
    assert list(mistakes(text, names)) == []
    for wrong in ("gen double if = v_n", "reghdfe if_ nowhere", 'label variable if_ "a"b"', "summarize if_"):
        assert list(mistakes(f"{text}\n{wrong}", names)) != []


@pytest.mark.slow
@pytest.mark.parametrize("locale", ["C.UTF-8", "C"])
def test_r_finds_estimates_and_errors_of_the_headline_under_odd_names(odd: Path, locale: str) -> None:
    needs_r("plm", "clubSandwich")
    done = subprocess.run(
        ["Rscript", "replicate.R"],
        cwd=odd,
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
        errors="replace",
        env={**os.environ, "LC_ALL": locale},
    )
    assert done.returncode == 0, done.stderr
    assert "CR3 by état_d_origine : every number agrees" in done.stdout
    assert done.stdout.count("every number agrees") == 8


def test_an_export_that_fails_leaves_nothing(odd: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> str:
        raise OSError("no room")

    monkeypatch.setattr("integrade.study.export.r_script", broken)
    with pytest.raises(OSError, match="no room"):
        export_study(odd.parent, tmp_path / "export")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / "mine.txt").write_text("mine", encoding="utf-8")
    monkeypatch.undo()
    export_study(odd.parent, tmp_path / "export")
    assert (tmp_path / "export" / "mine.txt").exists()
    assert {p.name for p in tmp_path.iterdir()} == {"export"}


@given(st.lists(st.text(max_size=45), max_size=8))
@example(["0" * 29 + ":0"])
def test_names_are_valid_and_stand_once(texts: list[str]) -> None:
    names = variable_names(texts, ["in_sample"])
    assert len({n.lower() for n in names.values()} | {"in_sample"}) == len(names) + 1
    assert all(variable_name(n) == n for n in names.values())
