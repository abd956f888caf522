"""Reference pages of the manual from the program itself: public names, keys of study.toml, messages.

A docstring becomes Markdown by its own marks: a line ``Formula:`` (Args, Returns, Raises ...) opens a part, names of
arguments open the entries of a list. Nothing is said here that the program does not say.
"""

from __future__ import annotations

import inspect
import os
import re
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from types import ModuleType
from typing import Any

import explained
from explained import Explained, Place, listed, prose, slug

import integrade
from integrade import errors, surface
from integrade.options import Reading
from integrade.records.catalogue import CATALOGUE
from integrade.study.json_schema import json_schema
from integrade.subjects import questions

ROOT = Path(__file__).parents[1]
PART = re.compile(r"^([A-Z][\w-]*,?(?: [\w`=',()-]+){0,9}):(?: (.*))?$")
ROOMS = ("integration", "quality", "panel", "sources", "questions", "plot", "published", "simulation")


@dataclass(frozen=True)
class Name:
    """A public name: how users write it, where it is described, and what it is."""

    name: str
    page: str
    value: Any

    @property
    def written(self) -> str:
        """``ig.fit`` or ``ig.questions.oster``."""
        return f"ig.{self.name}" if self.page == "main" else f"ig.{self.page}.{self.name}"


@cache
def public() -> list[Name]:
    """Every public function and class, once: on the main path, else in its namespace."""
    flat = [Name(n, "main", getattr(integrade, n)) for n in integrade.__all__]
    flat = [one for one in flat if not isinstance(one.value, ModuleType)]
    seen = {id(one.value) for one in flat}
    for room in ("options", "results", *ROOMS):
        space = surface.namespace(room)
        for name in sorted(getattr(space, "__all__", None) or dir(space)):
            value = getattr(space, name)
            if callable(value) and id(value) not in seen and not name.startswith("_"):
                seen.add(id(value))
                flat.append(Name(name, room, value))
    return flat


def pages() -> dict[str, str]:
    """Path below ``reference/`` -> Markdown."""
    names = public()
    made = {f"python/{page}.md": _namespace(page, names) for page in ("main", *ROOMS, "options", "results")}
    return made | {"study.md": study(), "messages.md": messages()}


def links_from(page: str) -> dict[str, str]:
    """Public name -> its entry as a page links to it; of a measure among the measures, of options at their function."""
    found = {
        one.name: (f"reference/python/{one.page}.md", "" if one.page == "results" else one.name.lower())
        for one in public()
    }
    found |= {name: ("measures.md", name) for name in CATALOGUE}
    found |= {record.__name__: (place.page, slug(place.title)) for record, place in owners().items()}
    return {
        n: os.path.relpath(at, PurePosixPath(page).parent) + (f"#{anchor}" if anchor else "")
        for n, (at, anchor) in found.items()
    }


TITLES = {
    "main": ("The main path", "From raw files to a table of regressions: `import integrade as ig`, then `ig.fit`."),
    "options": (
        "Records of options",
        'Several options together: `ig.fit(panel, formula, ig.options.Fit(vcov="CR3"))`. Their options are explained '
        "where the function is.",
    ),
    "results": (
        "Records of results",
        "What functions return: numbers, never data. Most have `tidy()` (one row per estimate, broom's columns), "
        "`glance()` (one row), `sheet()` (the printed table) and `plot()`. "
        "`help(ig.results.FitResult)` lists its fields and methods.",
    ),
}
IN_FULL = (
    "Each entry has the call, every option, and the section of the [methods](../../methods/index.md) with formula and "
    "sources. `help(ig.fit)` adds types, missing values, what is returned and raised, and an example.\n\n"
    "Arguments of many functions:\n\n"
    "- `panel`: any frame (Polars, pandas) or table with the columns of the formula.\n"
    '- `formula`: `"outcome ~ regressors | effects"`, with instruments `"... | effects | endogenous ~ instruments"`.\n'
    "- `prices`: the prices from which the index was computed; `index`: the options with which it was computed.\n"
    "- `firms`: accounts, one row per firm and year; `customs`: customs records.\n"
    "- `halves`: indices of halves of the goods ([`halves_of`](questions.md#halves_of)), if the treatment is an index "
    "of prices. The result then also has the analysis corrected for noise in the index."
)
PATH = {
    "read files": "read_prices read_customs read_firms read_panel read_covariates read_table",
    "clean and match": "clean_firms clean_customs match_firms",
    "measure": "relative_price demand_residual",
    "join": "assemble Table",
    "describe and estimate": "describe fit fit_many",
    "test": "u_test lag_table mediate compare_groups robustness",
    "print and save": "regression_table write_table",
    "open a run, check printed tables": "load_run audit_table",
    "try on simulated data": "simulate Economy",
    "add your own": "measure question hypothesis",
}
"""The functions of the main path by step, in the order of a study."""
LEFT_OUT = ("Args", "Returns", "Raises", "Example", "Options", "Parameters", "Nothing", "Null")
"""Parts of a docstring that an entry has in another form, or that only ``help`` shows."""


