good-read-as = good { $old } read as { $new }, { $n } rows
goods-without-a-name = { $n } goods are not in the list of names: { $goods }
goods-side-by-side = { $goods } could be one good ({ $good }) but stand side by side in a year: left alone
encoding-detected = encoding { $encoding } (detected)
encoding-western = encoding { $encoding } (detected; if { $word } is no word, give { $other } (Central Europe), cp1251 (Cyrillic) or cp1254 (Turkish))
encoding-central = encoding { $encoding } (detected; if { $word } is no word, give { $other } (Western Europe), cp1251 (Cyrillic) or cp1254 (Turkish))
encoding-given = encoding { $encoding } (given)
separator = columns separated by { $separator }
empty-last-column = rows end in a { $separator } that the heading lacks: an empty column added
provinces-respelt = { $spellings } spellings of provinces changed, { $n } rows
by-letters = { $names ->
    [one] { $names } name
   *[other] { $names } names
} of { $column } written by letters alone, without invisible signs and with accents in one sign, { $n ->
    [one] { $n } row
   *[other] { $n } rows
}
regions-respelt = { $spellings } spellings of regions changed, { $n } rows
regions-of = { $n } region names are all { $units }
regions-of-several = { $n } region names are regions of several countries: { $countries }; say which under [geography]
regions-partly-of = { $known } of { $n } region names are { $units }, but not { $names }; with { $line } they are matched or refused
no-provinces = { $names } region names are no province, { $n } rows; leave them out with { $option } if they are totals
rule-without-columns = { $rule }: not applied, no column { $columns }
rule-dropped = { $rule }: { $what }
rule-dropped-after = { $rule }: { $what } [{ $paper }]
imports = imports
destination-china = destination China
chapters = HS { $chapters }
other-regime = { $n } rows of a regime that is neither ordinary nor processing trade
not-ordinary = not ordinary trade
not-processing = not processing trade
intermediaries = { $found } of { $firms } firms trade what others make, by their names
intermediaries-such-as = { $found } of { $firms } firms trade what others make, by their names, such as { $example }
other-unit = in another unit than most rows of the product ({ $several } product-units)
unit-value-beyond = unit value beyond p{ $low } or p{ $high } of { $by }
by-and = { $first } x { $second }
code-missing = a code missing
editions-checked = { $old } to { $new }: { $codes } codes, { $same } have one partner and are its only one, { $split } are split, { $merged } codes of { $new } merge several, { $both } are split and merged
one-direction-only = { $n } pairs of { $old } and { $new } stand in one direction only; both are used
families = { $families } families of { $codes } codes in { $editions } editions; the largest, { $name }, has { $largest } codes ({ $share })
labels-for-codes = value labels in place of codes: { $variables }
labels-not-applied = value labels not applied, codes kept: { $variables }
codes-with-points = { $n } rows with points in product codes, which are other codes than those without; remove the points in the file
codes-of-odd-length = { $n } rows with product codes of an odd length (such as { $length }): zeros may be lost; { $option } restores them
column-gives-way = column { $column } gives way to the one mapped to it
column-read-as = column { $old } read as { $new }
column-read-as-unit = column { $old } read as { $new }, in { $unit }
column-unclear = { $columns } could each be { $new }; map one with { $option }
xml-spreadsheet = an XML spreadsheet of 2003 named { $suffix }
html-page = an HTML page named { $suffix }, encoding { $encoding }
default-password = encrypted with Excel's default password, opened
year-without-variable = { $column } is missing from every row of { $years }: not tested there (absent=drop drops them)
rule-without-columns-for = { $rule }: not applied, no column { $columns }: { $what }
rule-without-unit = { $rule }: not applied without currency_unit: sales below the survey's threshold
doubted-years = { $why }: { $n } rows, if these are accounts of the industrial survey
doubted-2008 = the survey of 2008 to 2010 lacks several variables
doubted-2011 = the authenticity of the circulated files of 2011 to 2013 is disputed
stays = { $column } stays as it is: { $why }
numbers-with-separators = { $column }: { $n } numbers with thousands separators
numbers-with-commas = { $column }: { $n } numbers with a decimal comma or points between thousands
numbers-digits = { $column }: { $n } numbers in full-width digits or in those of another script
numbers-spaces = { $column }: { $n } numbers with thousands set apart by spaces or apostrophes (such as { $example })
numbers-money = { $column }: { $n } amounts with a currency, which is left out (such as { $example })
numbers-percent = { $column } is in per cent: 3.2% is 3.2 ({ $n } cells)
numbers-per-mille = { $column } is in per mille: 3.2‰ is 3.2 ({ $n } cells)
numbers-marks = { $column }: { $n } numbers with footnote marks, which are left out (such as { $example })
numbers-negative = { $column }: { $n } numbers in brackets or with a minus behind are negative (such as { $example })
numbers-minus = { $column }: { $n } numbers with a minus sign or dash of print are negative
no-number = { $column }: { $n } cells say that there is no number: { $words }
periods-read = { $column } read as { $kind }: { $first } ... { $last }
period-year = years
period-fiscal = fiscal years, each under the year in which it begins or that names it
period-half = half-years, each under its last month
period-quarter = quarters, each under its last month
period-month = months
period-day = days, of which year and month are kept
month-not-kept = the table has years alone, months are left out
times-in-zone = times of { $column } are those of the time zone { $zone }
dates-dmy = the day stands before the month
dates-mdy = the month stands before the day
dates-my = the numbers of two digits are years
dates-excel = numbers are days as Excel counts them
dates-stata = numbers are days as Stata counts them
dates-thai = years of the Buddhist era less 543
dates-quarter = T1 to T4 are quarters
months-read = { $column } read as months
no-regions = sheet { $sheet } holds no table of regions
goods-down = sheet { $sheet }: goods down, regions across, year { $year }
regions-down = sheet { $sheet }: regions down, goods across, year { $year }
by-row = by row
unused-columns = { $n } columns of ranks, codes or without a heading left out, sheet { $sheet }
nation-of-sheet = row of the whole nation, sheet { $sheet }
empty-of-sheet = empty cell, sheet { $sheet }
text-not-workbook = text, not a workbook, named { $suffix }
text-by-content = read as text with columns, which its first lines are: its name tells no kind of file
filtered = not ({ $where })
filtered-by-database = not ({ $where }), left out by the database
above-headings = above the headings: { $titles }
short-rows = rows with fewer cells than the headings: { $n } (first: row { $row }, { $has } of { $width }); the cells that lack are missing
broken-rows = rows of several lines, with line breaks in quotes: { $n } (first: row { $row })
headings-alike = two headings alike: { $name } in columns { $first } and { $second }, the latter read as { $other }
footnotes = footnotes below the table, sheet { $sheet }
sheets-continue = sheets { $sheets } continue { $first }
hidden-sheets = hidden sheets { $sheets } left out; sheet= picks one
formula-kind = formulas without a stored result
lost-cells = cells without a value are missing, sheet { $sheet }, column { $column }: { $n } of { $kind } (first: { $cell })
merged-codes = numbers of merged cells are taken for codes and stand in each of their cells, sheet { $sheet }: { $n } (first: { $cell }); an amount belongs in one cell
html-unseen = { $n } hidden or struck parts of the page left out
empty-formula-kind = formulas whose stored result is empty
merged-numbers = numbers of merged cells stand once, in the first of their cells, sheet { $sheet }: { $n } (first: { $cell })
sheets-repeat = sheets { $sheets } repeat the keys of those before and are not appended; sheet= picks one
sheet-read = sheet { $read } read, not { $others }; sheet= picks one
wide-layout = wide layout: { $columns } columns of { $periods } periods (regions, e.g. { $region }; goods, e.g. { $good })
repeated-columns = { $n } exact repeats of a column left out
empty-of-wide = empty cell of the wide layout
other-base = base { $base }, not year on year
already-annual = the table has no months: it is annual already
months-averaged = months averaged into years, rows now
months-chained = months chained and averaged into years on the year before, rows now
years-not-chained = annual indices (a year of a region and good): its months, or those of the year before, are not all there
levels-averaged = levels of months averaged into years, rows now
fewer-months = { $n } annual indices rest on fewer than { $whole } months (years { $years })
portal-export = export of the national data portal: { $title }
industries-down = sheet { $sheet }: industries down, year { $year }
empty-cell = empty cell
nation = row of the whole nation
product-column = column { $column } is the product
zeros-restored = leading zeros restored: codes have { $digits } digits
sigma-missing = product or sigma missing
sigma-not-above-one = sigma not above 1
median-of-product = rows of a product beyond its first, median taken
goods-change = goods change in { $year }: { $moves }
goods-leave = { $goods } leave
goods-come = { $goods } come
every-good-kept = breaks=keep: every good kept: levels before and after a break are not comparable; or breaks=common, splice, split
good-not-in-every-year = good not in every year ({ $goods } goods)
goods-of-all-years = breaks: { $n } goods of all years kept: { $goods }
no-splice = no good can be spliced; goods of all years kept
spliced = spliced: { $old } -> { $new }
spliced-mean = spliced: { $old } -> { $new } (mean)
split-lists = breaks=split: column goods_list names the parts { $parts }
recipe = source { $name } ({ $title }, { $provider }): { $columns }
recipe-column = { $new } from { $old }
recipe-unit = source { $name }: { $new } = { $formula } ({ $unit })
zeros-of-source = leading zeros of { $column } restored: this source loses them, its codes have { $digits } digits
iso-countries = { $column }: countries as ISO 3166 three-letter codes
no-iso-country = { $column }: { $n } rows of no ISO country stay as they are
as-families = { $column } as families over { $system } { $years }: { $known } rows found, { $moved } of them under another code
no-table-of-code = { $n } rows with a code of no correspondence table keep it
missing-or-negative = { $column } missing or negative
missing-or-fewer = { $column } missing or fewer than { $n }
missing-or-not-positive = { $column } missing or not positive
above-whole = { $part } above { $whole }
founding-month = founding month outside 1..12
founded-later = founded after the year
below-threshold = sales below 5 million yuan (20 million from 2011)
engine-duckdb = engine duckdb: about { $size } on Polars, and the memory budget is { $budget }; what is beyond it spills to { $folder }
workers-lack = workers of Spark cannot run { $module } ({ $why }): the engine's expressions do its work, more slowly
region-left-out = of { $region }, which the study leaves out
laid-out = layout: { $columns } columns of values beside { $rows }; { $roles }
year-once = the year { $year } for all rows, as named in { $text }
periods-across = { $n } periods across, { $first } to { $last }
rows-without-number = { $n ->
    [one] { $n } row
   *[other] { $n } rows
} without a number: titles, notes or headings of groups
sheets-otherwise = sheets of another layout, not read: { $sheets }
values-left-out = left out: { $names }, for which the table has no column
no-price = commodity { $names }: weights or numbers of people, no prices, by the name
adjusted-beside = { $n } { $n ->
    [one] good stands
   *[other] goods stand
  } seasonally adjusted beside unadjusted (such as { $name } and { $other }) and would count twice; choose one with { $option }
