# 地区及其位置。
few-rows = { $name }（{ $rows } 行）
perhaps-names = { $name }（{ $rows } 行，可能是 { $perhaps }）
near-name = { $name }（{ $rows } 行，最接近 { $near }）
former-name = { $name }（{ $rows } 行，{ $version } 的代码或名称，现为 { $now }）
former-area = { $name }（{ $rows } 行，{ $version } 的代码或名称，其范围现属 { $now }）
units-of-br = 巴西的州
units-of-cn = 中国的省份
units-of-eu = 欧盟的 NUTS 1 地区
units-of-eu2 = 欧盟的 NUTS 2 地区
units-of-id = 印度尼西亚的省份
units-of-in = 印度的邦
units-of-mx = 墨西哥的州
units-of-my = 马来西亚的州
units-of-us = 美国的州
units-of-vn = 越南的省份
units-of-yrd = 长三角的城市
units-of-file = { $title }中的地区
