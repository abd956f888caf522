the-index = 指数
years-missing = { $table }覆盖 { $span }，企业覆盖 { $firms }：缺少 { $n } 年（{ $years }），{ $rows } 个企业—年份
regions-absent = 企业的 { $all } 个地区中有 { $n } 个不在{ $table }中：{ $names }
industries-absent = 企业的 { $all } 个行业中有 { $n } 个不在{ $table }中：{ $names }
firms-in-both = { $both } 家企业同时在{ $table }和企业账目中；{ $lone } 家出口商没有账目
no-year = 无年份
label-of-nothing = { $place }：面板中没有 { $name } 列；{ $hint }
