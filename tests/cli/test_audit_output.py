"""What an audit of printed tables hands on: JSON, SARIF, frames, the page; for pipelines, editors and Python."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from lxml import html

import integrade as ig
from integrade.cli import run
from integrade.published import Review, audit_table
from integrade.report.table_audit import table_audit_page

WRONG = "Table 1,,,\n,Sales,,Wages\n,(1),(2),(3)\nx,0.50***,0.40*,0.30\n,(0.10),(0.39),(0.20)\nN,900,800,700\n"
NOTE = '"Standard errors in parentheses. * p<0.1, ** p<0.05, *** p<0.01",,,\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "a paper" / "tables"
    inside.mkdir(parents=True)
    (inside / "table 1.csv").write_text(WRONG + NOTE, encoding="utf-8")
    (inside / "figure.png").write_bytes(b"no table")
    (tmp_path / "a paper" / "other.csv").write_text("here,what\n1,2\n3,4\n", encoding="utf-8")
    return tmp_path / "a paper"


def test_json_says_what_is_not_read_and_on_request_the_reading(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["audit", "--table", str(folder), "--json", "--show-reading"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert ".png" in said["lost"][0]
    assert list(said["unread"]) == ["other"]
    cells = {(r["table"], r["place"]): r["role"] for r in said["reading"]}
    assert cells["tables/table 1", "line 5, column 3"].startswith("standard error")
    assert run(["audit", "--table", str(folder), "--json"]) == 1
    assert "reading" not in json.loads(capsys.readouterr().out)


def test_sarif_has_what_its_schema_asks_for(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "found.SARIF"
    assert run(["audit", "--table", str(folder), "--out", str(out)]) == 1
    log: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    assert log["version"] == "2.1.0"
    (made,) = log["runs"]
    driver = made["tool"]["driver"]
    assert driver["name"]
    rules = [rule["id"] for rule in driver["rules"]]
    assert len(set(rules)) == len(rules)
    assert all(rule["shortDescription"]["text"] for rule in driver["rules"])
    assert made["results"]
    for result in made["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] in ("none", "note", "warning", "error")
        assert result["message"]["text"]
        (location,) = result["locations"]
        assert re.fullmatch(r"[\w%/.~-]+", location["physicalLocation"]["artifactLocation"]["uri"])
        assert all(one["name"] for one in location["logicalLocations"])
    (invocation,) = made["invocations"]
    assert invocation["executionSuccessful"] is True
    said = [one["message"]["text"] for one in invocation["toolExecutionNotifications"]]
    assert any(".png" in text for text in said)
    assert any("other" in text for text in said)


def test_a_kind_of_file_that_is_not_written_is_refused_before_anything_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["audit", "--table", str(tmp_path / "nowhere.csv"), "--out", "found.foo"]) == 2
    assert ".sarif" in capsys.readouterr().err


@pytest.mark.parametrize("fail_on", ["contradiction", "doubt", "never"])
def test_exit_codes(fail_on: str, folder: Path, tmp_path: Path) -> None:
    true = tmp_path / "true.csv"
    true.write_text(WRONG.replace("0.40*", "0.40") + NOTE, encoding="utf-8")
    assert run(["audit", "--table", str(folder), "--fail-on", fail_on]) == int(fail_on != "never")
    assert run(["audit", "--table", str(true), "--fail-on", fail_on]) == 0


def test_frames(folder: Path) -> None:
    found = ig.audit_table(folder)
    frame, cells = found.frame(), found.cells()
    assert frame.height == len(found.findings)
    assert {"key", "check", "grade", "table", "where", "sentence", "arithmetic", "cells", "innocent", "ask"} == set(
        frame.columns
    )
    assert cells.columns == ["table", "place", "text", "role"]
    wrong = frame.filter(frame["grade"] == "contradiction").row(0, named=True)
    places = set(cells.filter(cells["table"] == wrong["table"])["place"])
    assert set(wrong["cells"].split("; ")) <= places


def page_of(found: Review) -> Any:
    return html.fromstring(table_audit_page(found))


def test_the_page_links_every_finding_to_its_cells(folder: Path) -> None:
    found = audit_table(folder)
    page = page_of(found)
    ids = set(page.xpath("//@id"))
    assert {link.removeprefix("#") for link in page.xpath("//a/@href")} <= ids
    first = page.xpath("//ul[@class='first']/li")
    assert len(first) == sum(f.grade != "note" for f in found.findings)
    listed = page.xpath("//ol/li")
    assert len(listed) == len(found.findings)


def test_merged_headings_stay_merged_on_the_page(tmp_path: Path) -> None:
    rows = "<tr><th></th><th colspan=2>Sales</th></tr><tr><td></td><td>(1)</td><td>(2)</td></tr>"
    body = "<tr><td>x</td><td>0.5***</td><td>0.4***</td></tr><tr><td></td><td>(0.1)</td><td>(0.1)</td></tr>"
    (tmp_path / "a.html").write_text(f"<table>{rows}{body}</table>", encoding="utf-8")
    page = page_of(audit_table(tmp_path / "a.html"))
    assert page.xpath("//td[@colspan='2']/text()") == ["Sales"]
    assert {sum(int(td.get("colspan", "1")) for td in row) for row in page.xpath("//tr")} == {3}


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "t.csv"
    table.write_text("variable,stat,(1)\nmarket,b,0.04*\nmarket,t,0.56\nN,,1000\n", encoding="utf-8")
    assert run(["audit", "--table", str(table), "--out", str(tmp_path / "found.csv"), "--json"]) == 1
    shown = json.loads(capsys.readouterr().out)
    assert [f["check"] for f in shown["findings"]] == ["stars"]
    assert "needs |t| of at least 1.64" in (tmp_path / "found.csv").read_text(encoding="utf-8")
    assert run(["audit", "--table", str(table), "--fail-on", "never", "--show-reading"]) == 0
    shown = capsys.readouterr().out
    assert "contradiction (1)" in shown
    assert "0.56: t statistic of market" in shown
    assert run(["audit", "--table", str(table), "--out", str(tmp_path / "found.sarif")]) == 1
    (result,) = json.loads((tmp_path / "found.sarif").read_text(encoding="utf-8"))["runs"][0]["results"]
    assert (result["level"], result["ruleId"]) == ("error", "stars")
    assert run(["audit", "--table", str(table), "--out", str(tmp_path / "found.html")]) == 1
    page = (tmp_path / "found.html").read_text(encoding="utf-8")
    assert 'class="coefficient contradiction"' in page
    assert run(["audit", "--text", str(table)]) == 2
    assert run(["audit"]) == 2


def test_a_folder_of_pages_has_an_index_with_a_verdict_per_document(folder: Path, tmp_path: Path) -> None:
    (folder / "right.csv").write_text(WRONG.replace("0.40*", "0.80*") + NOTE, encoding="utf-8")
    out = tmp_path / "pages"
    assert run(["audit", "--table", str(folder), "--out", str(out)]) == 1
    index = html.fromstring((out / "index.html").read_text(encoding="utf-8"))
    links = index.xpath("//table//a/@href")
    assert sorted(p.name for p in out.iterdir()) == sorted([*links, "index.html"])
    contradictions = {row[0]: row[4] for row in ([c.text_content() for c in r] for r in index.xpath("//tbody/tr"))}
    assert contradictions == {"other.csv": "0", "right.csv": "0", "tables/table 1.csv": "1"}
    assert ".png" in index.text_content()  # the file that is no table is named
    pages = {link: html.fromstring((out / link).read_text(encoding="utf-8")) for link in links}
    assert [len(p.xpath("//h2")) for p in pages.values()] == [1, 1, 1]
    for page in pages.values():
        ids = {"index.html", *(f"#{i}" for i in page.xpath("//@id"))}
        assert set(page.xpath("//a/@href")) <= ids
