"""Dates as Spanish writes them: "martes 24 de noviembre".

Templates spell their formats out, in English order. Django looks a format up here by that very
spelling before it uses it.
"""

NO_BREAK = "\N{NO-BREAK SPACE}"

globals().update(
    {
        "j F": r"j \d\e F",
        "j F Y": r"j \d\e F \d\e Y",
        "F Y": r"F \d\e Y",
        f"l, j{NO_BREAK}F Y": rf"l, j{NO_BREAK}\d\e F \d\e Y",
        "l j F": r"l j \d\e F",
        "l j F, H:i": r"l j \d\e F, H:i",
        "l j F Y, H:i": r"l j \d\e F \d\e Y, H:i",
    }
)
