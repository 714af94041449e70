"""Dates as Spanish writes them: "martes 24 de noviembre".

Templates spell their formats out, in English order. Django looks a format up here by that very
spelling before it uses it.
"""

globals().update(
    {
        "j F": r"j \d\e F",
        "j F Y": r"j \d\e F \d\e Y",
        "F Y": r"F \d\e Y",
        "l, j F": r"l, j \d\e F",
        "l, j F Y": r"l, j \d\e F \d\e Y",
        "l j F": r"l j \d\e F",
        "l j F, H:i": r"l j \d\e F, H:i",
        "l j F Y, H:i": r"l j \d\e F \d\e Y, H:i",
    }
)