def _path(links: Mapping[str, str]) -> list[str]:
    """A row for each step of a study: its functions."""
    return [f"| {step} | {', '.join(f'[`{n}`]({links[n]})' for n in names.split())} |" for step, names in PATH.items()]


def _namespace(page: str, names: list[Name]) -> str:
    links = links_from(f"reference/python/{page}.md")
    title, lead = TITLES.get(page) or (f"ig.{page}", inspect.getdoc(surface.namespace(page)) or "")
    held = [one for one in names if one.page == page]
    parts = [f"# {title}\n\n{prose(lead, links)}{f' {IN_FULL}' if page == 'main' else ''}\n"]
    if page == "main":
        parts += ["| step | functions |\n|---|---|", *_path(links), ""]
    measured = [one.name for one in held if one.name in CATALOGUE and page != "main"]
    if measured:
        parts.append(f"Measures: {', '.join(f'[`{n}`]({links[n]})' for n in measured)}.\n")
    if page == "options":
        return "\n".join([*parts, *_records(held, links)])
    if page == "questions":
        parts.append(BY_QUESTION)
    if page == "results":
        return "\n".join([*parts, ", ".join(f"`{one.name}`" for one in held) + ".\n"])
    return "\n".join([*parts, *(_entry(one, links) for one in held if one.name not in measured)])


BY_QUESTION = "[Questions](../../questions.md) lists the functions of each question.\n"


def _records(held: list[Name], links: Mapping[str, str]) -> Iterator[str]:
    """Records of options: a line for each whose function explains it, an entry for the others."""
    told = {one.name: owners()[one.value] for one in held if one.value in owners()}
    rows = [
        f"[`{name}`]({place.link('reference/python/options.md').partition('](')[2]}" for name, place in told.items()
    ]
    yield "At their functions: " + ", ".join(rows) + ".\n"
    yield from (_entry(one, links) for one in held if one.name not in told)


def records_in(function: Any) -> list[type]:
    """The records of options that a function takes, as its docstring names them."""
    if inspect.isclass(function):
        return []
    doc = inspect.getdoc(function) or ""
    named = re.findall(r"^Options, by name or as one (\w+):$|by name or as \w+=(\w+)\(\.\.\.\)", doc, re.MULTILINE)
    held = {f.__name__: f for f in map(_annotated(function), inspect.signature(function).parameters) if f}
    found = [held.get(n) or getattr(surface.namespace("options"), n, None) for pair in named for n in pair if n]
    return [one for one in found if one is not None]


def _annotated(function: Any) -> Callable[[str], type | None]:
    """The class of options that the annotation of an argument names, if it names one."""
    hints = dict(inspect.get_annotations(inspect.unwrap(function)))
    space = vars(sys.modules[inspect.unwrap(function).__module__])

    def kind(name: str) -> type | None:
        said = re.match(r"(\w+)", str(hints.get(name, "")))
        value = space.get(said[1]) if said else None
        return value if inspect.isclass(value) and is_dataclass(value) else None

    return kind


