missed = 未能发现：在模拟经济中确实如此
right = 在模拟经济中也确实如此
rightly-contradicted = 在模拟经济中也并非如此
rightly-not-supported = 在模拟经济中也并非如此
wrongly-contradicted = 结论有误：在模拟经济中确实如此
wrongly-supported = 结论有误：在模拟经济中并非如此
