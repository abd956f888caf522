nothing = it contains no numbers
not-positive = some values are zero or negative, but the values do not behave like rates of change
rates-of-what = small numbers around zero may be rates of change in per cent (3.2) or as fractions (0.032)
rates-on-last-year = small numbers around zero whose changes are reversed a year later (correlation { $found }; near -.50 for year-on-year rates)
rates = small numbers around zero, and differences between regions do not persist (autocorrelation { $found }; price levels exceed .38)
rates-between = small numbers around zero; the autocorrelation of regional differences ({ $found }) is too close to 0.38 to separate changes from levels
far-from-100 = values behave like changes, but lie around { $median } rather than 100
on-last-year = changes are reversed a year later (correlation { $found }; near -.50 for year-on-year indices)
few-periods = there are too few adjacent periods, regions or goods
between = the autocorrelation of regional differences ({ $found }) is too close to 0.38 to separate changes from levels
level-or-on-last-year = differences between regions persist, as in levels and in year-on-year indices, and there are too few months to distinguish the two
base-but-changes = in { $period } every index equals the base, yet differences between regions do not persist
drift-but-changes = values drift away from 100, yet differences between regions do not persist (autocorrelation { $found })
link = values lie around 100, and differences between regions do not persist (autocorrelation { $found }; below 0.38 counts as no persistence)
jump = in { $period } all series return to their base simultaneously
base-period = in { $period } every index equals the base, and differences between regions persist from then on
money = differences between regions persist (autocorrelation { $found }; above 0.38 counts as persistence), and goods differ in level as prices in currency do
near-base = differences between regions persist (autocorrelation { $found }; above 0.38 counts as persistence), and all values lie near 100 in one period
fixed-or-level = differences between regions persist (autocorrelation { $found }; above 0.38 counts as persistence). Either the base period is not in the file, or the values are prices in currency
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
detected = price basis detected: { $basis }. Reason: { $why }{ $sure }
read = price basis stated in the file: { $basis }. The data agree: { $why }{ $sure }
read-not-told = price basis stated in the file: { $basis }. The data do not identify it: { $why }
declared = price basis declared: { $basis }. The data agree: { $why }{ $sure }
declared-not-told = price basis declared: { $basis }. The data do not identify it: { $why }
one-base-assumed = price basis set by the user: { $basis }. The numbers look rebased ({ $why }{ $sure }); the change into the new base is treated as a price change
seen-exactly = ; the base period is identified exactly
errors-from-boundary = . This is { $sure } standard errors from 0.38
rates-as-indices = rates of change converted to indices (100 + rate)
said-by-words = the file states its basis: { $words }
said-by-source = the source { $source } states its basis
spliced = base { $old } linked to base { $new } by { $n } overlapping rows
not-spliced = base { $old } of a series that has no period in common with base { $new }
rows-without-base = no base given, while other rows have several bases
