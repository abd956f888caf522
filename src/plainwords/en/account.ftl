rows = rows
products = products
firm-years = firm-years
records = records
some-missing = { $column } is missing in { $n ->
    [one] { $n } row
   *[other] { $n } rows
} of { $all }
missing = { $column } missing
not-positive = { $column } not positive
infinite = { $column } infinite
beyond = { $column } is above { $high } or closer to zero than { $low }
not-finite = { $column }: { $n } results are not finite numbers and are set to missing
no-whole-number = { $column } not a whole number
taken-as-missing = { $what }: treated as missing in { $n ->
    [one] { $n } row
   *[other] { $n } rows
}
outside = { $column } outside { $low }..{ $high }
and-more = { $items } ...
and-others = { $items }, ...
dropped-in = dropped rows are in { $places }
chapter-in-year = HS { $chapter } in { $year }: { $lost } of { $all }
chapter-in-no-year = HS { $chapter }, year unknown: { $lost } of { $all }
more-chapters = { $n } more HS-chapter-years
settings = settings: { $settings }
of-rows = { $n ->
    [one] { $n } row
   *[other] { $n } rows
}: { $what }
files = { $n ->
    [one] { $n } file
   *[other] { $n } files
}
files-and-more = { $names } and { $n } more
example-of = { $table }: { $example }
likewise = { $reason } (likewise { $columns })
with-example = { $what } (e.g. { $example })
remark = { $kind }: { $reason }
counted = { $n ->
    [one] { $n } row
   *[other] { $n } rows
} { $kind }: { $reason }
read = { $n } { $what } read
result = { $n } { $what } in the result
