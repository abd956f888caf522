given = 给定
prices = 价格数据
panel = 面板数据
default = 默认值，未经测量
