"""Write findings as SARIF 2.1.0, which pipelines can read: one rule for each check, one result for each finding."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from tablecheck import __version__
from tablecheck.findings import Finding, Review

_LEVELS = {"contradiction": "error", "doubt": "warning", "note": "note"}


def to_sarif(review: Review) -> dict[str, Any]:
    """Convert the findings to a SARIF log.

    Positions in a table are logical locations, and the file of the table is the artifact. Doubts about the reading,
    tables that could not be read, and files left out are notifications of the run.
    """
    files = {t.name: t.grid.file for t in review.tables}
    rules = sorted({f.check for f in review.findings})
    doubts = [f"reading of {table}: {'; '.join(why)}" for table, why in review.doubts.items() if why]
    doubts += [f"not read: {table}: {why}" for table, why in review.unread.items()]
    doubts += [f"not read: {why}" for why in (*review.lost, *review.missed)]
    notifications = [{"level": "warning", "message": {"text": text}} for text in doubts]
    descriptions = [{"id": name, "shortDescription": {"text": f"The check of {name}"}} for name in rules]
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "tablecheck", "version": __version__, "rules": descriptions}},
                "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": notifications}],
                "results": [_result(f, files.get(f.table, ""), rules) for f in review.findings],
            }
        ],
    }


def _region(places: Sequence[str]) -> dict[str, Any]:
    """Return the lines of a text file that the cells of a finding are on; nothing for documents without lines."""
    lines = [int(m[1]) for place in places if (m := re.match(r"line (\d+)", place))]
    return {"region": {"startLine": min(lines), "endLine": max(lines)}} if lines else {}


def _result(finding: Finding, file: str, rules: Sequence[str]) -> dict[str, Any]:
    """Convert a finding to a result; ``rules`` are the names of all checks in their order."""
    places = [{"name": place, "fullyQualifiedName": f"{finding.table}, {place}"} for place in finding.cells]
    location: dict[str, Any] = {"logicalLocations": places or [{"name": finding.table}]}
    if file:
        location["physicalLocation"] = {"artifactLocation": {"uri": quote(file)}, **_region(finding.cells)}
    details = {k: v for k in ("arithmetic", "innocent", "ask") if (v := getattr(finding, k))}
    return {
        "ruleId": finding.check,
        "partialFingerprints": {"tablecheck/v1": finding.key},
        "ruleIndex": rules.index(finding.check),
        "level": _LEVELS[finding.grade],
        "message": {"text": f"[{finding.table}{', ' + finding.where if finding.where else ''}] {finding.sentence}"},
        "locations": [location],
        "properties": {
            **details,
            "numbers": {k: v for k, v in finding.numbers.items() if v == v and abs(v) != float("inf")},
        },
    }
