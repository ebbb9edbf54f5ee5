"""The kernel: one descending pass over each timeline reads every feature off it, and the next instant of change.

It is one module on purpose: Numba keys its disk cache by the file of the compiled function, so that a helper edited
elsewhere would leave a stale result behind. Signatures are explicit: nothing is ever compiled on a live call.

A timeline is scanned from its newest event to its oldest, so a window is complete as soon as an event older than its
start appears: its values are read off then, and the scan goes on for the next longer window of the same group.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numba.types import Array, boolean, float64, int64, uint8, uint64, void

from onefold.features.tables import (
    ABSENT,
    ALWAYS,
    BETWEEN,
    BOUND_FIXED,
    BOUND_KIND,
    BOUND_MONTHS,
    BOUND_UNIT,
    DAY_UNIT,
    FILTER_GROUPS,
    FILTER_GROUPS_END,
    FILTER_LEAF,
    GROUP_NEEDS,
    GROUP_REQUIRED,
    GROUP_SOURCE,
    GROUP_UNIT,
    GROUP_UNTIL,
    GROUP_WINDOWS,
    GROUP_WINDOWS_END,
    GROUP_WORD,
    IN_SET,
    LEAF_FALSE,
    LEAF_HIGH,
    LEAF_KIND,
    LEAF_LOW,
    LEAF_NULL,
    LEAF_TRUE,
    LEAF_WORD,
    MASK,
    MONTH_UNIT,
    NEEDS_DISTINCT,
    NEEDS_EXTREMES,
    NEEDS_SUM,
    NEEDS_UNTIL,
    NEVER,
    OP_COUNT,
    OP_DISTINCT,
    OP_FIRST,
    OP_LAST,
    OP_MAX,
    OP_MEAN,
    OP_MIN,
    OP_SINCE_FIRST,
    OP_SINCE_LAST,
    OP_SUM,
    OP_UNTIL_DATE,
    OUTPUT_COLUMN,
    OUTPUT_OP,
    OUTPUT_SCALE,
    OUTSIDE,
    OVERFLOW,
    PASS,
    PRESENT,
    QUARTER_UNIT,
    SOURCE_FILTERS,
    SOURCE_FILTERS_END,
    SOURCE_RETENTION,
    SPAN,
    START_OF,
    STATE_COUNT,
    STATE_CURSOR,
    STATE_CUSTOMER,
    STATE_DISTINCT,
    STATE_MAX,
    STATE_MIN,
    STATE_NEWEST,
    STATE_NEWEST_TIME,
    STATE_OLDEST,
    STATE_OLDEST_TIME,
    STATE_PASSED_TIME,
    STATE_PENDING,
    STATE_SUM,
    STATE_UNIT,
    STATE_UNTIL,
    STATE_WIDTH,
    STREAM_FILTER,
    STREAM_MORE,
    STREAM_REQUIRED,
    STREAM_SOURCE,
    STREAM_TO_NOW,
    STREAM_WORD,
    UNTIL_DATE,
    WEEK_UNIT,
    WINDOW_BOUND,
    WINDOW_OUTPUTS,
    WINDOW_OUTPUTS_END,
)

DAY = 86_400_000_000
ENTRY_EDGE, ENTRY_BOUND, ENTRY_OUTPUTS, ENTRY_OUTPUTS_END, ENTRY_WIDTH = 0, 1, 2, 3, 4
NULL = -(2**63)
TIME_WORD, KNOWN_WORD, CODE_WORD = 0, 3, 4
NO_TIME = -(2**63)
SIGN = np.uint64(1 << 63)
BYTES_ODD, PAIRS_ODD = np.uint64(0x00FF00FF00FF00FF), np.uint64(0x0000FFFF0000FFFF)

_COMPILED = {"cache": True, "nogil": True}
_PLAIN = {**_COMPILED, "_nrt": False}
"""For all that allocates nothing: else Numba counts references to arrays, by locked instructions, at each step."""

_ROWS = Array(uint64, 2, "C")
_TABLE = Array(int64, 2, "C")
_VECTOR = Array(int64, 1, "C")
_MASKS = Array(uint8, 2, "C")


# --- the calendar: a zone is (starts, offsets, peaks), see onefold.features.calendar -------------------------------


@njit(int64(_VECTOR, int64), **_PLAIN)
def last_at_most(values, x):
    """Return the index of the last of the sorted values that is <= x, 0 if there is none."""
    low, high = 0, values.size
    while high - low > 1:
        middle = (low + high) >> 1
        if values[middle] <= x:
            low = middle
        else:
            high = middle
    return low


@njit(int64(int64, int64, int64), **_PLAIN)
def days_from_civil(year, month, day):
    """Return days since 1970-01-01 of a date of the proleptic Gregorian calendar (Hinnant, days_from_civil)."""
    if month <= 2:
        year -= 1
    era = year // 400
    year_of_era = year - era * 400
    shifted = month - 3 if month > 2 else month + 9
    day_of_year = (153 * shifted + 2) // 5 + day - 1
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    return era * 146097 + day_of_era - 719468


@njit(**_PLAIN)
def civil_from_days(days):
    """Return (year, month, day) of days since 1970-01-01 (Hinnant, civil_from_days)."""
    days += 719468
    era = days // 146097
    day_of_era = days - era * 146097
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36524 - day_of_era // 146096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * shifted + 2) // 5 + 1
    month = shifted + 3 if shifted < 10 else shifted - 9
    year = year_of_era + era * 400
    if month <= 2:
        year += 1
    return year, month, day


@njit(int64(int64, _VECTOR, _VECTOR), **_PLAIN)
def resolve(wall, starts, offsets):
    """Return the instant of a wall clock: the first of two, or the first after a gap."""
    at = last_at_most(starts, wall - 26 * 3_600_000_000)
    while at + 1 < starts.size and wall - offsets[at] >= starts[at + 1]:
        at += 1
    instant = wall - offsets[at]
    return max(instant, starts[at]) if at > 0 else instant


@njit(int64(int64, _VECTOR, _VECTOR, _VECTOR), **_PLAIN)
def furthest_wall(now, starts, offsets, peaks):
    """Return the wall clock at an instant, or the furthest it had been before being set back."""
    at = last_at_most(starts, now)
    return max(now + offsets[at], peaks[at])


@njit(int64(int64, int64, _VECTOR, _VECTOR, _VECTOR), **_PLAIN)
def months_before(now, months, starts, offsets, peaks):
    """Return the same wall clock, so many months earlier; what does not exist is the first instant after it."""
    wall = furthest_wall(now, starts, offsets, peaks)
    days = wall // DAY
    year, month, day = civil_from_days(days)
    index = year * 12 + month - 1 - months
    year, month = index // 12, index % 12 + 1
    following = days_from_civil((index + 1) // 12, (index + 1) % 12 + 1, 1)
    if days_from_civil(year, month, 1) + day - 1 >= following:
        return resolve(following * DAY, starts, offsets)
    return resolve(days_from_civil(year, month, day) * DAY + wall - days * DAY, starts, offsets)


@njit(int64(int64, int64), **_PLAIN)
def unit_of(days, unit):
    """Return the number of the calendar unit in which a local day lies (ISO weeks)."""
    if unit == DAY_UNIT:
        return days
    if unit == WEEK_UNIT:
        return (days + 3) // 7
    year, month, _ = civil_from_days(days)
    if unit == MONTH_UNIT:
        return year * 12 + month - 1
    if unit == QUARTER_UNIT:
        return year * 4 + (month - 1) // 3
    return year


@njit(int64(int64, int64), **_PLAIN)
def first_day_of_unit(number, unit):
    """Return the first day of a numbered calendar unit, as days since 1970-01-01."""
    if unit == DAY_UNIT:
        return number
    if unit == WEEK_UNIT:
        return number * 7 - 3
    if unit == MONTH_UNIT:
        return days_from_civil(number // 12, number % 12 + 1, 1)
    if unit == QUARTER_UNIT:
        return days_from_civil(number // 4, number % 4 * 3 + 1, 1)
    return days_from_civil(number, 1, 1)


@njit(int64(int64, int64, int64, _VECTOR, _VECTOR, _VECTOR), **_PLAIN)
def start_of(now, unit, later, starts, offsets, peaks):
    """Return the first instant of the calendar unit that is ``later`` units after the one around now."""
    number = unit_of(furthest_wall(now, starts, offsets, peaks) // DAY, unit) + later
    return resolve(first_day_of_unit(number, unit) * DAY, starts, offsets)


@njit(int64(_VECTOR, int64, _VECTOR, _VECTOR, _VECTOR), **_PLAIN)
def edge(bound, now, starts, offsets, peaks):
    """Return where a bound stands at now: ``now - span`` or the start of a calendar unit."""
    kind = bound[BOUND_KIND]
    if kind == ALWAYS:
        return NO_TIME
    if kind == START_OF:
        return start_of(now, bound[BOUND_UNIT], 0, starts, offsets, peaks)
    if bound[BOUND_MONTHS] == 0:
        return now - bound[BOUND_FIXED]
    return months_before(now, bound[BOUND_MONTHS], starts, offsets, peaks)


@njit(int64(int64, int64, _VECTOR, _VECTOR, _VECTOR), **_PLAIN)
def months_passed(months, time, starts, offsets, peaks):
    """Return the first instant from which on :func:`months_before` lies beyond a time.

    A guess holds on most days, else bisection finds it: the start of a window never moves back.
    """
    wall = time + offsets[last_at_most(starts, time)]
    year, month, day = civil_from_days(wall // DAY)
    index = year * 12 + month - 1 + months
    days = days_from_civil(index // 12, index % 12 + 1, 1) + day - 1
    guess = resolve(days * DAY + wall % DAY, starts, offsets) + 1
    if (
        months_before(guess, months, starts, offsets, peaks) > time
        and months_before(guess - 1, months, starts, offsets, peaks) <= time
    ):
        return guess
    low, high = time + (months * 28 - 3) * DAY, time + (months * 31 + 4) * DAY
    while high - low > 1:
        middle = (low + high) >> 1
        if months_before(middle, months, starts, offsets, peaks) > time:
            high = middle
        else:
            low = middle
    return high


@njit(int64(_VECTOR, int64, _VECTOR, _VECTOR, _VECTOR), **_PLAIN)
def passed_at(bound, time, starts, offsets, peaks):
    """Return the first instant at which a moving bound has gone beyond a time; NEVER for one that does not glide."""
    if bound[BOUND_KIND] != SPAN:
        return NEVER
    if bound[BOUND_MONTHS] == 0:
        return time + bound[BOUND_FIXED] + 1
    return months_passed(bound[BOUND_MONTHS], time, starts, offsets, peaks)


# --- filters -------------------------------------------------------------------------------------------------------


@njit(uint64(uint64), **_PLAIN, inline="always")
def swapped(word):
    """Return a big-endian word in native order."""
    word = ((word & BYTES_ODD) << np.uint64(8)) | ((word >> np.uint64(8)) & BYTES_ODD)
    word = ((word & PAIRS_ODD) << np.uint64(16)) | ((word >> np.uint64(16)) & PAIRS_ODD)
    return (word << np.uint64(32)) | (word >> np.uint64(32))


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


@njit(**_PLAIN, inline="always")
def passes(leaf, leaves, sets, rows, masks, row):
    """Run a filter program on one event: whether its predicate is true (not merely unknown)."""
    while leaf >= 0:
        kind = leaves[leaf, LEAF_KIND]
        if kind == MASK:
            true = masks[row, leaves[leaf, LEAF_WORD]] != 0
        else:
            value = np.int64(rows[row, leaves[leaf, LEAF_WORD]])
            low, high = leaves[leaf, LEAF_LOW], leaves[leaf, LEAF_HIGH]
            if value == NULL:
                true = leaves[leaf, LEAF_NULL] != 0
            elif kind == BETWEEN:
                true = low <= value <= high
            elif kind == OUTSIDE:
                true = not low <= value <= high
            elif kind == IN_SET:
                true = contains(sets, low, high, value)
            else:
                true = not contains(sets, low, high, value)
        leaf = leaves[leaf, LEAF_TRUE] if true else leaves[leaf, LEAF_FALSE]
    return leaf == PASS


# --- distinct values -----------------------------------------------------------------------------------------------


@njit(int64(int64, int64, int64), **_PLAIN)
def hashed(owner, value, size):
    """Return where the search for (owner, value) begins in a table of a power-of-two size."""
    mixed = np.uint64(value) * np.uint64(0x9E3779B97F4A7C15) ^ np.uint64(owner) * np.uint64(0xC2B2AE3D27D4EB4F)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    return np.int64((mixed >> np.uint64(20)) & np.uint64(size - 1))


@njit(boolean(_TABLE, int64, int64, int64), **_PLAIN)
def add_distinct(seen, owner, value, oldest_owner):
    """Put (owner, value) into the table; whether it is new. Owners below ``oldest_owner`` count as empty places."""
    size = seen.shape[0]
    at = hashed(owner, value, size)
    while seen[at, 0] >= oldest_owner:
        if seen[at, 0] == owner and seen[at, 1] == value:
            return False
        at = (at + 1) & (size - 1)
    seen[at, 0], seen[at, 1] = owner, value
    return True


# --- one genome after another --------------------------------------------------------------------------------------


@njit(**_PLAIN)
def read_off_time(group, op, column, state, now, out_float, row, starts, offsets):
    """Write an output that depends on now; return the instant at which its `until` date has passed."""
    if op == OP_SINCE_FIRST:
        out_float[row, column] = (now - state[group, STATE_OLDEST_TIME]) / DAY
        return NEVER
    if op == OP_SINCE_LAST:
        out_float[row, column] = (now - state[group, STATE_NEWEST_TIME]) / DAY
        return NEVER
    until = state[group, STATE_UNTIL]
    if until == NEVER:
        return NEVER
    if op == OP_UNTIL_DATE:
        out_float[row, column] = (resolve(until * DAY, starts, offsets) - now) / DAY
        return resolve((until + 1) * DAY, starts, offsets)
    out_float[row, column] = (until - now) / DAY
    return until + 1


@njit(**_PLAIN, inline="always")
def read_off(group, first, end, state, outputs, now, out, out_float, row, starts, offsets):
    """Write the outputs ``first .. end`` of a group that has seen an event; return when an `until` of it passes."""
    change = NEVER
    for output in range(first, end):
        op, column = outputs[output, OUTPUT_OP], outputs[output, OUTPUT_COLUMN]
        if op == OP_COUNT:
            out[row, column] = state[group, STATE_COUNT]
        elif op == OP_SUM:
            out[row, column] = state[group, STATE_SUM]
        elif op == OP_MEAN:
            count = float(state[group, STATE_COUNT]) * outputs[output, OUTPUT_SCALE]
            out_float[row, column] = state[group, STATE_SUM] / count
        elif op == OP_MIN:
            out[row, column] = state[group, STATE_MIN]
        elif op == OP_MAX:
            out[row, column] = state[group, STATE_MAX]
        elif op == OP_FIRST:
            out[row, column] = state[group, STATE_OLDEST]
        elif op == OP_LAST:
            out[row, column] = state[group, STATE_NEWEST]
        elif op == OP_DISTINCT:
            out[row, column] = state[group, STATE_DISTINCT]
        else:
            change = min(change, read_off_time(group, op, column, state, now, out_float, row, starts, offsets))
    return change


@njit(**_PLAIN)
def order_windows(groups, windows, edges, order):
    """Sort each group's windows by their edges at now, the latest first (spans and calendar starts may interleave)."""
    for group in range(groups.shape[0]):
        first, end = groups[group, GROUP_WINDOWS], groups[group, GROUP_WINDOWS_END]
        for at in range(first, end):
            place = at
            while place > first and edges[windows[order[place - 1], WINDOW_BOUND]] < edges[windows[at, WINDOW_BOUND]]:
                order[place] = order[place - 1]
                place -= 1
            order[place] = at


