"""Which raw files a study names."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_type_hints

from integrade.errors import FileMissing, did_you_mean
from integrade.integration.options import file_options
from integrade.measure import CATALOGUE
from integrade.quality.sigma import names_a_file
from integrade.study.config import Source, Study


def sources_of(study: Study) -> list[tuple[str, Source]]:
    """Every raw table of a study with its section, in reading order."""
    single = [(t, getattr(study, t)) for t in ("prices", "flows", "output", "gdp", "survey", "customs", "firms")]
    listed = [*single, *[("covariates", source) for source in study.covariates], ("education", study.education)]
    return [(table, source) for table, source in listed if source is not None]


def files_of(source: Source, root: Path) -> tuple[Path, ...]:
    """The files a section names, patterns and folders expanded, sorted. Raises `FileMissing` with the nearest name."""
    found: list[Path] = []
    for pattern in source.files:
        path = root / pattern
        hits = sorted(path.iterdir()) if path.is_dir() else sorted(root.glob(pattern))
        hits = [hit for hit in hits if hit.is_file() and not hit.name.startswith((".", "~"))]
        if not hits:
            names = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
            raise FileMissing(
                f"no file matches {pattern!r}", where=str(path.parent), remedy=did_you_mean(path.name, names)
            )
        found += hits
    return tuple(dict.fromkeys(found))


def question_files(study: Study, root: Path) -> tuple[Path, ...]:
    """The files that the questions of a study name: instruments, neighbours, classes of products; those that exist."""
    named = [name for one in study.instruments for name in (one.trait, one.series, one.pairs)]
    named += [study.spillover.neighbours] if study.spillover else []
    named += [study.row_level.rauch] if study.row_level else []
    paths = [root / name for name in named if name and name != "adjacent"]
    return tuple(dict.fromkeys(path for path in paths if path.is_file()))


def index_files(study: Study, root: Path) -> dict[str, Path]:
    """The options of the relative-price index that name a file (pairs, distances, weights, groups), and where it is."""
    relative = study.integration.get("method", "relative_price") == "relative_price"
    return file_options(study.integration, root) if relative else {}


def quality_files(study: Study, root: Path) -> dict[str, Path]:
    """The options of the quality measure that name a file (sigma, fallback_sigma, gdp ...), and where it is."""
    hints = get_type_hints(CATALOGUE[str(study.quality.get("method", "demand_residual"))].options)
    named = {k: v for k, v in study.quality.items() if hints.get(k) is Any and names_a_file(v)}
    return {option: root / name for option, name in named.items()}
