"""Make the head of a report: author, date and abstract from study.toml, and the run with its versions."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from integrade.report.document import Front
from integrade.study.config import Report
from integrade.study.seals import versions_here


def front_of(asked: Report, run: Mapping[str, str]) -> Front:
    """Return the head of a report.

    The date is that of ``[report] date`` or, without it, of the variable SOURCE_DATE_EPOCH (seconds since 1970, UTC).
    Without both there is no date, so that the same inputs give the same bytes.
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    date = asked.date or (datetime.fromtimestamp(int(epoch), UTC).date().isoformat() if epoch.isdecimal() else "")
    return Front(asked.author, date, asked.abstract, run)


def run_of(name: str, manifest: Mapping[str, Any]) -> dict[str, str]:
    """Return the name of a run and the versions that made it."""
    libraries = ", ".join(f"{library} {version}" for library, version in manifest["libraries"].items())
    return {"run": name, "integrade": manifest["integrade"], "python": manifest["python"], "libraries": libraries}


def run_details(key: str) -> dict[str, str]:
    """Return what `run_of` will return for the run that is printed now; ``key`` is the key of its last step."""
    told = dict(versions_here())
    manifest = {"integrade": told.pop("integrade"), "python": told.pop("python"), "libraries": told}
    return run_of(key[:10], manifest)
