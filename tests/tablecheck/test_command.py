"""`python -m tablecheck`, the command of the package without integrade."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from each import each
from rawcells.errors import Unreadable
from tablecheck import audit_table
from tablecheck.accepting import read_accepted


def tablecheck(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "tablecheck", *words], capture_output=True, text=True, check=False)


def test_the_exit_code_says_what_was_found_and_the_formats_hold_it(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("variable,stat,(1)\nmarket,b,0.04*\nmarket,t,0.56\nN,,1000\n", encoding="utf-8")
    text = tablecheck(str(table))
    assert (text.returncode, text.stderr) == (1, "")
    assert "contradiction (1)" in text.stdout
    stored = json.loads(tablecheck(str(table), "--format", "json").stdout)
    assert [finding["check"] for finding in stored["findings"]] == ["stars"]
    lost = tablecheck(str(tmp_path / "lost.csv"))
    assert lost.returncode == 2
    assert lost.stderr.startswith("U104 ")
    table.write_bytes(b"a,b\n" + "\u4e2d\u56fd,1\n".encode("gb18030") + "\u4e2d\u56fd,2\n".encode())
    damaged = tablecheck(str(table))
    assert damaged.returncode == 2, "1 is for contradictions"
    assert "UTF-8" in damaged.stderr
    assert "encoding=" not in damaged.stderr, "there is no such option"


WRONG = "variable,stat,(1)\nmarket,b,0.04*\nmarket,t,0.56\nN,,1000\n"


def test_a_settled_finding_does_not_count_and_is_shown_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(WRONG, encoding="utf-8")
    (finding,) = json.loads(tablecheck(str(tmp_path / "t.csv"), "--format", "json").stdout)["findings"]
    settled = tmp_path / "settled.toml"
    reasons = f'[[accepted]]\nfinding = "{finding["key"]}"\nreason = "corrected in print"\n'
    settled.write_text(reasons, encoding="utf-8")
    done = tablecheck(str(tmp_path / "t.csv"), "--accept", str(settled))
    assert (done.returncode, done.stderr) == (0, "")
    assert "settled (1)" in done.stdout
    assert "corrected in print" in done.stdout
    (tmp_path / "t.csv").write_text(WRONG.replace("0.56", "0.57"), encoding="utf-8")
    changed = tablecheck(str(tmp_path / "t.csv"), "--accept", str(settled))
    assert changed.returncode == 1, "a finding with other numbers is another finding"
    assert f"the settled finding {finding['key']} no longer occurs" in changed.stdout


@each(
    ("content", "said"),
    [
        ("accepted = 1\n", "only entries of [[accepted]]"),
        ('[[accepted]]\nfinding = "3f2a9c1e"\n', "entry 1 needs finding and reason"),
        ('[[accepted]]\nfinding = "3f2a9c1e"\nreason = " "\n', "entry 1 has an empty finding or reason"),
        ('[[accepted]]\nfinding = "a"\nreason = "b"\n' * 2, "entry 2 settles finding a a second time"),
        ("[[accepted\n", "not a TOML file"),
    ],
)
def test_a_file_of_settled_findings_without_reasons_is_refused(content: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "settled.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(Unreadable) as refused:
        read_accepted(path)
    assert said in str(refused.value)


def test_several_documents_have_a_verdict_each(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(WRONG, encoding="utf-8")
    (tmp_path / "u.csv").write_text(WRONG.replace("0.04*", "0.04"), encoding="utf-8")
    review = audit_table(tmp_path)
    assert [(v.coefficients, v.contradictions) for v in review.verdicts()] == [(1, 1), (1, 0)]
    assert "u.csv: no contradiction or doubt about its numbers (1 table, 1 coefficient)" in str(review)
    assert review.checked["compared coefficients"] == 1
    assert review.checked["contradicting coefficients"] == 1


def test_sarif_points_at_the_lines_of_a_text_file_and_names_each_finding(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(WRONG, encoding="utf-8")
    log = json.loads(tablecheck(str(tmp_path / "t.csv"), "--format", "sarif").stdout)
    (result,) = log["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 2, "endLine": 3}
    (finding,) = json.loads(tablecheck(str(tmp_path / "t.csv"), "--format", "json").stdout)["findings"]
    assert result["partialFingerprints"] == {"tablecheck/v1": finding["key"]}


def test_captioned_tables_that_are_not_read_are_counted_and_change_the_exit_code(tmp_path: Path) -> None:
    path = tmp_path / "t.md"
    table = "Table 1. Prices\n\n| | (1) | (2) |\n|---|---|---|\n| Size | 0.5 | 0.4 |\n| | (0.1) | (0.2) |\n"
    words = "\nTable 2. Definitions\n\n| Name | Meaning |\n|---|---|\n| Size | sales |\n| Age | years |\n"
    path.write_text(table + words, encoding="utf-8")
    assert tablecheck(str(path)).returncode == 0, "a table of words has nothing to check"
    path.write_text(table + words + "\nTable 3 shows more.\n\nTable A.4: Exports\n\nAn image.\n", encoding="utf-8")
    done = tablecheck(str(path))
    assert done.returncode == 4
    assert "not read: t.md: Captioned and not read: 1 of 3 tables (Table A.4)." in done.stdout


def test_a_damaged_file_in_a_folder_leaves_the_results_of_the_others(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(WRONG.replace("0.04*", "0.04"), encoding="utf-8")
    (tmp_path / "b.pdf").write_bytes(b"broken")
    done = tablecheck(str(tmp_path))
    assert done.returncode == 4
    assert "not read: b.pdf: " in done.stdout
    assert "b.pdf is not a pdf file" in done.stdout
    assert "coefficients 1" in done.stdout
    (tmp_path / "a.csv").write_text(WRONG, encoding="utf-8")
    assert tablecheck(str(tmp_path)).returncode == 1
    assert tablecheck(str(tmp_path / "a.csv"), str(tmp_path / "b.pdf")).returncode == 2
