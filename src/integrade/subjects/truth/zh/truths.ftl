missed = 假阴性：该假设在模拟经济中成立
open-true = 该假设在模拟经济中成立
open-false = 该假设在模拟经济中不成立
right = 该假设在模拟经济中也成立
rightly-contradicted = 该假设在模拟经济中也不成立
rightly-not-supported = 该假设在模拟经济中也不成立
wrongly-contradicted = 结论有误：该假设在模拟经济中成立
wrongly-supported = 假阳性：该假设在模拟经济中不成立
