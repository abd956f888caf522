"""The manual: everything public has its entry, no link is dead, and sphinx builds it without network."""

from __future__ import annotations

import importlib.util
import os
import re
import tomllib
from collections import Counter
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
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
    assert page("project/x.md", "SECURITY.md", "[r](docs/reading.md#a)", known, {}) == "[r](../reading.md#a)"
    assert page("project/x.md", "SECURITY.md", "[e](examples/)", known, {}) == "e (`examples`)"
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
    entries = {(name, "") for name in re.findall(r"`([A-Z]\w+)`", staged["reference/python/results.md"])}
    entries |= set(re.findall(r"^## (\w+)$|\[`(\w+)`\]\(", python, re.MULTILINE))
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


@pytest.mark.parametrize(
    ("text", "choices", "shown"),
    [
        ("draws of the test", (), "Draws of the test."),
        ("pages: of docs", ("pages",), "pages: of docs."),
        ("adjacent, or a file.", (), "adjacent, or a file."),
        ("en or zh", (), "en or zh."),
        ("iso3: letters", (), "iso3: letters."),
    ],
)
def test_an_explanation_is_a_sentence(text: str, choices: tuple[str, ...], shown: str) -> None:
    one = module("explained").Explained("k", None, choices, text)
    assert one.line({}).partition("`: ")[2].rpartition("`: ")[2] == shown


def test_every_option_of_a_record_is_explained(staged: dict[str, str]) -> None:
    pages = module("explained").places()
    for kind in (ig.options.Fit, ig.options.RelativePrice, ig.options.Tfp, ig.options.Lags, ig.options.Reading):
        for one in module("explained").of_record(kind):
            place = pages[one.identity]
            entry = staged[place.page].partition(f"\n## {place.title}\n")[2].partition("\n## ")[0]
            assert f"- `{one.name}`" in entry, (kind, one.name, place)


def test_the_main_path_lists_each_of_its_functions_once() -> None:
    reference = module("reference")
    listed = [name for names in reference.PATH.values() for name in names.split()]
    assert sorted(listed) == sorted(one.name for one in reference.public() if one.page == "main")


def test_every_code_is_explained(staged: dict[str, str]) -> None:
    page = staged["reference/messages.md"]
    kinds = {name: getattr(errors, name) for name in dir(errors)}
    assert len(kinds) > 30
    for name, kind in kinds.items():
        found = re.search(rf"^\| {kind.code} \|.*`{name}`", page, re.MULTILINE)
        assert found, kind.code
        assert " ".join((kind.__doc__ or "").split()).partition(";")[0][:25].replace("`", "") in page.replace(
            "`", ""
        ).replace("\\", "")


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
    """Each command names all its flags, or links to the entry that has them, as that of reading files."""
    build, places = module("build"), module("explained").places()
    assert {name for names in build.SUBJECTS.values() for name in names} == set(COMMANDS)
    for command in COMMANDS:
        entry = staged["commands.md"].partition(f"\n### {command}\n")[2].partition("\n### ")[0].partition("\n## ")[0]
        lacking = [
            one.name
            for one in build.flags_of(command)
            if f"`{one.name}`" not in entry
            and not (one.identity in places and places[one.identity].link("commands.md") in entry)
        ]
        linked = "flags of commands that read files" in entry and set(lacking) <= build.reading()
        assert not lacking or linked, (command, lacking)