copy-beside = { $column } { $name } has the same values as { $other } in all periods
months-maybe-quarters = { $column } holds 1 to 4 in every year and nothing else: read as January to April; if these are quarters, say it: { $option }
total-named = { $column } { $names }: the whole, by the name
total-by-numbers = { $column } { $names }: the sum or a weighted mean of the others, by the numbers
total-kept = { $column } { $names }: the whole beside its parts, kept (aggregates=keep)
total-alone = { $column } { $names } is called the whole, but fewer than two others stand beside it: kept
codes-with-parts = { $n ->
    [one] { $n } good stands
   *[other] { $n } goods stand
} beside parts of their own by their codes, such as { $first } beside { $parts }; choose one level with { $option }
group-beside-parts = { $column } { $name } is a weighted mean of { $parts }, which stand beside it; choose one level with { $option }
means-untold = whether a { $column } is a mean of the others cannot be told: { $n } of them in { $periods } periods
filled-down = { $n ->
    [one] { $n } empty cell
   *[other] { $n } empty cells
} beside the values filled from above: names that stand once for their group
title-says-basis = sheet { $sheet } says its basis: { $words }
unit-is-the-region = no column is the firm: the unit that is followed is the region
beside = further accounts joined by firm and year: { $columns }; { $n } of { $all } firm-years have them
only-beside = firm-years of further accounts that the first file lacks
differs-beside = { $column } differs between two files of accounts in { $n } rows: that of the first is kept
