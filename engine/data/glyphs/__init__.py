"""Glyphs, the built-in dataset: an alphabet that nobody wrote, drawn by forty simulated hands.

A class is a letter, two to four Bezier strokes; each of its images is by a different hand. Hands
are the same for every class: a hand slants, leans, squeezes and presses the pen in its own way, so
most of what varies within a class varies alike in all of them, and can be learned away. Embeddings
are histograms of gradient orientations, which show the hand about as clearly as the letter.

Everything is computed from a seed and is the same to the last bit on every machine. For that, only
integers and the operations that IEEE 754 rounds exactly are used (+, -, *, /, square root,
comparisons), floats are never reduced with a sum or a matrix product, whose order is up to the
machine, and random numbers come from a hash instead of a library's generator.

Shapes: n images, H hands, S strokes, P points, D embedding size. Points are (x, y), y downwards.
"""

from engine.data.glyphs.chance import SEED, pick, uniform
from engine.data.glyphs.gradient_histograms import BORDERS, EMBEDDING_DIM, features
from engine.data.glyphs.hands import HANDS, draw_class
from engine.data.glyphs.ink import FRAME, HEIGHT, PEN, fit_strokes, ink_strokes
from engine.data.glyphs.letters import DOTS, bezier, letter
from engine.data.glyphs.writing import classes_of, write_glyphs

__all__ = [
    "BORDERS",
    "DOTS",
    "EMBEDDING_DIM",
    "FRAME",
    "HANDS",
    "HEIGHT",
    "PEN",
    "SEED",
    "bezier",
    "classes_of",
    "draw_class",
    "features",
    "fit_strokes",
    "ink_strokes",
    "letter",
    "pick",
    "uniform",
    "write_glyphs",
]
