terrain = terrain × national series
lagged = the lagged index
neighbour = the neighbours' integration
split_goods = the index of the other half of the goods
column = columns of the panel
no-exclusion = { $columns } must affect { $outcome } only through { $treatment }; the study file gives no reason (exclusion)
