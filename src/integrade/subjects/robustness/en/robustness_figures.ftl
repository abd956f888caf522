title = { $quantity }, with one element changed at a time
turning-point = Turning point of { $treatment }
vertex = Turning point of the fitted parabola in { $treatment }
coefficient = Coefficient of { $treatment }
slope-at = Slope at the { $place } of { $treatment }
bars = Bars: 95% intervals
fieller = Bars: 95% intervals (Fieller's method)
other-errors = { $changes }: { $errors }
headline-marked = diamond and dashed line: the main result
not-estimated = { $many ->
    [one] { $many } change without an estimate
   *[other] { $many } changes without an estimate
}
other-units = { $many ->
    [one] { $many } change in other units, not drawn
   *[other] { $many } changes in other units, not drawn
}
without-each = { $quantity } without each { $column }
whole-sample = Line and area: whole sample, { $estimate }, 95% interval { $interval }
most-influential = orange: { $level }, the most influential by Cook's distance. Leaving out { $level } also changes the estimate most
influential-and-moved = orange: { $level }, the most influential by Cook's distance. Leaving out { $moved } changes the estimate most
not-identified = the estimate is not identified if { $many ->
    [one] { $many } unit is left out
   *[other] one of { $many } units is left out
}
ends = of { $all } estimates, only the { $shown } lowest and highest are drawn
without-described = The estimate ranges from { $low } without { $low_without } to { $high } without { $high_without }. In the whole sample the estimate is { $estimate }.
