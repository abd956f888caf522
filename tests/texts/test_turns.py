"""No sentence that users read has a turn that an applied economist would not write.

The list holds archaic and word-by-word turns that once stood in reports ("stands on the sentence", "as many count",
"the own index"). Each is looked for in every message of both catalogues, in the errors of the code, in the README and
in the manual.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from each import each

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"

ENGLISH = (
    r"\bthe one door\b",
    r"\bbeside the own\b|\bthe own (index|price|region|component)\b",
    r"\blives? on\b",
    r"\bstands? (on the sentence|beside each|behind it|in its place)\b",
    r"\bdrawn towards zero\b",
    r"\bas many count\b|\bclusters count as\b|\bas [{} $\w.]+ equal ones would\b",
    r"\bthrough what it acts\b",
    r"\bwas not drawn\b|\bnot drawn \(|: not drawn\b",
    r"\bdoes without (it|them)\b",
    r"\bsays nothing\b|\bsay nothing\b|\bnothing is said\b",
    r"\bis to be read\b|\bare to be read\b",
    r"\btakes? (every|each) row for\b",
    r"\bone effect (of [^.;]* )?in all groups\b",
    r"\bis what (they|it) can say\b",
    r"\brises and then falls in\b|\bfalls and then rises in\b",
    r"; its standard errors are\b",
    r"\bwould be expected to correlate\b",
    r"\bwhat is left of (the )?treatment\b",
    r"\bhas its level\b|\bhave their level\b",
    r"\bchanged regressions\b",
    r"\b(lies?|lay) past\b",
    r"\bmore of it (raises|lowers)\b",
    r"\bdealt anew\b",
    r"\bfor good\b(?! k)",
    r"\bin the place of a\b",
    r"\bheld the (truth|true|effect|slopes|turning)\b|\bholds? the truth\b",
    # German syntax in English words: "is no number" for "is not a number", "goes by firm" for "is by firm"
    r"(?<!there )\b(is|are) no (region|column|number|regressor|workbook|unit|province|period|formula)s?\b",
    r"\bgoes by (firm|variety|region)\b",
    r"\b(do|does) not tell\b|\b(is|are) not told\b|\bsays? (its|the) basis\b|\bsay it:",
    r"\bstands? (twice|once|behind|side by side|in its|among|in the file|in backticks)\b",
    # words that the field has terms for: reversed, discarded, correct, national total, lag, weight matrix
    r"\bundone\b|\b(gives?|gave) way to\b|\bmend(s|ed)?\b|\bwhole nation\b|\bof the year before; missing\b",
    r"\b(as|the way) (Excel|Stata) counts\b|(?<!judging )\bby the (name|numbers)$|\bare drawn, so\b",
    r"\bagree in (as much|more)\b|\bagrees in more\b|\bfinds nobody\b|\blink nobody\b",
    r"\bclusters of (region|firm|\{ \$dimension)|\bsmall-sample rule as\b",
    r"\bnot to be trusted\b|\bthe door\b|\bdoes not live\b|\brefuses who\b|\btells why\b",
    r"\bas a whole they look\b|\bbeside the values filled\b|\bfor being new\b",
)
CHINESE = (r"野自助", r"向零偏移", r"那句话", r"没有一个天然", r"延续性", r"让位于", r"小样本规则", r"一齐")


def messages(language: str) -> Iterator[tuple[str, str]]:
    for path in sorted(SOURCE.rglob(f"{language}/*.ftl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            yield f"{path.name}:{number}", line


def errors() -> Iterator[tuple[str, str]]:
    """The texts that an exception of the code is made with: what happened and the remedy."""
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                for part in ast.walk(node.exc):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        yield f"{path.relative_to(SOURCE)}:{part.lineno}", part.value


def pages() -> Iterator[tuple[str, str]]:
    """The README and the manual."""
    docs = ROOT / "docs"
    for path in (ROOT / "README.md", *sorted(docs.glob("*.md")), *sorted(docs.glob("[!_]*/*.md"))):
        if path.name == "certification.md":
            continue  # a record of past runs: the labels of its tables are those of the stored results
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            yield f"{path.relative_to(ROOT)}:{number}", line


@cache
def said(language: str) -> tuple[tuple[str, str], ...]:
    """All that a user reads in a language, with its place; read once for all turns."""
    return (*messages(language), *errors(), *pages()) if language == "en" else tuple(messages(language))


def found(turn: str, lines: Iterable[tuple[str, str]]) -> list[str]:
    return [f"{where}: {text.strip()}" for where, text in lines if re.search(turn, text, flags=re.IGNORECASE)]


@each("turn", ENGLISH)
def test_english_sentences_have_no_turn_that_an_economist_would_not_write(turn: str) -> None:
    assert found(turn, said("en")) == []


@each("turn", CHINESE)
def test_chinese_sentences_use_the_terms_of_the_field(turn: str) -> None:
    assert found(turn, said("zh")) == []
