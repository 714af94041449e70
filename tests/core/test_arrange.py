"""The cheapest arrangement of one day, against trying every start."""

from __future__ import annotations

from itertools import product
from random import Random

from scheduling.core.arrange import cheapest


def test_equal_to_trying_every_combination_of_starts() -> None:
    random = Random(11)
    for _ in range(400):
        size = random.randint(1, 3)
        lengths = [random.randint(1, 5) for _ in range(size)]
        pause = [[random.randint(0, 3) for _ in range(size)] for _ in range(size)]
        order = frozenset({(0, 1)}) if size > 1 and random.random() < 0.5 else frozenset()
        visit = random.randint(4, 18)
        prices = [
            {
                start: random.randint(0, 3)
                for start in random.sample(range(20), random.randint(1, 6))
            }
            for _ in range(size)
        ]
        layers = [
            tuple(
                (price, sum(1 << start for start, p in choice.items() if p == price))
                for price in sorted(set(choice.values()))
            )
            for choice in prices
        ]

        costs = []
        for starts in product(*prices):
            apart = all(
                starts[i] + lengths[i] + pause[i][j] <= starts[j]
                or (starts[j] + lengths[j] + pause[j][i] <= starts[i] and (i, j) not in order)
                for i in range(size)
                for j in range(size)
                if i < j
            )
            end = max(start + length for start, length in zip(starts, lengths, strict=True))
            if apart and end - min(starts) <= visit:
                costs.append(sum(choice[s] for choice, s in zip(prices, starts, strict=True)))

        found = cheapest(layers, lengths, pause, order, visit)
        assert (None if found is None else found[0]) == min(costs, default=None)
