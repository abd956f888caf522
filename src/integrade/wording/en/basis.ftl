nothing = it contains no numbers
not-positive = some values are zero or negative, but the values do not behave like rates of change
rates-of-what = small numbers around zero may be rates of change in per cent (3.2) or as fractions (0.032)
rates-on-last-year = small numbers around zero whose changes are reversed a year later (correlation { $found }; near -.50 for year-on-year rates)
rates = small numbers around zero without persistent differences between regions (persistence { $found }; levels are above .38)
rates-between = small numbers around zero whose regional differences are persistent neither as in changes nor as in levels (persistence { $found })
far-from-100 = values behave like changes, but lie around { $median } rather than 100
on-last-year = changes are reversed a year later (correlation { $found }; near -.50 for year-on-year indices)
few-periods = there are too few adjacent periods, regions or goods
between = differences between regions are persistent neither as in changes nor as in levels (persistence { $found }; changes are below .38, levels above)
level-or-on-last-year = differences between regions persist, as in levels and in year-on-year indices, and there are too few months to distinguish the two
base-but-changes = in { $period } every index equals the base, yet differences between regions do not persist
drift-but-changes = values drift away from 100, yet differences between regions do not persist (persistence { $found })
link = differences between regions do not persist (persistence { $found }; levels are above .38), and values lie around 100
jump = in { $period } all series return to their base simultaneously
base-period = in { $period } every index equals the base, and differences between regions persist from then on
money = differences between regions persist (persistence { $found }; changes are below .38), and goods differ in level as prices in currency do
near-base = differences between regions persist (persistence { $found }; changes are below .38), and all values lie near 100 in one period
fixed-or-level = differences between regions persist (persistence { $found }; changes are below .38). Either the base period is not in the file, or the values are prices in currency
jump-perhaps = in { $period } all series move towards their base, as when an index is rebased
part-periods = overall the values look like { $whole }, but those of the first or the last periods look like { $own } ({ $n } of the 4 parts checked)
part-goods = overall the values look like { $whole }, but those of { $n } { $n ->
    [one] good
   *[other] goods
  } look like { $own }
part-regions = overall the values look like { $whole }, but those of some regions look like { $own } ({ $n } of those checked)
regions-return = the values look like { $whole }, but in { $period } { $n } { $n ->
    [one] region returns
   *[other] regions return
  } to the base simultaneously for all goods, while the others do not
goods-return = the values look like { $whole }, but in { $period } { $n } { $n ->
    [one] good returns
   *[other] goods return
  } to the base simultaneously in all regions, while the others do not
is-link = link (previous period = 100)
is-fixed = fixed (base period = 100)
is-one-base = one_base (one base period = 100 throughout)
is-level = level (prices in currency)
is-fixed-or-level = fixed (base period = 100) or level (prices in currency), which are treated the same way
is-year-on-year = year_on_year (same month of last year = 100)
is-rate = rate (percentage change on the previous period)
is-rate-year-on-year = rate_year_on_year (percentage change on the same month of last year)
is-mixed = several bases in one file
detected = basis detected, { $basis }: { $why }{ $sure }
read = basis as read, { $basis }, and the data agree: { $why }{ $sure }
read-not-told = basis as read, { $basis }; the data do not identify it: { $why }
declared = basis declared, { $basis }, and the data agree: { $why }{ $sure }
declared-not-told = basis declared, { $basis }; the data do not identify it: { $why }
one-base-assumed = the user assumes { $basis }, although the numbers look like several bases ({ $why }{ $sure }). The change into that period is therefore treated as a price change
seen-exactly = ; the base period is identified exactly
errors-from-boundary = ; { $sure } standard errors from the cut-off
rates-as-indices = rates of change converted to indices (100 + rate)
said-by-words = the file states its basis: { $words }
said-by-source = the source { $source } states its basis
spliced = base { $old } linked to base { $new } by { $n } overlapping rows
not-spliced = base { $old } of a series that has no period in common with base { $new }
rows-without-base = no base given, while other rows have several bases
