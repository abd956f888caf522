as-clear = It is as clear { $place }: { $share } of the total slope.
at-percentile = at { $x } = { $value } ({ $percentile })
at-value = at { $x } = { $value }
on-term = on { $term }
verdict = { $mediator }: { $verdict }. Paths { $p_to } (of { $treatment } to { $mediator }) and { $p_from } (of { $mediator } to { $outcome }); indirect effect { $effect }, { $level } % interval { $interval } { $place }, where it is { $share } of the total slope.
