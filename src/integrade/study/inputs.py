"""List the raw files that a study names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_type_hints

from integrade.engine.system import is_file
from integrade.errors import FileMissing, did_you_mean
from integrade.integration.given import pairs_without
from integrade.integration.options import file_options
from integrade.quality.sigma import names_a_file
from integrade.records.catalogue import options_of, plain
from integrade.records.needs import File as FileNeed
from integrade.records.needs import Only
from integrade.records.plugins import plugin_of
from integrade.sources.files.reading import Reading
from integrade.sources.files.selection import File, Found, find
from integrade.sources.origins.addresses import Address, address_of, under
from integrade.study.config import FirmSource, Source, Study
from integrade.study.geography import geography_files, geography_in
from integrade.study.measures import FAMILIES, FAMILY_OF, measure_of, tables_of, version_of
from integrade.study.plugins import plugin_files
from integrade.study.steps import sha256_of
from integrade.subjects import questions
from plainwords.account import Entry


class RawFile(NamedTuple):
    """A file of the user, the table that it holds (or the option that names it), and the steps that read it."""

    table: str
    file: File
    steps: tuple[str, ...]


def raw_files(study: Study, root: Path) -> tuple[RawFile, ...]:
    """Return every existing file on which a number of the study can depend, in the order of the steps."""
    steps_by_file: dict[tuple[str, File], tuple[str, ...]] = {}
    for step, table, file in _read(study, root):
        steps_by_file[table, file] = tuple(dict.fromkeys((*steps_by_file.get((table, file), ()), step)))
    return tuple(
        RawFile(table, file, steps)
        for (table, file), steps in steps_by_file.items()
        if isinstance(file, Address) or is_file(file)
    )


def _read(study: Study, root: Path) -> Iterator[tuple[str, str, File]]:
    """Yield step, table and file for every file that is read; a question reads the files that its section names."""
    sources = [
        *(("prices", table, source) for table, source in tables_of(study, "integration").items()),
        *(("quality", table, source) for table, source in tables_of(study, "quality").items()),
        *([("panel", "firms", study.firms)] if study.firms else []),
        *([("panel", "panel", study.panel)] if study.panel else []),
        *(("panel", table, source) for table, source in registers_of(study)),
        *(("panel", "covariates", source) for source in study.covariates),
        *([("panel", "output", study.output)] if study.ratios and study.output else []),
        *([("panel", "education", study.education)] if study.education else []),
        *([("panel", "deflators", study.deflators)] if study.deflators else []),
        *(("families", table, source) for table, source in family_sources(study).items()),
    ]
    for step, table, source in sources:
        try:
            yield from ((step, table, file) for file in everything_of(source, root))
        except FileMissing:
            continue
    yield from (("integration", option, path) for option, path in index_files(study, root).items())
    yield from (("quality", option, path) for option, path in quality_files(study, root).items())
    yield from (("prices", "geography", path) for path in geography_files(study, root))
    if study.matching and study.matching.reviewed:
        yield "panel", "reviewed", root / study.matching.reviewed
    yield from ((q.name, path.stem, path) for q in questions() for path in section_files(study, root, q.name))
    for path in plugin_files(study.plugins, root):
        yield from ((step, "plugins", path) for step in _using(study, path))
    if study.truth:
        yield from (("truth", "truth", path) for path in sorted((root / study.truth).glob("*")))


def _using(study: Study, plugin: Path) -> Iterator[str]:
    """Yield the steps that depend on a plugin: the steps of its measures and questions, and always ``models``."""
    chosen = [(family, study) for family in FAMILIES]
    chosen += [
        (section, version_of(study, section, item))
        for section in FAMILY_OF
        for item in getattr(study, section)
        if item.column is None
    ]
    for step, version in chosen:
        defined = plugin_of(measure_of(version, FAMILY_OF.get(step, step)).function.__module__)
        if defined is not None and defined.path == plugin.resolve():
            yield step
    for item in questions():
        defined = plugin_of(item.function.__module__)
        if defined is not None and defined.path == plugin.resolve() and study.section(item.name):
            yield item.name
    yield "models"


def registers_of(study: Study) -> list[tuple[str, Source]]:
    """Return the tables that identify firms in the customs records."""
    named = (("exporters", study.exporters), ("links", study.links))
    return [(table, source) for table, source in named if source is not None]


def sources_of(study: Study) -> list[tuple[str, Source]]:
    """Return every raw table of a study with its section, in reading order."""
    single = [
        (t, getattr(study, t)) for t in ("prices", "flows", "output", "gdp", "survey", "customs", "firms", "panel")
    ]
    single = [("registry" if t == "firms" and study.identity is not None else t, source) for t, source in single]
    listed = [*single, *[("covariates", source) for source in study.covariates], ("education", study.education)]
    listed.append(("deflators", study.deflators))
    sources = [(table, source) for table, source in listed if source is not None]
    return [*sources, *registers_of(study)]


def files_of(source: Source, root: Path) -> tuple[File, ...]:
    """Return the files that a section names. Raises the same errors as `found_of`."""
    return tuple(found_of(source, root).files)


def found_of(source: Source, root: Path) -> Found:
    """Return the files that a section names, after expanding patterns and folders, and entries on skipped files.

    Addresses of databases and URLs stay as they are. Raises `FileMissing` with the nearest name, `UsageError` for an
    address with a password.
    """
    files, left = list[File](), list[Entry]()
    for pattern in source.files:
        named = under(root, pattern)
        address = address_of(named)
        try:
            match = Found([address]) if address else find(named)
        except FileMissing:
            path = root / pattern
            names = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
            raise FileMissing(
                f"no file matches {pattern!r}", where=str(path.parent), remedy=did_you_mean(path.name, names)
            ) from None
        files += match.files
        left += match.left
    return Found(list(dict.fromkeys(files)), tuple(dict.fromkeys(left)))


def families_of(source: Source, root: Path) -> tuple[File, ...]:
    """Return the correspondence tables that a section names. Raises the same errors as `files_of`."""
    return files_of(source.model_copy(update={"files": source.reading().families}), root)


def reading_of(source: Source, root: Path) -> Reading:
    """Return the options with which the files of a section are read.

    The path of a user's own recipe is relative to ``root``.
    """
    chosen = source.reading()
    chosen = replace(chosen, rates=str(root / chosen.rates)) if chosen.rates else chosen
    is_own_recipe = chosen.source is not None and chosen.source.endswith(".toml")
    return replace(chosen, source=str(root / chosen.source)) if is_own_recipe and chosen.source else chosen


def everything_of(source: Source, root: Path) -> tuple[File, ...]:
    """Return all files that decide a section's content: raw files, correspondence tables, rates, a user's recipe."""
    recipe = reading_of(source, root).source
    rates = reading_of(source, root).rates
    named_files: tuple[Path, ...] = (Path(recipe),) if recipe and recipe.endswith(".toml") else ()
    named_files += (Path(rates),) if rates else ()
    more = [file for further in beside_of(source) for file in everything_of(further, root)]
    return (*files_of(source, root), *families_of(source, root), *named_files, *more)


def beside_of(source: Source) -> Sequence[Source]:
    """Return the sections of further accounts of the same firms."""
    return source.beside if isinstance(source, FirmSource) else ()


def described(file: File, root: Path) -> dict[str, Any]:
    """Return the manifest entry of a raw file: its name relative to the study, its size (0 on a server), its hash."""
    stored = Path(file.location) if isinstance(file, Address) else file
    size = stored.stat().st_size if stored.is_file() else 0
    shown = str(file).removeprefix(f"{root}/")
    return {"file": shown, "bytes": size, "sha256": sha256_of(file)}


def audit_files(root: Path) -> tuple[Path, ...]:
    """Return the audit that ``integrade audit`` wrote into the study folder, if any; the report links to it."""
    place = root / "audit" / "audit.json"
    return (place,) if is_file(place) else ()


def question_files(study: Study, root: Path) -> tuple[Path, ...]:
    """Return the existing files that the questions of a study name, and the plugins that are loaded.

    Examples are files of instruments, neighbours and classes of products.
    """
    named = [path for q in questions() for path in section_files(study, root, q.name)]
    return tuple(dict.fromkeys([*named, *plugin_files(study.plugins, root)]))


def section_files(study: Study, root: Path, section: str) -> tuple[Path, ...]:
    """Return the existing files that the options of one section name (`files_in`)."""
    given = study.section(section) or ()
    named = [name for item in (given if isinstance(given, tuple) else (given,)) for name in files_in(item)]
    return tuple(dict.fromkeys(path for path in (root / name for name in named) if is_file(path)))


def files_in(section: Any) -> Iterator[str]:
    """Yield the values of a section that name files."""
    for name, hint in get_type_hints(type(section), include_extras=True).items():
        value = getattr(section, name, None)
        if not isinstance(value, str):
            continue
        for part in get_args(hint):
            need = part.need if isinstance(part, Only) else part
            if isinstance(need, FileNeed) and value not in need.words and not need.like(value):
                yield value


def version_files(study: Study, root: Path, section: str) -> tuple[File, ...]:
    """Return the raw files of other outcomes or indices."""
    files, family = list[File](), FAMILY_OF[section]
    for version in study.section(section):
        if version.column is None:
            version_study = version_of(study, section, version)
            files += [f for source in tables_of(version_study, family).values() for f in everything_of(source, root)]
            named = index_files(version_study, root) if family == "integration" else quality_files(version_study, root)
            files += named.values()
    return tuple(dict.fromkeys(files))


def family_sources(study: Study) -> dict[str, Source]:
    """Return the tables that the question on families of measures reads, by name; none if it is not asked."""
    if study.section("families") is None:
        return {}
    named = {table: getattr(study, table) for table in ("prices", "flows", "output", "gdp", "survey", "customs")}
    return {table: source for table, source in named.items() if source is not None}


def index_files(study: Study, root: Path) -> dict[str, Path]:
    """Return option -> path for the file options of the relative-price index (pairs, distances, weights, groups)."""
    relative = study.integration.get("method", "relative_price") == "relative_price"
    return file_options(study.integration, root) if relative else {}


def index_given(study: Study, root: Path) -> dict[str, Any]:
    """Return the file options of the index in the form that the measure accepts.

    Pairs become a list without the regions that the study leaves out; the geography of the regions is added.
    """
    given: dict[str, Any] = dict(index_files(study, root))
    if "geography" not in given and "geography" in options_of(measure_of(study, "integration").options):
        where = geography_in(study, root)
        given |= {"geography": where} if where is not None and "geography" not in study.integration else {}
    if "pairs" in given and study.without_regions:
        given["pairs"] = pairs_without(given["pairs"], study.without_regions)
    return given


def quality_files(study: Study, root: Path) -> dict[str, Path]:
    """Return option -> path for the file options of the quality measure (sigma, fallback_sigma, gdp ...)."""
    known = options_of(measure_of(study, "quality").options)
    named = {k: v for k, v in study.quality.items() if k in known and plain(known[k].hint) is Any and names_a_file(v)}
    return {option: root / name for option, name in named.items()}
