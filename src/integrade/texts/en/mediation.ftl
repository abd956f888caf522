at-percentile = at { $x } = { $value } ({ $percentile })
at-place = { CAPITAL($place) } { $found }: indirect effect { $effect }, { $level } % interval { $interval }, both paths and their product { $p }; { $share }.
at-value = at { $x } = { $value }
everywhere = at every place
falls-and-lowers = { $mediator } falls with { $treatment } and more of it lowers { $outcome }
falls-and-raises = { $mediator } falls with { $treatment } and more of it raises { $outcome }
no-share = no share of the total slope, which is not away from zero there
on-term = on { $term }
open = nothing is established
over-places = { $p } (Holm-adjusted over { $places } places)
rises-and-lowers = { $mediator } rises with { $treatment } and more of it lowers { $outcome }
rises-and-raises = { $mediator } rises with { $treatment } and more of it raises { $outcome }
share = { $share } of the total slope
verdict = { $mediator }: { $verdict }. Paths { $p_to } (of { $treatment } to { $mediator }) and { $p_from } (of { $mediator } to { $outcome }).
nothing-established = nothing is established at any place
part-else = nothing else is established: { $found } ({ $places })
part-never = { $what } below { $level }: the paths have these signs at no place
part-nothing-else = nothing else is established at any place
part-raises = smallest p-value over the places at which { $mediator } rises with { $treatment } and more of it raises { $outcome }
part-somewhere = smallest p-value of both paths and their product over the places
found-falls-and-lowers = less of it at { $places }, which raises { $outcome }
found-falls-and-raises = less of it at { $places }, which lowers { $outcome }
found-rises-and-lowers = more of it at { $places }, which lowers { $outcome }
found-rises-and-raises = more of it at { $places }, which raises { $outcome }
