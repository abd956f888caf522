"""``integrade cite`` prints the works of a run's methods, its data with their provenance, and integrade."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import integrade as ig
from integrade.cli import run
from integrade.report.references import references_in
from integrade.sources.meaning.recipe import recipes
from integrade.study import citing
from integrade.study.config import Source
from integrade.study.show import last_run

ROOT = Path(__file__).parents[2]


def test_a_run_is_cited_as_bibtex_text_and_json(short_study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["cite", str(short_study)]) == 0
    entries = {work.key: work for work in references_in(capsys.readouterr().out)}
    assert {"LindMehlum2010", "MacKinnonNielsenWebb2023Fast", "data_prices", "data_customs", "integrade"} <= set(
        entries
    )
    assert entries["integrade"].fields["note"] == f"version {ig.__version__}"
    assert entries["data_firms"].title == "Raw data of the study: firms"

    assert run(["cite", str(short_study), "--format", "text"]) == 0
    text = capsys.readouterr().out
    assert re.findall(r"^\w+$", text, re.MULTILINE) == ["Methods", "Data", "Software"]
    assert "  Fieller, E. C. (1954)." in text
    assert "\n      Fieller interval of the turning point\n" in text

    assert run(["cite", str(last_run(short_study)), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["run"] == last_run(short_study).name
    assert {one["key"] for part in ("methods", "data", "software") for one in found[part]} == set(entries)
    assert "{" not in str([one["title"] for one in found["methods"]])


def test_python_gives_the_same_citations_of_a_study_and_of_a_loaded_run(short_study: Path) -> None:
    found = ig.questions.cite(short_study)
    assert ig.questions.cite(ig.load_run(short_study)) == found
    assert str(found) == found.text()
    checksum = next(one["sha256"] for one in found_inputs(short_study) if one["table"] == "firms")
    [firms] = [entry for entry in found.data if entry.key == "data_firms"]
    assert f"SHA-256 {checksum}" in firms.fields["note"]
    assert re.search(r"last modified 20\d\d-\d\d-\d\d$", firms.fields["note"])


def found_inputs(study: Path) -> list[dict[str, str]]:
    manifest = json.loads((last_run(study) / "manifest.json").read_text(encoding="utf-8"))
    return list(manifest["inputs"])


def test_a_public_source_is_cited_with_its_provider_and_address() -> None:
    known = recipes()["india_tradestat"]
    entry = citing._origin("data_customs", "customs", Source(files=["a.csv"]), known, ["file a_1.csv"])
    assert "," in known.provider
    assert entry.families == (known.provider,)
    assert entry.fields["url"] == known.url
    assert entry.fields["note"].endswith(r"file a\_1.csv")


def test_the_year_and_title_of_integrade_are_those_of_the_citation_file() -> None:
    told = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    version, released = re.findall(r'^(?:version|date-released): "?([\d.-]+)"?$', told, re.MULTILINE)
    entry = citing.integrade(version)
    assert entry.year == released[:4]
    assert f'title: "{entry.title}"' in told
    assert citing.integrade("0.0.9").year == ""
