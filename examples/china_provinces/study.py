"""How integrated are the consumer markets of China's provinces? The steps of examples/china_provinces.

usage: python examples/china_provinces/study.py

Before: download the monthly category indices of consumer prices of the provinces from the data portal of the National
Bureau of Statistics (README.md says where), and put the file into the folder raw beside this one, under any name.
"""

from __future__ import annotations

import sys
from pathlib import Path

from integrade.cli import run as integrade

HERE = Path(__file__).parent


def run() -> int:
    """All files checked, then the study; the exit code of the first command that fails."""
    return integrade(["check", str(HERE), "-v"]) or integrade(["run", str(HERE)])


if __name__ == "__main__":
    if not any((HERE / "raw").glob("*.csv")):
        sys.exit(__doc__)
    sys.exit(run())
