"""Rhythms that several styles share, each with the weight with which it is drawn."""

from technogen.patterns.vocabulary import Figure, Spread

FOUR: tuple[Figure, ...] = (
    Figure("X...X...X...X...", 5),
    Figure("X...X...X...X.x.", 1),
    Figure("X...X...X..xX...", 0.8),
    Figure("X...X...X.x.X...", 0.5),
    Figure("X...X..xX...X...", 0.8),
    Figure("X..xX...X...X...", 0.6),
    Figure("X..xX...X..xX...", 0.5),
    Figure("X...X.x.X...X...", 0.4),
    Figure("X...X...X...X..x", 0.7),
    Figure("X.x.X...X...X...", 0.3),
)
"""Kicks on the four beats, a few with one more."""

BROKEN: tuple[Figure, ...] = (
    Figure("X.....X...X.....", 1.5),
    Figure("X.....X...x.....", 1),
    Figure("X..x......X.....", 1),
    Figure("X.......X.X.....", 1),
    Figure("X..x..x...X..x..", 1),
    Figure("X.....xX..X.....", 1),
    Figure("X.x....x..X.....", 0.8),
    Figure("X.....X..xX...x.", 0.8),
)
"""Kicks of electro."""

CLAPS: tuple[Figure, ...] = (
    Figure("....X.......X...", 5),
    Figure("....x.......x...", 1),
    Figure("............X...", 0.6),
    Figure("....X.,.....X...", 0.4),
    Figure("...xX.......X...", 0.4),
    Figure("....X.x.....X...", 0.2),
    Figure("....X.......Xx..", 0.5),
)
"""Claps: the backbeat, late, early or stumbling."""

SNARES: tuple[Figure | Spread, ...] = (
    Figure("....X.......X...", 2),
    Figure("....X..o.o..X..o", 1.2),
    Figure("o.oo.oo.o.oo.oo.", 0.4),
    Figure("ooxooxooxooxooxo", 0.4),
    Spread(4, 7, 16, "o", 1),
    Spread(3, 5, 8, "o", 0.6),
)
"""Snares: the backbeat, and soft rhythms between the beats."""

CLOSED_HATS: tuple[Figure | Spread, ...] = (
    Figure("..x.", 4.5),
    Figure("..X.", 1),
    Figure("o.x.", 3),
    Figure("x.x.", 2),
    Figure("xoxo", 0.8),
    Figure("o.xo", 0.7),
    Figure("x,x,", 0.5),
    Figure(".oxo", 0.6),
    Figure("..xo..x...xo..x.", 0.7),
    Figure("o.x...x.o.x...xo", 0.7),
    Spread(7, 10, 16, "x", 0.3),
)
"""Closed hats: between the beats, on 8ths, on 16ths."""

OPEN_HATS: tuple[Figure | Spread, ...] = (
    Figure("..X.", 2.2),
    Figure("..x.", 1.8),
    Figure("..x...x...x...xo", 0.8),
    Figure("..X...X...X..xX.", 0.6),
    Figure("......X.......X.", 0.6),
    Figure("..x..x....x..x..", 0.8),
    Figure("..xo", 0.6),
    Figure("x.x.", 1),
    Figure("x.......", 0.5),
    Figure("x...............", 0.5),
    Figure("x..x..x.", 0.8),
    Spread(3, 6, 16, "x", 2.6),
)
"""Open hats: between the beats most of all."""
