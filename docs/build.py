"""Write docs/measures.md, docs/commands.md and docs/sources.md from the program, so that they cannot differ from it."""

from __future__ import annotations

import inspect
import io
from contextlib import redirect_stdout
from pathlib import Path

import integrade.integration
import integrade.quality  # noqa: F401
from integrade.cli import COMMANDS, run
from integrade.measure import CATALOGUE
from integrade.sources.recipe import recipes

HERE = Path(__file__).parent


def measures() -> str:
    """One section per measure: its docstring, its options and their defaults."""
    parts = ["# Measures\n\nWritten by `make docs` from the measures' own records.\n"]
    for record in CATALOGUE.values():
        adds = "\n".join(f"- `{column}`: {unit}" for column, unit in record.adds.items())
        more = f", can use {', '.join(record.uses)}" if record.uses else ""
        parts.append(
            f"## {record.name}\n\nFamily {record.family}; needs {', '.join(record.needs)}{more}; one row per "
            f"{', '.join(record.key)}.\n\n{adds}\n\n```\n{inspect.getdoc(record.function)}\n```\n\n"
            f"### Options\n\n```\n{inspect.getdoc(record.options)}\n```\n\nSource: {record.cite}\n"
        )
    return "\n".join(parts)


def commands() -> str:
    """The help text of every command."""
    parts = ["# Commands\n\nWritten by `make docs` from `integrade COMMAND --help`.\n"]
    return "\n".join([*parts, *(f"## {name}\n\n```\n{_said(name, '--help')}\n```\n" for name in COMMANDS)])


def sources() -> str:
    """What `integrade list` says of every public source."""
    parts = [
        "# Public sources\n\nWritten by `make docs` from `integrade list NAME`; docs/reading.md says how to use them.\n"
    ]
    return "\n".join([*parts, *(f"## {name}\n\n```\n{_said('list', name)}\n```\n" for name in recipes())])


def _said(*call: str) -> str:
    said = io.StringIO()
    with redirect_stdout(said):
        run(list(call))
    return "\n".join(line.rstrip() for line in said.getvalue().splitlines()).strip()


if __name__ == "__main__":
    (HERE / "measures.md").write_text(measures(), encoding="utf-8")
    (HERE / "commands.md").write_text(commands(), encoding="utf-8")
    (HERE / "sources.md").write_text(sources(), encoding="utf-8")
    print("wrote docs/measures.md, docs/commands.md and docs/sources.md")
