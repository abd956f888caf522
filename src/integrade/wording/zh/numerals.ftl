infinite = 无穷大
minus-infinite = 负无穷
