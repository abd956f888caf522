terrain = terrain times a national series
lagged = the index of earlier years
neighbour = the neighbours' integration
split_goods = the other half of the goods
column = columns of the panel
no-exclusion = { $columns } must move { $outcome } through { $treatment } alone; the study gives no sentence that says why (exclusion)
