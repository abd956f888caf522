"""Run many small cases in one test. `each` is written like `pytest.mark.parametrize`, without an item for each case.

Use it for many short cases. Use `parametrize` for cases that take a second, or whose failure needs a test of its own.
INTEGRADE_CASE=WORDS runs the cases whose name contains these words.
"""

from __future__ import annotations

import functools
import inspect
import itertools
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

LONGEST = 5
"""The number of failures that are shown with their traceback; the others have their name and error."""


def each(
    names: str | Sequence[str], values: Iterable[Any] | Callable[[], Iterable[Any]], ids: Any = None
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Run a test on every value and fail with all cases that fail, each by its name.

    `values` may be a function: it is called when the test runs, not when tests are collected. A case has a `tmp_path`
    of its own, its `monkeypatch` is undone after it, and what an earlier one printed is not in its `capsys`.
    """
    listed = names.split(",") if isinstance(names, str) else names
    arguments = tuple(name.strip() for name in listed if name.strip())
    known = values if callable(values) else list(values)  # as they are now: a registry may grow
    marked = [] if callable(known) else [value for value in known if _is_param(value) and value.marks]
    assert not marked, f"a case cannot be marked: {marked[0]}"

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        signature = inspect.signature(test)
        missing = set(arguments) - set(signature.parameters)
        assert not missing, f"{test.__name__} takes no {', '.join(sorted(missing))}"

        @functools.wraps(test)
        def whole(**fixtures: Any) -> None:
            asked = os.environ.get("INTEGRADE_CASE", "")
            all_cases = list(_cases(arguments, known() if callable(known) else known, ids))
            assert all_cases, f"{test.__name__} has no case"
            cases = [(name, case) for name, case in all_cases if asked in name]
            if not cases:
                pytest.skip(f"no case of {test.__name__} has {asked!r} in its name")
            failed: list[tuple[str, BaseException]] = []
            skipped: list[str] = []
            for at, (name, case) in enumerate(cases):
                try:
                    _run(test, fixtures, case, at)
                except pytest.skip.Exception as skip:
                    skipped.append(f"{name}: {skip}")
                except (Exception, pytest.fail.Exception) as error:
                    failed.append((name, error))
            if failed:
                pytest.fail(_told(failed, len(cases)), pytrace=False)
            if skipped:
                pytest.skip(f"{len(skipped)} of {len(cases)} cases: {skipped[0].partition(': ')[2]}")

        kept = [parameter for name, parameter in signature.parameters.items() if name not in arguments]
        whole.__signature__ = signature.replace(parameters=kept)  # type: ignore[attr-defined]
        return whole

    return decorate


def each_pair(*factors: tuple[str | Sequence[str], Iterable[Any]]) -> Callable[[Any], Callable[..., None]]:
    """Run a test as `each` does, on the cases that `pairs` makes of several lists of values with their names."""
    named = [((names,) if isinstance(names, str) else tuple(names), list(values)) for names, values in factors]
    cases = [
        tuple(
            part
            for (names, _), value in zip(named, case, strict=True)
            for part in ((value,) if len(names) == 1 else value)
        )
        for case in pairs(*(values for _, values in named))
    ]
    return each([name for names, _ in named for name in names], cases)


def pairs(*lists: Iterable[Any]) -> list[tuple[Any, ...]]:
    """Return a few cases in which each value of a list meets each value of every other list, not all combinations."""
    kept = [list(one) for one in lists]
    left = {
        ((i, a), (j, b))
        for i, j in itertools.combinations(range(len(kept)), 2)
        for a in range(len(kept[i]))
        for b in range(len(kept[j]))
    }
    found = []
    while left:
        chosen = dict(min(left))
        for at in (at for at in range(len(kept)) if at not in chosen):
            chosen[at] = max(range(len(kept[at])), key=lambda n: (_new(chosen, at, n, left), -n))
        left -= set(itertools.combinations(sorted(chosen.items()), 2))
        found.append(tuple(values[chosen[at]] for at, values in enumerate(kept)))
    return found


def _new(chosen: dict[int, int], at: int, n: int, left: set[Any]) -> int:
    """Count the pairs not yet covered that a choice would cover."""
    return sum((min(one, (at, n)), max(one, (at, n))) in left for one in chosen.items())


def _cases(arguments: tuple[str, ...], values: Iterable[Any], ids: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    named = None if ids is None or callable(ids) else list(ids)
    for at, value in enumerate(values):
        name = getattr(value, "id", None) if _is_param(value) else None
        if _is_param(value):
            assert not value.marks, f"a case cannot be marked: {value}"
            value = value.values[0] if len(arguments) == 1 else value.values
        parts = (value,) if len(arguments) == 1 else tuple(value)
        assert len(parts) == len(arguments), f"{len(parts)} values for {', '.join(arguments)}: {value!r}"
        if name is None and named is not None:
            name = str(named[at])
        if name is None:
            told = [ids(part) if callable(ids) else None for part in parts]
            name = "-".join(
                _said(word, part, f"{one}{at}") for word, part, one in zip(told, parts, arguments, strict=True)
            )
        yield name, dict(zip(arguments, parts, strict=True))


def _is_param(value: Any) -> bool:
    return isinstance(value, type(pytest.param(None)))


def _said(told: Any, part: Any, place: str) -> str:
    if told is not None:
        return str(told)
    if isinstance(part, (str, bytes, int, float, bool, complex)) or part is None:
        return str(part)
    return getattr(part, "__name__", None) or place


def _run(test: Callable[..., None], fixtures: dict[str, Any], case: dict[str, Any], at: int) -> None:
    own = dict(fixtures)
    with ExitStack() as after:
        if isinstance(own.get("tmp_path"), Path):
            own["tmp_path"] = own["tmp_path"] / f"case{at}"
            own["tmp_path"].mkdir()
        if isinstance(own.get("monkeypatch"), pytest.MonkeyPatch):
            own["monkeypatch"] = after.enter_context(pytest.MonkeyPatch.context())
        for name in ("capsys", "capfd"):
            if name in own:
                own[name].readouterr()
        for name in ("caplog", "recwarn"):
            if name in own:
                own[name].clear()
        test(**own, **case)


def _told(failed: list[tuple[str, BaseException]], n: int) -> str:
    lines = [f"{len(failed)} of {n} {'case fails' if len(failed) == 1 else 'cases fail'}:"]
    for at, (name, error) in enumerate(failed):
        if at < LONGEST:
            lines += ["", f"[{name}]", _place(error)]
        else:
            lines.append(f"[{name}] {type(error).__name__}: {(str(error).splitlines() or [''])[0]}")
    return "\n".join(lines)


def _place(error: BaseException) -> str:
    if isinstance(error, pytest.fail.Exception) and not error.pytrace:
        return re.sub(r"^", "  ", str(error), flags=re.MULTILINE)
    info = pytest.ExceptionInfo.from_exception(error)
    inside = info.traceback.filter(lambda entry: Path(entry.path) != Path(__file__))
    if inside:
        info.traceback = inside
    return str(info.getrepr(style="short"))
