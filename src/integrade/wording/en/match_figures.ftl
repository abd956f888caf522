linked = linked
by-weights = false, by the weights
by-provinces = false, by the provinces
weight = Match weight from which pairs are linked (log2 odds)
pairs = Pairs
what-each-threshold-links = What each threshold would link
dashed = Dashed: the chosen threshold. The weights use no information on provinces
described = Pairs linked and pairs expected to be false by match weight; the numbers are in the table.
