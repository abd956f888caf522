nothing = 其中没有数值
not-positive = 有些数值为零或负，但其表现不像变化率
rates-of-what = 零附近的小数值，可能是以百分数表示的变化率（3.2），也可能是以小数表示的变化率（0.032）
rates-on-last-year = 零附近的小数值，其变动在一年后反转（相关系数 { $found }；同比变化率约为 -.50）
rates = 零附近的小数值，地区差异不持续（自相关系数 { $found }；价格水平高于 0.38）
rates-between = 零附近的小数值；地区差异的自相关系数（{ $found }）与临界值 0.38 过于接近，无法区分变动与水平值
far-from-100 = 数值的表现像变动，但在 { $median } 附近，而不在 100 附近
on-last-year = 变动在一年后反转（相关系数 { $found }；同比指数约为 -.50）
few-periods = 相邻时期、地区或商品太少
between = 地区差异的自相关系数（{ $found }）与临界值 0.38 过于接近，无法区分变动与水平值
level-or-on-last-year = 地区差异持续存在，水平值与同比指数皆如此；月份太少，无法区分二者
base-but-changes = { $period } 的所有指数都等于基期值，但地区差异不持续
drift-but-changes = 数值逐渐偏离 100，但地区差异不持续（自相关系数 { $found }）
link = 数值在 100 附近，且地区差异不持续（自相关系数 { $found }，临界值 0.38）
jump = { $period } 所有序列同时回到基期值
base-period = { $period } 的所有指数都等于基期值，此后地区差异持续存在
money = 地区差异持续存在（自相关系数 { $found }，临界值 0.38），且商品间的差别与货币价格相似
near-base = 地区差异持续存在（自相关系数 { $found }，临界值 0.38），且某一时期所有数值都接近 100
fixed-or-level = 地区差异持续存在（自相关系数 { $found }，临界值 0.38）。基期不在文件中，或数值是货币价格
jump-perhaps = { $period } 所有序列都向基数靠拢，如同更换基期
part-periods = 整体看像{ $whole }，但最初或最后的时期单独看像{ $own }（检查的 4 部分中有 { $n } 部分）
part-goods = 整体看像{ $whole }，但 { $n } 种商品单独看像{ $own }
part-regions = 整体看像{ $whole }，但有些地区单独看像{ $own }（检查的地区中有 { $n } 个）
regions-return = 数值看像{ $whole }，但 { $period } 有 { $n } 个地区的全部商品同时回到基数，其他地区没有
goods-return = 数值看像{ $whole }，但 { $period } 有 { $n } 种商品在所有地区同时回到基数，其他商品没有
is-link = 链式指数（上期 = 100）
is-fixed = 定基指数（基期 = 100）
is-one-base = 单一基期的定基指数（全部时期基期相同，基期 = 100）
is-level = 水平值（货币价格）
is-fixed-or-level = 定基指数（基期 = 100）或水平值（货币价格），二者处理相同
is-year-on-year = 同比指数（上年同月 = 100）
is-rate = 变化率（比上期的变化，百分数）
is-rate-year-on-year = 同比变化率（比上年同月的变化，百分数）
is-mixed = 一个文件中有多个基期
detected = 识别出的基期类型为{ $basis }。依据：{ $why }{ $sure }
read = 文件注明的基期类型为{ $basis }。数据与之相符：{ $why }{ $sure }
read-not-told = 文件注明的基期类型为{ $basis }。仅凭数据无法判断：{ $why }
declared = 声明的基期类型为{ $basis }。数据与之相符：{ $why }{ $sure }
declared-not-told = 声明的基期类型为{ $basis }。仅凭数据无法判断：{ $why }
one-base-assumed = 使用者设定的基期类型为{ $basis }。数值看似更换过基期（{ $why }{ $sure }）；换基引起的变动按价格变动处理
seen-exactly = ；基期在数据中清楚可见
errors-from-boundary = ；距临界值 { $sure } 个标准误
rates-as-indices = 变化率换算为指数，即 100 + 变化率
said-by-words = 文件注明了基期类型：{ $words }
said-by-source = 数据来源 { $source } 注明了基期类型
spliced = 基期 { $old } 通过 { $n } 行重叠观测与基期 { $new } 衔接
not-spliced = 基期 { $old } 的序列与基期 { $new } 没有共同时期
rows-without-base = 部分行未给出基期，而其他行有多个基期
