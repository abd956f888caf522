"""Find the parts that a study has: an index, quality, a panel with its regressions.

Each part may be a study by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from integrade.errors import IntegradeError, UsageError
from integrade.study.config import Study
from integrade.study.lines import Lines
from integrade.study.measures import FAMILY_OF, families_of, has_index, has_quality
from integrade.subjects import questions

SECTIONS: Mapping[str, str] = {
    "prices": "[prices] with files = [...]",
    "integration": "[prices] with files = [...]",
    "quality": "[customs] with files = [...] and [quality] with sigma",
    "panel": "[panel] with files = [...], or [firms] beside [prices] and [customs]",
}
"""Step of the data -> the section to add if a study lacks the step."""


def has_panel(study: Study) -> bool:
    """Return whether the study has a panel and therefore regressions."""
    return study.firms is not None or study.panel is not None


def refuse_absent(step: str, steps: Collection[str]) -> None:
    """Raise `UsageError` for a step of the data that the study does not have, with the section that makes it."""
    if step not in steps:
        raise UsageError(f"the study has no step {step!r}", remedy=f"add {SECTIONS[step]}, or --to {[*steps][-1]}")


def require_panel(study: Study, what: str) -> None:
    """Raise `UsageError` if the study has no regression; ``what`` begins the message."""
    if not has_panel(study):
        raise UsageError(f"{what}, but the study has none", remedy=f"add {SECTIONS['panel']}")


def sections_beyond(step: str) -> frozenset[str]:
    """Return the sections of a study file that neither ``step`` nor an earlier step reads."""
    if step not in ("prices", "integration"):
        return frozenset()
    return frozenset({"customs", "firms", "quality", "truth", *of_regressions()})


def check_parts(study: Study, lines: Lines) -> Iterator[IntegradeError]:
    """Yield errors for sections whose tables the study lacks; each names the missing section."""
    if study.panel is not None:
        yield from _of_own_panel(study, lines)
        return
    if has_panel(study):
        yield from _of_the_benchmark(study, lines)
        return
    if not families_of(study):
        remedy = "a study has [prices] (an index), [customs] (quality), or both and [firms] (regressions)"
        yield UsageError(f"{lines.file} names no table of data", remedy=remedy)
    for family, there in (("integration", has_index(study)), ("quality", has_quality(study))):
        if _has_section(family, study, lines) and not there:
            what = f"{lines.place((family,), key=False)}: the study has no table from which this is measured"
            yield UsageError(what, remedy=f"add {SECTIONS[family]}, or leave [{family}] out")
    for name in of_regressions():
        if _has_section(name, study, lines):
            what = f"{lines.place((name,), key=False)}: this needs a regression, and the study has no accounts"
            yield UsageError(what, remedy=f"add {SECTIONS['panel']}, or leave [{name}] out")


def _of_own_panel(study: Study, lines: Lines) -> Iterator[IntegradeError]:
    """Yield errors for sections that conflict with a given panel: sources of a panel, and questions on measures."""
    for name in (*_MAKES_A_PANEL, *_OF_MEASURES):
        if _has_section(name, study, lines):
            what = f"{lines.place((name,), key=False)}: this section does not belong to a study with a finished [panel]"
            yield UsageError(what, remedy=f"leave [{name}] out, or give [firms] in place of [panel]")
    for section in FAMILY_OF:
        for i, version in enumerate(getattr(study, section)):
            if version.column is None:
                where = lines.place((section, i), key=False)
                what = f"{where}: a study with a finished [panel] computes no index and no quality"
                yield UsageError(what, remedy='name a column of the panel, column = "..."')


def _has_section(name: str, study: Study, lines: Lines) -> bool:
    """Return whether the file has the section and the study uses it."""
    return lines.has((name,)) and name in study.model_fields_set


def _of_the_benchmark(study: Study, lines: Lines) -> Iterator[IntegradeError]:
    """Yield errors if the benchmark uses the index or quality but the study lacks their tables."""
    chosen = study.regression
    columns = {chosen.outcome, chosen.treatment, *chosen.controls}
    for column, there, table, step in (
        ("market", has_index(study), "prices", "integration"),
        ("quality", has_quality(study), "customs", "quality"),
    ):
        if column in columns and not there:
            remedy = f"add {SECTIONS[step]}, or name another column in [regression]"
            yield UsageError(
                f"key {table!r} is missing from {lines.file}, by which {column!r} is measured", remedy=remedy
            )


_ADDED = ("covariates", "ratios", "education", "deflators", "tfp", "controls")
"""Sections that add columns to the accounts."""
_REGISTERS = ("identity", "exporters", "matching", "links")
"""Sections that identify firms."""
_BESIDE_ACCOUNTS = (*_ADDED, "winsor", "regression", "curve", "hypotheses", *_REGISTERS)
"""Sections about the panel or its regressions."""
_MAKES_A_PANEL = (
    *("prices", "flows", "output", "gdp", "survey", "customs", "firms", "integration", "quality"),
    *_ADDED,
    *_REGISTERS,
)
"""Sections from which a panel is made."""
_OF_MEASURES = ("noise", "row_level", "truth")
"""Questions about how the index and quality were measured."""


def of_regressions() -> tuple[str, ...]:
    """Return the sections that are about a regression."""
    asked = tuple(q.name for q in questions() if q.options is not None and q.name not in FAMILY_OF)
    return (*asked, *FAMILY_OF, *_BESIDE_ACCOUNTS)
