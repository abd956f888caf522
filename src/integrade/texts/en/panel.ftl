accounts-in = firm-years with accounts
several-regions = firms in more than one region over the years: { $firms }
single-year = firms with a single year, which firm effects absorb: { $firms }
linked-out = exporter-years linked to accounts
rule-linked = { $rule }: { $n } exporter-years of { $firms } firms linked
keys-of-several-firms = { $keys } of more than one firm on a side, not used: { $n }
keys-of-many-firms = { $keys } of more than { $most } firms on a side, not used: { $n }
tie = tie between firms that agree in as much
firm-taken = its firm is taken by an exporter that agrees in more
linked-in-other-years = linked in other years, but its firm has no accounts in this one
no-firm-agrees = no firm with accounts agrees in any step
pairs-gave-way = { $n } pairs gave way to a pair that agrees in more
pairs-tied = { $n } pairs tied with another pair
key-absent = no column { $column }: what needs it finds nobody
several-records = several records of an exporter in a year: the most frequent name, postcode, telephone and contact
ownership-classes = ownership classes of { $n } firm-years: { $classes }
no-link = no link to accounts
averaged-by-value = several customs firms of one firm in a year, averaged by value
rule-not-tried = rule { $rule } not tried: no column { $columns }
value-shared = value of rule { $rule } shared by more than { $most } records of a year, not used: { $n } times
id-alone-not-linked = { $n } pairs with the same id and nothing else not linked
links = { $n } links between records
links-by-id-alone = { $n } links by id alone, nothing else agrees: codes given to other firms? id_alone=drop
real-values-missing = { $n } rows without { $column }: real values missing
in-prices-of = { $columns } in prices of { $base } by { $deflator }
capital-without-cost = real_capital: { $n } rows without cost or price
similar-names = { $rule }: { $exporters } exporters without a link compared; weights of names learnt from { $names } links, of the other keys from { $others }
provinces-unified = { $spellings } spellings of provinces unified, { $n } rows
regions-unified = { $spellings } spellings of regions unified, { $n } rows
regions-without = { $n ->
    [one] { $n } region
   *[other] { $n } regions
} of firms without { $table }: { $names }
years-missing-dropped = { $table } covers { $span }, firms { $firms }: { $n ->
    [one] { $n } year
   *[other] { $n } years
} missing ({ $years }), { $lost } rows dropped
years-missing-without = { $table } covers { $span }, firms { $firms }: { $n ->
    [one] { $n } year
   *[other] { $n } years
} missing ({ $years }), { $lost } rows without it
keys-not-in = { $keys } not in { $table }
unit-not-in = { $unit } not in { $table }
n-names = { $what }: { $n } names
rows-without = { $n } rows without { $table }: { $why }
exports-without-accounts = exports without accounts
meet-no-firm-year = { $n } rows of { $table } meet no firm-year
no-value = { $column } has no value
cut-below = { $column } below p{ $percentile } = { $bound }
cut-above = { $column } above p{ $percentile } = { $bound }
control-not-made = { $control } not made: no column { $columns }
own-column-replaced = the file's own column { $column } is replaced
assets-in = fic: assets in { $unit }, { $prices }
assets-in-at-rate = fic: assets in { $unit }, { $prices }, { $rate } { $currency } per 2004 dollar
deflated = deflated to 2004 prices
nominal = nominal (no deflator given)
control-missing = { $control } missing in { $n } rows: { $why }
year-without-deflator = year without deflator
roa-of-the-year-before = roa of the year before; missing in { $n } rows that have this year's
schooling-missing = a schooling share missing
no-log-of-zero = no log of zero years
key-not-used = { $column } { $why }, not used: { $n } rows
shorter-than-2 = shorter than 2 characters
without-6-digits = without 6 digits
of-one-digit = of one digit
shorter-than-7 = shorter than 7 digits
set-to-missing = { $what }, set to missing
first-digits = industry codes of { $table } have { $digits } digits and meet the first { $digits } of longer codes of the firms: { $n } rows
ratio-made = { $name } = sum of { $numerator } / sum of { $denominator } by { $keys }{ $digits }; median { $median }
ratio-digits = { " " }(first { $digits } digits of industry codes)
ratio-no-numerator = no { $column } (numerator of the ratio)
ratio-no-denominator = no { $column } (denominator of the ratio)
ratio-denominator-not-positive = { $column } (denominator of the ratio) zero or negative
ratio-without-key = without { $keys }
ratio-short-codes = industry codes of fewer than { $digits } digits
ratio-parts-missing = { $n } sums of { $column } missing, as a part of them is
ratio-parts-summed = { $n } sums of { $column } without a part that is missing
named-in-formulas = column { $column } is called { $name } in formulas and in the study file
unit-since-read = assets are in { $unit } since they were read; currency_unit ({ $given }) gives way
