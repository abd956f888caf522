"""Print the report from the stored results only; this is the last step of a run."""

from __future__ import annotations

from pathlib import Path

from integrade.study.data.tables import keep
from integrade.study.fronts import front_of, run_details
from integrade.study.printed import write_report
from integrade.study.setting import Folders, Setting
from integrade.study.steps import key_of_this_step
from integrade.study.stored_audit import stored_audit
from integrade.study.stored_results import results_from
from plainwords.account import Account, Entry
from rawcells import doors


def run(at: Setting, out: Path, done: Folders) -> None:
    """Write the report in the study's formats and language; warnings of the writers are added to the account.

    The explorer of the page has the versions of the audit in the study folder, if there is one.
    """
    results = results_from(doors.read_text(done["models"] / "results.json"))
    sentences, asked = list[str](), at.study.report
    write_report(
        results,
        out,
        formats=asked.formats,
        language=asked.language,
        layout=asked.layout,
        shape=asked.shape,
        front=front_of(asked, run_details(key_of_this_step())),
        audit=stored_audit(at.root, sentences.append),
        tell=sentences.append,
    )
    notes = [Entry("report", "report", "warning", sentence, 0) for sentence in sentences]
    keep(out, Account(tuple(notes)), {})
