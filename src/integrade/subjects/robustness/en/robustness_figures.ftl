title = { $quantity }, with one element changed at a time
turning-point = Turning point of { $treatment }
vertex = Turning point of the fitted parabola in { $treatment }
coefficient = Coefficient of { $treatment }
slope-at = Slope at the { $place } of { $treatment }
bars = Bars: 95% intervals
fieller = Bars: 95% intervals (Fieller's method)
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
most-influential = orange: { $level } is the most influential; its Cook's distance is the largest, and the estimate changes most without it
influential-and-moved = orange: { $level }, the most influential by Cook's distance; leaving out { $moved } changes the estimate most
not-identified = not identified without { $many ->
    [one] { $many } level
   *[other] { $many } levels
}
ends = only the { $shown } lowest and highest of { $all } are drawn
without-described = The estimate ranges from { $low } without { $low_without } to { $high } without { $high_without }. In the whole sample it is { $estimate }.
