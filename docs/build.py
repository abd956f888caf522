"""Write docs/measures.md and docs/commands.md from the program itself, so that they cannot disagree with it."""

from __future__ import annotations

import inspect
import io
from contextlib import redirect_stdout
from pathlib import Path

import integrade.integration
import integrade.quality  # noqa: F401
from integrade.cli import COMMANDS, run
from integrade.measure import CATALOGUE

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
    for name in COMMANDS:
        said = io.StringIO()
        with redirect_stdout(said):
            run([name, "--help"])
        text = "\n".join(line.rstrip() for line in said.getvalue().splitlines())
        parts.append(f"## {name}\n\n```\n{text.strip()}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    (HERE / "measures.md").write_text(measures(), encoding="utf-8")
    (HERE / "commands.md").write_text(commands(), encoding="utf-8")
    print("wrote docs/measures.md and docs/commands.md")