@njit(**_PLAIN, inline="always")
def reset(state, group, groups, customer):
    """Make a group ready for a customer; done at the group's first event, so silent groups cost nothing."""
    state[group, STATE_CUSTOMER] = customer
    state[group, STATE_COUNT] = 0
    state[group, STATE_SUM] = 0
    state[group, STATE_MIN] = NEVER
    state[group, STATE_MAX] = NO_TIME
    state[group, STATE_DISTINCT] = 0
    state[group, STATE_UNTIL] = NEVER
    state[group, STATE_PASSED_TIME] = NO_TIME
    state[group, STATE_PENDING] = NEVER
    state[group, STATE_CURSOR] = groups[group, GROUP_WINDOWS]
    state[group, STATE_UNIT] = NO_TIME


@njit(**_PLAIN, inline="always")
def leaves_at(bound, time, glide, starts, offsets, peaks):
    """Return :func:`passed_at` of a bound by its glide (see :func:`glides`): two instructions for most."""
    step, passed = glide[bound], NEVER
    if step < 0:
        passed = months_passed(-step, time, starts, offsets, peaks)
    elif step != NEVER:
        passed = time + step
    return passed


@njit(**_PLAIN)
def glides(bounds, glide):
    """Note of each bound how long after an event it passes it; NEVER for one that stands; -months of a calendar."""
    for bound in range(bounds.shape[0]):
        if bounds[bound, BOUND_KIND] != SPAN:
            glide[bound] = NEVER
        elif bounds[bound, BOUND_MONTHS] == 0:
            glide[bound] = bounds[bound, BOUND_FIXED] + 1
        else:
            glide[bound] = -bounds[bound, BOUND_MONTHS]


