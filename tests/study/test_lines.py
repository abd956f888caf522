"""Messages name a section or key of a study file with its file and line."""

from __future__ import annotations

from each import each
from integrade.study.lines import locate

TEXT = """title = "t"
plugins = ["a.py"]

[quality]

[matching]
# nothing yet
[regression.formula]
[prices]
files = ["p.csv"]
[[groups]]
"""


@each(
    ("path", "place"),
    [
        (("title",), "study.toml:1 title"),
        (("plugins",), "study.toml:2 plugins"),
        (("quality",), "study.toml:4 [quality]"),  # without keys it was called by its bare name, as a key is
        (("matching",), "study.toml:6 [matching]"),
        (("regression",), "study.toml [regression]"),
        (("prices",), "study.toml:9 [prices]"),
        (("prices", "files"), "study.toml:10 [prices] files"),
        (("groups",), "study.toml:11 [[groups]]"),
    ],
)
def test_a_section_is_named_in_brackets_and_a_key_is_not(path: tuple[str, ...], place: str) -> None:
    assert locate(TEXT, "study.toml").place(path) == place
