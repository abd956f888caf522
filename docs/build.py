"""Write measures, commands, questions, sources (.md) and the stubs from the program, performance.md from figures."""

from __future__ import annotations

import inspect
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from itertools import groupby, takewhile
from pathlib import Path

import explained
import performance
import reference
import rooms
import stubs
from explained import SEVERAL, THIN, Explained, Place, listed, prose, slug

import integrade.integration
import integrade.quality
import manual
from integrade.cli import COMMANDS, MADE_FOR_A_CALL, _of_the_call, app
from integrade.cli.files import Input
from integrade.records.catalogue import CATALOGUE, Measure
from integrade.report.references import Reference, bibliography, merged, printed
from integrade.sources.meaning.recipe import recipes
from integrade.subjects import questions as asked_questions

HERE = Path(__file__).parent
TOO_FEW = f"""\
## {THIN}

- `thin` = `leave_out` | `refuse`: Leave out what has too few observations, with a warning that names it, or refuse.

| measure | left out |
|---|---|
| `relative_price` | a period with fewer than four regions or too few goods |
| `border_regression`, `log_odds` | a year with too few flows for its coefficients |
| `gravity` | a year whose border the effects absorb because it has few flows |
| `half_life` | with by='region', a region with fewer than three goods |
| `border_width` | a good with regions on only one side of the border, or fewer than two pairs within the sides |

`half_life`, `panel_unit_root`, `threshold_band`, `factor_share` and `border_width` use the longest run of adjacent
periods of each good. Missing values are counted in the account; `help(ig.integration.gravity)` says when there are any.
"""
GEOGRAPHY = """\
- `geography`: The regions: a country (MY), a file ([regions](geography.md)) or a `Geography`. Measures of prices use
by default the built-in country that has all the regions. Measures of flows compute missing distances, between the
middles of the regions, only if it is given.
"""
"""The option `geography` of all measures."""


def measures() -> str:
    """One entry per measure: formula, units, source and options; an option that several have is explained once."""
    links = reference.links_from("measures.md")
    parts = [MEASURES, *_by_list(links), f"## {SEVERAL}\n", *_shared(links)]
    for record in CATALOGUE.values():
        more = f", can use {', '.join(record.uses)}" if record.uses else ""
        about = reference.brief(inspect.cleandoc(record.doc), links)
        rows = f"Needs {', '.join(record.needs)}{more}; one row per {', '.join(record.key)}: {_adds(record)}."
        source = "" if "METHODS" in about or "*Source*" in about else f"*Source*: {record.cite}"
        held = listed(explained.of_record(record.options), Place("measures.md", record.name), links, head="")
        parts.append("\n\n".join(filter(None, [f"## {record.name}", about, rows, source, held])) + "\n")
    return "\n".join([*parts, TOO_FEW])


def _adds(record: Measure) -> str:
    """The columns of a measure with their units; those that an earlier measure has too are a link to it."""
    before = takewhile(lambda one: one.name != record.name, CATALOGUE.values())
    like = next((one for one in before if len(one.adds) > 2 and one.adds.keys() == record.adds.keys()), None)
    own = {name: unit for name, unit in record.adds.items() if not like or like.adds[name] != unit}
    said = [f"`{name}`" + f" ({unit})" * (not unit.startswith("as ")) for name, unit in own.items()]
    further = "further columns" if own else "columns"
    return ", ".join([*said, *([f"{further} as [{like.name}](#{like.name})"] if like else [])])


def _by_list(links: Mapping[str, str]) -> list[str]:
    """A line for each family and table: the measures that need it."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, record in CATALOGUE.items():
        found.setdefault((record.family, " and ".join(record.needs)), []).append(f"[`{name}`]({links[name]})")
    rows = [f"| {needs} | {family} | {', '.join(names)} |" for (family, needs), names in found.items()]
    return ["| you have | you get | measures |", "|---|---|---|", *rows, ""]


MEASURES = """# Measures

<!-- Written by `make docs`: change the program, not this page. -->

