cr1 = 按{ $cluster }聚类只有 { $n } 个聚类，CR1 标准误往往偏小，检验会过度拒绝原假设；应以聚类刀切法（CR3）或野聚类自助检验为准
independent = { $kind } 标准误假定各观测相互独立，若同一地区的观测受共同冲击影响则偏小。地区只有 { $n } 个，应以按地区的聚类刀切法（CR3）或野聚类自助检验为准
assuming-independent = （假定误差独立）
assuming-either = （假定误差独立；若同一聚类内误差完全相关，则为 { $correlated } 个）
cr1-elsewhere = { $n } 个聚类下 CR1 标准误往往偏小，见{ $table }的注
independent-elsewhere = { $n } 个地区下 { $kind } 标准误可能偏小，见{ $table }的注
cr1-alone = 按{ $cluster }聚类只有 { $n } 个聚类，CR1 标准误往往偏小，检验会过度拒绝原假设
independent-alone = { $kind } 标准误假定各观测相互独立，若同一地区的观测受共同冲击影响则偏小
