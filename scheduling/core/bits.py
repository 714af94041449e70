"""Runs of ones in long bit rows: the arithmetic under the availability masks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scheduling.core.grid import ROW

ROW_BYTES = ROW // 8
ONE_ROW = (1 << ROW) - 1


def erode(bits: int, length: int) -> int:
    """Positions from which `length` consecutive ones follow (log-many shifts)."""
    done = 1
    while done < length:
        step = min(done, length - done)
        bits &= bits >> step
        done += step
    return bits


def smear(bits: int, length: int) -> int:
    """Every one repeated upwards over `length` positions: the OR of shifts 0 … length-1."""
    done = 1
    while done < length:
        step = min(done, length - done)
        bits |= bits << step
        done += step
    return bits


def ones(bits: int) -> Iterator[int]:
    """Positions of the ones, ascending."""
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low


def ones_downward(bits: int) -> Iterator[int]:
    """Positions of the ones, descending."""
    while bits:
        highest = bits.bit_length() - 1
        yield highest
        bits ^= 1 << highest


def pack(rows: Sequence[int]) -> int:
    """Rows of one day each, joined into one number; row 0 lowest."""
    return int.from_bytes(b"".join([row.to_bytes(ROW_BYTES, "little") for row in rows]), "little")


def unpack(bits: int, first: int, last: int) -> list[int]:
    """The rows of days `first` … `last` (both included)."""
    if bits == 0:
        return [0] * (last - first + 1)
    data = bits.to_bytes(max((bits.bit_length() + 7) // 8, (last + 1) * ROW_BYTES), "little")
    return [
        int.from_bytes(data[day * ROW_BYTES : (day + 1) * ROW_BYTES], "little")
        for day in range(first, last + 1)
    ]


def section(bits: int, first: int, last: int) -> int:
    """Days `first` … `last` (both included) as a number of their own."""
    return (bits >> (ROW * first)) & ((1 << (ROW * (last - first + 1))) - 1)


def patch(bits: int, first: int, last: int, part: int) -> int:
    """`bits` with days `first` … `last` replaced by `part`."""
    hole = ((1 << (ROW * (last - first + 1))) - 1) << (ROW * first)
    return (bits & ~hole) | (part << (ROW * first))


def raised(planes: Sequence[int], bits: int) -> list[int]:
    """Thermometer planes with one lane more taken where `bits` are set: the lowest plane that is
    dark lights up."""
    result = []
    for plane in planes:
        result.append(plane | bits)
        bits &= plane
    return [*result, bits] if bits else result


def lowered(planes: Sequence[int], bits: int) -> list[int]:
    """With one lane fewer: the highest plane that is lit goes out."""
    above = [*planes[1:], 0]
    return [plane & ~(bits & ~higher) for plane, higher in zip(planes, above, strict=True)]
