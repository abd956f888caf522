"""English text of a report as Chinese, sentence by sentence, by one table of words.

``chinese.toml`` holds English templates and their Chinese. ``{x}`` stands for anything, which is translated in its turn
where the table knows it; numbers, labels of the study and names in its data stay as they are. A sentence that the table
does not know is cut at its ends, semicolons and commas; what is still unknown stays English (a test finds it).
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

from integrade.geography import PROVINCES
from integrade.sources.goods import GOODS

ENGLISH = re.compile(r"[A-Za-z]{2,}")
SENTENCES = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"'(*|\d])")
HOLE = re.compile(r"\{(\w+)\}")
NUMBER = r"[^\s;:()\[\]]*\d[^\s;:()\[\],.]*(?: %)?"
WEAK, LONG = 9, 15  # letters of a template
NAME = re.compile(r"[\w.^#/=()*\u4e00-\u9fff-]+")
LATIN = re.compile(r"[A-Za-z]*[a-z]{2,}[A-Za-z]*")
CLAUSE = re.compile("[;:] ")
KIND = re.compile(r"(note|in|out|dropped|merged|clipped|filled): (.+)", re.DOTALL)
EXAMPLE = re.compile(r"(.+) \(e\.g\. (.+)\)", re.DOTALL)
OPTIONS = re.compile(r"settings: (\w+=.+)", re.DOTALL)
TERMS = (
    re.compile(r"(c\.)(.+)(#c\.)(.+)"),
    re.compile(r"([LF]\d*\.)(.+)"),
    re.compile(r"(\(?\d+\)? )(.+)"),
    re.compile(r"(.+)(\^2)"),
    re.compile(r"(.+)( \([AB]\))"),
)
"""Names of terms: a square, a lag, one with a number before it, a half of the goods."""


class Template(NamedTuple):
    """A sentence with holes: its longest literal (to look for first), its pattern, and its Chinese.

    One of few letters fits almost anything: what is in its holes must then be known, and be no clause of its own.
    """

    literal: str
    pattern: re.Pattern[str]
    chinese: str
    letters: int


@dataclass(frozen=True)
class Catalogue:
    """Whole texts, templates (the longest first), the fields of figures by name, Latin words that Chinese keeps."""

    exact: dict[str, str]
    templates: tuple[Template, ...]
    fields: dict[str, str]
    latin: frozenset[str]


@cache
def catalogue() -> Catalogue:
    """The table of words."""
    text = (files("integrade.report") / "chinese.toml").read_text(encoding="utf-8")
    sections: dict[str, dict[str, str]] = tomllib.loads(text)
    fields = sections.pop("fields")
    pairs = {english: chinese for section in sections.values() for english, chinese in section.items()}
    names = {others[0]: chinese for chinese, others in GOODS.items()}
    names |= {name: p.chinese_short for p in PROVINCES for name in (p.english, p.pinyin)}
    exact = names | {e: c for e, c in pairs.items() if not HOLE.search(e)}
    holed = [e for e in pairs if HOLE.search(e)]
    latin = frozenset(word for chinese in pairs.values() for word in LATIN.findall(HOLE.sub("", chinese)))
    ordered = sorted(holed, key=lambda e: (-len(HOLE.sub("", e)), e))
    return Catalogue(exact, tuple(_template(e, pairs[e]) for e in ordered), fields, latin)


def _template(english: str, chinese: str) -> Template:
    parts, seen = [], set[str]()
    at = 0
    for hole in HOLE.finditer(english):
        name = hole[1]
        inside = NUMBER if name.startswith("n") else ".*?"
        parts += [re.escape(english[at : hole.start()]), f"(?P={name})" if name in seen else f"(?P<{name}>{inside})"]
        seen.add(name)
        at = hole.end()
    parts.append(re.escape(english[at:]))
    literal = max(HOLE.sub("\0", english).split("\0"), key=len)
    letters = sum(c.isalpha() for c in HOLE.sub("", english))
    return Template(literal, re.compile("".join(parts), re.DOTALL), chinese, letters)


def in_chinese(text: str, keep: frozenset[str] = frozenset()) -> str:
    """The text in Chinese as far as the table of words knows it; ``keep`` are names that stay as they are."""
    return _translated(text, keep).replace("。\b", "").replace("\b", "")


def translated(text: str, language: str) -> str:
    """One text in the language of the report."""
    return text if language == "en" else in_chinese(text)


@lru_cache(maxsize=20_000)
def _translated(text: str, keep: frozenset[str]) -> str:
    bare = text.strip()
    if not ENGLISH.search(bare) or bare in keep:
        return text
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    found = _framed(bare, keep) or _known(bare, keep)
    if found is None:
        found = _of_sentences(bare, keep)
    return before + found + after if found is not None else text


def _framed(text: str, keep: frozenset[str]) -> str | None:
    """A line of an account: its kind before it, an example after it, options as they are."""
    kind, example, options = (pattern.fullmatch(text) for pattern in (KIND, EXAMPLE, OPTIONS))
    if kind:
        return f"{_translated(kind[1], keep)}：{_translated(kind[2], keep)}"
    if example:
        return f"{_translated(example[1], keep)}（例如 {example[2]}）"
    return f"设定：{options[1]}" if options else None


def _known(text: str, keep: frozenset[str]) -> str | None:
    """A whole text or one template, at its full length; the first letter may be a capital, a full stop may be added."""
    words, forms = catalogue(), _forms(text)
    for form, end in forms:
        if form in words.exact:
            return words.exact[form] + end
    for template in words.templates:
        for form, end in forms:
            match = template.pattern.fullmatch(form) if template.literal in form else None
            filled = _filled(match, template, keep) if match else None
            if filled is not None:
                return filled + end
    return None


def _filled(match: re.Match[str], template: Template, keep: frozenset[str]) -> str | None:
    """The Chinese of a template with its holes filled; nothing where a hole holds more than belongs into it."""
    inside = match.groupdict()
    if any(SENTENCES.search(t) or (template.letters <= LONG and CLAUSE.search(t)) for t in inside.values()):
        return None
    made = {name: _translated(text, keep).strip() for name, text in inside.items()}
    if template.letters <= WEAK and not all(_is_done(text, keep) for text in made.values()):
        return None
    return HOLE.sub(lambda hole: made[hole[1]], template.chinese)


def _is_done(text: str, keep: frozenset[str]) -> bool:
    """Whether nothing in the text waits for a translation: no English, a name, or one word that may be one."""
    waiting = [word for word in LATIN.findall(text) if word not in catalogue().latin]
    return not waiting or text in keep or NAME.fullmatch(text.strip()) is not None


def _forms(text: str) -> list[tuple[str, str]]:
    """The text as it is, with a small first letter, without its full stop: and what ends each in Chinese."""
    forms = [(text, "")]
    if len(text) > 1 and text[0].isupper() and text[1].islower():
        forms.append((text[0].lower() + text[1:], ""))
    if text.endswith(".") and not text.endswith(".."):
        forms += [(form[:-1], "。") for form, _ in list(forms)]
    elif ENGLISH.search(text):
        forms.append((text + ".", "\b"))
    return forms


def _of_sentences(text: str, keep: frozenset[str]) -> str | None:
    """The longest runs of sentences that are known, each translated; nothing where there is no way to cut."""
    pieces = SENTENCES.split(text)
    if len(pieces) == 1:
        return _of_clauses(text, keep)
    done: list[str] = []
    at = 0
    while at < len(pieces):
        for end in range(len(pieces), at, -1):
            run = " ".join(pieces[at:end])
            found = _known(run, keep) if end - at > 1 or run != text else None
            if found is None and end == at + 1:
                found = _of_clauses(run, keep) or run
            if found is not None:
                done.append(found)
                at = end
                break
    return "".join(done)


CUTS = (("; ", "；"), (": ", "："), (", ", "，"), (" and ", "和"))


def _of_clauses(text: str, keep: frozenset[str]) -> str | None:
    """Clauses between semicolons, colons and commas."""
    for pattern in TERMS:
        term = pattern.fullmatch(text)
        if term:
            return "".join(_translated(part, keep) for part in term.groups())
    stop = text.endswith(".") and len(text.split()) > 2
    body = text[:-1] if stop else text
    for at in [match.end() for match in re.finditer(": ", body)]:
        ending = _known(body[at:], keep)
        if ending is not None:
            return f"{_translated(body[: at - 2], keep)}：{ending}" + ("。" if stop else "")
    for sign, joiner in CUTS:
        pieces = _outside_brackets(body, sign)
        if len(pieces) == 1:
            continue
        made = [_translated(piece, keep) for piece in pieces]
        if sign != " and " or all(_is_done(piece, keep) for piece in made):
            return joiner.join(made) + ("。" if stop else "")
    return None


def _outside_brackets(text: str, sign: str) -> list[str]:
    """The text cut at ``sign`` where it stands in no parentheses."""
    pieces, depth, start = [], 0, 0
    for i, c in enumerate(text):
        depth += (c in "([") - (c in ")]")
        if depth == 0 and text.startswith(sign, i):
            pieces.append(text[start:i])
            start = i + len(sign)
    return [*pieces, text[start:]]