def options_in(function: Any) -> list[Explained]:
    """The options of a function's records, each once."""
    held = [one for record in records_in(function) for one in explained.of_record(record)]
    return list({one.name: one for one in held}.values())


def _entry(one: Name, links: Mapping[str, str]) -> str:
    doc = inspect.getdoc(one.value) or ""
    if inspect.isclass(one.value):
        return f"## {one.name}\n\n{brief(doc, links)}\n\n{_members(one, links)}"
    place = Place(f"reference/python/{one.page}.md", one.name)
    options = _options(one, place, links)
    given = listed(arguments(one.value), place, links, head="")
    section = SECTIONS.get(one.name, "")
    parts = [f"```python\n{signature(one)}\n```", brief(doc, links, section), given, options]
    return f"## {one.name}\n\n" + "\n\n".join(filter(None, parts)) + "\n"


def _options(one: Name, place: Place, links: Mapping[str, str]) -> str:
    """The options of a function: its own as a list, those of a record that another function explains by a link."""
    held, owned = records_in(one.value), owners()
    own = [option for record in held if owned[record] == place for option in explained.of_record(record)]
    others = [owned[record].link(place.page) for record in held if owned[record] != place]
    said = f"{'Also the options' if own else 'Options: those'} of {' and '.join(others)}." if others else ""
    return "\n\n".join(filter(None, [listed(own, place, links), said]))


@cache
def owners() -> Mapping[type, Place]:
    """Record of options -> where it is explained: at the function that it is named like, else at the first."""
    found = {record.options: Place("measures.md", record.name) for record in CATALOGUE.values()}
    several = [(record, one) for one in public() for record in records_in(one.value)]
    like = {"Reading": "read_table", "Groups": "compare_groups", "Lags": "lag_table", "Mediation": "mediate"}
    named = [(record, one) for record, one in several if one.name == like.get(record.__name__, _snake(record.__name__))]
    for record, one in [*named, *several]:
        found.setdefault(record, Place(f"reference/python/{one.page}.md", one.name))
    return found


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def arguments(function: Any) -> list[Explained]:
    """What each argument of a function is, but its options."""
    if inspect.isclass(function):
        return []
    found = [
        Explained(name, text=text)
        for head, held in _parts(inspect.getdoc(function) or "")
        if head in ("Args", "Parameters")
        for name, text in _apart(_entries(held))
        if not name.startswith("*") and name != "options"
    ]
    return [one for one in found if not any(re.fullmatch(words, one.text) for words in COMMON.get(one.name, ()))]


COMMON = {
    "panel": ("any (frame or )?table.*", "rows by unit and year.", "the estimation panel.", ""),
    "formula": (
        "(as in|as for) ``?(fit)?`.*",
        '``?"quality ~ market \\+ market\\^2 \\+ scale \\| firm \\+ year"``?.*',
        "the baseline.",
    ),
    "prices": ("the prices from which the panel's index was computed.", "as for `relative_price`."),
    "index": ("the options with which (it was|the index is) computed.*",),
    "firms": ("firm accounts, one row per firm and year.",),
    "customs": ("customs records.",),
    "result": (),
    "halves": ("indices of halves of the goods.*",),
}
"""Arguments of many functions, explained once above the entries, and the words with which docstrings repeat them."""


