nothing = no number is there
not-positive = some values are zero or negative, and they do not behave like rates of change
rates-of-what = small numbers around zero may be rates of change in percent (3.2) or as shares (0.032)
rates-on-last-year = small numbers around zero whose changes are undone a year later (correlation { $found }, near -.50 for rates on the same month of last year)
rates = small numbers around zero without lasting differences between regions (persistence { $found }, of levels above .38)
rates-between = small numbers around zero whose differences between regions last neither as those of changes nor of levels do (persistence { $found })
far-from-100 = values behave like changes, but lie around { $median } and not around 100
on-last-year = changes are undone a year later (correlation { $found }, near -.50 for indices on the same month of last year)
few-periods = there are too few adjacent periods, regions or goods
between = differences between regions last neither as those of changes nor as those of levels do (persistence { $found }; changes are below .38, levels above)
level-or-on-last-year = differences between regions last, as in levels and in indices on the same month of last year, and the months are too few to tell which
base-but-changes = every index is at the base in { $period }, yet differences between regions do not last
drift-but-changes = values drift away from 100, yet differences between regions do not last (persistence { $found })
link = differences between regions do not last (persistence { $found }, of levels above .38), and values lie around 100
jump = in { $period } all series return to their base at once
base-period = every index is at the base in { $period }, and differences between regions last from there
money = differences between regions last (persistence { $found }, of changes below .38), and goods differ as prices in money do
near-base = differences between regions last (persistence { $found }, of changes below .38), and all values lie near 100 in one period
fixed-or-level = differences between regions last (persistence { $found }, of changes below .38); the base is outside the file, or they are prices in money
jump-perhaps = in { $period } all series move towards their base, as at a change of base
part-periods = as a whole they look like { $whole }, but the first or the last periods alone like { $own } ({ $n } of 4 parts asked)
part-goods = as a whole they look like { $whole }, but { $n } { $n ->
    [one] good alone looks
   *[other] goods alone look
  } like { $own }
part-regions = as a whole they look like { $whole }, but some regions alone like { $own } ({ $n } of those asked)
regions-return = they look like { $whole }, but in { $period } { $n } { $n ->
    [one] region returns
   *[other] regions return
  } to the base at once with all goods, and the others do not
goods-return = they look like { $whole }, but in { $period } { $n } { $n ->
    [one] good returns
   *[other] goods return
  } to the base at once in all regions, and the others do not
is-link = link (previous period = 100)
is-fixed = fixed (base period = 100)
is-level = level (prices in currency)
is-fixed-or-level = fixed (base period = 100) or level (prices in currency), which are treated alike
is-year-on-year = year_on_year (same month of last year = 100)
is-rate = rate (change on the previous period in per cent)
is-rate-year-on-year = rate_year_on_year (change on the same month of last year in per cent)
is-mixed = several bases in one file
detected = basis detected, { $basis }: { $why }{ $sure }
read = basis as it was read, { $basis }, and the data agree: { $why }{ $sure }
read-not-told = basis as it was read, { $basis }; by themselves the data do not tell: { $why }
declared = basis declared, { $basis }, and the data agree: { $why }{ $sure }
declared-not-told = basis declared, { $basis }, and the data do not tell: { $why }
seen-exactly = ; the base period is seen exactly
errors-from-boundary = ; { $sure } standard errors from the boundary
rates-as-indices = rates of change taken as indices, 100 + rate
said-by-words = the file says its basis: { $words }
said-by-source = the source { $source } says its basis
spliced = base { $old } joined to base { $new } by { $n } rows that both have
not-spliced = base { $old } of a series that has no period in common with base { $new }
rows-without-base = no base, beside rows of several bases
