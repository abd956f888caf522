"""Check printed tables from the command line: ``python -m tablecheck FILE ...``."""

from __future__ import annotations

import argparse
import json
import sys

from plainwords.errors import ExplainedError, speaking
from tablecheck import __version__, audit_table
from tablecheck.accepting import read_accepted, without_accepted
from tablecheck.added import LITERATURE
from tablecheck.sarif import to_sarif


def main() -> int:
    """Print the review; return 1 for a contradiction, 2 or 3 if nothing can be checked, 4 if something is missed."""
    parser = argparse.ArgumentParser(
        prog="tablecheck",
        description="Check printed tables by their own numbers, and the sentences of a text by the tables.",
    )
    parser.add_argument(
        "file", nargs="+", help="documents or folders: csv, Excel, Word, HTML, Markdown, LaTeX, PDF, RTF"
    )
    parser.add_argument("--text", action="append", help="a document with the claims; default: the documents themselves")
    parser.add_argument("--against", action="append", help="outputs (files or folders) that the tables were made from")
    parser.add_argument(
        "--checks",
        default="",
        metavar="NAME,NAME",
        help=f"sets of checks to add to the general ones, with commas between them: {', '.join(LITERATURE)}",
    )
    parser.add_argument("--accept", help="a TOML file of settled findings, each with its key and a reason")
    parser.add_argument("--format", choices=("text", "json", "sarif"), default="text", help="form of the review")
    parser.add_argument("--version", action="version", version=__version__)
    asked = parser.parse_args()
    try:
        with speaking("command"):
            reasons = read_accepted(asked.accept) if asked.accept else {}
            checks = [name for name in asked.checks.replace(" ", "").split(",") if name]
            review = audit_table(asked.file, text=asked.text, against=asked.against, checks=checks)
            review = without_accepted(review, reasons)
    except ExplainedError as problem:
        print(problem, file=sys.stderr)
        return max(2, problem.exit_code)  # 1 is for contradictions
    if asked.format == "text":
        print(review)
    else:
        content = review.as_json() if asked.format == "json" else to_sarif(review)
        print(json.dumps(content, ensure_ascii=False, indent=1, default=list))
    return review.exit_code


if __name__ == "__main__":
    sys.exit(main())
