cr1 = CR1 标准误，按{ $cluster }聚类（{ $n } 个聚类）：聚类少或大小不等时，CR1 标准误往往偏小，t(G − 1) 检验过度拒绝；应以聚类刀切法（CR3）或野聚类自助检验为准
independent = { $kind } 标准误将各观测视为相互独立，若同一地区的观测受共同冲击影响则偏小。地区只有 { $n } 个，应以按地区的聚类刀切法（CR3）或野聚类自助检验为准
assuming-independent = （误差独立）
assuming-either = （设误差独立；若同一聚类内误差完全相关，则为 { $correlated } 个）
