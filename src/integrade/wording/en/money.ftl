scaled = { $column } is in { $unit }: values are multiplied by { $times } and are { $single } from here on
converted = { $columns } in { $currency } by the rates of { $file }
scaled-by-heading = { $column } is in { $unit }, as the file says: values are multiplied by { $times } and are { $single } from here on
told-by-heading = { $column } is in { $unit }, as its heading says
told-by-cells = { $column } is in { $unit }, as its cells say
unclear = { $column } is in { $unit }, whose scale is not certain: values stay as they are; { $option } says it
other-words = { $columns } is given in { $unit }, and the file says { $said }, which is another currency
single-units = single units
others-unscaled = { $column } is in { $unit }, and no unit is given for { $others }: ratios of them are wrong where these are in thousands, too
told-by-some = { $column } is in { $unit } by the heading { $heading }, and { $silent } says no unit: it is taken for the same
words-as-codes = { $n ->
    [one] { $n } currency named in words is read as its code
   *[other] { $n } currencies named in words are read as their codes
}: { $words }
thousand = thousand { $name }
million = million { $name }
billion = billion { $name }
trillion = trillion { $name }
