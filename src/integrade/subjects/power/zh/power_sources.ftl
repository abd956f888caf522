given = 用户给定
prices = 价格数据
panel = 面板数据
demo = 默认值：与演示经济相近
default = 默认值：惯例，未经测量
