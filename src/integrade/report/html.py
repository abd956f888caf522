"""Write the report as one self-contained page for screens, phones and print, which needs no network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from integrade.records.question import Question
from integrade.report.document import (
    Block,
    Document,
    Part,
    Points,
    Section,
    claim_of,
    compose,
    in_paragraphs,
    verdict_blocks,
    verdict_outcome,
    with_terms,
)
from integrade.report.explorer.markup import explorer
from integrade.report.markup import set_in_html
from integrade.report.printed import PrintedTable
from integrade.report.prose import Numbers
from integrade.report.self_contained import data_blocks, figure_block, page, table_block
from integrade.report.style import Chart, Drawing
from integrade.report.terminal import OUTCOMES
from integrade.subjects.truth.verdict import is_wrong
from integrade.verdicts.bundle import StudyResults, Verdict
from integrade.verdicts.headline import names_of_verdicts
from integrade.verdicts.naming import outcome_word
from plainwords.escaping import for_html
from plainwords.texts import listed, say, slug, speaking


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
        document = with_terms(document)
        quoting = Numbers(document.tables() if document.lineage else ())
        body = "\n".join(_part(part, document, quoting) for part in document.parts)
        links = [("answer", say("page.answer")), *((f"{part.key}-part", part.name) for part in document.parts)]
        blocks = data_blocks(document.drawings(), document.tables())
        blocks |= {"lineage": document.lineage} if document.lineage else {}
        blocks |= {"explorer-data": document.explorer} if document.explorer else {}
        opening = _opening(document, quoting)
        explored = explorer(document.explorer) if document.explorer else ""
        return page(document.title, links, opening + explored + body, blocks, document.language, _contents(document))


def _part(part: Part, document: Document, quoting: Numbers) -> str:
    sections = "".join(_section(s, document, quoting) for s in part.sections)
    name = f'<p class="part-name">{for_html(part.name)}</p>'
    every = '<div class="folds"></div>\n'  # the script puts a button there
    return f'<div class="part" id="{part.key}-part">{name}\n{every}{sections}</div>'


def _section(section: Section, document: Document, quoting: Numbers) -> str:
    """Return the HTML of a section, which is folded.

    Its heading has the first sentence of the section as its finding, or counts what is in it. A click, a link, a search
    or print opens the section.
    """
    key, language = section.key, document.language
    finding, blocks = _finding(section), section.blocks
    if key == "hypotheses":
        text = "".join(_verdict(v, language, quoting) for v in document.verdicts)
        finding = _outcomes(document)
    else:
        text = "".join(_block(b, language, prose=quoting.html) for b in in_paragraphs(blocks))
    said = f' <span class="finding">{set_in_html(finding)}</span>' if finding else ""
    beside = said or _contents_line(section)
    heading = f'<h2 id="h-{key}">{set_in_html(section.title)}</h2>'
    within = f'<details class="fold"><summary>{heading}{beside}</summary>\n{text}\n</details>'
    return f'<section id="{key}" aria-labelledby="h-{key}">{within}</section>\n'


def _outcomes(document: Document) -> str:
    """Return the hypotheses by outcome in one line, such as ``Supported: H1, H8; Not supported: H2``."""
    named = list(zip(document.verdicts, names_of_verdicts(document.verdicts), strict=True))
    names = {o: [name for v, name in named if v.outcome == o] for o in OUTCOMES}
    texts = [say("page.of-outcome", outcome=outcome_word(o), names=listed(n, "comma")) for o, n in names.items() if n]
    return listed(texts, "semicolon")


def _finding(section: Section) -> str:
    """Return the first sentence of a section, which its folded heading shows; empty without a sentence."""
    return next((block for block in section.blocks[:1] if isinstance(block, str)), "")


def _contents_line(section: Section) -> str:
    """Return a line on a folded section, with its numbers of findings, tables, figures and lists."""
    counts = {
        "page.findings": section.findings,
        "page.tables": sum(isinstance(b, PrintedTable) for b in section.blocks),
        "page.figures": sum(isinstance(b, Drawing) for b in section.blocks),
    }
    texts = [say(key, n=n) for key, n in counts.items() if n]
    texts += [
        say("page.list", name=b.heading, n=len(b.items)) if b.heading else say("page.points", n=len(b.items))
        for b in section.blocks
        if isinstance(b, Points)
    ]
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
    """Return the brief: the first screen of the page."""
    brief, language = document.brief, document.language
    numbers = "".join(
        f'<div><dt>{for_html(n.name)}</dt><dd data-number="{for_html(n.key)}">{set_in_html(n.value)}</dd></div>'
        for n in brief.numbers
    )
    objection = f'<p class="objection own">{quoting.html(brief.objection)}</p>\n' if brief.objection else ""
    figures = "".join(figure_block(figure, language) for figure in brief.drawings)
    beside = f'<div class="beside-figure"><dl class="numbers">{numbers}</dl>{objection}</div>'
    abstract = f'<p class="abstract">{set_in_html(document.abstract)}</p>\n' if document.abstract else ""
    byline = f'<p class="byline">{for_html(document.byline)}</p>\n' if document.byline else ""
    name = for_html(say("page.abstract"))
    about = f"<details><summary>{name}</summary>{abstract}</details>" if abstract else ""
    return (
        f"<h1>{set_in_html(document.title)}</h1>\n{byline}"
        f'<section class="box" id="answer" aria-label="{for_html(say("page.the-answer"))}">'
        f'<p class="answer own">{quoting.html(brief.answer)}</p>\n'
        f'<div class="glance">{figures}{beside}</div>{_verdicts(document)}'
        f'<p class="stamp">{for_html(brief.stamp)}</p></section>\n{about}'
    )


def _verdicts(document: Document) -> str:
    """Return the table of the verdicts; each claim is a link to its rule."""
    rows = document.brief.rows
    if not rows:
        return ""
    of_paper = [say("brief.by-the-paper")] if any(row.paper for row in rows) else []
    heads = (say("brief.claim"), say("brief.verdict"), *of_paper, say("brief.decided-by"), say("brief.reason"))
    head = "".join(f'<th scope="col">{for_html(text)}</th>' for text in heads)
    body = "".join(
        f'<tr><th scope="row"><a href="#{_anchor(v)}">{set_in_html(claim_of(row))}</a></th>'
        f'<td><span class="outcome {_kind(v)}">{for_html(row.word)}</span></td>'
        + (f"<td>{for_html(row.paper)}</td>" if of_paper else "")
        + f'<td class="by">{set_in_html(row.by)}</td>'
        + f"<td>{set_in_html(row.reason)}</td></tr>"
        for row, v in zip(rows, document.verdicts, strict=True)
    )
    name = for_html(say("brief.verdicts"))
    table = f'<table class="verdicts"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return f'<div class="scroll" id="verdicts" tabindex="0" role="region" aria-label="{name}">{table}</div>\n'


def _anchor(v: Verdict) -> str:
    """Return the anchor of a verdict in the section of the hypotheses."""
    return f"verdict-{slug(v.hypothesis)}"


def _kind(v: Verdict) -> str:
    """Return the class of an outcome, which gives it its colour."""
    return "wrong" if is_wrong(v) else v.outcome.replace(" ", "-")


def _verdict(v: Verdict, language: str, quoting: Numbers) -> str:
    """Return the HTML of a hypothesis as a line; a click on it shows its sentence and the parts of its rule."""
    outcome = say("document.outcome", outcome=verdict_outcome(v))
    below = "".join(_block(block, language, prose=quoting.html) for block in verdict_blocks(v))
    return (
        f'<details class="verdict" id="{_anchor(v)}"><summary><h3>{set_in_html(v.heading)} '
        f'<span class="outcome {_kind(v)}">{set_in_html(outcome)}</span></h3></summary>{below}</details>\n'
    )
