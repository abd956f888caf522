"""Prices to an index of market integration, and how far the index can be trusted."""

from integrade.integration.cube import goods_breaks
from integrade.integration.options import RelativePrice
from integrade.integration.relative_price import relative_price

__all__ = ["RelativePrice", "goods_breaks", "relative_price"]
