"""A checker of do-files: the commands that the export writes, by the grammar of Stata's manual.

Checked: every line is a comment or one of `COMMANDS` with its own form; names of variables are valid, not reserved, and
exist where they are used; quotes and parentheses match; no macro, no line beyond Stata's limit, labels of at most 80
characters; numbers read as numbers. Not checked: what the commands do (no Stata here), and any other command of Stata.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from integrade.study.variable_names import taken_by_a_language

LINE = 264_408
NAME = r"[^\W\d]\w{0,31}"
NUMBER = r"-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|-?inf|nan"
FORMS = {
    "comment": re.compile(r"\*.*"),
    "version": re.compile(r"version \d+"),
    "use": re.compile(r"use [\w.]+\.dta, clear"),
    "keep": re.compile(rf"keep if ({NAME}) == 1"),
    "egen": re.compile(rf"egen long ({NAME}) = group\(({NAME}(?: {NAME})*)\)"),
    "gen": re.compile(rf"gen double ({NAME}) = (.+)"),
    "label": re.compile(rf'label variable ({NAME}) "([^"`$]{{0,80}})"'),
    "regression": re.compile(
        rf"(reghdfe|regress) ({NAME}(?: {NAME})*)(?:, ?((?:absorb\({NAME}(?: {NAME})*\)|vce\(robust\)|"
        rf"vce\(cluster {NAME}\)|keepsingletons)(?: (?:absorb\(|vce\(|keepsingletons)[^,]*)*))?"
    ),
    "panel": re.compile(rf"xtset ({NAME})"),
    "within": re.compile(rf"xtreg ({NAME}(?: {NAME})*)((?: i\.{NAME})*), fe(?: vce\(cluster ({NAME})\))?"),
    "rows": re.compile(r"assert e\(N\) == \d+"),
    "number": re.compile(rf"assert reldif\(_(?:b|se)\[({NAME})\], (?:{NUMBER})\) < 1e-6"),
    "display": re.compile(r'display "[^"`$]*"'),
}
FACTOR = re.compile(rf"(?:ln\(({NAME})\)|({NAME}))(?:\^\d+)?")


def mistakes(text: str, columns: set[str]) -> Iterator[str]:
    """What is wrong with a do-file that uses a table with these columns, line by line."""
    known, fitted = set(columns), set[str]()
    for number, line in enumerate(text.split("\n"), start=1):
        found = next(((kind, m) for kind, form in FORMS.items() if (m := form.fullmatch(line))), None)
        if found is None:
            if line:
                yield f"{number}: no command of the export: {line}"
            continue
        kind, match = found
        yield from (f"{number}: {what}: {line[:80]}" for what in _signs(kind, line))
        if kind == "regression":
            fitted = set(match[2].split())
        if kind == "within":
            fitted = {*match[1].split(), "_cons"}
        if kind == "number" and match[1] not in fitted:
            yield f"{number}: {match[1]} is not in the regression"
        yield from (f"{number}: no variable {name}" for name in _used(kind, match) if name not in known)
        if kind in ("egen", "gen"):
            if match[1] in known or taken_by_a_language(match[1]):
                yield f"{number}: {match[1]} exists or is reserved"
            known.add(match[1])


def _signs(kind: str, line: str) -> Iterator[str]:
    """What no line may hold."""
    if "`" in line or "$" in line:
        yield "a macro"
    if kind == "comment" and re.search(r"/\*|\*/|///", line):
        yield "a comment within a comment"
    if len(line) > LINE:
        yield "too long"


def _used(kind: str, match: re.Match[str]) -> list[str]:
    """The variables that a command takes; of a product that is none, its text."""
    if kind in ("keep", "label", "panel"):
        return [match[1]]
    if kind == "within":
        return [*match[1].split(), *re.findall(rf"i\.({NAME})", match[2]), *([match[3]] if match[3] else [])]
    if kind == "egen":
        return match[2].split()
    if kind == "gen":
        factors = [FACTOR.fullmatch(part) for part in match[2].split(" * ")]
        return [(f[1] or f[2]) if f else match[2] for f in factors]
    if kind == "regression":
        options = re.sub(r"\b(absorb|vce|cluster|robust|keepsingletons)\b", " ", match[3] or "")
        return [*match[2].split(), *re.findall(NAME, options)]
    return []
