enumerated = enumerated
mammen = Mammen
rademacher = Rademacher
webb = Webb
