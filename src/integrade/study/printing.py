"""The last step: the report, printed from the results alone."""

from __future__ import annotations

from pathlib import Path

from integrade.engine import doors
from integrade.study.data.tables import keep
from integrade.study.printed import write_report
from integrade.study.setting import Folders, Setting
from integrade.study.stored_audit import stored_audit
from integrade.study.stored_results import results_from
from integrade.wording.account import Account, Entry


def run(at: Setting, out: Path, done: Folders) -> None:
    """Write it in the formats and the language of the study; what the writers warn of becomes a note.

    The page has switches over the audit that lies beside the study, where there is one.
    """
    results = results_from(doors.read_text(done["models"] / "results.json"))
    told, asked = list[str](), at.study.report
    write_report(
        results,
        out,
        formats=asked.formats,
        language=asked.language,
        layout=asked.layout,
        audit=stored_audit(at.root, told.append),
        tell=told.append,
    )
    notes = [Entry("report", "report", "warning", sentence, 0) for sentence in told]
    keep(out, Account(tuple(notes)), {})
