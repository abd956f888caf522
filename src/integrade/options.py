"""Records of options, such as ``ig.fit(panel, formula, ig.options.Fit(cluster="region"))``."""

from integrade.surface import OPTIONS, lazily, names

__all__ = names(OPTIONS)
__getattr__, __dir__ = lazily("integrade.options", OPTIONS)
