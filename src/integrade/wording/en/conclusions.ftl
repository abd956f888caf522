inverted-u = inverted U by the U-test
u = U by the U-test
rises = rises
falls = falls
nothing = no clear shape
