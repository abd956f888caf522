"""What a study found out about its links between registers, as the record its report reads."""

from __future__ import annotations

from dataclasses import dataclass

from integrade.panel.audit_links import LinkReport
from integrade.panel.identity import RuleCount
from integrade.panel.review_links import Threshold


@dataclass(frozen=True)
class MatchStudy:
    """How exporters found their accounts, and how firms were followed over time, where the study did either."""

    report: LinkReport | None = None
    identity: tuple[RuleCount, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    threshold: float | None = None
