beyond-ends = year outside { $source } ({ $n })
in-a-gap = year in a gap of the series ({ $n })
without-keys = without { $keys } ({ $n })
source-panel = the unit's years in the panel
source-series = the region's series
lacking = { $column } { $columns ->
    [one] is
   *[other] are
} missing in { $n } of { $all } rows
lacking-why = { $column } { $columns ->
    [one] is
   *[other] are
} missing in { $n } of { $all } rows: { $why }
published = as in the published table, outcome and regressor are lagged together. Each column relates values of the same year and does not show an effect of the past on the present
distributed-left-out = the distributed lag is not estimated: { $why }
leads-left-out = the distributed lag with leads is not estimated: { $why }
with-example = { $what } ({ $example })
sum-of = sum of { $term }
slope-of-sums = slope of the sums at the mean of { $term }
turning-point-of-sums = turning point of the sums
