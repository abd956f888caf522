"""List what a finished run rests on: the works of its methods, its data, and integrade itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from integrade.errors import IntegradeError
from integrade.report.cited import cited
from integrade.report.references import Reference, bibtex, escaped, plain, printed
from integrade.sources.meaning.recipe import Recipe, recipes
from integrade.sources.origins.addresses import address_of
from integrade.study.config import Source
from integrade.study.finished import MANIFEST, manifest_of
from integrade.study.inputs import files_of, sources_of
from integrade.study.loaded import LoadedRun, load_run
from integrade.study.show import last_run
from plainwords.escaping import for_html
from plainwords.texts import language_spoken, listed, say

NAMED = 3
"""How many files of a table are named; the others are counted."""
TITLE = "integrade: market integration and export quality, from raw files to a checkable study"
YEARS = {"0.2.0": "2026"}
"""Year of release by version, as in CITATION.cff."""


@dataclass(frozen=True)
class Citations:
    """The works, data and software that a run cites; each work of its ``methods`` has its reasons."""

    run: str
    methods: tuple[Reference, ...]
    data: tuple[Reference, ...]
    software: tuple[Reference, ...]

    def __iter__(self) -> Iterator[Reference]:
        """Yield all entries: methods, data, software."""
        return iter((*self.methods, *self.data, *self.software))

    def bibtex(self) -> str:
        """Return all entries as BibTeX; the reasons precede each as a comment."""
        return "\n\n".join(map(bibtex, self))

    def text(self) -> str:
        """Return a reference list as text; the reasons follow each work."""
        parts = ((say(f"references.heading-{name}"), getattr(self, name)) for name in ("methods", "data", "software"))
        return "\n\n".join("\n".join([head, *map(_line, entries)]) for head, entries in parts if entries)

    def __str__(self) -> str:
        """Return the reference list as text."""
        return self.text()

    def _repr_html_(self) -> str:
        """Return the reference list for a notebook."""
        return f"<pre>{for_html(self.text())}</pre>"

    def record(self) -> dict[str, Any]:
        """Return the entries as plain values, for JSON."""
        return {
            "run": self.run,
            "methods": [_record(entry) for entry in self.methods],
            "data": [_record(entry) for entry in self.data],
            "software": [_record(entry) for entry in self.software],
        }


def cite(study: str | Path | LoadedRun) -> Citations:
    """Return what a finished run cites: the works of the methods it used, its data, and integrade.

    Args:
        study: the study's folder or its study.toml (its last run is taken), the folder of a run, or a `load_run`.

    Returns:
        One `Citations`: ``methods``, ``data``, ``software``, and all of them with ``bibtex()`` and ``text()``.

    Raises:
        FileMissing: the study has no finished run. Unreadable: the run is damaged, or was made by another version.

    Example:
        >>> print(cite("mystudy").bibtex())  # doctest: +SKIP
    """
    run = study if isinstance(study, LoadedRun) else _loaded(Path(study))
    manifest = manifest_of(run.folder)
    return Citations(
        run.folder.name,
        cited(run.results),
        tuple(_data(run, manifest["inputs"])),
        (integrade(str(manifest["integrade"])),),
    )


def _loaded(path: Path) -> LoadedRun:
    folder = path if (path / MANIFEST).is_file() else last_run(path)
    folder = folder.resolve()
    return load_run(folder.parents[1], folder.name)


def integrade(version: str) -> Reference:
    """Return integrade in one version as a reference."""
    fields = {"howpublished": "Software", "note": say("references.version", version=version)}
    return Reference("integrade", "misc", ("{The integrade authors}",), YEARS.get(version, ""), TITLE, fields)


def _data(run: LoadedRun, inputs: Sequence[Mapping[str, Any]]) -> Iterator[Reference]:
    """Yield one entry for each raw table of the study, with its origin as far as the study states it."""
    tables = sources_of(run.study)
    for at, (table, source) in enumerate(tables):
        several = sum(name == table for name, _ in tables) > 1
        key = f"data_{table}_{at + 1}" if several else f"data_{table}"
        known = recipes().get(source.reading().source or "")
        yield _origin(key, table, source, known, _notes(run, table, source, inputs))


def _origin(key: str, table: str, source: Source, known: Recipe | None, notes: list[str]) -> Reference:
    if known is None:
        recipe = source.reading().source
        own = [say("references.own-recipe", recipe=str(recipe))] if recipe else []
        fields = {"note": escaped(listed([*own, *notes], "semicolon"))}
        return Reference(key, "misc", (), "", escaped(say("references.raw-data", table=table)), fields)
    fields = {"url": known.url, "note": escaped(listed([known.cite.rstrip("."), *notes], "semicolon"))}
    return Reference(key, "misc", (f"{{{escaped(known.provider)}}}",), "", escaped(known.title), fields)


def _notes(run: LoadedRun, table: str, source: Source, inputs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what is known of the files of a table: their names, checksums, and when the newest was last changed."""
    root = run.folder.parents[1]
    try:
        found = files_of(source, root)
    except IntegradeError:  # the raw files are no longer there; the run names them
        found = ()
    local = [path for path in found if isinstance(path, Path) and path.is_file()]
    here = {path.relative_to(root).as_posix() for path in local if path.is_relative_to(root)}
    of_table = [one for one in inputs if one["table"] == table]
    used = [one for one in of_table if one["file"] in here] or of_table
    names = [str(one["file"]) for one in used] or [str(address_of(name) or name) for name in source.files]
    more = "" if len(names) <= NAMED else " ..."
    notes = [str(say("references.files", n=len(names), names=listed(names[:NAMED], "comma") + more))]
    if len(used) == 1:
        notes.append(say("references.checksum", sha256=str(used[0]["sha256"])))
    elif used:
        notes.append(say("references.checksums", run=run.folder.name))
    if local:
        newest = max(path.stat().st_mtime for path in local)
        notes.append(say("references.changed", date=f"{datetime.fromtimestamp(newest, UTC):%Y-%m-%d}"))
    return notes


def _line(entry: Reference) -> str:
    reasons = listed(entry.why, "semicolon") if entry.why else ""
    return f"  {printed(entry, language_spoken())}" + (f"\n      {reasons}" if reasons else "")


def _record(entry: Reference) -> dict[str, Any]:
    return {
        "key": entry.key,
        "kind": entry.kind,
        "authors": [plain(author) for author in entry.authors if author],
        "year": entry.year,
        "title": plain(entry.title),
        **{name: plain(value) for name, value in entry.fields.items()},
        "why": list(entry.why),
        "printed": printed(entry),
    }
