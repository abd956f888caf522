"""Print the public sources for ``list``: where to get them, columns with units, and warnings."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from integrade.cli import say
from integrade.errors import UnknownName, did_you_mean
from integrade.sources.meaning.recipe import Field, Recipe, recipes


def names() -> Sequence[str]:
    """Return the names of the sources."""
    return list(recipes())


def list_sources(name: str | None, *, json: bool) -> None:
    """Print every source in a line or two, or one source in full. Raises `UnknownName` with the nearest name."""
    known = recipes()
    if name is not None and name not in known:
        raise UnknownName(f"no source {name!r}", remedy=did_you_mean(name, known))
    if json:
        chosen = [known[name]] if name else list(known.values())
        say.as_json({r.name: dataclasses.asdict(r) for r in chosen})
        return
    if name is None:
        for r in known.values():
            say.line(f"{r.name:<22} {r.table:<11} {r.title} ({r.provider})")
        say.line(
            "\nintegrade list NAME shows one: columns, units, traps. Use: --source NAME, or source = NAME in study.toml"
        )
        return
    say.line("\n".join(_described(known[name])))


def _described(r: Recipe) -> Iterator[str]:
    yield f"{r.name}: {r.title}"
    yield f'  gives        {r.table} (--source {r.name}; study.toml: source = "{r.name}")'
    yield f"  from         {r.provider}, {r.url}"
    yield f"  cite         {r.cite}"
    if r.layout != "table":
        yield f"  layout       statistical tables, {r.layout}; the export of the national data portal"
    yield "  columns"
    width = max(len(column) for column in r.columns)
    for column, field in r.columns.items():
        if not field.hidden:
            yield f"    {column:<{width}} {_from(field)}"
    if r.rows:
        yield "  rows left out"
        yield from (f"    {rule.because}: not {rule.keep}" for rule in r.rows)
    if r.traps:
        yield "  beware"
        yield from (f"    - {trap}" for trap in r.traps)


def _from(one: Field) -> str:
    heads = " or ".join(one.headings) if one.headings else f"always {one.value!r}"
    done = [f"zeros restored to {one.pad} digits"] if one.pad else []
    done += [f"characters {one.cut[0] + 1} to {one.cut[0] + one.cut[1]}"] if one.cut else []
    done += [f"with {', '.join(one.also)} after it"] if one.also else []
    done += [f"x {one.times:g}"] if one.times != 1 else []
    done += ["may be absent"] if one.optional else []
    done += [f"{one.default:g} when absent"] if one.default is not None else []
    unit = f" [{one.unit}]" if one.unit else ""
    return f"{one.about + ', ' if one.about else ''}{heads}{unit}{'; ' if done else ''}{', '.join(done)}"
