"""Random cases by seed: a failure names the number that makes it again."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

Law = Callable[[Random], None]


def for_random(law: Law) -> Law:
    """Run a law over `Random(seed)` for many seeds; the size is the profile's `max_examples`.

    A seed cannot be shrunk to a simpler case, so none is tried: the cases are small from the start.
    """

    def over(seed: int) -> None:
        try:
            law(Random(seed))
        except Exception as error:
            error.add_note(f"The case is that of Random({seed}).")
            raise

    over.__name__, over.__doc__, over.__module__ = law.__name__, law.__doc__, law.__module__
    phases = (Phase.explicit, Phase.reuse, Phase.generate)
    return settings(phases=phases)(given(seed=st.integers(0, 2**32 - 1))(over))  # type: ignore[return-value]
