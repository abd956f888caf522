inverted-u = inverted U
u = U
rises = rises
falls = falls
nothing = nothing
