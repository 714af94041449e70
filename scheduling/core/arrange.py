"""One day: the cheapest way to put a few sessions of one patient into it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations, product

from scheduling.core.problem import Layers


def cheapest(
    layers: Sequence[Layers],
    lengths: Sequence[int],
    pause: Sequence[Sequence[int]],
    order: frozenset[tuple[int, int]],
    visit: int,
) -> tuple[int, tuple[int, ...]] | None:
    """The least total cost and the start slots, or None where they do not fit.

    `layers[i]` are the priced starts of session i; `pause[i][j]` the slots to leave between i and a
    later j; `order` pairs (i, j) with i before j; `visit` the most slots from first start to last
    end. Exact: prices are tried in ascending order of their sum.
    """
    size = len(layers)
    sequences = [
        sequence
        for sequence in permutations(range(size))
        if all(sequence.index(i) < sequence.index(j) for i, j in order)
    ]
    prices = sorted(
        product(*(range(len(choice)) for choice in layers)),
        key=lambda pick: sum(layers[i][at][0] for i, at in enumerate(pick)),
    )
    # Prices of one session are disjoint sets of starts: the sum is their union.
    rows = [sum(starts for _, starts in choice) for choice in layers]
    # Most sets that fail, fail whatever the price.
    sequences = [
        s for s in sequences if _fit([rows[i] for i in s], s, lengths, pause, visit) is not None
    ]
    for pick in prices if sequences else ():
        for sequence in sequences:
            chosen = [layers[i][pick[i]][1] for i in sequence]
            fitting = _fit(chosen, sequence, lengths, pause, visit)
            if fitting is not None:
                cost = sum(layers[i][at][0] for i, at in enumerate(pick))
                by_session = dict(zip(sequence, fitting, strict=True))
                return cost, tuple(by_session[i] for i in range(size))
    return None


def _fit(
    rows: Sequence[int],
    sequence: Sequence[int],
    lengths: Sequence[int],
    pause: Sequence[Sequence[int]],
    visit: int,
) -> list[int] | None:
    """Starts in this sequence, each as early as it can be after the one before, or None.

    The first start moves on until the visit is short enough: from a chain that is too long, to the
    latest first start that leaves the rest of the chain in place, then beyond it.
    """
    first = rows[0]
    while first:
        starts = [(first & -first).bit_length() - 1]
        for at in range(1, len(rows)):
            ready = max(
                starts[k] + lengths[sequence[k]] + pause[sequence[k]][sequence[at]]
                for k in range(at)
            )
            later = rows[at] >> ready << ready
            if not later:
                return None
            starts.append((later & -later).bit_length() - 1)
        end = starts[-1] + lengths[sequence[-1]]
        if end - starts[0] <= visit:
            return starts
        if len(rows) == 1:
            return None
        head = sequence[0]
        latest = min(
            starts[k] - lengths[head] - pause[head][sequence[k]] for k in range(1, len(rows))
        )
        starts[0] = (first & ((1 << (latest + 1)) - 1)).bit_length() - 1
        if end - starts[0] <= visit:
            return starts
        first = first >> (starts[0] + 1) << (starts[0] + 1)
    return None
