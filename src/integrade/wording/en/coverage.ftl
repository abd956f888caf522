the-index = the index
years-missing = { $table } covers { $span }, firms { $firms }: { $n ->
    [one] { $n } year
   *[other] { $n } years
} missing ({ $years }), { $rows } firm-years
regions-absent = { $n } of { $all } regions of firms, { $rows } rows, not in { $table }: { $names }
regions-absent-slip = { $said }; if { $name } is that region, write { $line }
industries-absent = { $n } of { $all } industries of firms not in { $table }: { $names }
firms-in-both = { $both } firms are in { $table } and in firms; { $lone } exporters have no accounts
no-year = no year
would-be-left-out = { $place }: a run would leave this out: { $why }
of-section = { $place }: { $what }
label-of-nothing = { $place }: no column { $name } in the panel; { $hint }
lags-beyond = { $n ->
    [one] { $n } year
   *[other] { $n } years
} before, the treatment ({ $series }) has a value in { $there } of the years of firms ({ $firms })
leads-beyond = { $n ->
    [one] { $n } year
   *[other] { $n } years
} later, the treatment ({ $series }) has a value in { $there } of the years of firms ({ $firms })
no-row-left = no row of firms in years of the index satisfies { $where }
sigma-when-run = { $place }: whether products have the rows that an estimate of sigma needs is known when the study runs
rows-when-run = { $place }: whether it has rows is known when the study runs: the accounts have no { $columns }
index-missing = { $n } of { $all } values of the index will be missing ({ $share })
regions-without-index = { $n ->
    [one] { $n } region has none
   *[other] { $n } regions have none
} ({ $names })
years-without-index = { $n ->
    [one] { $n } year has none
   *[other] { $n } years have none
} ({ $names })
