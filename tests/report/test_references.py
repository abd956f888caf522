"""The bibliography has every work that the program names, and a study cites the works whose methods it used."""

from __future__ import annotations

import re
import shutil
import subprocess
import types
from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest

import report_example as example
from each import each
from integrade.records.catalogue import CATALOGUE
from integrade.report.cited import WITHOUT_WORKS, cited, cited_in_paper, is_there, methods
from integrade.report.references import FILE, bibliography, bibtex, merged, named, printed, references_in
from integrade.study.finished import results_in
from integrade.study.printed import compose
from integrade.study.show import last_run
from integrade.subjects import questions
from integrade.verdicts.bundle import StudyResults
from plainwords.texts import say

ROOT = Path(__file__).parents[2]
NAME = r"(?:van |de )?[A-ZÀÖÉ][\w'’-]*(?: (?:Silva|Biesebroeck|Olea))?"
AUTHORS = re.compile(rf"({NAME})(?:(?:, | and |, and ){NAME}){{0,6}}(?: et al\.| and others)? \(?$")
"""The pattern of the names before the year of a mention: one to seven; the first is kept."""
NO_WORKS = re.compile(
    r"(April|Dask|Ene|From|HS|II?|Jan|January|June|MYR|March|November|October|Paper|Q1|The|To|V|V12|XII)$"
)
"""Words before a year that name no author."""


def test_every_work_of_the_file_is_read_and_has_what_a_reference_needs() -> None:
    text = FILE.read_text(encoding="utf-8")
    works = references_in(text)
    keys = [work.key for work in works]
    assert len(keys) == text.count("\n@") == len(set(keys)) == len(bibliography())
    for work in works:
        assert work.authors, work.key
        assert re.fullmatch(r"(19|20)\d\d", work.year), work.key
        assert work.title, work.key
        assert {"journal", "booktitle", "publisher", "institution"} & set(work.fields), work.key
        assert re.fullmatch(r"10\.\d{4,5}/\S+", work.fields.get("doi", "10.1000/x")), work.key
        assert re.fullmatch(r"\w+(--\w+)?", work.fields.get("pages", "1")), work.key


def test_every_measure_names_works_of_the_bibliography() -> None:
    for measure in CATALOGUE.values():
        if measure.function.__module__.startswith("integrade."):
            works = named(measure.cite)
            assert works, measure.name
            assert [w.title for w in works if w.kind == "misc"] == [], measure.name


def test_every_question_has_works_or_is_listed_as_needing_none() -> None:
    with_works = {path.partition("/")[0] for method in methods() for path in method.at}
    asked = {q.name for q in questions() if q.module.startswith("subjects.")}
    assert asked - with_works == set(WITHOUT_WORKS)


def test_every_method_has_works_a_reason_and_fields_that_exist() -> None:
    """A misspelt field of a path would never be found, and its works never cited."""
    for method in methods():
        assert say(f"references.{method.name}")
        assert method.works
        assert set(method.works) <= set(bibliography()), method.name
        for path in method.at:
            assert _leads(StudyResults, tuple(path.partition("=")[0].split("/"))), path


def _leads(kind: Any, path: tuple[str, ...]) -> bool:
    """Whether the type of results has the fields of a path."""
    arguments = get_args(kind)
    if get_origin(kind) in (Union, types.UnionType):
        return any(_leads(one, path) for one in arguments)
    if get_origin(kind) is tuple:
        return _leads(arguments[0], path)
    if not path:
        return True
    if isinstance(get_origin(kind), type) and issubclass(get_origin(kind), Mapping):
        return _leads(arguments[1], path[1:])
    if kind is str:
        return path[0] in ("key", "given")  # of a text from the catalogues
    if path[0] == "entries":
        return path[1] in ("reason", "step")  # of an account, a list of its own
    if not is_dataclass(kind):
        return False
    own = {q.name: q.result for q in questions()} if kind is StudyResults else {}
    return path[0] in (known := own | get_type_hints(kind)) and _leads(known[path[0]], path[1:])


