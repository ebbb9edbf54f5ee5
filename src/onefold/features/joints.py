# mypy: allow-untyped-defs
"""Compiled steps over conditions: test each once for a customer, then join them by AND and OR. They hold no lock.

One module on purpose, with explicit signatures, as :mod:`onefold.features.kernel` and for the same reasons.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numba.types import Array, boolean, float64, int64, uint8, void

NULL, NEVER = -(2**63), 2**63 - 1
BETWEEN, OUTSIDE, IN_SET, NOT_IN_SET, FLOAT_WITHIN, FLOAT_OUTSIDE = range(6)
TEST_LEAF, TEST_KIND, TEST_COLUMN, TEST_LOW, TEST_HIGH, TEST_NULL, TEST_WIDTH = range(7)
JOINT_OR, JOINT_FIRST, JOINT_END, JOINT_WIDTH = range(4)

_TABLE, _VECTOR, _TRUTHS = Array(int64, 2, "C"), Array(int64, 1, "C"), Array(uint8, 2, "C")
_FLOATS = Array(float64, 2, "C")
_PLAIN = {"cache": True, "nogil": True, "_nrt": False}


@njit(boolean(_VECTOR, int64, int64, int64), **_PLAIN)
def contains(sets, low, high, value):
    """Whether the sorted run ``sets[low:high]`` holds a value."""
    while high - low > 8:
        middle = (low + high) >> 1
        if sets[middle] <= value:
            low = middle
        else:
            high = middle
    for at in range(low, high):  # noqa: SIM110 - the kernel compiles loops
        if sets[at] == value:
            return True
    return False


@njit(void(_TABLE, _FLOATS, _TABLE, _FLOATS, _VECTOR, _TRUTHS), **_PLAIN)
def test(words, floats, tests, edges, sets, truths):
    """Write into ``truths[customer, leaf]`` whether each condition is true of a customer's words.

    ``floats`` is the same memory as ``words``, ``edges`` the same as ``tests``, both seen as doubles.
    """
    for row in range(words.shape[0]):
        for at in range(tests.shape[0]):
            kind, column = tests[at, TEST_KIND], tests[at, TEST_COLUMN]
            if kind >= FLOAT_WITHIN:
                number = floats[row, column]
                within = edges[at, TEST_LOW] <= number <= edges[at, TEST_HIGH]
                true = within if kind == FLOAT_WITHIN else (number == number and not within)
            else:
                value, low, high = words[row, column], tests[at, TEST_LOW], tests[at, TEST_HIGH]
                if value == NULL:
                    true = tests[at, TEST_NULL] != 0
                elif kind == BETWEEN:
                    true = low <= value <= high
                elif kind == OUTSIDE:
                    true = not low <= value <= high
                elif kind == IN_SET:
                    true = contains(sets, low, high, value)
                else:
                    true = not contains(sets, low, high, value)
            truths[row, tests[at, TEST_LEAF]] = true


@njit(void(_TABLE, _VECTOR, int64, int64, int64, _TRUTHS), **_PLAIN)
def join(joints, children, leaves, first, end, truths):
    """Write the truths of the joints ``first .. end``; joint j stands in column ``leaves + j``, its children before."""
    for row in range(truths.shape[0]):
        for joint in range(first, end):
            decides = joints[joint, JOINT_OR]  # a true part makes OR true, one that is not makes AND not true
            found = 1 - decides
            for at in range(joints[joint, JOINT_FIRST], joints[joint, JOINT_END]):
                if truths[row, children[at]] == decides:
                    found = decides
                    break
            truths[row, leaves + joint] = found


@njit(void(_TABLE, _VECTOR, int64, int64, int64, _TRUTHS, _TABLE), **_PLAIN)
def join_until(joints, children, leaves, first, end, truths, until):
    """Write until when the truths of the joints ``first .. end`` are sure to stay, as those of their children are.

    What a part decides stays until the last of the deciding parts may change; else until the first of all may.
    """
    for row in range(truths.shape[0]):
        for joint in range(first, end):
            decides = joints[joint, JOINT_OR]
            soonest, latest, decided = NEVER, np.int64(NULL), False
            for at in range(joints[joint, JOINT_FIRST], joints[joint, JOINT_END]):
                child = children[at]
                soonest = min(soonest, until[row, child])
                if truths[row, child] == decides:
                    decided = True
                    latest = max(latest, until[row, child])
            until[row, leaves + joint] = latest if decided else soonest
