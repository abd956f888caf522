"""Listed Chinese manufacturers joined to an integration index: a firm panel with firm and year effects.

usage: python listed_firms.py ACCOUNTS.csv PRICES.csv

ACCOUNTS has Chinese headings (股票, 年份, 省份, 所有制, 创立日期, 总资产, 总负债, 净利润 ...), one row per firm
and year, in yuan; PRICES has annual consumer-price indices by province and category (region, year, item, value).
Previous year = 100. The outcome is return on assets: these accounts have no exports. It shows the steps, not a
finding.
"""

from __future__ import annotations

import sys

import integrade as ig


def main(accounts: str, prices: str) -> None:
    """Index, firms, panel, regression, test, table."""
    index = ig.relative_price(ig.read_prices(prices, where='item != "总指数" and year < 2016'), se="jackknife")
    firms = ig.read_firms(accounts, where="年份 >= 2005 and 年份 < 2016", columns={"ROA": "roa_source"})
    panel = ig.assemble(firms, integration=index, winsorise=("roa", "rdebt"))
    print(panel.account, "\n")
    base = ig.fit(
        panel, "roa ~ market + market^2 + scale + age + rdebt | firm + year", cluster="region", vcov="CR3", wild=9999
    )
    print(ig.questions.summary(base), "\n")
    print(ig.u_test(base, "market"))
    ig.regression_table({"(1) ROA": base}).save("listed_firms.docx")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
