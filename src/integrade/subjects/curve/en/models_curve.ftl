left-out = { $sample }, { $effects }: left out, { $why }
