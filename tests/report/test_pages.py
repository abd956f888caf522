"""Where the pages of a PDF break."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typst

from integrade.report.typst_source import PREAMBLE

FIGURE = """
#show figure.where(kind: table): set block(breakable: true)
#v(HEIGHTcm)
#figure(kind: table, supplement: none, caption: [The caption #context [#metadata(here().page()) <page>]], {
  table(columns: (auto, auto), table.header([*A*], [*B #context [#metadata(here().page()) <page>]*]),
    ..range(80).map(i => ([#i], [b])).flatten())
})
"""


@pytest.mark.parametrize("height", [22.5, 23.0, 23.5, 24.0])
def test_the_caption_of_a_long_table_stays_with_it(tmp_path: Path, height: float) -> None:
    rules = "\n".join(line for line in PREAMBLE.splitlines() if "figure" in line)
    source = tmp_path / "page.typ"
    source.write_text(
        f'#set page(paper: "a4", margin: 2.2cm)\n{rules}\n{FIGURE.replace("HEIGHT", str(height))}', encoding="utf-8"
    )
    pages = json.loads(typst.query(str(source), "<page>", field="value"))
    assert pages[0] == pages[1]
