"""How a Brazilian name sounds: one key for Luiz and Luís, Thaís and Tais, Wagner."""

import re

from .names import PARTICLES, fold

# In this order: longer spellings first, each as it is heard in Brazil.
_SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"ph", "f"),
        (r"sch|sh|ch", "x"),
        (r"lh", "l"),
        (r"nh", "n"),
        (r"th", "t"),
        (r"ck", "k"),
        (r"qu(?=[ei])|q", "k"),
        (r"gu(?=[ei])", "g"),
        (r"g(?=[eiy])", "j"),
        (r"sc(?=[eiy])|xc(?=[eiy])", "s"),
        (r"c(?=[eiy])", "s"),
        (r"c", "k"),
        (r"w", "v"),
        (r"y", "i"),
        (r"z", "s"),
        (r"h", ""),
        (r"n(?=[pb])", "m"),
        (r"[mn](?=$)", "m"),
        (r"(.)\1+", r"\1"),
    )
)


def key(word: str) -> str:
    """Return how one word sounds; words that sound alike have one key."""
    sound = fold(word).replace(" ", "")
    for pattern, heard in _SOUNDS:
        sound = pattern.sub(heard, sound)
    return sound


def keys(name: str) -> tuple[str, ...]:
    """Return the sounds of a name's words, without da, de, dos."""
    return tuple(
        sound
        for word in fold(name).split()
        if word not in PARTICLES and (sound := key(word))
    )


def block(name: str) -> str | None:
    """Return the key under which namesakes are looked for: first and last word.

    Sorted, since forms swap them; None where one word is all there is.
    """
    sounds = keys(name)
    if len(sounds) < 2:
        return None
    return "|".join(sorted((sounds[0], sounds[-1])))
