"""Read the bibliography, print its works as a reference list, and write them as BibTeX.

``references.bib`` has one record for every work whose method integrade uses. A field that is not certain is left out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from string import ascii_lowercase
from types import MappingProxyType

from rawcells import doors

FILE = Path(__file__).with_name("references.bib")
_ENTRY = re.compile(r"^@(\w+)\{(\w+),\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_FIELD = re.compile(r"^  (\w+) = \{(.*)\},$", re.MULTILINE)
_MENTION = re.compile(r"(?P<names>[^();]+?) \((?P<years>[^)]*)\)")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_CONTAINERS = ("journal", "booktitle", "publisher", "institution", "howpublished")
"""Fields that name where a work was published; the first one that a record has is printed."""


@dataclass(frozen=True)
class Reference:
    """One work of the bibliography.

    ``kind`` is the type of its BibTeX entry, ``fields`` its other fields as BibTeX has them. ``why`` gives the reasons
    why a run cites it, in a few words each. ``letter`` tells works of the same authors and year in one list apart.
    """

    key: str
    kind: str
    authors: tuple[str, ...]
    year: str
    title: str
    fields: Mapping[str, str] = field(default_factory=dict)
    why: tuple[str, ...] = ()
    letter: str = ""

    @property
    def families(self) -> tuple[str, ...]:
        """The family names of the authors."""
        return tuple(_family_and_given(author)[0] for author in self.authors)

    @property
    def cited_as(self) -> str:
        """The work as a text cites it: ``Lind and Mehlum (2010)``."""
        names = self.families
        joined = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)
        return f"{joined} ({self.year}{self.letter})" if self.year else joined

    @property
    def chinese(self) -> bool:
        """True if the work is in Chinese."""
        return "title_zh" in self.fields


@cache
def bibliography() -> Mapping[str, Reference]:
    """Return every work by its key, in alphabetical order of authors, then by year."""
    works = references_in(doors.read_text(FILE))
    return MappingProxyType({work.key: work for work in in_order(works)})


def references_in(text: str) -> tuple[Reference, ...]:
    """Return the works of a BibTeX text in the form of ``references.bib``: one field a line, in braces."""
    works = []
    for kind, key, body in _ENTRY.findall(text):
        fields = dict(_FIELD.findall(body))
        authors = tuple(fields.pop("author", "").split(" and "))
        works.append(Reference(key, kind, authors, fields.pop("year", ""), fields.pop("title", ""), fields))
    return tuple(works)


def in_order(works: Iterable[Reference]) -> tuple[Reference, ...]:
    """Return works in the order of a reference list: by authors, year and title."""
    return tuple(sorted(works, key=_place_in_a_list))


def _place_in_a_list(work: Reference) -> tuple[tuple[str, ...], str, str]:
    return tuple(_folded(plain(author)) for author in work.authors), work.year, _folded(plain(work.title))


def merged(works: Iterable[Reference]) -> tuple[Reference, ...]:
    """Return each work once, with all its reasons, in the order of a reference list, lettered (`lettered`)."""
    by_key: dict[str, Reference] = {}
    for work in works:
        known = by_key.get(work.key, replace(work, why=()))
        by_key[work.key] = replace(known, why=tuple(dict.fromkeys((*known.why, *work.why))))
    return lettered(in_order(by_key.values()))


def lettered(listed: Sequence[Reference]) -> tuple[Reference, ...]:
    """Return works with a letter behind the year, in the given order, where the same authors have several of a year."""
    alike = {work.key: [w.key for w in listed if (w.authors, w.year) == (work.authors, work.year)] for work in listed}
    letters = {key: ascii_lowercase[keys.index(key)] for key, keys in alike.items() if len(keys) > 1}
    return tuple(replace(work, letter=letters.get(work.key, "")) for work in listed)


def named(citation: str) -> tuple[Reference, ...]:
    """Return the works that a citation names, such as ``Parsley and Wei (1996, 2001); Hallak (2006)``.

    A work that the bibliography does not have, as one of a plugin, becomes a record whose title is the citation.
    """
    found: list[Reference] = []
    for piece in filter(None, map(str.strip, citation.split(";"))):
        mention = _MENTION.search(piece)
        works = _mentioned(mention["names"], mention["years"]) if mention else ()
        found += works or (Reference(_key_of(piece), "misc", (), "", piece),)
    return tuple(found)


def _mentioned(names: str, years: str) -> tuple[Reference, ...]:
    families = tuple(_folded(name) for name in re.split(r",? and |, | & ", names.strip()))
    known = [w for w in bibliography().values() if tuple(map(_folded, w.families)) == families]
    return tuple(w for year in _YEAR.findall(years) for w in known if w.year == year)


def printed(reference: Reference, language: str = "en") -> str:
    """Return a work as an entry of a reference list, in author-year style.

    Chinese works are printed in Chinese if the language is ``zh``, otherwise in translation. All other works are the
    same in every language.
    """
    if language == "zh" and reference.chinese:
        return _printed_in_chinese(reference)
    get = {name: plain(value) for name, value in reference.fields.items()}.get
    title = plain(reference.title)
    title = f"[{title}]" if reference.chinese else title
    parts = [_authors_and_year(reference), title if title[-1:] in "?!." else f"{title}."]
    if reference.kind == "incollection":
        editors = " and ".join(_short(one) for one in reference.fields.get("editor", "").split(" and ") if one)
        volume = f", vol. {get('volume')}" if get("volume") else ""
        parts.append(f"In {f'{editors} (eds.), ' if editors else ''}{get('booktitle')}{volume}. {get('publisher')}.")
    else:
        parts.append(f"{_where(reference)}.")
    if get("doi"):
        parts.append(f"https://doi.org/{get('doi')}")
    elif get("url"):
        parts.append(f"{get('url')}")
    if get("note"):
        parts.append(f"{get('note')}.")
    return " ".join(part for part in parts if part.strip(". "))


def _where(reference: Reference) -> str:
    get = {name: plain(value) for name, value in reference.fields.items()}.get
    where = next((str(get(name)) for name in _CONTAINERS if get(name)), "")
    volume, number, pages = get("volume", ""), get("number", ""), get("pages", "")
    if reference.kind == "techreport":
        return f"{where}, no. {number}" if number else where
    issue = f"{volume}({number})" if volume and number else volume or (f"no. {number}" if number else "")
    return ", ".join(filter(None, (f"{where} {issue}" if volume else ", ".join(filter(None, (where, issue))), pages)))


def _authors_and_year(reference: Reference) -> str:
    names = [_short(author) for author in reference.authors if author]
    joined = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)
    return " ".join(filter(None, (joined, f"({reference.year}{reference.letter})." if reference.year else "")))


def _printed_in_chinese(reference: Reference) -> str:
    get = reference.fields.get
    authors = "、".join(plain(one) for one in str(get("author_zh")).split(" and "))
    volume = f"第{get('volume')}卷" if get("volume") else ""
    pages = f"，第{plain(str(get('pages'))).replace('–', '—')}页" if get("pages") else ""
    where = f"《{get('journal_zh')}》{volume}第{get('number')}期{pages}"
    return f"{authors}（{reference.year}{reference.letter}）：《{get('title_zh')}》，{where}。"


def _short(author: str) -> str:
    """Return an author with initials: ``Lind, J. T.`` for ``Lind, Jo Thori``."""
    family, given = _family_and_given(author)
    initials = " ".join("-".join(f"{part[0]}." for part in name.split("-") if part) for name in given.split())
    return f"{family}, {initials}" if initials else family


def _family_and_given(author: str) -> tuple[str, str]:
    """Return the parts of an author's name; a name in braces, as of an institution, is one part."""
    family, _, given = (plain(author), "", "") if author.startswith("{") else plain(author).partition(", ")
    return family, given


