"""The manual: everything public has its entry, no link is dead, and sphinx builds it without network."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from collections import Counter
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from chromium import PROGRAM, Page, browser

import integrade as ig
from integrade import errors, surface
from integrade.cli import COMMANDS
from integrade.study.json_schema import json_schema
from pages import DOCS, ROOT, module


@pytest.fixture(scope="module")
def staged() -> dict[str, str]:
    pages: dict[str, str] = module("manual").staged()
    return pages


def test_no_link_is_dead(staged: dict[str, str]) -> None:
    assert module("manual").dead_links(staged) == []


def test_a_dead_link_is_found() -> None:
    dead = module("manual").dead_links
    assert dead({"a.md": "[b](b.md) [c](#c) `[d](d.md)` [e](https://e.org)\n\n# C\n"}) == ["a.md: b.md"]
    assert dead({"a.md": "[b](x/b.md#no)\n", "x/b.md": "# Yes\n"}) == ["a.md: x/b.md#no"]
    assert dead({"a.md": "```\n[b](b.md)\n```\n"}) == []


def test_links_of_the_repository_lead_to_pages_of_the_site() -> None:
    page = module("manual").page
    known = {"reading.md", "project/readme.md", "methods/quality.md"}
    assert page("project/readme.md", "README.md", "[r](docs/reading.md#a)", known, {}) == "[r](../reading.md#a)"
    assert page("project/readme.md", "README.md", "[e](examples/)", known, {}) == "e (`examples`)"
    numbers = {"3.2": "methods/quality.md#32-x"}
    assert page("a/b.md", "docs/a/b.md", "METHODS 3.2.", known, numbers) == "METHODS [3.2](../methods/quality.md#32-x)."
    with pytest.raises(FileNotFoundError, match="nowhere"):
        page("a.md", "docs/a.md", "[n](nowhere.md)", known, {})
    with pytest.raises(KeyError, match=r"9\.9"):
        page("a.md", "docs/a.md", f"METHODS {9.9}", known, numbers)


def test_a_dollar_is_a_formula_only_where_there_are_formulas() -> None:
    page = module("manual").page
    assert page("a.md", "docs/a.md", "$5 `$x`", set(), {}) == r"\$5 `$x`"
    assert page("methods/a.md", "docs/methods/a.md", "$5$ and $[V](X)$", set(), {}) == "$5$ and $[V](X)$"


def test_every_public_name_has_an_entry(staged: dict[str, str]) -> None:
    python = "\n".join(t for name, t in staged.items() if name.startswith("reference/python/") or name == "measures.md")
    entries = set(re.findall(r"^## (\w+)$|^- `(\w+)`: \[", python, re.MULTILINE))
    spaces = {s for s in surface.NAMESPACES if s != "errors"}
    listed = set(ig.__all__) | {n for s in spaces for n in getattr(getattr(ig, s), "__all__", ())}
    lacking = sorted(n for n in listed if callable(_value(n, spaces)) and not {(n, ""), ("", n)} & entries)
    assert not lacking


def _value(name: str, spaces: set[str]) -> Any:
    holders = [ig, *(getattr(ig, s) for s in sorted(spaces))]
    return next((getattr(h, name) for h in holders if hasattr(h, name)), None)


def test_every_option_stands_in_the_entry_of_its_function(staged: dict[str, str]) -> None:
    entry = staged["reference/python/main.md"].partition("\n## fit\n")[2].partition("\n## ")[0]
    for option in ("vcov", "cluster", "ssc", "wild_ci", "movers_nested"):
        assert re.search(rf"^- `{option}`.*: \w", entry, re.MULTILINE), option
    assert "```text\nb = (X'M X)^-1 X'M y" in entry


def test_no_option_is_explained_twice(staged: dict[str, str]) -> None:
    """An option of several functions, questions or commands has its words once; the others link there."""
    said = [
        (m[1].replace("-", "_").strip("_"), " ".join(re.sub(r"[`.\\]", " ", m[2]).split()))
        for name, text in staged.items()
        if name.startswith("reference/") or name in ("measures.md", "questions.md", "commands.md")
        for m in re.finditer(r"^(?:- |\| )`([\w-]+)`[^\n:|]*(?:: | \|.*\| )(.+?)(?: \|)?$", text, re.MULTILINE)
        if len(m[2].split()) > 12
    ]
    assert len(said) > 300
    assert [one for one, n in Counter(said).items() if n > 1] == []


def test_every_option_of_a_record_is_explained(staged: dict[str, str]) -> None:
    pages = module("explained").places()
    for kind in (ig.options.Fit, ig.options.RelativePrice, ig.options.Tfp, ig.options.Lags, ig.options.Reading):
        for one in module("explained").of_record(kind):
            place = pages[one.identity]
            entry = staged[place.page].partition(f"\n## {place.title}\n")[2].partition("\n## ")[0]
            assert f"- `{one.name}`" in entry, (kind, one.name, place)


def test_every_code_is_explained(staged: dict[str, str]) -> None:
    page = staged["reference/messages.md"]
    kinds = {name: getattr(errors, name) for name in dir(errors)}
    assert len(kinds) > 30
    for name, kind in kinds.items():
        found = re.search(rf"^## {kind.code}: .*\b{name}\b", page, re.MULTILINE)
        assert found, kind.code
        assert " ".join((kind.__doc__ or "").split())[:25].replace("`", "") in page.replace("`", "").replace("\\", "")


def test_every_code_says_why_and_what_to_do_and_no_other() -> None:
    about = tomllib.loads((DOCS / "codes.toml").read_text(encoding="utf-8"))
    codes = {v.code for v in vars(errors).values() if isinstance(v, type) and issubclass(v, errors.IntegradeError)}
    assert set(about) == codes
    assert all(one["why"].endswith(".") and one["todo"] for one in about.values())


def test_every_key_and_command_is_there(staged: dict[str, str]) -> None:
    page = staged["reference/study.md"]
    for section, held in json_schema()["properties"].items():
        assert f"[{section}]" in page or f"`{section}`" in page, section
        own = section if section not in ("integration", "quality") else ""
        entry = re.split(rf"^## \[+{own}\]+$", page, flags=re.MULTILINE)[-1].partition("\n## ")[0] if own else ""
        for key in held.get("properties", {}) if own else ():
            assert f"`{key}`" in entry or key in module("reference").READING, f"{section}.{key}"
    for command in COMMANDS:
        assert f"### {command}\n" in staged["commands.md"], command


def test_every_flag_of_a_command_is_on_its_page(staged: dict[str, str]) -> None:
    """Each command names all its flags, but those of reading files, to which it links."""
    build = module("build")
    assert {name for names in build.SUBJECTS.values() for name in names} == set(COMMANDS)
    for command in COMMANDS:
        entry = staged["commands.md"].partition(f"\n### {command}\n")[2].partition("\n### ")[0].partition("\n## ")[0]
        lacking = [one.name for one in build.flags_of(command) if f"`{one.name}`" not in entry]
        linked = "flags of commands that read files" in entry and set(lacking) <= build.reading()
        assert not lacking or linked, (command, lacking)


def test_every_page_is_in_the_contents(staged: dict[str, str]) -> None:
    listed = set(re.findall(r"^([\w/]+)$", staged["index.md"], re.MULTILINE))
    patterns = re.findall(r"^([\w/]+/\S*\*)$", staged["index.md"], re.MULTILINE)
    pages = {name.removesuffix(".md") for name in staged if name != "index.md"}
    assert [p for p in pages if p not in listed and not any(fnmatch(p, one) for one in patterns)] == []
    assert listed - pages == set()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    for needed in ("sphinx", "myst_parser", "furo", "latex2mathml"):
        pytest.importorskip(needed)
    built = tmp_path_factory.mktemp("manual") / "site"
    module("manual").build(built, run=False)
    return built


@pytest.mark.system
def test_sphinx_builds_it_offline_without_a_warning(site: Path) -> None:
    home = (site / "index.html").read_text(encoding="utf-8")
    assert "Methods" in home
    formula = (site / "methods" / "econometrics.html").read_text(encoding="utf-8")
    assert "<math" in formula
    assert "\\frac" not in re.sub(r"<annotation.*?</annotation>", "", formula, flags=re.DOTALL)
    index = (site / "searchindex.js").read_text(encoding="utf-8")
    assert index.startswith("Search.setIndex(")
    assert "fieller" in index
    for path in site.rglob("*.html"):
        fetched = re.findall(
            r'<(?:script|link|img)[^>]*(?:src|href)="(https?:[^"]*)"', path.read_text(encoding="utf-8")
        )
        assert not fetched, f"{path.name} fetches {fetched}"


@pytest.mark.system
@pytest.mark.skipif(PROGRAM is None, reason="needs Chromium")
def test_a_search_from_files_shows_excerpts(site: Path, tmp_path: Path) -> None:
    """A page opened from a file may not fetch another one: results were titles alone."""
    with browser(tmp_path / "profile") as running:
        page = Page(running, 1200, "light")
        page.ask("Page.navigate", url=(site / "search.html").as_uri() + "?q=fieller")
        page.wait_for("document.querySelectorAll('#search-results li p.context').length > 2")
        said = page.value("[...document.querySelectorAll('#search-results li p.context')].map(p => p.textContent)")
        assert any("fieller" in text.lower() for text in said)
        assert page.value("document.querySelectorAll('#search-results li').length") >= len(said)
        assert not [text for text in page.said() if "blocked" in text or "Failed" in text]


def test_the_extra_of_the_manual_is_what_its_settings_import() -> None:
    wanted = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8").lower()
    (extra,) = re.findall(r"^docs = \[(.*)\]$", wanted, re.MULTILINE)
    names = re.findall(r'"([\w-]+)>=', extra)
    assert names == ["sphinx", "myst-parser", "furo", "latex2mathml"]
    assert all(f"\n{name}==" in pins for name in names)
    assert (DOCS / "conf.py").exists()
    assert importlib.util.find_spec("integrade")