@njit(**_PLAIN, inline="always")
def accumulate(group, groups, state, value, time, now, today):
    """Add one visible event's value to a group; return whether its sum overflowed."""
    needs, overflow = groups[group, GROUP_NEEDS], False
    if state[group, STATE_COUNT] == 0:
        state[group, STATE_NEWEST], state[group, STATE_NEWEST_TIME] = value, time
    state[group, STATE_COUNT] += 1
    state[group, STATE_OLDEST], state[group, STATE_OLDEST_TIME] = value, time
    if needs & NEEDS_SUM:
        before = state[group, STATE_SUM]
        total = before + value
        overflow = ((before ^ total) & (value ^ total)) < 0
        state[group, STATE_SUM] = total
    if needs & NEEDS_EXTREMES:
        state[group, STATE_MIN] = min(state[group, STATE_MIN], value)
        state[group, STATE_MAX] = max(state[group, STATE_MAX], value)
    if needs & NEEDS_UNTIL and value >= (today if groups[group, GROUP_UNIT] == UNTIL_DATE else now):
        state[group, STATE_UNTIL] = min(state[group, STATE_UNTIL], value)
    return overflow


@njit(**_PLAIN, inline="always")
def close(
    group, first, end, retention, state, entries, outputs, glide, now, out, out_float, row, starts, offsets, peaks
):
    """Read off the windows ``first .. end`` of a group; return the next instant at which one of them changes.

    One changes when its oldest event leaves it, by its own edge or by retention. What no event has reached keeps the
    values of an empty window, which the row holds already.
    """
    change = NEVER
    time = state[group, STATE_PASSED_TIME]
    if time != NO_TIME:
        if retention >= 0:
            change = leaves_at(retention, time, glide, starts, offsets, peaks)
        for entry in range(first, end):
            change = min(change, leaves_at(entries[entry, ENTRY_BOUND], time, glide, starts, offsets, peaks))
            if state[group, STATE_COUNT] != 0:
                change = min(change, read_off(
                    group, entries[entry, ENTRY_OUTPUTS], entries[entry, ENTRY_OUTPUTS_END],
                    state, outputs, now, out, out_float, row, starts, offsets,
                ))  # fmt: skip
    return change