def _mentions() -> Iterator[tuple[str, str, str, str]]:
    files = [*ROOT.glob("src/**/*.py"), *ROOT.glob("src/**/*.ftl"), *ROOT.glob("docs/**/*.md")]
    for path in files:
        if "places" in path.parts or path.name == "bibliography.md":
            continue
        text = re.sub(r"\s+", " ", path.read_text(encoding="utf-8"))
        for year in re.finditer(r"(?<=[ (])(?:19|20)\d\d\b", text):
            if found := AUTHORS.search(text[max(0, year.start() - 90) : year.start()]):
                yield path.name, found[0] + year[0], found[1], year[0]


def test_every_author_and_year_that_the_program_mentions_is_in_the_bibliography() -> None:
    known = {(name, work.year) for work in bibliography().values() for name in map(_bare, work.families)}
    unknown = {
        (text, where)
        for where, text, first, year in _mentions()
        if not NO_WORKS.search(first) and (_bare(first), year) not in known
    }
    assert unknown == set()


def _bare(name: str) -> str:
    ascii_only = name.translate(str.maketrans("éóáãöøØÅœ’", "eoaaooOAo'"))
    return ascii_only.removesuffix("'s").split(" ")[-1]


def test_works_are_printed_in_author_year_style() -> None:
    works = bibliography()
    assert printed(works["LindMehlum2010"]) == (
        "Lind, J. T. and Mehlum, H. (2010). With or without U? The Appropriate Test for a U-Shaped Relationship. "
        "Oxford Bulletin of Economics and Statistics 72(1), 109–118. https://doi.org/10.1111/j.1468-0084.2009.00569.x"
    )
    assert printed(works["LindMehlum2010"], "zh") == printed(works["LindMehlum2010"])
    assert printed(works["LuChen2009"]).startswith("Lu, M. and Chen, Z. (2009). [Economic Growth in a Segmented")
    assert printed(works["LuChen2009"], "zh") == (
        "陆铭、陈钊（2009）：《分割市场的经济增长——为什么经济开放可能加剧地方保护？》，《经济研究》第3期，第42—52页。"
    )
    assert [printed(w) for w in works.values() if re.search(r"[{}\\]|--|None| ,|\.\.", printed(w))] == []


def test_a_citation_finds_its_works_and_keeps_what_it_does_not_know() -> None:
    keys = [w.key for w in named("Parsley and Wei (1996, 2001); Head and Ries (2001); Someone (2040), a plugin")]
    assert keys == ["ParsleyWei1996", "ParsleyWei2001", "HeadRies2001", "someone2040aplugin"]
    assert printed(named("Someone (2040), a plugin")[0]) == "Someone (2040), a plugin."


def test_works_of_the_same_authors_and_year_have_letters_within_a_list() -> None:
    works = bibliography()
    three = [work for key, work in works.items() if key.startswith("MacKinnonNielsenWebb2023")]
    assert [w.letter for w in merged(three)] == ["a", "b", "c"]
    assert "(2023b). Fast and Reliable" in printed(merged(three)[1])
    assert merged([three[0], works["Webb2023"]])[0].letter == ""


def test_reasons_of_one_work_are_joined() -> None:
    work = bibliography()["Holm1979"]
    one = merged([replace(work, why=("a",)), replace(work, why=("b",)), replace(work, why=("a",))])
    assert [w.why for w in one] == [("a", "b")]


def test_bibtex_of_the_whole_bibliography_reads_back() -> None:
    text = "\n\n".join(map(bibtex, bibliography().values()))
    assert text.count("{") == text.count("}")
    assert {w.key: w for w in references_in(text + "\n")} == dict(bibliography())


