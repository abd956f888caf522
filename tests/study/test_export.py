"""What a referee gets: the panel, and scripts that repeat the benchmark and check every number."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import polars as pl
import pyreadstat
import pytest

from integrade.cli import run
from integrade.models.fit.fit import fit
from integrade.study.export import export_study
from library import needs_r


@pytest.fixture(scope="module")
def exported(new_study: Path, short_study: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    assert run(["export", str(new_study)]) == 2  # nothing has run yet
    root = tmp_path_factory.mktemp("export") / "study"
    shutil.copytree(short_study, root)
    assert len(export_study(root, root / "export")) == 5
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
def test_the_do_file_names_only_what_is_there(exported: Path) -> None:
    """Every variable of every command is a column of the panel or made before; every assertion has a number."""
    text = (exported / "replicate.do").read_text(encoding="utf-8")
    known = set(pl.read_csv(exported / "panel.csv", n_rows=1).columns) | set(
        re.findall(r"(?:long|double) (\w+) =", text)
    )
    commands = re.findall(r"^reghdfe ([\w ]+), absorb\(([\w ]+)\)(?: vce\(cluster (\w+)\))?", text, flags=re.M)
    assert len(commands) == 6  # two columns, three covariances that both programs have
    for variables, absorbed, cluster in commands:
        assert set(f"{variables} {absorbed} {cluster}".split()) <= known
    numbers = [float(n) for n in re.findall(r"assert reldif\(_(?:b|se)\[\w+\], ([-\d.e+]+)\)", text)]
    assert len(numbers) == 2 * 3 * (2 + 7)


@pytest.mark.full
@pytest.mark.slow
def test_the_r_script_agrees(exported: Path) -> None:
    """R reads the panel, repeats the regressions and finds every number (plm; with fixest the errors too)."""
    needs_r("plm")
    done = subprocess.run(["Rscript", "replicate.R"], cwd=exported, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("agrees") == 6
    expected = exported / "expected.csv"
    wrong, changed = re.subn(r'("market"),', r"\1,1", expected.read_text(encoding="utf-8"))
    assert changed > 0
    expected.write_text(wrong, encoding="utf-8")  # a wrong number must stop it
    assert subprocess.run(["Rscript", "replicate.R"], cwd=exported, capture_output=True, check=False).returncode != 0
