enumerated = enumerated
mammen = mammen
rademacher = rademacher
webb = webb
