enumerated = 全部枚举
mammen = Mammen
rademacher = Rademacher
webb = Webb
