announced = The original paper announces an analysis of export quality in total and by group, but prints no numbers.
short = Changes of quality
heading = Changes of quality by year, and by continuing and new products
title = Change of mean export quality by year
quality = Mean quality
change = Change
within = Within continuing
between = Between continuing
entry = New
exit = Dropped
share-entered = Share of new
share-exited = Share of dropped
all-years = All years
note = Mean quality of customs rows, weighted by value, before winsorising. Units are defined by { $units }. A unit continues if it is exported in the year and { $span ->
    [one] in the year before
   *[other] { $span } years before
}. The change is the sum of the four columns that follow it, up to rounding. Shares are of value: of new units in the year, of dropped units in the earlier year.
griliches-regev = Within: changes of the quality of continuing units. Between: changes of their shares. New and dropped: shares times the distance from the mean of both years (Griliches and Regev 1995).
melitz-polanec = Within: change of the unweighted mean of continuing units. Between: change of the covariance of their quality and share. New and dropped: shares times the distance from continuing units (Melitz and Polanec 2015).
from-customs = computed from the quality of customs rows by integrade.quality_change
meaning-of-total = sum over the years
whole = From { $first } to { $last } mean quality, weighted by value, changes by { $change } (the sum of the yearly changes). Continuing { $units ->
    [firms] firms
   *[products] products
} contribute { $within } by changes of their quality and { $between } by changes of their shares. New ones contribute { $entry } and dropped ones { $exit }.
no-rows = the study has no quality of customs rows
no-units = the customs rows have no column { $units }
left-out = The change of quality is not decomposed: { $why }.
step = changes of quality
