scaled = { $column }: in { $unit }. Values are multiplied by { $times } and converted to { $single }
converted = { $columns } in { $currency } by the rates of { $file }
scaled-by-heading = { $column }: in { $unit }, as the file states. Values are multiplied by { $times } and converted to { $single }
told-by-heading = { $column } is in { $unit }, as its heading states
told-by-cells = { $column } is in { $unit }, as its cells state
unclear = { $column } is in { $unit }, whose scale is uncertain: values are unchanged; { $option } states the scale
other-words = { $columns } is declared in { $unit }, but the file states { $said }, a different currency
single-units = single units
others-unscaled = { $column } is in { $unit }, and the unit of { $others } is not given. If { $others } is also in thousands, the ratio of the two columns is wrong
told-by-some = { $column } is in { $unit } by the heading { $heading }; { $silent } states no unit and is assumed to be in the same
words-as-codes = { $n ->
    [one] { $n } currency named in words is read as its code
   *[other] { $n } currencies named in words are read as their codes
}: { $words }
thousand = thousand { $name }
million = million { $name }
billion = billion { $name }
trillion = trillion { $name }