def bibtex(reference: Reference) -> str:
    """Return a work as a BibTeX entry; the reasons why it is cited precede it, where BibTeX reads comments."""
    authors = " and ".join(filter(None, reference.authors))
    fields = {"author": authors, "year": reference.year, "title": reference.title, **reference.fields}
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([*(f"% {why}" for why in reference.why), f"@{reference.kind}{{{reference.key},", *lines, "}"])


def plain(text: str) -> str:
    r"""Return a BibTeX value as plain text: without braces and ``\``, with en dashes."""
    return re.sub(r"\\([&%$#_])", r"\1", text).replace("{", "").replace("}", "").replace("--", "–")


def escaped(text: str) -> str:
    """Return plain text as a BibTeX value; braces and backslashes, which a name of a file can have, are replaced."""
    cleaned = text.replace("\\", "/").replace("{", "(").replace("}", ")").replace("\n", " ")
    return re.sub(r"([&%$#_])", r"\\\1", cleaned)


def _folded(text: str) -> str:
    """Return a name in lower case without accents, for comparison and order."""
    bare = text.replace("ø", "o").replace("Ø", "O").replace("œ", "oe").replace("Å", "A")
    letters = unicodedata.normalize("NFKD", bare)
    return "".join(c for c in letters if not unicodedata.combining(c)).casefold()


def _key_of(text: str) -> str:
    return re.sub(r"\W+", "", _folded(text), flags=re.ASCII)[:40] or "work"
