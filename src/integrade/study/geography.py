"""Resolve ``[geography]``: the regions of a study."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from integrade.engine.system import is_file
from integrade.errors import IntegradeError, UnknownName, did_you_mean
from integrade.geography import Geography
from integrade.sources.tables.geography import joined, read_geography, with_neighbours

if TYPE_CHECKING:
    from integrade.study.config import Study


def geography_in(study: Study, root: Path) -> Geography | None:
    """Return the geography that a study names, with its aliases; None if the study names no geography."""
    return named_geography(study.geography, root) if study.geography is not None else None


def geography_or_none(study: Study, root: Path) -> Geography | None:
    """Return the geography of a study.

    Return None if the study has no geography, or an invalid geography, which `check` reports.
    """
    try:
        return geography_in(study, root)
    except IntegradeError:
        return None


def geography_files(study: Study, root: Path) -> tuple[Path, ...]:
    """Return the file of the regions, if the study names one that exists."""
    file = study.geography.file if study.geography is not None else None
    return (root / file,) if file and is_file(root / file) else ()


def geography_asked(study: Study) -> list[Any]:
    """Return the geography options for the key of a step; empty if the study names no geography."""
    return [{"geography": study.geography.model_dump(mode="json")}] if study.geography is not None else []


def named_geography(section: Any, root: Path) -> Geography:
    """Return the geography of a ``[geography]`` section, with its aliases.

    With both a country and a file, regions have the names, codes and areas of the country, and the outlines, map
    positions and neighbours of the file. Raises `UnknownName` for an alias that means no region, and the errors of
    `read_geography`.
    """
    from_file = read_geography(root / section.file, name=section.name) if section.file else None
    known = read_geography(section.country)
    geography = joined(known, from_file) if known and from_file else from_file or known or Geography("", "the study")
    if section.neighbours:
        geography = with_neighbours(geography, section.neighbours)
    for spelling, meant in section.aliases.items():
        if geography.regions and spelling != meant and geography.region(meant) is None:
            raise UnknownName(
                f"the alias {spelling!r} means {meant!r}, which is not a region of {geography.title}",
                remedy=did_you_mean(meant, [r.name for r in geography.regions]),
            )
    return geography.called(section.aliases)