A measure is a function of `ig.integration` or `ig.quality`, `--method NAME` of `integrade integration` or `quality`,
and `method = "NAME"` under `[integration]` or `[quality]`. After `=` comes the default, then the other choices.
METHODS is the section of the [methods](methods/index.md) with the formula and its sources.
"""


def _with_units(columns: Iterable[tuple[str, str]]) -> str:
    """Columns with the unit behind the last of neighbours that share it."""
    groups = [(unit, [f"`{n}`" for n, _ in held]) for unit, held in groupby(columns, key=lambda one: one[1])]
    return ", ".join(", ".join(names) + (f" ({unit})" if unit else "") for unit, names in groups)


def _shared(links: Mapping[str, str]) -> list[str]:
    """The options that several measures have, each once, with those measures."""
    every = {one.identity: one for record in CATALOGUE.values() for one in explained.of_record(record.options)}
    quality = [name for name, record in CATALOGUE.items() if record.family == "quality"]
    lines = []
    for key, names in explained.of_several().items():
        lines.append(f"{every[key].line(links)} ({'quality' if names == quality else ', '.join(names)})")
    return [*lines, " ".join(GEOGRAPHY.split()), ""]


SUBJECTS = {
    "A study": ("demo", "new", "check", "run", "status", "diff"),
    "Its report": ("report", "show", "explain", "export", "cite"),
    "Measures": ("integration", "quality", "elasticity", "compare", "decompose", "breaks"),
    "Firms and records": ("clean", "identify", "match", "tfp"),
    "Regressions": ("fit", "curve", "power", "audit"),
    "The program": ("list", "doctor", "completion"),
}
"""The commands by subject."""
READS = "Flags of commands that read files"
COMMON = "Flags of several commands"
SEVERAL_COMMANDS, MANY = 2, 9
"""A flag that so many commands have is explained once; flags of reading are those that more than nine have."""


def commands() -> str:
    """Every command by subject, with a line for each flag that is explained nowhere else."""
    held = {name: flags_of(name) for name in COMMANDS}
    counted = Counter(flag.identity for flags in held.values() for flag in flags)
    several = {
        one.identity: one for flags in held.values() for one in flags if counted[one.identity] >= SEVERAL_COMMANDS
    }
    reads = [one for one in several.values() if one.name in reading() and counted[one.identity] > MANY]
    others = [one for one in several.values() if one not in reads]
    parts = [COMMANDS_HEAD]
    for subject, names in SUBJECTS.items():
        parts.append(f"## {subject}\n")
        parts += [_command(name, held[name], several, {one.identity for one in reads}) for name in names]
    parts += [f"## {title}\n\n{_flags_here(flags)}\n" for title, flags in ((READS, reads), (COMMON, others))]
    return "\n".join(parts)


COMMANDS_HEAD = """# Commands

<!-- Written by `make docs`: change the program, not this page. -->

