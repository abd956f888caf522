"""Sphinx settings of the manual. `docs/manual.py` writes the pages and calls sphinx; nothing is fetched."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx

import integrade

project = "integrade"
author = "integrade"
project_copyright = "integrade, MIT licence"
version = release = integrade.__version__
extensions = ["myst_parser"]
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4
myst_dmath_allow_labels = False
source_suffix = {".md": "markdown"}
root_doc = "index"
html_theme = "furo"
html_title = f"integrade {version}"
html_static_path: list[str] = []
html_search_scorer = str(Path(__file__).with_name("search.js"))
html_show_sourcelink = False
html_copy_source = False
html_last_updated_fmt = ""
html_theme_options = {"navigation_with_keys": True}
pygments_style = "friendly"
pygments_dark_style = "monokai"
nitpicky = True
suppress_warnings = ["myst.header", "misc.highlighting_failure"]


def _inline(self: Any, node: nodes.math) -> None:
    self.body.append(convert(node.astext()))
    raise nodes.SkipNode


def _block(self: Any, node: nodes.math_block) -> None:
    self.body.append(convert(node.astext(), display="block"))
    raise nodes.SkipNode


class _Words(HTMLParser):
    """The text of a page, with the sections that a result of a search may lead to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._skipped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if self._skipped or tag in ("script", "style") or "headerlink" in (given.get("class") or ""):
            self._skipped += tag not in ("img", "br", "hr")
        elif tag == "section":
            self.found.append(f'<section id="{given.get("id") or ""}">')
        else:
            self.found.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self._skipped = max(self._skipped - 1, 0)
        if tag == "section":
            self.found.append("</section>")

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self.found.append(data.replace("&", "&amp;").replace("<", "&lt;"))


def words_of(body: str) -> str:
    """A page as a search shows it: text alone, within its sections."""
    reader = _Words()
    reader.feed(body)
    text = re.sub(r"\s+", " ", "".join(reader.found))
    return f'<div role="main">{text}</div>'


EXCERPTS = """(() => {
  // A page that is opened from a file may not fetch others: the text of all of them is here.
  if (location.protocol !== "file:") return;
  const pages = %s, asked = window.fetch;
  window.fetch = (place, ...more) => {
    const text = pages[String(place).replace(/^[.][/]/, "").replace(/[.]html$/, "")];
    return text ? Promise.resolve(new Response(text)) : asked(place, ...more);
  };
})();
"""
"""What the page of the search runs before it searches."""


def setup(app: Sphinx) -> None:
    """Formulas as MathML, which browsers draw by themselves: no script, no network. A search in files has excerpts."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    pages: dict[str, str] = {}

    def keep(_: Sphinx, name: str, template: str, context: dict[str, Any], tree: Any) -> None:
        if tree is not None and "nosearch" not in app.env.metadata.get(name, {}):
            pages[name] = words_of(context["body"])
        if template == "search.html":
            app.add_js_file("excerpts.js", priority=900)

    def write(_: Sphinx, problem: Exception | None) -> None:
        if problem is None:
            text = json.dumps(pages, ensure_ascii=False).replace("\u2028", "").replace("\u2029", "")
            Path(app.outdir, "_static", "excerpts.js").write_text(EXCERPTS % text, encoding="utf-8")

    app.connect("html-page-context", keep)
    app.connect("build-finished", write)


html_math_renderer = "mathml"
