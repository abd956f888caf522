"""Read a study file and report all its problems at once; wrong parts are left out so that the rest can be checked."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, get_type_hints

from pydantic import BaseModel, ValidationError

from integrade.errors import (
    BadFormula,
    FileMissing,
    IntegradeError,
    Problems,
    UnknownName,
    UsageError,
    did_you_mean,
    speaking,
)
from integrade.records.confidence import declared_in, instead_of
from integrade.study.config import Study, study_model, with_preset
from integrade.study.lines import Lines, locate, placed
from integrade.study.lines import Path as Place
from integrade.study.plugins import left_out
from integrade.study.text import read_toml, text_of
from integrade.subjects import questions
from rawcells import doors
from rawcells.bytes.encodings import utf8_named

LISTED = ("covariates", "ratios", "hypotheses")
"""Sections (in addition to sections of questions) that are always written with two brackets."""
TIMES = 5
"""Largest number of times that a study is validated again without the values refused so far.

A convention that ends the loop.
"""


class Draft(NamedTuple):
    """The valid part of a study file: the study without refused values, if there is one, and the problems.

    ``dropped``: the paths of keys whose values were left out.
    """

    study: Study | None
    problems: tuple[IntegradeError, ...]
    lines: Lines
    dropped: tuple[Place, ...] = ()


def read_draft(path: Path, without: Collection[str] = ()) -> Draft:
    """Read a study file, ignoring the sections ``without``.

    Raises `FileMissing`, and `BadFormula` for text that is not TOML or in an unknown encoding.
    """
    from integrade.study.option_sections import wrong_options

    path = path / "study.toml" if path.is_dir() else path
    if not doors.regular(path).exists():
        near = sorted(p.name for p in path.parent.glob("*.toml")) if path.parent.exists() else []
        raise FileMissing(
            f"no study file at {path}",
            remedy="integrade new DIR writes one" + (f"; {did_you_mean(path.name, near)}" if near else ""),
        )
    utf8_named(path)
    text = text_of(path)
    try:
        raw = read_toml(text)
    except tomllib.TOMLDecodeError as problem:
        match = re.search(r"line (\d+)", str(problem))
        number, rows = int(match[1]) if match else 0, text.splitlines()
        raise BadFormula(
            f"{path.name} is not valid TOML: {problem}",
            where=f"line {number}: {rows[number - 1].strip()}" if 0 < number <= len(rows) else "",
            remedy=_toml_hint(text, str(problem)),
        ) from None
    lines = locate(text, path.name)
    raw = {name: section for name, section in raw.items() if name not in without}
    study, raw, problems, dropped = _without_mistakes(raw, lines)
    if study is not None:
        problems += {str(one): one for one in declared(study, lines, whole=not dropped)}.values()
        wrong = wrong_options(study)
        if wrong:  # `declared` refused these; without them no code reads a value of a wrong type
            dropped += wrong
            for place in wrong:
                raw = _pruned(raw, place)
            study = study_model().model_validate(with_preset(raw))
    return Draft(study, tuple(problems), lines, tuple(dropped))


def declared(study: Study, lines: Lines, *, whole: bool = True) -> list[IntegradeError]:
    """Return the problems of measures, registers and hypotheses that can be found from the study file without data.

    Hypotheses are checked only if the study is ``whole``, because they may name parts that were left out of a draft.
    """
    from integrade.study.measures import check_measures, families_of
    from integrade.study.parts import check_parts
    from integrade.study.registers import check_registers

    problems = [*check_parts(study, lines), *check_measures(study, lines, families_of(study))]
    problems += check_registers(study, lines)
    if study.hypotheses and whole:
        from integrade.study.hypotheses import check_rules

        problems += check_rules(study, lines)
    return problems


def all_of(problems: Sequence[IntegradeError]) -> IntegradeError:
    """Return a single problem unchanged, and several problems as `Problems`."""
    return problems[0] if len(problems) == 1 else Problems(problems)


def _without_mistakes(
    raw: dict[str, Any], lines: Lines
) -> tuple[Study | None, dict[str, Any], list[IntegradeError], list[Place]]:
    """Return the study made from the valid content of a file, this content, the problems, and the left-out paths."""
    dropped: list[Place] = []
    problems: list[IntegradeError] = []
    plugins = raw.get("plugins")
    left = left_out([p for p in plugins if isinstance(p, str)]) if isinstance(plugins, list) else []
    for _ in range(TIMES):
        try:
            return study_model().model_validate(with_preset(raw)), raw, problems, dropped
        except ValidationError as problem:
            errors = problem.errors()
        gone = [e for e in errors if e["type"] == "missing" and _needless(_path(e["loc"]), raw, dropped)]
        new = [one for error in errors if error not in gone for one in _explain(error, lines, left)]
        known = {str(one) for one in problems}
        problems += [one for one in new if str(one) not in known]
        paths = [_path(error["loc"]) for error in errors if error["type"] != "missing"]
        missing = [_path(error["loc"])[:-1] for error in errors if error["type"] == "missing"]
        if any(not path for path in missing):
            return None, raw, problems, dropped
        for path in sorted({*paths, *missing}, key=lambda p: [str(x).zfill(6) for x in p], reverse=True):
            raw = _pruned(raw, path)
            dropped.append(path)
    return None, raw, problems, dropped


def _needless(path: tuple[str | int, ...], raw: Any, dropped: Sequence[Place]) -> bool:
    """Return whether a missing key was refused already, or is in a section with ``run = false``."""
    section = raw
    for part in path[:-1]:
        with suppress(LookupError, TypeError):  # a single [groups] has no number
            section = section[part]
    off = isinstance(section, dict) and section.get("run") is False
    return path in dropped or (off and "run" in _model_of(path[:-1]).model_fields)


def _path(loc: Sequence[str | int]) -> tuple[str | int, ...]:
    """Return the path of keys to a value, without the words that pydantic adds to name a member of a union."""
    return tuple(part for part in loc if isinstance(part, int) or re.fullmatch(r"[^\[\]()]+", part))


def _pruned(node: Any, path: Sequence[str | int]) -> Any:
    """Return the content without the value at ``path``.

    If the path does not reach a value, the value that encloses it is left out instead.
    """
    if not path:
        return node
    head, below = path[0], path[1:]
    if isinstance(node, dict) and head in node:
        inner = node[head]
        deeper = below and isinstance(inner, dict | list) and _reaches(inner, below)
        kept = _pruned(inner, below) if deeper else None
        return {**node, head: kept} if deeper else {k: v for k, v in node.items() if k != head}
    if isinstance(node, dict) and isinstance(head, int):  # a single [instruments], or a list
        return _pruned(node, below)
    if isinstance(node, list) and isinstance(head, int) and head < len(node):
        if below and isinstance(node[head], dict):
            return [_pruned(item, below) if i == head else item for i, item in enumerate(node)]
        return [item for i, item in enumerate(node) if i != head]
    return node


def _reaches(node: Any, path: Sequence[str | int]) -> bool:
    """Return whether the first step of a path is possible; a single section needs no number."""
    head = path[0]
    if isinstance(node, dict):
        return head in node or isinstance(head, int)
    return isinstance(head, int) and head < len(node) and isinstance(node[head], dict)


def _toml_hint(text: str, problem: str) -> str:
    """Return the remedy for a text that is not TOML."""
    twice = re.match(r"Cannot declare \((.*)\) twice", problem)
    if twice:
        name = ".".join(re.findall(r"'([^']*)'", twice[1]))
        several = any(q.several and q.name == name for q in questions()) or name in LISTED
        more = f", or write [[{name}]] above each" if several else ""
        return f"[{name}] appears twice: put its keys under one heading{more}"
    if problem.startswith("Cannot overwrite a value"):
        return "the key or the section appears twice: keep one of them"
    unquoted = re.search(r"(?m)[=\[,]\s*(0\d+)\s*(?=[,\]\n#]|$)", text)
    if unquoted:
        code = unquoted.group(1)
        return f'quote codes: write "{code}", not {code} (a leading zero is not a number in TOML)'
    if problem.startswith("Illegal character '\\n'"):
        return "close the quote that is open in this line"
    return "text goes in quotes, lists in [..]; integrade new DIR writes a commented example"


def _explain(error: Any, lines: Lines, left: Sequence[str] = ()) -> Iterable[IntegradeError]:
    """Yield a problem found by pydantic in the words of the study file; ``left`` are plugins that were not loaded."""
    path = _path(error["loc"])
    name, section = str(path[-1]) if path else "", path[:-1]
    if error["type"] == "extra_forbidden":
        place = lines.place(path, key=False) if section else f"{lines.place(path).rsplit(' ', 1)[0]}"
        model = _model_of(section)
        declared = declared_in(get_type_hints(model, include_extras=True))
        with speaking("file"):
            remedy = instead_of(name, error["input"], declared) or did_you_mean(name, model.model_fields)
        if left and not section:
            remedy = f"--plugins, if it is a question of {', '.join(left)}, which was not loaded; {remedy}"
        yield UnknownName(f"{place}: unknown key {name!r}", remedy=remedy)
        return
    if error["type"] == "missing" and isinstance(path[-1], int):
        example = _example_of(section)
        yield UsageError(f"{lines.place(section)}: value {path[-1] + 1} of the list is missing", example=example)
        return
    if error["type"] in ("model_type", "list_type", "tuple_type") and len(path) == 1:
        once = isinstance(error["input"], list)
        what = f"[{name}] may appear only once" if once else f"[{name}] is a list of sections"
        if once or isinstance(error["input"], dict):
            write = f"write [{name}], not [[{name}]]" if once else f"write [[{name}]], not [{name}]"
            yield UsageError(f"{lines.place(path)}: {what}", remedy=write)
            return
    if error["type"] == "missing":
        place = f"{lines.place(section)}: key {name!r} is missing"
        what = place if section else f"key {name!r} is missing from {lines.file}"
        yield UsageError(what, remedy="integrade new DIR writes a commented example")
        return
    causes = getattr((error.get("ctx") or {}).get("error"), "args", ())
    if causes and isinstance(causes[0], IntegradeError):  # from one of integrade's own validators
        yield from placed(causes[0], lines.place(path))
        return
    example = repr(error.get("input"))[:80]
    if error["type"] == "literal_error":
        choices = re.findall(r"'([^']*)'", str(error["ctx"]["expected"]))
        yield UsageError(
            f"{lines.place(path)}: no such choice", example=example, remedy=did_you_mean(str(error["input"]), choices)
        )
        return
    yield UsageError(f"{lines.place(path)}: {error['msg'].removeprefix('Value error, ')}", example=example)


def _example_of(path: Sequence[str | int]) -> str:
    """Return the default of the list at a path, as an example for a message."""
    end = max(i for i, part in enumerate(path) if isinstance(part, str))
    field = _model_of(path[:end]).model_fields.get(str(path[end]))
    default = field.get_default(call_default_factory=True) if field else None
    return f"{path[end]} = {json.dumps(list(default))}" if isinstance(default, (list, tuple)) else ""


def _model_of(sections: Sequence[str | int]) -> Any:
    """Return the class of the section at a path."""
    model: Any = study_model()
    for section in sections:
        if isinstance(section, str) and section in model.model_fields:
            field = model.model_fields[section].annotation
            options = [field, *getattr(field, "__args__", ())]
            model = next((o for o in options if isinstance(o, type) and issubclass(o, BaseModel)), model)
        else:
            model = getattr(model, "single", model)  # [tables.4]
    return model


def load(path: Path) -> Study:
    """Read and check a study file; return the study.

    Raises `FileMissing`, `BadFormula` for text that is not TOML (with a hint to quote codes), `UnknownName` and
    `UsageError` for keys and values, each with its line. Several errors are raised together as `Problems`.
    """
    draft = read_draft(path)
    if draft.problems or draft.study is None:
        raise all_of(draft.problems)
    return draft.study
