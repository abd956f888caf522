"""Define ``list`` and ``doctor``: what integrade contains, and what this machine has."""

from __future__ import annotations

import importlib
import importlib.util
import os
import platform
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from integrade.cli import say
from integrade.errors import UnknownName, did_you_mean

Files = Annotated[tuple[Path, ...], Parameter(negative=())]


def list_measures(name: str | None = None, /, *, sources: bool = False, plugin: Files = (), json: bool = False) -> None:
    """List measures (formula, needs, unit, paper) and questions, or public sources (columns, units, traps).

    Parameters
    ----------
    name
        One measure, question or source, or the function of a section such as firm_controls, shown in full. ``rules``
        lists the results that a hypothesis may name. If absent, all measures and questions are listed.
    sources
        List the public sources instead of the measures.
    plugin
        A .py file of yours with measures, questions or hypotheses, which is run; repeatable.
    json
        Print one JSON object.
    """
    from integrade.cli.sources import list_sources, names
    from integrade.subjects import question_named, questions

    say.loaded(plugin)
    if name == "rules":
        from integrade.cli.rules import list_rules

        list_rules(json=json)
        return
    if sources or name in names():
        list_sources(name, json=json)
        return
    import integrade.integration
    import integrade.quality  # noqa: F401 - both fill the catalogue
    from integrade.records.catalogue import CATALOGUE

    asked = question_named(name) if name else None
    if asked is not None:
        _show_question(asked, json=json)
        return
    if name in SECTIONS:
        _show_function(name, json=json)
        return
    if name is not None and name not in CATALOGUE:
        known = [*CATALOGUE, *names(), *(q.name for q in questions()), *SECTIONS]
        raise UnknownName(f"no measure, question or source {name!r}", remedy=did_you_mean(name, known))
    chosen = [CATALOGUE[name]] if name else list(CATALOGUE.values())
    if json:
        say.as_json(
            {
                m.name: {
                    "family": m.family,
                    "needs": m.needs,
                    "uses": m.uses,
                    "key": m.key,
                    "adds": dict(m.adds),
                    "cite": m.cite,
                    "options": _options(m.options),
                    "choices": _choices(m.options),
                    "doc": m.doc,
                }
                for m in chosen
            }
        )
        return
    for m in chosen:
        more = f", can use {', '.join(m.uses)}" if m.uses else ""
        say.line(f"{m.name}  ({m.family}: needs {', '.join(m.needs)}{more}; one row per {', '.join(m.key)})")
        say.line(f"  {m.about}")
        say.line("  adds " + ", ".join(f"{column} [{unit}]" for column, unit in m.adds.items()))
        say.line(f"  {m.cite}\n" if m.cite else "")
        if name:
            say.line(m.doc)
            allowed = _choices(m.options)
            for option, default in _options(m.options).items():
                among = f"choices: {', '.join(allowed[option])}; " if option in allowed else ""
                say.line(f"  --{option.replace('_', '-')} ({among}default {default})")
    if not name:
        say.line("questions of a study (integrade list NAME shows the section of study.toml)")
        for question in questions():
            say.line(f"  {question.name:<12} {question.about}")


SECTIONS = {
    "firm_controls": ("controls", "integrade.panel.controls", "Controls"),
    "firm_identity": ("identity", "integrade.panel.identity", "FirmIdentity"),
    "tfp": ("tfp", "integrade.panel.productivity", "Tfp"),
}
"""Functions whose options are a section of study.toml -> the section, the module of the options, and their class."""


def _show_function(name: str, *, json: bool) -> None:
    """Print a function with the options that its section of study.toml takes."""
    from integrade.records.catalogue import options_of

    section, module, kind = SECTIONS[name]
    options = getattr(importlib.import_module(module), kind)
    if json:
        say.as_json({name: {"section": section, "options": _options(options), "choices": _choices(options)}})
        return
    say.line(f"{name}  (the section [{section}] of study.toml)")
    say.line(f"  {str(options.__doc__).partition(chr(10))[0]}")
    allowed, defaults = _choices(options), _options(options)
    for key, option in options_of(options).items():
        among = f"choices: {', '.join(allowed[key])}; " if key in allowed else ""
        say.line(f"  {key} ({among}default {defaults[key]}): {option.about}")


def _show_question(one: Any, *, json: bool) -> None:
    """Print a question with the keys of its section."""
    keys = {} if one.options is None else one.options.model_fields
    if json:
        defaults = {
            key: "none: required" if f.is_required() else repr(f.get_default(call_default_factory=True))
            for key, f in keys.items()
        }
        say.as_json({one.name: {"asks": one.about, "options": defaults, "functions": one.functions}})
        return
    say.line(f"{one.name}  (a question)")
    say.line(f"  {one.about}")
    for key, f in keys.items():
        default = "none: required" if f.is_required() else repr(f.get_default(call_default_factory=True))
        say.line(f"  {key} (default {default}){': ' if f.description else ''}{f.description or ''}")


def _options(kind: type) -> dict[str, str]:
    from integrade.records.catalogue import options_of

    return {
        name: "none: required" if option.required else repr(option.default) for name, option in options_of(kind).items()
    }


def _choices(kind: type) -> dict[str, list[str]]:
    """Return the choices of each option that takes one of several words, as its flag takes them."""
    from integrade.records.catalogue import choices, options_of, plain

    allowed = {name: choices(plain(option.hint)) for name, option in options_of(kind).items()}
    return {name: [str(c) for c in of if c is not None] for name, of in allowed.items() if of}


def doctor(*, json: bool = False) -> None:
    """Show what this machine has and what is missing: memory, encodings and engines.

    Parameters
    ----------
    json
        Print one JSON object.
    """
    from integrade import __version__
    from integrade.engine import cluster
    from integrade.engine.frames import memory_budget

    try:
        memory = f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.1f} GiB memory"
    except (ValueError, OSError, AttributeError):
        memory = "memory unknown"
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    driver = importlib.util.find_spec("adbc_driver_postgresql")
    states = {
        "integrade": __version__,
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}, {cores} cores, {memory}",
        "output encoding": f"{sys.stdout.encoding} ({'can' if _can_print_chinese() else 'cannot'} print Chinese)",
        "memory budget": f"{memory_budget() / 2**30:.1f} GB (INTEGRADE_MEMORY); larger tables run on DuckDB and spill",
        "engine polars": _version("polars"),
        "engine duckdb": _version("duckdb"),
        "engine spark": _version("pyspark", "pip install 'integrade[spark]'"),
        "PostgreSQL driver": "installed" if driver else "not installed: pip install 'integrade[sql]'",
        "java (for spark)": cluster.java_of(os.environ).state,
        "spark runs on": cluster.state(os.environ),
    }
    if json:
        say.as_json(states)
        return
    for what, state in states.items():
        say.line(f"{what:<18} {state}")


def completion(shell: Literal["bash", "zsh", "fish"], /) -> None:
    """Print a script that completes commands, flags and choices; the shell loads it from the folder named below.

    bash: ``integrade completion bash > ~/.local/share/bash-completion/completions/integrade``; zsh: to ``_integrade``
    in a folder of ``fpath``; fish: ``integrade completion fish > ~/.config/fish/completions/integrade.fish``.

    Parameters
    ----------
    shell
        The shell that the script is for.
    """
    from integrade.cli import app

    say.line(app.generate_completion(shell=shell).rstrip())


def _version(package: str, remedy: str = "") -> str:
    try:
        return str(importlib.import_module(package).__version__)
    except ImportError:
        return f"not installed: {remedy}" if remedy else "not installed"


def _can_print_chinese() -> bool:
    try:
        "市场一体化".encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
