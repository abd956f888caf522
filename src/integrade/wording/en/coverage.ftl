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
would-be-left-out = { $place }: a run leaves this out: { $why }
of-section = { $place }: { $what }
label-of-nothing = { $place }: no column { $name } in the panel; { $hint }
lags-beyond = with a lag of { $n ->
    [one] { $n } year
   *[other] { $n } years
}, the treatment ({ $series }) has a value in { $there } of the firms' years ({ $firms })
leads-beyond = with a lead of { $n ->
    [one] { $n } year
   *[other] { $n } years
}, the treatment ({ $series }) has a value in { $there } of the firms' years ({ $firms })
no-row-left = no row of firms in years of the index satisfies { $where }
sigma-when-run = { $place }: only a run can show whether products have enough rows to estimate sigma
rows-when-run = { $place }: only a run can show whether it has rows, because the accounts have no { $columns }
index-missing = { $n } of { $all } values of the index will be missing ({ $share })
regions-without-index = { $n ->
    [one] { $n } region has none
   *[other] { $n } regions have none
} ({ $names })
years-without-index = { $n ->
    [one] { $n } year has none
   *[other] { $n } years have none
} ({ $names })
