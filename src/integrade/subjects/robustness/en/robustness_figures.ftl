title = { $quantity }, with one element changed at a time
turning-point = Turning point of { $treatment }
vertex = Turning point of the fitted parabola in { $treatment }
coefficient = Coefficient of { $treatment }
slope-at = Slope at the { $place } of { $treatment }
bars = Bars: 95% intervals
fieller = Bars: 95% Fieller intervals
other-errors = { $changes }: { $errors }
headline-marked = diamond and dashed line: the headline
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
most-influential = orange: { $level }, the most influential: the largest Cook's distance of the coefficients, and the estimate moves most without it
influential-and-moved = orange: { $level }, the most influential by Cook's distance of the coefficients; the estimate itself moves most without { $moved }
not-identified = { $many ->
    [one] { $many } level without which it is not identified
   *[other] { $many } levels without which it is not identified
}
ends = { $shown } of { $all } drawn, those at the ends
without-described = From { $low } without { $low_without } to { $high } without { $high_without }; the whole sample gives { $estimate }.
