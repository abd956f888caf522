"""Print the report from the stored results only; this is the last step of a run."""

from __future__ import annotations

from pathlib import Path

from integrade.report.earlier import NOTE, Earlier, earlier_in
from integrade.study.data.tables import keep
from integrade.study.fronts import front_of, run_details
from integrade.study.printed import write_report
from integrade.study.reasons import latest_first
from integrade.study.seals import damage
from integrade.study.setting import Folders, Setting
from integrade.study.steps import key_of_this_step
from integrade.study.stored_audit import stored_audit
from integrade.study.stored_results import results_from
from plainwords.account import Account, Entry
from rawcells import doors


def run(at: Setting, out: Path, done: Folders) -> None:
    """Write the report in the study's formats and language; warnings of the writers are added to the account.

    The explorer of the page has the versions of the audit in the study folder, if there is one. Figures that did not
    change are taken from the last report in the store.
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
        earlier=_figures_of_the_last_report(done["models"].parent),
    )
    notes = [Entry("report", "report", "warning", sentence, 0) for sentence in sentences]
    keep(out, Account(tuple(notes)), {})


def _figures_of_the_last_report(store: Path) -> Earlier:
    """Return the figures of the newest undamaged report in the store; of none for a first report."""
    folders = (note.parent for note in latest_first(store.glob(f"report-*/{NOTE}")))
    return next((earlier_in(folder) for folder in folders if not damage(folder)), Earlier())
