as-clear = { $place }同样明确：占总斜率的 { $share }。
at-percentile = 在{ $x } = { $value }（{ $percentile }）处
at-value = 在{ $x } = { $value } 处
on-term = 就{ $term }而言
verdict = { $mediator }：{ $verdict }。路径检验 { $p_to }（{ $treatment }到{ $mediator }）和 { $p_from }（{ $mediator }到{ $outcome }）；{ $place }中介效应为 { $effect }，{ $level } % 置信区间 { $interval }，占该处总斜率的 { $share }。