def test_every_page_is_in_one_menu(staged: dict[str, str]) -> None:
    """That of the first page, or that of a page which opens there."""
    pages = {name.removesuffix(".md") for name in staged if name != "index.md"}
    patterns = [
        os.path.normpath(PurePosixPath(name).parent / line)
        for name, text in staged.items()
        for menu in re.findall(r"^```\{toctree\}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        for line in menu.splitlines()
        if line and not line.startswith(":")
    ]
    assert [p for p in pages if not any(fnmatch(p, one) for one in patterns)] == []
    assert [one for one in patterns if not fnmatch_any(pages, one)] == []
    first = re.findall(r"^[\w/]+$", staged["index.md"], re.MULTILINE)
    assert not [one for one in first if one.startswith("decisions/") and one != "decisions/index"]


def fnmatch_any(names: set[str], pattern: str) -> bool:
    return any(fnmatch(name, pattern) for name in names)


def test_the_first_page_has_the_code_of_the_readme(staged: dict[str, str]) -> None:
    code = re.findall(
        r"^```python\n.*?^```$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    assert [block in staged["index.md"] for block in code] == [True]
    assert "(guides/few_clusters.md)" in staged["index.md"]
    assert "Where to go next" in staged["index.md"]


def test_records_of_the_house_are_not_searched(staged: dict[str, str]) -> None:
    hidden = {name for name, text in staged.items() if text.startswith("---\nnosearch: true\n---\n")}
    assert {"project/changelog.md", "zh/tutorial.md"} <= hidden
    assert not [name for name in staged if name.startswith(("decisions/", "certification", "performance", "writing"))]
    assert "### Added" not in staged["project/changelog.md"]
    assert not hidden & {"index.md", "tutorial.md", "verdicts.md", "commands.md", "guides/few_clusters.md"}


def test_a_term_leads_to_one_page() -> None:
    terms = tomllib.loads((DOCS / "terms.toml").read_text(encoding="utf-8"))
    words = [word for listed in terms.values() for word in listed]
    assert len(words) == len(set(words))
    entered = module("manual").entered
    pages = {"a.md": "# A\n\n## 5.4 B c\n", "d.md": "# D\n"}
    changed = entered(pages, {"METHODS 5.4": ["x", "y"]}, {"5.4": "a.md#54-b-c"})
    assert changed == {"a.md": "# A\n\n```{index} ! x, ! y\n```\n\n## 5.4 B c\n"}
    assert entered(pages, {"a.md#54-b-c": ["x", "y"]}, {}) == changed


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


FIRST = {
    "standard errors": "guides/few_clusters.html",
    "cluster": "guides/few_clusters.html",
    "wild bootstrap": "guides/few_clusters.html",
    "Fieller": "methods/econometrics.html",
    "segmentation": "guides/index_only.html",
    "market integration": "guides/index_only.html",
    "quality": "guides/quality_only.html",
    "noise": "explanation/noise.html",
    "missing values": "methods/data.html",
    "merge": "guides/matching.html",
    "elasticity": "methods/quality.html",
    "hypotheses": "verdicts.html",
    "duplicates": "reading.html",
    "customs": "guides/quality_only.html",
    "weights": "phrasebooks/conventions.html",
    "outliers": "methods/data.html",
    "Chinese": "index.html",
    "price index": "methods/econometrics.html",
}
"""What a reader searches, and the page that comes first."""


@pytest.mark.system
@pytest.mark.skipif(PROGRAM is None, reason="needs Chromium")
def test_a_search_leads_to_the_right_page_first(site: Path, tmp_path: Path) -> None:
    with browser(tmp_path / "profile") as running:
        page = Page(running, 1200, "light")
        for asked, expected in FIRST.items():
            page.ask("Page.navigate", url=f"{(site / 'search.html').as_uri()}?q={asked.replace(' ', '+')}")
            page.wait_for(f"new URLSearchParams(location.search).get('q') === '{asked}'")
            page.wait_for("document.querySelectorAll('#search-results li a').length > 0")
            links = page.value(
                "[...document.querySelectorAll('#search-results li a')].map(a => a.getAttribute('href'))"
            )
            assert links[0].partition("#")[0] == expected, (asked, links[:3])
            assert not [link for link in links if link.startswith(("project/changelog", "decisions/", "certification"))]


def test_the_extra_of_the_manual_is_what_its_settings_import() -> None:
    wanted = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8").lower()
    (extra,) = re.findall(r"^docs = \[(.*)\]$", wanted, re.MULTILINE)
    names = re.findall(r'"([\w-]+)>=', extra)
    assert names == ["sphinx", "myst-parser", "furo", "latex2mathml"]
    assert all(f"\n{name}==" in pins for name in names)
    assert (DOCS / "conf.py").exists()
    assert importlib.util.find_spec("integrade")
