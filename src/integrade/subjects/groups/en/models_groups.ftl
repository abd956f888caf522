rows-dropped = { $n ->
    [one] { $n } row
   *[other] { $n } rows
} without { $by } dropped
independent-errors = independent errors of equal variance in all groups: specify a cluster, or vcov=HC1
not-permuted = the group labels were not permuted: { $why }
many-clusters = more than { $most } clusters
years-persist = groups of years are not exchangeable when shocks persist
no-firm = the table has no column firm: give permute=...
no-instruments = not available with instruments
no-several-clusters = not available with several cluster variables
several-effects = the units have several fixed effects
many-dummies = { $width } dummies in addition to the unit effects, more than { $most } or too many rows
in-several-groups = { $n ->
    [one] { $n } value of { $unit } is
   *[other] { $n } values of { $unit } are
} in several groups; the parts are permuted separately
industries-cut = { $name }: { $n } industries split at the median of { $ratio }, { $cut }
lists-cover = the original paper's lists of industries cover { $n } of { $all } rows with an industry; rows with codes { $codes } ({ $edition }) are in neither list and are left out
lists-whole = the original paper's lists of industries cover all { $all } rows with an industry ({ $edition })
lists-no-code = rows without an industry, which are in neither list: { $n }
lists-zeros = code { $code } is read as { $whole }, because it is shorter than the others and its first digits are no industry: { $n } rows. { $option } where the table is read restores the zeros
lists-perhaps-2001 = codes such as { $code } are read as divisions of { $edition }. If they are of the CSRC guide of 2001, where C13 is clothing, give a list of codes and groups: how = "list"
lists-other-edition = { $n } rows of { $years } are read as { $edition }, although data of { $years } usually use { $usual }. If these rows use { $usual }, their industries may be wrong
csrc-2001 = CSRC guide of 2001
sizes = { $name }: rows { $sizes }
size = { $group } { $n }
no-group = no group
list-unfinished = { $n ->
    [one] { $n } row
   *[other] { $n } rows
} of the list of groups without a code or a group left out
list-lacks = { $n } of { $all } rows have no group in { $file } and are excluded: { $column } { $codes }
the-list = the list of groups
no-area = the split by area is not possible: no region in the data belongs to an area that integrade knows
no-list = no { $column } of the data has a group in { $file }
no-group-at-all = no { $column } of the data has a group
one-group = all rows with a group are in one group: { $group }
none-state-owned = no value of { $column } means state-owned, so all rows are in one group: not state-owned
list-unused = { $codes ->
    [one] { $codes } code
   *[other] { $codes } codes
} of the list of groups in no row of { $column }
