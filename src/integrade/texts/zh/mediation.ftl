at-percentile = 在{ $x } = { $value }（{ $percentile }）处
at-place = { $place }{ $found }：中介效应为 { $effect }，{ $level } % 置信区间 { $interval }，两条路径及其乘积 { $p }；{ $share }。
at-value = 在{ $x } = { $value } 处
everywhere = 在各处
falls-and-lowers = { $mediator }随{ $treatment }下降，而其增加会降低{ $outcome }
falls-and-raises = { $mediator }随{ $treatment }下降，而其增加会提高{ $outcome }
no-share = 该处总斜率未显著异于零，不报告占比
on-term = 就{ $term }而言
open = 没有成立的结论
over-places = { $p }（对 { $places } 个位置作 Holm 校正）
rises-and-lowers = { $mediator }随{ $treatment }上升，而其增加会降低{ $outcome }
rises-and-raises = { $mediator }随{ $treatment }上升，而其增加会提高{ $outcome }
share = 占总斜率的 { $share }
verdict = { $mediator }：{ $verdict }。路径检验 { $p_to }（{ $treatment }到{ $mediator }）和 { $p_from }（{ $mediator }到{ $outcome }）。
nothing-established = 各处都没有成立的结论
part-else = 没有其他成立的结论：{ $found }（{ $places }）
part-never = { $what }的 p 值低于 { $level }：没有一处的路径符号如此
part-nothing-else = 各处都没有其他成立的结论
part-raises = 在{ $mediator }随{ $treatment }上升且其增加会提高{ $outcome }的各处中最小
part-somewhere = 两条路径及其乘积在各处中最小
found-falls-and-lowers = 在 { $places } 处减少，从而提高{ $outcome }
found-falls-and-raises = 在 { $places } 处减少，从而降低{ $outcome }
found-rises-and-lowers = 在 { $places } 处增加，从而降低{ $outcome }
found-rises-and-raises = 在 { $places } 处增加，从而提高{ $outcome }
