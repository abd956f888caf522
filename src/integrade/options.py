"""Records of options, such as ``ig.fit(panel, formula, ig.options.Fit(cluster="region"))``."""

from integrade.surface import OPTIONS, lazily, of_measures

__getattr__, __dir__ = lazily("integrade.options", OPTIONS, of_measures)
