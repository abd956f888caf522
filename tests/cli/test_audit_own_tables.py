"""The tables of our own reports, in every format, give no accusation: they were computed, not typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from integrade.cli import run
from integrade.published import audit_table
from studies import run_folder


@pytest.mark.slow
def test_tables_of_the_demo_give_no_finding_but_notes(tmp_path: Path) -> None:
    assert run(["demo", str(tmp_path / "demo"), "--quiet"]) == 0
    chinese = tmp_path / "zh"
    words = ["--language", "zh", "--format", "html,docx,pdf,tex,md", "--out", str(chinese)]
    assert run(["report", str(tmp_path / "demo"), *words]) == 0
    for report in (run_folder(tmp_path / "demo") / "report", chinese):
        _check(report)


def _check(report: Path) -> None:
    documents = [*sorted((report / "tables").iterdir()), *report.glob("report.*")]
    assert {d.suffix for d in documents} >= {".md", ".tex", ".docx", ".html", ".pdf"}
    for document in (report / "tables", *(d for d in documents if d.stem == "report")):
        found = [f for f in audit_table(document).findings if f.grade != "note"]
        assert not found, (document.name, found[0].sentence)
