# Regions and where they are.
few-rows = { $name } ({ $rows ->
    [one] { $rows } row
   *[other] { $rows } rows
})
perhaps-names = { $name } ({ $rows ->
    [one] { $rows } row
   *[other] { $rows } rows
}, perhaps { $perhaps })
near-name = { $name } ({ $rows ->
    [one] { $rows } row
   *[other] { $rows } rows
}, nearest { $near })
former-name = { $name } ({ $rows ->
    [one] { $rows } row
   *[other] { $rows } rows
}, { $version }: today { $now })
former-area = { $name } ({ $rows ->
    [one] { $rows } row
   *[other] { $rows } rows
}, { $version }: area in { $now })
units-of-br = states of Brazil
units-of-cn = provinces of China
units-of-eu = NUTS 1 regions of the EU
units-of-eu2 = NUTS 2 regions of the EU
units-of-id = provinces of Indonesia
units-of-in = states of India
units-of-mx = states of Mexico
units-of-my = states of Malaysia
units-of-us = states of the United States
units-of-vn = provinces of Vietnam
units-of-yrd = cities of the Yangtze River Delta
units-of-file = regions of { $title }
