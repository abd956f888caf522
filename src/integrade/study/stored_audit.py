"""The audit that lies beside a study, which the page of its report has switches over."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from integrade.engine import doors
from integrade.study.inputs import audit_files
from integrade.study.records import MISFITS, from_json
from integrade.subjects.audit.page_switching import AUDIT
from integrade.subjects.audit.switches import Audit
from integrade.wording.texts import say


def stored_audit(root: Path, tell: Callable[[str], None] = lambda _: None) -> Audit | None:
    """The audit that ``integrade audit`` left beside the study; nothing where there is none, or none that is read.

    ``tell`` is given why a file is not read.
    """
    for file in audit_files(root):
        try:
            return from_json(Audit, doors.read_text(file))
        except (*MISFITS, OSError) as problem:
            why = type(problem).__name__
            tell(say("switches.unreadable", file=str(file), why=why, audit=AUDIT))
    return None
