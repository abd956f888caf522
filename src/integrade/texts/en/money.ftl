scaled = { $column } is in { $unit }: values are multiplied by { $times } and are { $single } from here on
converted = { $columns } in { $currency } by the rates of { $file }
