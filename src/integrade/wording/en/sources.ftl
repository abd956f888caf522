good-read-as = good { $old } read as { $new }, { $n } rows
goods-without-a-name = { $n } goods are not in the list of names: { $goods }
goods-side-by-side = { $goods } could be the same good ({ $good }), but both occur in one year: left unchanged
encoding-detected = encoding { $encoding } (detected)
encoding-western = encoding { $encoding } (detected). If { $word } is not a word, specify { $other } (Central Europe), cp1251 (Cyrillic) or cp1254 (Turkish)
encoding-central = encoding { $encoding } (detected). If { $word } is not a word, specify { $other } (Western Europe), cp1251 (Cyrillic) or cp1254 (Turkish)
encoding-given = encoding { $encoding } (specified)
separator = columns separated by { $separator }
empty-last-column = every row ends in a { $separator } that the header line lacks: an empty column was added
provinces-respelt = { $spellings } spellings of provinces harmonised, { $n } rows
by-letters = { $names ->
    [one] { $names } name
   *[other] { $names } names
} of { $column } normalised (invisible characters removed, accented letters composed), { $n ->
    [one] { $n } row
   *[other] { $n } rows
}
regions-respelt = { $spellings } spellings of regions harmonised, { $n } rows
regions-of = { $n } region names are all { $units }
regions-of-several = { $n } region names could belong to several countries: { $countries }. Specify the country under [geography]
regions-partly-of = { $known } of { $n } region names are { $units }; these are not: { $names }. Add { $line } to match every name; an unmatched name is then an error
provinces-of-counties = region: { $codes } codes of counties read as provinces by their first two digits, { $n } rows
no-provinces = { $names } region names are not provinces, { $n } rows. Exclude them with { $option } if they are totals
rule-without-columns = { $rule }: not applied, no column { $columns }
rule-dropped = { $rule }: { $what }
rule-dropped-after = { $rule }: { $what } [{ $paper }]
imports = imports
imports-named = flow { $words }: imports
directions-not-known = flow { $words }: which of them are exports is not known. Keep exports only with { $option }
destination-china = destination China
chapters = HS { $chapters }
other-regime = { $n } rows whose trade regime is neither ordinary nor processing trade
not-ordinary = not ordinary trade
not-processing = not processing trade
intermediaries = { $found } of { $firms } firms are trade intermediaries according to their names
intermediaries-such-as = { $found } of { $firms } firms are trade intermediaries according to their names, such as { $example }
other-unit = in a different unit from most rows of the product ({ $several } product-units)
unit-value-beyond = unit value beyond p{ $low } or p{ $high } of { $by }
by-and = { $first } x { $second }
code-missing = a code missing
editions-checked = { $old } to { $new }: { $codes } codes, { $same } match one to one, { $split } are split, { $merged } codes of { $new } merge several, { $both } are both split and merged
one-direction-only = { $n } pairs of { $old } and { $new } are listed in one direction only; both directions are used
families = { $families } families of { $codes } codes in { $editions } editions; the largest, { $name }, has { $largest } codes ({ $share })
labels-for-codes = value labels used instead of codes: { $variables }
labels-not-applied = value labels not applied, codes kept: { $variables }
unit-changed = { $columns }: values of { $larger } are about { $factor } times those of { $smaller } (geometric means). If the unit or the currency changed between these years, convert the file to one unit. integrade assumes one unit throughout
codes-with-points = { $n } rows have product codes with points, which are treated as different from codes without points. Remove the points in the file
firms-in-two-lengths = { $n } codes of firms may have lost leading zeros that other codes have, such as { $short } next to { $whole }; { $twice } of them are in the table with their zeros, too. Such a firm is not followed over the years; { $option } restores the zeros
codes-of-odd-length = { $n } rows have product codes of an unusual length (such as { $length }). Leading zeros may have been lost; { $option } restores them
column-gives-way = the file's own column { $column } is ignored, because another column was given for this role
column-read-as = column { $old } read as { $new }
column-read-as-unit = column { $old } read as { $new }, in { $unit }
partly-missing = { $columns }: missing in { $n } of { $all } files, whose rows have no value there ({ $files })
partly-missing-perhaps = { $columns }: missing in { $n } of { $all } files, whose rows have no value there ({ $files }). Only these files have { $headings }: if one of them is the column, map it with { $option }
column-unclear = { $columns } could each be { $new }: choose one with { $option }
year-without-variable = { $column } is missing in every row of { $years }: the rule is not applied in those years (absent=drop drops them)
rule-without-columns-for = { $rule }: not applied, no column { $columns }: { $what }
rule-without-unit = { $rule }: not applied, because currency_unit is not given: sales below the survey's threshold
doubted-years = if these accounts are from the industrial survey, { $n } rows are doubtful: { $why }
doubted-2008 = the survey of 2008 to 2010 lacks several variables
doubted-2011 = the authenticity of the circulated files of 2011 to 2013 is disputed
stays = { $column } left unchanged: { $why }
numbers-with-separators = { $column }: thousands separators removed from { $n } numbers
numbers-with-commas = { $column }: { $n } numbers read with a decimal comma or with points between thousands
numbers-digits = { $column }: { $n } numbers read from full-width digits or those of another script
numbers-spaces = { $column }: spaces or apostrophes between thousands removed from { $n } numbers (such as { $example })
numbers-money = { $column }: the currency symbol removed from { $n } amounts (such as { $example })
numbers-percent = { $column } is in per cent, so 3.2% is read as 3.2 ({ $n } cells)
numbers-per-mille = { $column } is in per mille, so 3.2‰ is read as 3.2 ({ $n } cells)
numbers-marks = { $column }: footnote marks removed from { $n } numbers (such as { $example })
numbers-negative = { $column }: { $n } numbers in parentheses or with a trailing minus read as negative (such as { $example })
numbers-minus = { $column }: { $n } numbers with a typographic minus or dash read as negative
no-number = { $column }: { $n ->
    [one] 1 cell states
   *[other] { $n } cells state
} that no number is available: { $words }
years-ahead = { $column } has years as late as { $year }: they may be of another calendar (2075 of Nepal's calendar is 2018/19), and other files are joined by year
two-digit-years = { $column } read as years of two digits: { $first } ... { $last }
periods-read = { $column } read as { $kind }: { $first } ... { $last }
period-year = years
period-fiscal = fiscal years, each dated by the year in which it begins, or by the year in its name if it has only one
period-half = half-years, each dated by its last month
period-quarter = quarters, each dated by its last month
period-month = months
period-day = days, reduced to year and month
month-not-kept = the table is annual: months are dropped
times-in-zone = times in { $column } are in the time zone { $zone }
dates-dmy = day before month
dates-mdy = month before day
dates-my = two-digit numbers are years
dates-excel = numbers are Excel dates
dates-stata = numbers are Stata dates
dates-thai = years of the Buddhist era, minus 543
dates-quarter = T1 to T4 are quarters
months-read = { $column } read as months
no-regions = sheet { $sheet } contains no table of regions
sheet-named = sheet { $sheet }
sheet-of-text = text file
goods-down = { $sheet }: goods in rows, regions in columns, year { $year }
regions-down = { $sheet }: regions in rows, goods in columns, year { $year }
by-row = by row
unused-columns = { $n } columns left out, which hold ranks or codes or have no heading, { $sheet }
nation-of-sheet = national total, { $sheet }
empty-of-sheet = empty cell, { $sheet }
text-not-workbook = text, not a workbook, named { $suffix }
text-by-content = read as delimited text, judging by its first lines, because its name does not indicate a file type
left-hidden = not read: hidden or temporary file
left-hidden-folder = not read: hidden or temporary folder
left-no-file = not read: a broken link, or not a regular file
left-same-file = not read: the same file as { $file }
left-same-folder = not read: a link to a folder that is read already
left-document = not read: its name indicates a document or a program
left-format = not read: its file extension is not that of a table; to read it as text, give the path of the file
left-folder = { $n ->
    [one] not read: a folder with 1 data file. Only folders named column=value are read within a folder. To read this one, give { $pattern }
   *[other] not read: a folder with { $n } data files. Only folders named column=value are read within a folder. To read this one, give { $pattern }
  }
left-folder-without-data = a folder without data files
left-objects = { $n ->
    [one] 1 object is not Parquet and is not read
   *[other] { $n } objects are not Parquet and are not read
  }
same-rows = the row is the same as another in every column
filtered = filter not satisfied: { $where }
filtered-by-database = filter not satisfied, left out by the database: { $where }
above-headings = above the headings: { $titles }
short-rows = rows with fewer cells than the headings: { $n } (first: row { $row }, { $has } of { $width }); absent cells are treated as missing
broken-rows = rows that span several lines, with line breaks in quotes: { $n } (first: row { $row })
headings-alike = duplicate heading: { $name } in columns { $first } and { $second }; the second is read as { $other }
footnotes = footnotes below the table, sheet { $sheet }
footnotes-of-text = footnotes below the table
sheets-continue = sheets { $sheets } continue { $first }
hidden-sheets = hidden sheets { $sheets } left out; --sheet selects one (sheet in a study file)
formula-kind = formulas without a stored result
lost-cells = cells without a value treated as missing, sheet { $sheet }, column { $column }: { $n } of { $kind } (first: { $cell })
merged-codes = numbers in merged cells are treated as codes and repeated in each cell, sheet { $sheet }: { $n } (first: { $cell }); amounts should be in a single cell
error-cell = error { $error }
empty-formula-kind = formulas whose stored result is empty
merged-numbers = numbers in merged cells are counted once, in the first cell, sheet { $sheet }: { $n } (first: { $cell })
sheets-repeat = sheets { $sheets } repeat the keys of earlier sheets and are not appended; --sheet selects one (sheet in a study file)
sheet-read = sheet { $read } read, not { $others }; --sheet selects one (sheet in a study file)
wide-layout = wide layout: { $columns } columns, { $periods } periods (regions, e.g. { $region }; goods, e.g. { $good })
repeated-columns = { $n } exact duplicates of a column left out
empty-of-wide = empty cell of the wide layout
other-base = base { $base }, not year-on-year
already-annual = the table has no months: it is already annual
months-averaged = rows after averaging months into years
months-chained = rows after chaining months and averaging them into annual indices (previous year = 100)
years-not-chained = annual indices (region, good, year) for which months of that or the previous year are missing
levels-averaged = rows after averaging monthly levels into years
fewer-months = { $n } annual indices are based on fewer than { $whole } months (years { $years })
part-years = { $n ->
    [one] { $years } covers
   *[other] { $years } cover
} only part of a year in every series: { $where } leaves { $n ->
    [one] it
   *[other] them
} out
portal-export = export of the national data portal: { $title }
industries-down = sheet { $sheet }: industries in rows, year { $year }
empty-cell = empty cell
nation = national total
product-column = column { $column } is the product
zeros-restored = leading zeros restored: codes have { $digits } digits
sigma-missing = product or sigma missing
sigma-not-above-one = sigma not above 1
median-of-product = further rows of the same product; the median is used
goods-change = list of goods changes in { $year }: { $moves }
goods-leave = { $goods } discontinued
goods-come = { $goods } introduced
every-good-kept = breaks=keep keeps every good, so levels before and after a break are not comparable. Alternatives: breaks=common, splice or split
good-not-in-every-year = good not in every year ({ $goods } goods)
goods-of-all-years = only the { $n } goods that are present in all years are kept: { $goods }
no-splice = no good can be spliced; goods available in all years kept
spliced = spliced: { $old } -> { $new }
spliced-mean = spliced: { $old } -> { $new } (mean)
split-lists = breaks=split: column goods_list identifies the segments { $parts }
recipe = source { $name } ({ $title }, { $provider }): { $columns }
recipe-column = { $new } from { $old }
recipe-count = { $value } { $n }
recipe-no-flag = no flag { $n }
recipe-counted = rows read, counted by { $column }: { $values }
recipe-unit = source { $name }: { $new } = { $formula } ({ $unit })
zeros-of-source = leading zeros of { $column } restored, because this source drops them; its codes have { $digits } digits
iso-countries = { $column }: countries as ISO 3166 three-letter codes
no-iso-country = { $column }: { $n } rows not matched to an ISO country left unchanged
as-families = { $column } grouped into families over { $system } { $years }: { $known } rows matched, { $moved } of them moved to another code
no-table-of-code = { $n } rows whose code is in no correspondence table keep their code
missing-or-negative = { $column } missing or negative
missing-or-fewer = { $column } missing or fewer than { $n }
missing-or-not-positive = { $column } missing or not positive
above-whole = { $part } above { $whole }
founding-month = founding month outside 1..12
founded-later = founded after the year
below-threshold = sales below 5 million yuan (20 million from 2011)
engine-duckdb = engine duckdb: Polars would need about { $size } and the memory budget is { $budget }; the excess is written to { $folder }
beyond-budget = memory: { $what } take about { $need } at once, and the memory budget is { $budget }. This step may exceed the budget (INTEGRADE_MEMORY)
spilled = { $need } are written to { $folder }, which has { $free } free
stage-left = { $n } { $n ->
    [one] folder
   *[other] folders
 } of other runs { $n ->
    [one] is
   *[other] are
 } in { $place } ({ $example }): delete those that no run uses
brought = { $what } is copied from Spark to this process: { $n } rows, about { $size } MB
too-large-here = { $what } has { $n } rows, about { $size } GB, and must be copied from Spark to this process, whose memory budget is { $budget } GB
too-large-remedy = let Spark write the result (give a folder such as quality/ or a store), choose fewer columns or rows, or raise INTEGRADE_MEMORY
no-worker = no worker of { $master } has accepted the work for { $seconds } s. Start one, or request fewer cores and less memory than the workers offer (spark.executor.cores, spark.executor.memory)
workers-lack = Spark workers cannot run { $module } ({ $why }): the rows come to the driver instead, which is slower. Workers need these libraries of Python: { $libraries }
workers-get-modules = Spark workers have no integrade of this version: its modules are sent with each task
region-left-out = of { $region }, excluded by the study
laid-out = layout: { $columns } columns of values, rows identified by { $rows }; { $roles }
year-once = year { $year } for all rows, taken from { $text }
period-marks = footnote marks and marks of provisional values in headings are ignored: { $names }
periods-across = { $n } periods in columns, { $first } to { $last }
rows-without-number = { $n ->
    [one] { $n } row
   *[other] { $n } rows
} without a number: titles, notes or group headings
sheets-otherwise = sheets with a different layout, not read: { $sheets }
years-beside-months = { $n ->
    [one] { $n } column of a whole year
   *[other] { $n } columns of whole years
} left out, because the other columns are months ({ $names })
total-by-indent = { $column } { $names }: a total, because other names are indented below it
values-left-out = left out: { $names }, for which the table has no column
no-price = commodity { $names }: weights or head counts rather than prices, judging by the name
adjusted-beside = { $n } { $n ->
    [one] good is
   *[other] goods are
  } included both seasonally adjusted and unadjusted (such as { $name } and { $other }) and would be counted twice; choose one with { $option }
copy-beside = { $column } { $name } has the same values as { $other } in all periods
months-maybe-quarters = { $column } contains only 1 to 4 in every year: read as January to April; if these are quarters, specify { $option }
total-named = { $column } { $names }: a total, judging by the name
total-by-numbers = { $column } { $names }: the sum or a weighted mean of the others, judging by the numbers
total-kept = { $column } { $names }: a total next to its components, kept (aggregates=keep)
total-alone = { $column } { $names } is named as a total, but there are fewer than two other items: kept
codes-summed = { $n } { $n ->
    [one] code
   *[other] codes
} of { $column } ({ $names }): totals of longer codes that begin with them
codes-summed-kept = { $n } { $n ->
    [one] code
   *[other] codes
} of { $column } ({ $names }) are totals of longer codes that begin with them; they stay, so exports count at several levels
codes-of-two-levels = { $n } product { $n ->
    [one] code begins
   *[other] codes begin
} longer codes of the table ({ $names }), but { $n ->
    [one] its value is
   *[other] their values are
} not the sum of these; choose one level with { $option } if they are totals
levels-by-dots = names of { $column } are indented to several depths ({ $names }): a total may be listed above its parts; choose one level with { $option }
codes-with-parts = { $n ->
    [one] { $n } good is
   *[other] { $n } goods are
} listed together with their components according to their codes, such as { $first } with { $parts }; choose one level with { $option }
group-beside-parts = { $column } { $name } is a weighted mean of { $parts }, which are also listed; choose one level with { $option }
means-untold = with { $n } values of { $column } and { $periods } periods, the program cannot test whether one of them is the average of the others
filled-down = { $n ->
    [one] { $n } empty cell
   *[other] { $n } empty cells
} in label columns filled from the cell above: names written once per group
title-says-basis = sheet { $sheet } states its basis: { $words }
unit-is-the-region = no column identifies firms: the panel unit is the region
beside = further accounts joined by firm and year: { $columns }; { $n } of { $all } firm-years have them
only-beside = firm-years of further accounts that are absent from the first file
differs-beside = { $column } differs between two files of accounts in { $n } rows: the value of the first file is kept
texts-beside = { $column }: { $n ->
    [one] one text cell that contains a number is read as that number
   *[other] { $n } text cells that contain a number are read as that number
}
