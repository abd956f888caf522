"""Findings as a list that pipelines read: SARIF 2.1.0, one rule a check, one result a finding."""

from __future__ import annotations

from typing import Any

from integrade.published.findings import Finding, Review

_LEVELS = {"contradiction": "error", "doubt": "warning", "note": "note"}


def to_sarif(review: Review) -> dict[str, Any]:
    """The findings as a SARIF log; places in a table are logical locations, its file the artifact."""
    files = {t.name: t.grid.file for t in review.tables}
    rules = sorted({f.check for f in review.findings})
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "integrade audit --table", "rules": [{"id": r} for r in rules]}},
                "results": [_result(f, files.get(f.table, "")) for f in review.findings],
            }
        ],
    }


def _result(finding: Finding, file: str) -> dict[str, Any]:
    places = [{"name": place, "fullyQualifiedName": f"{finding.table}, {place}"} for place in finding.cells]
    location: dict[str, Any] = {"logicalLocations": places or [{"name": finding.table}]}
    if file:
        location["physicalLocation"] = {"artifactLocation": {"uri": file}}
    told = {k: v for k in ("arithmetic", "innocent", "ask") if (v := getattr(finding, k))}
    return {
        "ruleId": finding.check,
        "level": _LEVELS[finding.grade],
        "message": {"text": f"[{finding.table}{', ' + finding.where if finding.where else ''}] {finding.sentence}"},
        "locations": [location],
        "properties": {
            **told,
            "numbers": {k: v for k, v in finding.numbers.items() if v == v and abs(v) != float("inf")},
        },
    }