def _apart(entries: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Arguments that a docstring explains on one line, each by itself."""
    for name, text in entries:
        first, *more = re.split(r"(?<=\.) (?=[a-z_]+: )", text)
        yield name, first
        for one in more:
            other, _, said = one.partition(": ")
            yield other, said


def records_alone() -> list[Name]:
    """The public records of options that no function takes by name."""
    return [
        one for one in public() if inspect.isclass(one.value) and _has_options(one.value) and one.value not in owners()
    ]


def _has_options(kind: type) -> bool:
    return is_dataclass(kind) and "Parameters\n---" in (inspect.getdoc(kind) or "")


def _members(one: Name, links: Mapping[str, str]) -> str:
    """The fields of a record and its own methods."""
    kind, lines = one.value, []
    if _has_options(kind):
        lines.append(
            listed(explained.of_record(kind), Place(f"reference/python/{one.page}.md", one.name), links) + "\n"
        )
    elif is_dataclass(kind):
        held = [f.name for f in fields(kind) if not f.name.startswith("_")]
        lines += [f"Fields: {', '.join(f'`{n}`' for n in held)}.\n"] if held else []
    said = [
        f"- **{n}**: {prose(_first(inspect.getdoc(v) or ''), {})}"
        for n, v in sorted(vars(kind).items())
        if not n.startswith("_") and (inspect.isfunction(v) or isinstance(v, property)) and v.__doc__ and n not in USUAL
    ]
    return "\n".join([*lines, *said, ""])


USUAL = ("glance", "plot", "sheet", "tidy")


def _first(doc: str) -> str:
    return " ".join(doc.partition("\n\n")[0].split())


def signature(one: Name) -> str:
    """A call with its arguments and their defaults; options of a record are listed below it."""
    found = inspect.signature(one.value)
    listed_below = {option.name for option in options_in(one.value)}
    shown = []
    star = False
    for p in found.parameters.values():
        if (p.name in listed_below and p.kind is p.KEYWORD_ONLY) or (p.name == "options" and listed_below):
            continue
        if p.kind is p.KEYWORD_ONLY and not star:
            shown.append("*")
            star = True
        mark = {p.VAR_POSITIONAL: "*", p.VAR_KEYWORD: "**"}.get(p.kind, "")
        default = "" if p.default is p.empty else f"={_value(p.default)}"
        shown.append(f"{mark}{p.name}{default}")
    if listed_below:
        shown.append("**options")
    back = "" if found.return_annotation is found.empty else f" -> {_type(found.return_annotation)}"
    return textwrap.fill(f"{one.written}({', '.join(shown)}){back}", CALL_WIDTH, subsequent_indent="    ")


CALL_WIDTH = 86
"""Signs of a line of a call that the text of a page is wide."""


def _value(default: Any) -> str:
    if is_dataclass(default) and not isinstance(default, type):
        return f"{type(default).__name__}(...)"
    return f"{default.__name__}" if callable(default) and hasattr(default, "__name__") else repr(default)


def _type(hint: Any) -> str:
    said = hint if isinstance(hint, str) else inspect.formatannotation(hint)
    return re.sub(r"\b(?:collections\.abc|typing|pathlib|integrade(?:\.\w+)*)\.(?=\w)", "", said).strip("'")


def body(doc: str, links: Mapping[str, str]) -> str:
    """The parts of the docstring of a measure: text, formula, missing values, source."""
    return "\n\n".join(_shown(head, held, links) for head, held in _kept(doc)) + "\n\n"


FORMULAS = {
    "3.8": "quality_parameters",
    "4.1": "firm_controls firm_identity human_capital winsorise",
    "4.2": "code_families",
    "4.3": "match_firms",
    "4.4": "industry_intensity",
    "4.5": "tfp",
    "5.2": "cluster_report",
    "5.3": "hausman",
    "5.4": "u_test two_lines effect_sizes",
    "5.5": "lag_table add_lags lags",
    "5.6": "mediate gelbach",
    "5.7": "compare_groups groups",
    "5.8": "weak_iv control_function shift_share_errors mechanical_correlation anderson_rubin",
    "5.10": "romano_wolf romano_wolf_family benjamini_yekutieli",
    "5.11": "specification_curve",
    "5.12": "randomisation leave_one_out robustness",
    "5.15": "oriv",
    "5.17": "break_date",
    "5.18": "fractional_logit ppml",
}
"""Section of the methods -> functions whose formula it has, and whose docstring does not cite it."""
SECTIONS = {name: section for section, names in FORMULAS.items() for name in names.split()}


def brief(doc: str, links: Mapping[str, str], section: str = "") -> str:
    """The sections of the methods with the formula and sources of a function; its docstring where there is none."""
    (head, lead), *rest = _kept(doc)
    first = _shown(head, lead if head else _first(lead), links)
    cited = CITED.search(" ".join(held for _, held in rest))
    at = section or (cited[1] if cited else "")
    if at:
        return f"{first}\n\nMETHODS {at}."
    return "\n\n".join([first, *(_shown(name, held, links) for name, held in rest if name in ("Reference", "Formula"))])


CITED = re.compile(r"METHODS ((?:\d+(?:\.\d+)?[a-z]?)(?:(?:,| and) \d+\.\d+[a-z]?)*)")


def _kept(doc: str) -> Iterator[tuple[str, str]]:
    told = re.split(r"^Options, by name or as one ", doc, flags=re.MULTILINE)[0]
    return ((head, held) for head, held in _parts(told) if head.partition(" ")[0].rstrip(",") not in LEFT_OUT)


def _shown(head: str, held: str, links: Mapping[str, str]) -> str:
    if not head:
        return prose(held, links)
    if head == "Formula":
        return f"```text\n{_filled(held.replace('``', ''))}\n```"
    return f"*{'Source' if head == 'Reference' else head}*: {prose(held, links)}"


def _filled(formula: str) -> str:
    """A formula in lines that a page shows whole; one that has them already stays as it is."""
    if max(map(len, formula.splitlines())) <= WIDTH:
        return formula
    return "\n".join(textwrap.fill(" ".join(one.split()), WIDTH) for one in re.split(r"\n(?=\s|\n)", formula))


WIDTH = 76
"""Signs of a line of code that the text of a page is wide."""


def _parts(doc: str) -> Iterator[tuple[str, str]]:
    """(head, body) of each part; the head of plain text is empty."""
    head, held = "", list[str]()
    lines = doc.splitlines()
    for i, line in enumerate(lines):
        found = PART.match(line) if i else None
        below = lines[i + 1] if i + 1 < len(lines) else ""
        if line == "Parameters" and set(below) == {"-"}:
            found = PART.match("Parameters:")
        if set(line) == {"-"}:
            continue
        if found and (found[2] or found[1] == "Parameters" or below.startswith(" ") or not below):
            if any(held):
                yield head, inspect.cleandoc("\n".join(held))
            head, held = found[1], [found[2] or ""]
        elif line and not line.startswith(" ") and head not in ("", "Parameters") and i and not lines[i - 1]:
            if any(held):
                yield head, inspect.cleandoc("\n".join(held))
            head, held = "", [line]
        else:
            held.append(line)
    if any(held):
        yield head, inspect.cleandoc("\n".join(held))


def _entries(body: str) -> Iterator[tuple[str, str]]:
    """Arguments: ``name: text`` or ``name`` over an indented text."""
    name, held = "", list[str]()
    for line in body.splitlines():
        opened = re.match(r"^(\*{0,2}[A-Za-z_][\w, *]*?)(?:: (.*)|)$", line)
        if opened and not line.startswith(" "):
            if name:
                yield name, " ".join(filter(None, held))
            name, held = opened[1], [opened[2] or ""]
        elif name:
            held.append(line.strip())
    if name:
        yield name, " ".join(filter(None, held))


OF_MEASURES = ("integration", "quality")
PAGE = "reference/study.md"


def study() -> str:
    """Every key of study.toml: explained here, or named with a link to where it is explained."""
    top = Place(PAGE, "Above the sections")
    parts = [STUDY, f"## {top.title}\n", listed(_plain(), top, {}, "Keys") + "\n", EVERY_TABLE]
    asked = {one.name for one in questions()}
    for title, keys in sections().items():
        name = title.strip("[]")
        about = prose(explained.sentence(_about()[name], ()), {}) if _about()[name] else ""
        if name in asked:
            keys_named = ", ".join(f"`{key.name}`" for key in keys)
            parts.append(f"## {title}\n\n[{name}](../questions.md#{name}): {keys_named}.\n")
        elif name in OF_MEASURES:
            method = next(key for key in keys if key.name == "method")
            lead = f"{about} Options of the method: its entry in [measures](../measures.md)."
            parts.append(f"## {title}\n\n{lead}\n\n{method.line({})}\n{_of_measures(keys)}")
        else:
            table = {"files", *READING} <= {key.name for key in keys}
            own = [key for key in keys if not table or key.name not in ("files", *READING)]
            lead = f"{about} {OF_TABLES}" if table else about
            parts.append(
                "\n\n".join(filter(None, [f"## {title}", lead, listed(own, Place(PAGE, title), {}, "Keys")])) + "\n"
            )
    return "\n".join(parts)


STUDY = """# Keys of study.toml

`integrade new` writes study.schema.json, from which editors complete keys. A key is explained once: here, or at the
question, measure or function that it belongs to.
"""


READING = tuple(option.name for option in explained.of_record(Reading))
OF_TABLES = "Keys of [every table](#keys-of-every-table)."
EVERY_TABLE = f"""## Keys of every table

`files` (a file, a pattern or a list), and how they are read, as in [read_table](python/main.md#read_table):
{", ".join(f"`{name}`" for name in READING)}.
"""


def _of_measures(keys: list[Explained]) -> str:
    """Keys of a section of measures that no measure has."""
    of_some = {one.name for record in CATALOGUE.values() for one in explained.of_record(record.options)}
    return "".join(key.line({}) + "\n" for key in keys if key.name not in of_some and key.name != "method")


@cache
def _schema() -> dict[str, Any]:
    return json_schema()


def _sections() -> Iterator[tuple[str, bool, Mapping[str, Any], Mapping[str, Any]]]:
    """(name, whether it repeats, what refers to it, its record) of each property of a study file."""
    for name, held in _schema()["properties"].items():
        several = held.get("type") == "array"
        yield name, several, held, _resolved(held.get("items", {}) if several else held, _schema())


def sections() -> dict[str, list[Explained]]:
    """Heading of a section -> its keys."""
    return {
        f"[[{name}]]" if several else f"[{name}]": [_key(key, one) for key, one in record["properties"].items()]
        for name, several, _, record in _sections()
        if "properties" in record
    }


def _plain() -> list[Explained]:
    return [_key(name, held) for name, _, held, record in _sections() if "properties" not in record]


def _about() -> dict[str, str]:
    return {n: _first(held.get("description") or record.get("description", "")) for n, _, held, record in _sections()}


def _resolved(held: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """A property with what it refers to, of several the one that has keys."""
    if "$ref" in held:
        return {**schema["$defs"][held["$ref"].rpartition("/")[2]], **{k: v for k, v in held.items() if k != "$ref"}}
    for one in held.get("anyOf", ()):
        if "$ref" in one or "properties" in one:
            return {**_resolved(one, schema), **{k: v for k, v in held.items() if k != "anyOf"}}
    return held


def _key(name: str, held: Mapping[str, Any]) -> Explained:
    return Explained(
        name, held.get("default", explained.UNSET), _choices(held), " ".join(held.get("description", "").split())
    )


def _choices(held: Mapping[str, Any]) -> tuple[str, ...]:
    """The words that a key may be."""
    if "enum" in held:
        return tuple(str(v) for v in held["enum"])
    each = [_choices(one) for one in held.get("anyOf", ())]
    return next((one for one in each if one), ())


def _kinds() -> dict[str, type[errors.IntegradeError]]:
    """Name -> class of every coded error."""
    return {name: getattr(errors, name) for name in dir(errors)}


def messages() -> str:
    """Every code in a line: its classes in Python, what it means and the usual remedy."""
    kinds = _kinds()
    by_code: dict[str, list[str]] = {}
    for name, kind in kinds.items():
        by_code.setdefault(kind.code, []).append(name)
    rows = [
        f"| {code} | {', '.join(f'`{name}`' for name in names)} | "
        f"{' '.join(prose(_first(kinds[name].__doc__ or ''), {}) for name in names)} |"
        for code, names in sorted(by_code.items())
    ]
    return "\n".join([MESSAGES, "| code | in Python | meaning and remedy |", "|---|---|---|", *rows]) + "\n"


MESSAGES = """# Messages

An error prints its code, what is wrong, where, an example and a
remedy; with `--json` as an object. U codes are of the call (exit code 2), D of the data (1), S of the system (3); E900
holds several problems at once. In Python: `ig.errors.MissingColumn` and so on.
"""
