"""Read the audit in a study folder; the explorer of the report has its versions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from integrade.report.explorer.block import AUDIT
from integrade.study.inputs import audit_files
from integrade.study.records import MISFITS, from_json
from integrade.subjects.audit.switches import Audit
from plainwords.texts import say
from rawcells import doors


def stored_audit(root: Path, tell: Callable[[str], None] = lambda _: None) -> Audit | None:
    """Return the audit that ``integrade audit`` wrote into the study folder.

    Return None if no audit is stored, or if it cannot be read.

    ``tell`` receives the reason why a file cannot be read.
    """
    for file in audit_files(root):
        try:
            return from_json(Audit, doors.read_text(file))
        except (*MISFITS, OSError) as problem:
            why = type(problem).__name__
            tell(say("audit.unreadable", file=str(file), why=why, audit=AUDIT))
    return None