`integrade COMMAND --help` prints the same. An option has the same name in
Python, in study.toml and as a flag (`k_min`, `--k-min`). It is explained once, on the linked page. Flags without a link
are [flags of several commands](#flags-of-several-commands).

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | findings in the data |
| 2 | a wrong call |
| 3 | refused by the system |
| 4 | a printed table with a caption was not read |
| 130, 143 | stopped |
"""


def reading() -> set[str]:
    """The flags by which commands read files."""
    return {f"--{field.name.replace('_', '-')}" for field in fields(Input)}


FEW = 8
"""A flag with more choices does not list them: ``--method`` has those of measures.md."""


def flags_of(name: str) -> list[Explained]:
    """The arguments and flags of a command, as cyclopts has them."""
    program = _of_the_call([name]) if name in MADE_FOR_A_CALL else app
    return [
        Explained(
            one.name,
            one.field_info.default,
            choices if len(choices := tuple(one.get_choices() or ())) <= FEW else (),
            " ".join((one.parameter.help or "").split()),
        )
        for one in program[name].assemble_argument_collection(parse_docstring=True)
        if one.show
    ]


def _command(
    name: str, flags: list[Explained], several: Mapping[tuple[str, str], Explained], reads: set[tuple[str, str]]
) -> str:
    words = [one.name if one.required else f"[{one.name}]" for one in flags if not one.name.startswith("-")]
    needed = [f"{one.name} ..." for one in flags if one.name.startswith("-") and one.required]
    usage = " ".join(["integrade", name, *words, *needed])
    own, elsewhere, shared = [], dict[Place, list[str]](), []
    for one in flags:
        place = explained.places().get(one.identity)
        if one.identity in reads:
            continue
        if one.identity in several:
            shared.append(f"`{one.name}`")
        elif place:
            elsewhere.setdefault(place, []).append(f"`{one.name}`")
        else:
            own.append(one)
    lines = [_of_place(place, names) for place, names in elsewhere.items()]
    if shared:
        lines.insert(0, ", ".join(shared))
    if reads & {one.identity for one in flags}:
        lines.append(f"[{READS.lower()}](#{slug(READS)})")
    also = "Also: " if own else "Flags: "
    return (
        "\n\n".join(
            filter(
                None,
                [
                    f"### {name}",
                    COMMANDS[name][1],
                    f"`{usage}`",
                    _list(own),
                    f"{also}{'; '.join(lines)}." if lines else "",
                ],
            )
        )
        + "\n"
    )


def _of_place(place: Place, names: list[str]) -> str:
    """Flags that another entry explains: by name, or as its options where there are many."""
    if len(names) < MANY_NAMES:
        return f"{', '.join(names)} ({place.link('commands.md')})"
    link = place.link("commands.md")
    return link if place.title == SEVERAL else f"the options of {link}"


MANY_NAMES = 4
"""So many flags of one entry are not listed by name: `--help` does, and the entry has them all."""


def _flags_here(flags: Iterable[Explained]) -> str:
    """A table of flags, and the names of those that an option explains."""
    places = explained.places()
    elsewhere: dict[Place, list[str]] = {}
    for one in flags:
        if one.identity in places:
            elsewhere.setdefault(places[one.identity], []).append(f"`{one.name}`")
    also = "; ".join(f"{', '.join(names)} ({place.link('commands.md')})" for place, names in elsewhere.items())
    return _list(one for one in flags if one.identity not in places) + (f"\n\nAlso: {also}." if also else "")


def _list(flags: Iterable[Explained]) -> str:
    return "\n".join(_flag(one) for one in flags)


def _flag(one: Explained) -> str:
    """A flag as an entry of a list; nothing is said of a default of nothing or no."""
    shown = replace(one, default=None) if one.default in (False, ()) or one.required else one
    head, _, text = shown.line({}).partition("`: ")
    return f"{head}` (needed): {text}" if one.required and text else shown.line({})


def questions() -> str:
    """One entry per question, from its record: functions, and options as keys of study.toml and flags of ``fit``."""
    links = reference.links_from("questions.md")
    parts = [QUESTIONS]
    for one in asked_questions():
        about = prose(" ".join((inspect.getdoc(one.function) or "").split()), links)
        place = Place("questions.md", one.name)
        names = ", ".join(
            f"[`{public(name)}`]({links[name]})" if name in links else f"`{public(name)}`" for name in one.functions
        )
        section = f"[[{one.name}]]" if one.several else f"[{one.name}]"
        said = [f"Python: {names}." if names else "", f"study.toml: `{section}`." if one.options else ""]
        flags = [f"`--{f.name.replace('_', '-')}`" for f in fields(one.flags.options)] if one.flags else []
        said.append(f"`integrade fit`: {', '.join(flags)}." if flags else "")
        held = [key for key in explained.of_question(one) if key.name != "run"]
        entry = [f"## {one.name}", about, " ".join(filter(None, said)), listed(held, place, links, head="")]
        parts.append("\n\n".join(filter(None, entry)) + "\n")
    return "\n".join(parts)


QUESTIONS = """# Questions a referee asks

<!-- Written by `make docs`: change the program, not this page. -->

A question is a section of study.toml, and most are also flags of `integrade fit`. Options have the same name in both;
those that begin with `--` are flags only. `integrade new` writes an example of each section. `run = false` in a section
leaves the question out. The regression itself is [fit](reference/python/main.md#fit).
"""


def public(name: str) -> str:
    """Where a function is found: ``fit``, or ``questions.oster``."""
    return name if name in dir(integrade) else f"questions.{name}"


def sources() -> str:
    """A line for each public source; `integrade list NAME` prints the rest."""
    rows = [
        f"| `{name}` | {prose(one.title, {})} | {one.table} | {prose(one.provider, {})}, {one.url} |"
        for name, one in recipes().items()
    ]
    return "\n".join([SOURCES, "| name | what it is | table | from |", "|---|---|---|---|", *rows]) + "\n"


SOURCES = """# Public sources

<!-- Written by `make docs`: change the program, not this page. -->

`--source NAME` or `source = "NAME"` reads the files of a public source with its headings, units and codes.
`integrade list NAME` prints the columns with units, warnings and the citation. You can write your own recipe in the
same form: `--source mine.toml`.
"""


def references() -> str:
    """Every work that a page of the manual names."""
    pages = {name: text for name, text in manual.staged().items() if name != "bibliography.md"}
    read = _plain(" ".join(" ".join(text.split()) for text in pages.values()))
    lines = [BIBLIOGRAPHY]
    for work in merged(bibliography().values()):
        chinese = f" {printed(work, 'zh')}" if work.chinese else ""
        if _is_named(work, read):
            lines.append(f"- {printed(work)}{chinese}")
    return "\n".join(lines) + "\n"


def _is_named(work: Reference, text: str) -> bool:
    """Whether a text cites a work: its first author, with the year shortly after the name."""
    first = _plain(work.families[0])
    return any(work.year in text[m.end() : m.end() + REACH] for m in re.finditer(rf"\b{re.escape(first)}\b", text))


REACH = 80
"""Signs between the name of the first author and the year: further authors stand there."""


def _plain(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


BIBLIOGRAPHY = """# Bibliography

<!-- Written by `make docs`: change the program, not this page. -->

The works that this manual cites. `integrade cite STUDY` prints those that a run uses, with reasons, as BibTeX. A
volume, page or DOI that is not certain is left out.
"""

if __name__ == "__main__":
    (HERE / "measures.md").write_text(measures(), encoding="utf-8")
    (HERE / "commands.md").write_text(commands(), encoding="utf-8")
    (HERE / "questions.md").write_text(questions(), encoding="utf-8")
    (HERE / "sources.md").write_text(sources(), encoding="utf-8")
    (HERE / "bibliography.md").write_text(references(), encoding="utf-8")
    rooms.PICTURE.write_text(rooms.picture(), encoding="utf-8")
    for path, text in stubs.stubs().items():
        path.write_text(text, encoding="utf-8")
    performance.write()
    print("wrote measures, commands, questions, sources and bibliography.md, the stubs and the picture of the rooms")
