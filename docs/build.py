"""Write measures, commands, questions, sources (.md) and the stubs from the program, performance.md from figures."""

from __future__ import annotations

import dataclasses
import inspect
import io
from contextlib import redirect_stdout
from dataclasses import fields
from pathlib import Path
from typing import Any, get_type_hints

import performance
import rooms
import stubs

import integrade.integration
import integrade.quality
from integrade.cli import COMMANDS, run
from integrade.records.catalogue import CATALOGUE, descriptions
from integrade.report.cited import methods
from integrade.report.references import bibliography, merged, named, printed
from integrade.sources.meaning.recipe import recipes
from integrade.subjects import questions as asked_questions
from plainwords.texts import say

HERE = Path(__file__).parent
THIN = """\
## Thin periods, regions and goods

No measure stops at one thin period, one thin good or a region that enters late (tests/integration/test_thin.py tries
each on all):

- `thin = "leave_out"` (the default; `"refuse"` is an error) leaves out, with a warning that names them: periods with
  fewer than four regions or too few goods (`relative_price` and all that is made of it), years with fewer flows than
  coefficients (`log_odds`, `border_regression`, with slopes of each year), years whose border the effects absorb
  (`gravity`), regions with fewer than three goods (`half_life` by region), goods on one side of the border
  (`border_width`), and for the halves of `index_trust` and `split_half` periods with fewer than four goods.
- Measures of series (`half_life`, `panel_unit_root`, `threshold_band`, `factor_share`, `border_width`) have no thin
  period: a good enters with its longest run of adjacent periods that most of its regions have, and a region with all
  of that run. What lies outside is counted. A thin period in the middle cuts the run in two, as a chain of indices
  does not reach across it.
- Elsewhere a cell that lacks what it needs has a missing value, a year or region that lacks everything no row; both
  are counted.
"""


def measures() -> str:
    """One section per measure: its docstring, its options and their defaults."""
    parts = ["# Measures\n\nWritten by `make docs` from the measures' own records.\n", THIN]
    for record in CATALOGUE.values():
        adds = "\n".join(f"- `{column}`: {unit}" for column, unit in record.adds.items())
        more = f", can use {', '.join(record.uses)}" if record.uses else ""
        parts.append(
            f"## {record.name}\n\nFamily {record.family}; needs {', '.join(record.needs)}{more}; one row per "
            f"{', '.join(record.key)}.\n\n{adds}\n\n```\n{inspect.cleandoc(record.doc)}\n```\n\n"
            f"### Options\n\n```\n{_options(record.options)}\n```\n\nSource: {record.cite}\n"
        )
    return "\n".join(parts)


def _options(kind: type) -> str:
    """What a record of options says of itself, and of the options of the records that it shares with others."""
    hints = get_type_hints(kind)
    shared = [hints[f.name] for f in dataclasses.fields(kind) if f.metadata.get("shared")]
    return "\n".join(
        [inspect.getdoc(kind) or "", *((inspect.getdoc(one) or "").partition("----------\n")[2] for one in shared)]
    )


def commands() -> str:
    """The help text of every command."""
    parts = ["# Commands\n\nWritten by `make docs` from `integrade COMMAND --help`.\n"]
    return "\n".join([*parts, *(f"## {name}\n\n```\n{_said(name, '--help')}\n```\n" for name in COMMANDS)])


def questions() -> str:
    """One section per question, from its record: functions, flags of ``fit``, keys of study.toml."""
    parts = [QUESTIONS]
    for one in asked_questions():
        about = inspect.getdoc(one.function) or ""
        parts.append(f"## {one.name}\n\n{about}\n")
        if one.functions:
            parts.append(f"Python: {', '.join(f'`{public(name)}`' for name in one.functions)}.\n")
        if one.flags:
            told = descriptions(one.flags.options)
            rows = [f"| `--{f.name.replace('_', '-')}` | {told[f.name]} |" for f in fields(one.flags.options)]
            parts.append("\n".join(["| `integrade fit` | |", "|---|---|", *rows]) + "\n")
        if one.options:
            head = f"[[{one.name}]]" if one.several else f"[{one.name}]"
            keys = [_key(name, field) for name, field in one.options.model_fields.items()]
            parts.append("\n".join([f"| `{head}` | default | |", "|---|---|---|", *keys]) + "\n")
        if one.example:
            parts.append(f"```toml\n{one.example}```\n")
    return "\n".join(parts)


QUESTIONS = """# Questions a referee asks

Written by `make docs` from the record of each question (`src/integrade/subjects/`): the functions in Python, the
flags of `integrade fit`, the section of study.toml. Every section but `[[outcomes]]`, `[[indices]]` and `[[samples]]`
takes `run = false`, which leaves the question out; no other key need stand beside it. `integrade new` and `demo` write
study.schema.json beside study.toml, from which editors complete and check its keys; it has the sections of integrade's
own questions, not those of a plugin.

The regression itself is `fit`, with `--vcov`, `--cluster`, `--wild` and the others of `integrade fit --help`, and
`[regression]` of study.toml; several in one pass are `fit_many` and `--split`; other models of the outcome `ppml`,
`fractional_logit` and `--model`. How noisy the index is say `index_trust`, `good_influence` and `pure_regions`.
"""


def public(name: str) -> str:
    """Where a function is found: ``fit``, or ``questions.oster``."""
    return name if name in dir(integrade) else f"questions.{name}"


def _key(name: str, field: Any) -> str:
    default = "needed" if field.is_required() else f"`{field.get_default(call_default_factory=True)!r}`"
    return f"| `{name}` | {default.replace('|', chr(92) + '|')} | {field.description or ''} |"


def sources() -> str:
    """What `integrade list` says of every public source."""
    parts = [
        "# Public sources\n\nWritten by `make docs` from `integrade list NAME`; docs/reading.md says how to use them.\n"
    ]
    return "\n".join([*parts, *(f"## {name}\n\n```\n{_said('list', name)}\n```\n" for name in recipes())])


def references() -> str:
    """Every work of the bibliography, with the measures and methods that rest on it."""
    used: dict[str, list[str]] = {}
    for measure in CATALOGUE.values():
        for work in named(measure.cite):
            used.setdefault(work.key, []).append(f"`{measure.name}`")
    for method in methods():
        for key in method.works:
            used.setdefault(key, []).append(say(f"references.{method.name}"))
    lines = [BIBLIOGRAPHY]
    for work in merged(bibliography().values()):
        chinese = f" {printed(work, 'zh')}" if work.chinese else ""
        lines.append(f"- {printed(work)}{chinese}" + (f" *{', '.join(used[work.key])}*" if work.key in used else ""))
    return "\n".join(lines) + "\n"


BIBLIOGRAPHY = """# Bibliography

Written by `make docs` from `src/integrade/report/references.bib`: every work that integrade, its documentation or its
messages name. In italics the measures and methods of a study that cite it; `integrade cite STUDY` prints the works of
one run as BibTeX. A volume, page or DOI that could not be made certain is left out.
"""


def _said(*call: str) -> str:
    said = io.StringIO()
    with redirect_stdout(said):
        run(list(call))
    return "\n".join(line.rstrip() for line in said.getvalue().splitlines()).strip()


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
