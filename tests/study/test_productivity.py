"""[tfp] in a study: the panel has ln_tfp, `check` knows it, and what cannot be made is refused with its line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from integrade.study.json_schema import json_schema
from integrade.study.run import Request, check_study, run_study

SECTION = '[tfp]\nmethod = "ols"\noutput = "assets"\nreplicates = 3\n\n'


@pytest.fixture
def study(new_study: Path, tmp_path: Path) -> Path:
    shutil.copytree(new_study, tmp_path, dirs_exist_ok=True)
    return tmp_path


def changed(root: Path, section: str) -> Path:
    file = root / "study.toml"
    text = file.read_text(encoding="utf-8").replace("[integration]", section + "[integration]", 1)
    file.write_text(text.replace('controls = ["scale"', 'controls = ["ln_tfp", "scale"', 1), encoding="utf-8")
    return root


def test_the_panel_has_productivity(study: Path) -> None:
    assert "# [tfp]" in (study / "study.toml").read_text(encoding="utf-8")
    root = changed(study, SECTION)
    assert not check_study(root)[0]
    outcome = run_study(root, Request(to="panel"), tell=lambda _: None)
    assert outcome is not None
    panel = pl.read_parquet(outcome.folder / "tables" / "panel.parquet")
    used = panel.drop_nulls(["assets", "employees", "fixed_assets"])
    assert used["ln_tfp"].null_count() == 0
    # productivity is what least squares leaves of ln assets: it is not a function of the inputs
    left = used.select(pl.corr("ln_tfp", pl.col("assets").log())).item()
    assert 0.1 < left < 1
    manifest = json.loads((outcome.folder / "manifest.json").read_text(encoding="utf-8"))
    said = [e["reason"] for e in manifest["account"] if e["step"] == "tfp"]
    assert said[0].startswith("ln_tfp by least squares from value added")
    assert "labour 0." in said[1]


@pytest.mark.parametrize(
    ("section", "says"),
    [
        ("", "no column 'ln_tfp' in the panel"),
        ("[tfp]\n\n", '[tfp]: method = "acf" needs output, and firms has no column real_value_added or value_added'),
        ('[tfp]\nmethod = "olz"\noutput = "assets"\n\n', "did you mean 'ols'"),
        ('[tfp]\nmethod = "ols"\noutput = "asets"\n\n', "did you mean 'assets'"),
        ('[tfp]\nmethod = "ols"\noutput = "name"\n\n', "contains text, but numbers are required"),
        ('[tfp]\nmethod = "ols"\noutput = "assets"\nnoise = "remove"\n\n', "does not separate noise from productivity"),
        ('[tfp]\nmethod = "ols"\noutputs = "assets"\n\n', "did you mean 'output'"),
    ],
)
def test_check_finds_what_cannot_be_made(study: Path, section: str, says: str) -> None:
    found = "\n".join(str(p) for p in check_study(changed(study, section))[0])
    assert says in found
    assert "study.toml:" in found


def test_real_values_can_be_named(study: Path) -> None:
    prices = pl.DataFrame({"year": range(2004, 2014), "output_price": [100.0] * 10})
    prices.write_csv(study / "raw" / "deflators.csv")
    deflated = '[deflators]\nfiles = ["raw/deflators.csv"]\noutput = ["assets"]\ninputs = []\n\n'
    root = changed(study, deflated + SECTION.replace('"assets"', '"real_assets"'))
    assert not check_study(root)[0]


def test_editors_know_the_options() -> None:
    section = json_schema()["properties"]["tfp"]
    assert section["properties"]["method"]["enum"][:2] == ["acf", "gnr"]
    assert section["additionalProperties"] is False
