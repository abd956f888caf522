"""The Word report as LibreOffice lays it out."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

import report_example as example
from integrade.report.tables import all_tables
from integrade.report.word import to_word

pytestmark = pytest.mark.full


@pytest.mark.skipif(shutil.which("soffice") is None, reason="soffice is not installed")
@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
def test_word_report_opens_and_keeps_numbers_whole(tmp_path: Path) -> None:
    (tmp_path / "report.docx").write_bytes(to_word(all_tables(example.study()), title="Report"))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path)]
    subprocess.run([*command, str(tmp_path / "report.docx")], check=True, capture_output=True, timeout=180)
    shown = subprocess.run(
        ["pdftotext", "-layout", str(tmp_path / "report.pdf"), "-"], check=True, capture_output=True, text=True
    )
    for whole in ("0.000472", "594,596", "9,314,112", "[3.404, 4.346]", "-0.228***", "c.Market#c.Market, CR1 region"):
        assert whole in shown.stdout  # no column is so narrow that its numbers break