@pytest.mark.system
@pytest.mark.skipif(shutil.which("bibtex") is None, reason="needs bibtex")
def test_bibtex_itself_reads_every_work(tmp_path: Path) -> None:
    works = [replace(work, why=("a reason, with a comma",)) for work in bibliography().values()]
    (tmp_path / "works.bib").write_text("\n\n".join(map(bibtex, works)), encoding="utf-8")
    (tmp_path / "a.aux").write_text("\\citation{*}\n\\bibdata{works}\n\\bibstyle{plain}\n", encoding="utf-8")
    told = subprocess.run(["bibtex", "a"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout
    assert "error" not in told.stdout, told.stdout
    assert (tmp_path / "a.bbl").read_text(encoding="utf-8", errors="replace").count("\\bibitem") == len(works)


def test_a_study_cites_the_works_whose_methods_it_used(whole_study: Path) -> None:
    results = results_in(last_run(whole_study))
    why = {work.key: work.why for work in cited(results)}
    assert "cluster-jackknife standard errors (CR3)" in why["MacKinnonNielsenWebb2023Fast"]
    assert why["Fieller1954"] == ("Fieller interval of the turning point",)
    assert {"LindMehlum2010", "GuiChenLuChen2006", "KhandelwalSchottWei2013", "Oster2019", "Holm1979"} <= set(why)
    assert {"GillenSnowbergYariv2019", "CookStefanski1994", "AndersonRubin1949", "KleibergenPaap2006"} <= set(why)
    assert not {"Gelbach2016", "Novy2013", "AckerbergCavesFrazer2015"} & set(why)


@each("path,there", [("a/b=CR3", True), ("a/b=CR1", False), ("*/c", True), ("a/d", False), ("a/c", False)])
def test_a_path_leads_through_keys_and_lists(path: str, there: bool) -> None:
    assert is_there({"a": ({"b": "CR2"}, {"b": "CR3", "c": 0.0, "d": None}), "z": ({"c": 1},)}, path) is there


def test_the_paper_lists_the_works_that_it_names_and_the_appendix_the_others() -> None:
    made = compose(example.study())
    lists = {s.key: s.blocks[0].items for p in made.parts for s in p.sections if s.key.endswith("references")}
    paper, others = ("\n".join(lists[key]) for key in ("references", "other-references"))
    assert made.parts[-1].sections[-1].key == "other-references"
    for work in ("Lind, J. T.", "Fieller, E. C.", "Parsley"):
        assert (work in paper, work in others) == (True, False)
    assert ("Lovell" in paper, "Lovell" in others) == (False, True)  # no sentence of the paper names partialling out
    assert len(lists["references"]) + len(lists["other-references"]) == len(cited(example.study()))


def test_a_method_is_named_in_a_paper_by_its_message_or_by_the_author_and_year() -> None:
    results = example.study()
    bare = {work.key for work in cited_in_paper(results, [])}
    assert "CameronMiller2015" not in bare
    clustered = say("naming.errors-clustered", kind=say("naming.kind-cr3"), cluster="region", count="31")
    nested = say("brief.sentence", text=clustered)
    assert {work.key for work in cited_in_paper(results, [nested])} - bare == {
        "BellMcCaffrey2002",
        "MacKinnonNielsenWebb2023Fast",
    }
    assert "Lovell1963" in {work.key for work in cited_in_paper(results, ["as in Lovell (1963)"])}


def test_messages_that_name_a_method_are_in_the_catalogues() -> None:
    """A pattern of methods.toml that matches no message would never put a work into a paper."""
    ids = {key for path in (ROOT / "src").rglob("en/*.ftl") for key in ids_of(path)}
    for method in methods():
        for pattern in method.paper:
            assert pattern == "*" or any(fnmatchcase(key, pattern) for key in ids), (method.name, pattern)


@pytest.mark.parametrize("section", ["against.anderson-rubin-rejects", "doubts.instrument"])
def test_every_section_that_names_a_test_with_weak_instruments_brings_its_work(section: str) -> None:
    """The section on causality and the list of weak instruments name the same tests; a paper may have either."""
    (method,) = (m for m in methods() if m.name == "anderson_rubin")
    assert any(fnmatchcase(section, pattern) for pattern in method.paper)


def ids_of(path: Path) -> set[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return {f"{path.stem}.{line.split(' = ')[0]}" for line in lines if re.match(r"[a-z0-9_-]+ = ", line)}
