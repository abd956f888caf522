missed = 假阴性：该论断在模拟经济中成立
open-true = 该论断在模拟经济中成立
open-false = 该论断在模拟经济中不成立
right = 该论断在模拟经济中也成立
rightly-contradicted = 该论断在模拟经济中也不成立
rightly-not-supported = 该论断在模拟经济中也不成立
wrongly-contradicted = 结论有误：该论断在模拟经济中成立
wrongly-supported = 假阳性：该论断在模拟经济中不成立
