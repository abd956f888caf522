accounts-in = firm-years with accounts
several-regions = firms located in more than one region over time: { $firms }
single-year = firms with a single row (rows with missing values count), which firm effects absorb: { $firms }
linked-out = exporter-years linked to accounts
rule-linked = { $rule }: { $n } exporter-years linked to { $firms } firms
keys-of-several-firms = { $keys } shared by more than one firm within a data set, not used: { $n }
keys-of-many-firms = { $keys } shared by more than { $most } firms within a data set, not used: { $n }
tie = tie between firms that match equally well
firm-taken = its firm is linked to a better-matching exporter
linked-in-other-years = linked in other years, but its firm has no accounts in this one
no-firm-agrees = no firm with accounts matches in any step
pairs-gave-way = { $n } pairs discarded in favour of a better match
pairs-tied = { $n } pairs tied with another pair
key-absent = no column { $column }: steps that require it find no match
several-records = several records of an exporter in a year: the most frequent name, postcode, telephone and contact
ownership-classes = ownership classes of { $n } firm-years: { $classes }
no-link = no link to accounts
averaged-by-value = several customs firms linked to one firm in a year, averaged with weights by value
rule-not-tried = rule { $rule } not applied: no column { $columns }
value-shared = a value of rule { $rule } that more than { $most } records of a year share does not identify a firm: not used { $n } times
id-alone-not-linked = { $n } pairs that share only the id, not linked
links = { $n } links between records
links-by-id-alone = { $n } links use only the id. If codes were reassigned to other firms, id_alone=drop removes these links
real-values-missing = { $n } rows without { $column }: real values missing
in-prices-of = { $columns } in { $base } prices, deflated by { $deflator }
capital-without-cost = real_capital: { $n } rows without cost or price
similar-names = { $rule }: { $exporters } exporters without a link were compared. Match weights were estimated from { $names } links (names) and { $others } links (other keys)
provinces-unified = { $spellings } spellings of provinces harmonised, { $n } rows
regions-unified = { $spellings } spellings of regions harmonised, { $n } rows
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
meet-no-firm-year = { $n } rows of { $table } match no firm-year
no-value = { $column } has no value
cut-below = { $column } below p{ $percentile } = { $bound }
cut-above = { $column } above p{ $percentile } = { $bound }
control-not-made = { $control } not constructed: no column { $columns }
own-column-replaced = column { $column } of the file is replaced
assets-in = fic: assets in { $unit }, { $prices }
assets-in-at-rate = fic: assets in { $unit }, { $prices }, { $rate } { $currency } per 2004 dollar
deflated = in constant 2004 prices
nominal = nominal (no deflator given)
control-missing = { $control } missing in { $n } rows: { $why }
year-without-deflator = year without deflator
roa-of-the-year-before = roa lagged by one year; missing in { $n } rows that have a value for the current year
schooling-without-degrees = no columns h8, h9: h7 is taken for college or more and counts { $years } years, a convention
schooling-without-postgraduates = no column h9: postgraduates are among h8 and count 16 years
schooling-without-vocational = no columns { $columns }: vocational schooling is among h4 and h7, which count as many years
schooling-in-persons = { $columns } are persons: shares are of their sum
schooling-missing = a schooling share missing
key-not-used = { $column } { $why }, not used: { $n } rows
shorter-than-2 = shorter than 2 characters
without-6-digits = not 6 digits
of-one-digit = a single digit repeated
shorter-than-7 = shorter than 7 digits
set-to-missing = { $what }, set to missing
first-digits = industry codes of { $table } have { $digits } digits and are matched to the first { $digits } digits of the firms' longer codes: { $n } rows
ratio-made = { $name } = sum of { $numerator } / sum of { $denominator } by { $keys }{ $digits }; median { $median }
ratio-digits = { " " }(first { $digits } digits of industry codes)
ratio-no-numerator = no { $column } (numerator of the ratio)
ratio-no-denominator = no { $column } (denominator of the ratio)
ratio-denominator-not-positive = { $column } (denominator of the ratio) zero or negative
ratio-without-key = without { $keys }
ratio-short-codes = industry codes of fewer than { $digits } digits
ratio-parts-missing = sums of { $column } missing because a component is missing: { $n }
ratio-parts-summed = sums of { $column } that exclude a missing component: { $n }
named-in-formulas = column { $column } is called { $name } in formulas and in the study file
unit-since-read = assets were converted to { $unit } when read; currency_unit ({ $given }) is ignored
no-log = { $column } is zero or negative in { $n } rows: its logarithm is missing there
no-log-of-no-schooling = zero years of schooling, whose logarithm is not defined
founded-implausible = founding year before { $year }, which is not plausible
scale-without-unit = firm size is the log of assets as stated in the accounts. The unit of assets is not stated, so they may be in thousands; currency_unit states the unit
fic-without-unit = fic divides { $column }, whose unit is not stated, by assets in { $unit }: check that both have the same unit