@njit(**_PLAIN)
def tell_apart(group, groups, state, seen, value, time, starts, offsets):
    """Count a value (or a calendar unit) that a group has not seen; return 1 if it is new."""
    unit = groups[group, GROUP_UNIT]
    if unit > 0:
        value = unit_of((time + offsets[last_at_most(starts, time)]) // DAY, unit)
        if value == state[group, STATE_UNIT]:
            return 0
        state[group, STATE_UNIT] = value
    oldest_owner = state[group, STATE_CUSTOMER] * groups.shape[0] + 1
    if not add_distinct(seen, oldest_owner + group, value, oldest_owner):
        return 0
    state[group, STATE_DISTINCT] += 1
    return 1


@njit(**_PLAIN)
def read_people(  # noqa: C901 - one loop on purpose: a call for each event would cost more than the event
    first_customer, rows, people, masks, now, known,
    sources, filters, leaves, sets, groups, outputs, empty,
    starts, offsets, peaks,
    edges, glide, entries, state, closed, touched, seen, boundary, today,
    out, out_float, changes, status,
):  # fmt: skip
    """Read genomes from ``first_customer`` on; return the number of those read, or the customer whose different values
    ``seen`` is too small for: the caller begins again there with a larger one.
    """
    for customer in range(first_customer, people.size - 1):
        for column in range(empty.size):
            out[customer, column] = empty[column]
        change, here, touched_count, used, overflow = boundary, ABSENT, 0, 0, False
        for row in range(people[customer + 1] - 1, people[customer] - 1, -1):
            if np.int64(rows[row, KNOWN_WORD]) > known:
                continue
            time = np.int64(swapped(rows[row, TIME_WORD]) ^ SIGN)
            source = np.int64(rows[row, CODE_WORD] & np.uint64(0xFFFF))
            if source >= sources.shape[0]:
                continue
            retention = sources[source, SOURCE_RETENTION]
            if retention >= 0 and time < edges[retention]:
                continue
            if time <= now:
                here = PRESENT
            for filter_ in range(sources[source, SOURCE_FILTERS], sources[source, SOURCE_FILTERS_END]):
                if closed[filter_] == customer:
                    continue
                if not passes(filters[filter_, FILTER_LEAF], leaves, sets, rows, masks, row):
                    continue
                still_open = False
                for group in range(filters[filter_, FILTER_GROUPS], filters[filter_, FILTER_GROUPS_END]):
                    if state[group, STATE_CUSTOMER] != customer:
                        reset(state, group, groups, customer)
                        touched[touched_count] = group
                        touched_count += 1
                    until = groups[group, GROUP_UNTIL]
                    if (time > now) if until < 0 else (time >= edges[until]):
                        still_open = True
                        if until < 0:
                            state[group, STATE_PENDING] = time
                            continue
                        enters = leaves_at(until, time, glide, starts, offsets, peaks)
                        if retention < 0 or enters < leaves_at(retention, time, glide, starts, offsets, peaks):
                            change = min(change, enters)
                        continue
                    cursor, end = state[group, STATE_CURSOR], groups[group, GROUP_WINDOWS_END]
                    if cursor < end and time < entries[cursor, ENTRY_EDGE]:
                        stop = cursor + 1
                        while stop < end and time < entries[stop, ENTRY_EDGE]:
                            stop += 1
                        state[group, STATE_CURSOR] = stop
                        change = min(change, close(
                            group, cursor, stop, retention, state, entries, outputs, glide,
                            now, out, out_float, customer, starts, offsets, peaks,
                        ))  # fmt: skip
                        cursor = stop
                    if cursor == end:
                        continue
                    still_open = True
                    state[group, STATE_PASSED_TIME] = time
                    word = groups[group, GROUP_WORD]
                    value = np.int64(rows[row, word]) if word >= 0 else NULL
                    if word >= 0 and value == NULL and groups[group, GROUP_REQUIRED] != 0:
                        continue
                    overflow |= accumulate(group, groups, state, value, time, now, today)
                    if groups[group, GROUP_NEEDS] & NEEDS_DISTINCT:
                        used += tell_apart(group, groups, state, seen, value, time, starts, offsets)
                        if used * 2 > seen.shape[0]:
                            return customer
                if not still_open:
                    closed[filter_] = customer
        for at in range(touched_count):
            group = touched[at]
            change = min(change, state[group, STATE_PENDING])
            cursor, end = state[group, STATE_CURSOR], groups[group, GROUP_WINDOWS_END]
            if cursor < end:
                change = min(change, close(
                    group, cursor, end, sources[groups[group, GROUP_SOURCE], SOURCE_RETENTION],
                    state, entries, outputs, glide,
                    now, out, out_float, customer, starts, offsets, peaks,
                ))  # fmt: skip
        changes[customer] = change
        status[customer] = OVERFLOW if overflow else here
    return people.size - 1


@njit(
    void(
        _ROWS, _VECTOR, _MASKS, int64, int64,
        _TABLE, _TABLE, _TABLE, _VECTOR, _TABLE, _TABLE, _TABLE, _TABLE, _VECTOR,
        _VECTOR, _VECTOR, _VECTOR,
        _TABLE, Array(float64, 2, "C"), _VECTOR, Array(uint8, 1, "C"),
    ),
    **_COMPILED,
)  # fmt: skip
def run(
    rows, people, masks, now, known,
    sources, filters, leaves, sets, groups, windows, bounds, outputs, empty,
    starts, offsets, peaks,
    out, out_float, changes, status,
):  # fmt: skip
    """Read the genomes of ``len(people) - 1`` timelines, ``rows[people[c]:people[c + 1]]`` being that of customer c.

    ``out`` (customers x columns) takes integer words; ``out_float`` is the same memory seen as float64. ``changes``
    takes the next instant of change, NEVER for none; ``status`` ABSENT, PRESENT or OVERFLOW.
    """
    edges, glide = np.empty(bounds.shape[0], np.int64), np.empty(bounds.shape[0], np.int64)
    boundary = NEVER
    for bound in range(bounds.shape[0]):
        edges[bound] = edge(bounds[bound], now, starts, offsets, peaks)
        if bounds[bound, BOUND_KIND] == START_OF:
            boundary = min(boundary, start_of(now, bounds[bound, BOUND_UNIT], 1, starts, offsets, peaks))
    glides(bounds, glide)
    order = np.empty(windows.shape[0], np.int64)
    order_windows(groups, windows, edges, order)
    entries = np.empty((windows.shape[0], ENTRY_WIDTH), np.int64)
    for at in range(order.size):
        bound = windows[order[at], WINDOW_BOUND]
        entries[at, ENTRY_EDGE], entries[at, ENTRY_BOUND] = edges[bound], bound
        entries[at, ENTRY_OUTPUTS] = windows[order[at], WINDOW_OUTPUTS]
        entries[at, ENTRY_OUTPUTS_END] = windows[order[at], WINDOW_OUTPUTS_END]
    today = (now + offsets[last_at_most(starts, now)]) // DAY
    state = np.empty((groups.shape[0], STATE_WIDTH), np.int64)
    state[:, STATE_CUSTOMER] = -1
    closed = np.full(filters.shape[0], -1, np.int64)
    touched = np.empty(groups.shape[0], np.int64)
    seen = np.zeros((64, 2), np.int64)
    customer = 0
    while True:
        customer = read_people(
            customer, rows, people, masks, now, known,
            sources, filters, leaves, sets, groups, outputs, empty,
            starts, offsets, peaks,
            edges, glide, entries, state, closed, touched, seen, boundary, today,
            out, out_float, changes, status,
        )  # fmt: skip
        if customer == people.size - 1:
            break
        seen = np.zeros((2 * seen.shape[0], 2), np.int64)
        state[:, STATE_CUSTOMER] = -1
        closed[:] = -1


# --- the events of a window as a whole, for reductions -------------------------------------------------------------


@njit(
    void(
        _ROWS, _VECTOR, _MASKS, int64, int64, _TABLE, _TABLE, _TABLE, _VECTOR, _TABLE, _VECTOR,
        _VECTOR, _VECTOR, _VECTOR, _VECTOR, _VECTOR, _VECTOR, _VECTOR, _VECTOR, _VECTOR,
    ),
    **_COMPILED,
)  # fmt: skip
def gather(  # noqa: C901 - one loop on purpose, as in read_people
    rows, people, masks, now, known, sources, streams, leaves, sets, bounds, window,
    starts, offsets, peaks, found, times, words, more, bits, changes,
):  # fmt: skip
    """Collect the events of each timeline that the streams of a reduction see in its window, in their order.

    ``window`` are the numbers of its start's and its end's bound (-1: up to now). ``found`` takes the offsets of each
    person's events, ``changes`` is lowered to when one enters or leaves the window next. ``times`` and the three after
    it have room for all rows.
    """
    edges, glide = np.empty(bounds.shape[0], np.int64), np.empty(bounds.shape[0], np.int64)
    for bound in range(bounds.shape[0]):
        edges[bound] = edge(bounds[bound], now, starts, offsets, peaks)
    glides(bounds, glide)
    start, until = window[0], window[1]
    filled = 0
    found[0] = 0
    for person in range(people.size - 1):
        change = changes[person]
        for row in range(people[person], people[person + 1]):
            if np.int64(rows[row, KNOWN_WORD]) > known:
                continue
            source = np.int64(rows[row, CODE_WORD] & np.uint64(0xFFFF))
            matched = 0
            for stream in range(streams.shape[0]):
                if streams[stream, STREAM_SOURCE] != source:
                    continue
                time = np.int64(swapped(rows[row, TIME_WORD]) ^ SIGN)
                retention = sources[source, SOURCE_RETENTION]
                if retention >= 0 and time < edges[retention]:
                    continue
                if time < edges[start] or not passes(streams[stream, STREAM_FILTER], leaves, sets, rows, masks, row):
                    continue
                to_now = until < 0 or streams[stream, STREAM_TO_NOW] != 0
                if (time > now) if to_now else (time >= edges[until]):
                    enters = time if to_now else leaves_at(until, time, glide, starts, offsets, peaks)
                    gone = NEVER if retention < 0 else leaves_at(retention, time, glide, starts, offsets, peaks)
                    if enters < gone:
                        change = min(change, enters)
                    continue
                left = leaves_at(start, time, glide, starts, offsets, peaks)
                gone = NEVER if retention < 0 else leaves_at(retention, time, glide, starts, offsets, peaks)
                if streams[stream, STREAM_TO_NOW] == 0 or gone < left:  # else what it goes with has left before it
                    change = min(change, left, gone)
                word = streams[stream, STREAM_WORD]
                if word >= 0:
                    if np.int64(rows[row, word]) == NULL and streams[stream, STREAM_REQUIRED] != 0:
                        continue
                    words[filled] = np.int64(rows[row, word])
                    if streams[stream, STREAM_MORE] >= 0:
                        more[filled] = np.int64(rows[row, streams[stream, STREAM_MORE]])
                times[filled] = time
                matched |= 1 << stream
            if matched:
                bits[filled] = matched
                filled += 1
        found[person + 1] = filled
        changes[person] = change
