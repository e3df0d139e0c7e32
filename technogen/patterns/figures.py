"""Rhythms that several styles share, each with the weight with which it is drawn."""

from technogen.patterns.vocabulary import Figure, Spread

FOUR: tuple[Figure, ...] = (
    Figure("X...X...X...X...", 10),
    Figure("X...X...X...X.x.", 0.3),
    Figure("X...X...X..xX...", 0.3),
    Figure("X...X..xX...X...", 0.3),
    Figure("X..xX...X...X...", 0.2),
    Figure("X...X...X.x.X...", 0.2),
    Figure("X..xX...X..xX...", 0.2),
    Figure("X...X...X...X..x", 0.2),
)
"""Kicks on the four beats, now and then with one more."""

DRIVEN: tuple[Figure, ...] = (
    Figure("X...", 11),
    Figure("X...X...X...X.x.", 0.7),
    Figure("X...X...X..xX...", 0.6),
    Figure("X..xX...X..xX...", 0.6),
    Figure("X...X..xX...X..x", 0.6),
    Figure("X..xX..xX..xX..x", 0.6),
    Figure("Xo..X...Xo..X...", 0.2),
    Figure("X...X.x.X...X.x.", 0.4),
    Figure("X.oo", 0.6),
    Figure("Xooo", 1.0),
    Figure("X..o", 0.5),
)
"""Kicks on the four beats that push, double or rumble on between them."""

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
    Figure("....X.......X...", 6),
    Figure("....x.......x...", 1),
    Figure("X...X.......X...", 0.6),
    Figure("............X...", 0.1),
    Figure("....X...........", 0.1),
    Figure("....X..o....X...", 0.25),
    Figure("....Xo......X...", 0.3),
    Figure("....X.......Xo..", 0.3),
    Figure("...oX.......X...", 0.2),
    Figure("....X.o.....X...", 0.15),
    Figure("....X.....o.X...", 0.2),
    Figure("....X.......X.o.", 0.15),
    Figure("....X.......X..o", 0.2),
)
"""Claps: the backbeat, half of it, or with a stumble before or behind."""

SNARES: tuple[Figure | Spread, ...] = (
    Figure("....X.......X...", 5),
    Figure("....X..o.o..X..o", 0.8),
    Figure("....X.......X..o", 0.5),
    Figure("oooo", 0.5),
    Figure(".oxo", 0.6),
    Spread(3, 5, 8, "o", 0.5),
)
"""Snares: the backbeat, with ghosts, and soft rolling rhythms."""

MARCHES: tuple[Figure | Spread, ...] = (
    Figure("....X.......X...", 2.8),
    Figure("o.oo.oo.o.oo.oo.", 0.8),
    Figure("ooxooxooxooxooxo", 0.8),
    Figure("oxoo", 0.6),
    Figure("ooxo", 0.6),
    Spread(4, 7, 8, "o", 1.5),
)
"""Snares that march: 16ths with accents that wander, and the plain backbeat."""

CLOSED_HATS: tuple[Figure | Spread, ...] = (
    Figure("..x.", 5),
    Figure("..X.", 1),
    Figure("o.x.", 3),
    Figure("x.x.", 2.5),
    Figure("xoxo", 1.0),
    Figure("oooo", 0.4),
    Figure("o.xo", 0.3),
    Figure("oox.", 0.2),
    Figure("x,x,", 0.2),
    Figure("..xo..x...xo..x.", 0.5),
    Figure("o.x...x.o.x...xo", 0.5),
    Spread(7, 10, 16, "x", 0.2),
)
"""Closed hats: between the beats, on 8ths, on 16ths."""

OPEN_HATS: tuple[Figure | Spread, ...] = (
    Figure("..X.", 1.7),
    Figure("..x.", 1.6),
    Figure("..x...x...x...xo", 0.8),
    Figure("..X...X...X..xX.", 0.4),
    Figure("......X.......X.", 0.6),
    Figure("..x..x....x..x..", 0.5),
    Figure("..xo", 0.5),
    Figure("x.x.", 1.7),
    Figure("....x.......x...", 1.4),
    Figure("x...", 0.3),
    Figure("............x..x", 0.6),
    Figure(".......x........", 0.5),
    Figure("x.......x.......", 0.7),
    Figure("x...............", 0.7),
    Figure("x..x..x.", 0.3),
    Spread(3, 6, 16, "x", 2.0),
)
"""Open hats: between the beats most of all."""
