"""Write the report as one self-contained page for screens, phones and print, which needs no network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from integrade.records.question import Question
from integrade.report.document import Block, Document, Part, Points, Section, compose, verdict_blocks, verdict_outcome
from integrade.report.markup import set_in_html
from integrade.report.printed import PrintedTable
from integrade.report.prose import Numbers
from integrade.report.self_contained import data_blocks, figure_block, page, table_block
from integrade.report.style import Chart, Drawing
from integrade.subjects.truth.verdict import is_wrong
from integrade.verdicts.bundle import StudyResults, Verdict
from plainwords.escaping import for_html
from plainwords.texts import Said, listed, say, speaking


def render_html(
    results: StudyResults,
    asked: Sequence[Question] = (),
    figures: Mapping[str, Chart] | None = None,
    tables: Sequence[PrintedTable] | None = None,
) -> str:
    """Return the page in the current language; figures and tables are made from the results if they are not given."""
    return page_of(compose(results, asked, figures, tables))


def page_of(document: Document) -> str:
    """Return the page of a report, in its language."""
    with speaking(document.language):
        quoting = Numbers(document.tables() if document.lineage else ())
        body = "\n".join(_part(part, document.language, quoting) for part in document.parts)
        links = [("answer", say("page.answer")), *((f"{part.key}-part", part.name) for part in document.parts)]
        blocks = data_blocks(document.drawings(), document.tables())
        blocks |= {"lineage": document.lineage} if document.lineage else {}
        blocks |= {"switches": document.switches} if document.switches and "choices" in document.switches else {}
        opening = _opening(document, quoting)
        return page(document.title, links, opening + body, blocks, document.language, _contents(document))


FOLDED = ("doubts", "record")
"""The parts whose sections are closed until a reader opens them: further tests, and the record of the run."""


def _part(part: Part, language: str, quoting: Numbers) -> str:
    fold = part.key in FOLDED
    sections = "".join(_section(s, language, quoting, fold=fold) for s in part.sections)
    every = '<div class="folds"></div>\n' if fold else ""  # the script puts a button there
    name = f'<p class="part-name">{for_html(part.name)}</p>'
    return f'<div class="part" id="{part.key}-part">{name}\n{every}{sections}</div>'


def _section(section: Section, language: str, quoting: Numbers, *, fold: bool) -> str:
    """Return the HTML of a section.

    A folded section shows only its heading until a click, link, search or print opens it.
    """
    key, text = section.key, "".join(_block(b, language, prose=quoting.html) for b in section.blocks)
    heading = f'<h2 id="h-{key}">{set_in_html(section.title)}</h2>'
    within = (
        f'<details class="fold"><summary>{heading}{_contents_line(section)}</summary>\n{text}\n</details>'
        if fold
        else f"{heading}\n{text}\n"
    )
    return f'<section id="{key}" aria-labelledby="h-{key}">{within}</section>\n'


def _contents_line(section: Section) -> str:
    """Return a line on a folded section, with its numbers of findings, tables, figures and lists."""
    counts = {
        "page.findings": section.findings,
        "page.tables": sum(isinstance(b, PrintedTable) for b in section.blocks),
        "page.figures": sum(isinstance(b, Drawing) for b in section.blocks),
    }
    texts = [say(key, n=n) for key, n in counts.items() if n]
    texts += [say("page.list", name=b.heading, n=len(b.items)) for b in section.blocks if isinstance(b, Points)]
    against = " against" if section.findings else ""
    return f' <span class="inside{against}">{for_html(listed(texts, "comma"))}</span>' if texts else ""


def _block(block: Block, language: str, level: str = "h3", *, prose: Callable[[str], str]) -> str:
    match block:
        case Drawing():
            return figure_block(block, language)
        case PrintedTable():
            return table_block(block)
        case Points():
            points = "".join(f"<li>{prose(item)}</li>" for item in block.items)
            heading = f"<{level}>{set_in_html(block.heading)}</{level}>\n" if block.heading else ""
            return f"{heading}<ul>{points}</ul>\n"
        case text:
            return f"<p>{prose(text)}</p>\n"


def _contents(document: Document) -> str:
    """Return the list of contents, which is at the side of the text if there is room, else folded above the text."""
    lists = "".join(
        f"<div><p>{for_html(part.name)}</p><ul>"
        + "".join(f'<li><a href="#{s.key}">{for_html(s.short)}</a></li>' for s in part.sections)
        + "</ul></div>"
        for part in document.parts
    )
    name = for_html(say("page.contents"))
    first = f'<p class="top"><a href="#answer">{for_html(say("page.answer"))}</a></p>'
    return (
        f'<nav class="contents" aria-label="{name}"><details open><summary>{name}</summary>'
        f'<div class="lists">{first}{lists}</div></details></nav>\n'
    )


def _opening(document: Document, quoting: Numbers) -> str:
    numbers = "".join(
        f'<div><dt>{for_html(n.name)}</dt><dd data-number="{for_html(n.key)}">{set_in_html(n.value)}</dd></div>'
        for n in document.numbers
    )
    first = "".join(_first_block(block, document, quoting) for block in document.first)
    verdicts = "".join(_verdict(v, document.language, quoting) for v in document.verdicts)
    return (
        f"<h1>{set_in_html(document.title)}</h1>\n"
        f'<p class="lead">{set_in_html(document.lead)}</p>\n'
        f'<section class="box" id="answer" aria-label="{for_html(say("page.the-answer"))}">{first}'
        f'<dl class="numbers">{numbers}</dl>{verdicts}</section>\n'
    )


def _first_block(block: Block, document: Document, quoting: Numbers) -> str:
    """Return a block of the first page.

    The page can replace its sentences by sentences on another version of the study. The switches between versions
    follow the figure of the curve.
    """
    content = _block(block, document.language, "h2", prose=quoting.html)
    if isinstance(block, Said) and block.key == "terms.said":  # the explanations of terms hold for every version
        return f'<details class="terms"><summary>{for_html(say("page.terms"))}</summary>{content}</details>\n'
    if isinstance(block, str) and document.switches:
        return f'<div class="own">{content}</div>\n'
    return content + (_switches(document) if isinstance(block, Drawing) else "")


def _switches(document: Document) -> str:
    """Return the element below the curve that the script fills with switches, or the reason why there are none."""
    switches = document.switches
    if not switches:
        return ""
    if "choices" not in switches:
        return f'<p class="hint">{set_in_html(switches["said"])}</p>\n'
    return (
        f'<details class="switches"><summary>{for_html(switches["heading"])}</summary>'
        f'<p>{set_in_html(switches["about"])}</p><div class="choices"></div></details>\n'
        f'<div id="version" role="status"></div>\n'
    )


def _verdict(v: Verdict, language: str, quoting: Numbers) -> str:
    """Return the HTML of a hypothesis as a line; a click on it shows its sentence and the parts of its rule."""
    kind = "wrong" if is_wrong(v) else v.outcome.replace(" ", "-")
    outcome = say("document.outcome", outcome=verdict_outcome(v))
    below = "".join(_block(block, language, prose=quoting.html) for block in verdict_blocks(v))
    return (
        f'<details class="verdict"><summary><h2>{set_in_html(v.heading)} '
        f'<span class="outcome {kind}">{set_in_html(outcome)}</span></h2></summary>{below}</details>\n'
    )
