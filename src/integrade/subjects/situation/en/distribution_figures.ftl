by-group = Distribution of { $outcome } by { $by } and year
by-year = Distribution of { $outcome } by year
ribbons = Line: median. Dark area: 25th to 75th percentile, light area: 10th to 90th
bars = Dots: median. Thick bars: 25th to 75th percentile, thin bars: 10th to 90th
weighted = weighted by { $weight }
rows = { $n ->
    [one] { $n } row
   *[other] { $n } rows
}
missing = { $n ->
    [one] { $n } row with a missing value left out
   *[other] { $n } rows with a missing value left out
}
few = { $cells ->
    [one] { $n } rows of { $cells } group and year with fewer than { $least } rows are not drawn
   *[other] { $n } rows of { $cells } groups and years with fewer than { $least } rows each are not drawn
}
largest = the { $shown } largest of { $all } groups
group-and-n = { $n ->
    [one] { $group } ({ $n } row)
   *[other] { $group } ({ $n } rows)
}
median-moves = median of { $group }: { $from } in { $first }, { $to } in { $last }
