in = 读入
dropped = 剔除
merged = 合并
filled = 填补
clipped = 截断
out = 输出
note = 说明
warning = 警告
