infinite = infinite
minus-infinite = -infinite
