"""Faults that someone may make in the engine: each must be caught by the generated cases."""

from __future__ import annotations

from tests.features.planting import ENGINE, Fault

KERNEL, PLAN, WALL = f"{ENGINE}kernel", f"{ENGINE}plan", f"{ENGINE}wall"
TIMELINE = "onefold.profiles.timeline"
READ, GATHERED = (
    "            if np.int64(rows[row, KNOWN_WORD]) > known:\n                continue\n",
    "            matched = 0\n",
)


def of(aggregate: str, name: str, old: str, new: str) -> Fault:
    """Return a fault in a reduction."""
    return Fault(name, f"{ENGINE}aggregates.{aggregate}", old, new)


FAULTS = (
    Fault(
        "a window's lower end is open",
        KERNEL,
        "if cursor < end and time < entries[cursor, ENTRY_EDGE]:",
        "if cursor < end and time <= entries[cursor, ENTRY_EDGE]:",
    ),
    Fault(
        "a window's upper end is closed",
        KERNEL,
        "if (time > now) if until < 0 else (time >= edges[until]):\n                        still_open",
        "if (time > now) if until < 0 else (time > edges[until]):\n                        still_open",
    ),
    Fault(
        "now is not in the window",
        KERNEL,
        "if (time > now) if until < 0 else (time >= edges[until]):\n                        still_open",
        "if (time >= now) if until < 0 else (time >= edges[until]):\n                        still_open",
    ),
    Fault(
        "`where` is ignored",
        KERNEL,
        "if not passes(filters[filter_, FILTER_LEAF], leaves, sets, rows, masks, row):",
        "if False:",
    ),
    Fault("what is unknown passes", KERNEL, "true = leaves[leaf, LEAF_NULL] != 0", "true = True"),
    Fault(
        "a late event is dropped",
        KERNEL,
        READ + "            time = np.int64",
        READ.replace("> known", "> min(known, np.int64(swapped(rows[row, TIME_WORD]) ^ SIGN) + 2 * DAY)")
        + "            time = np.int64",
    ),
    Fault("`known` is ignored", KERNEL, READ + "            time = np.int64", "            time = np.int64"),
    Fault(
        "`known` is ignored by reductions",
        f"{ENGINE}reduce",
        "now=now, known=known, changes=changes",
        "now=now, known=2**62, changes=changes",
    ),
    Fault(
        "an hour that does not exist",
        KERNEL,
        "return max(instant, starts[at]) if at > 0 else instant",
        "return instant",
    ),
    Fault(
        "a window moves back in the repeated hour",
        KERNEL,
        "return max(now + offsets[at], peaks[at])",
        "return now + offsets[at]",
    ),
    Fault(
        "a month's end is its last day",
        KERNEL,
        "return resolve(following * DAY, starts, offsets)",
        "return resolve(following * DAY - DAY + wall % DAY, starts, offsets)",
    ),
    Fault("weeks begin on Sunday", KERNEL, "return (days + 3) // 7", "return (days + 4) // 7"),
    Fault(
        "next_change is early",
        KERNEL,
        "glide[bound] = bounds[bound, BOUND_FIXED] + 1",
        "glide[bound] = bounds[bound, BOUND_FIXED]",
    ),
    Fault(
        "next_change is late",
        KERNEL,
        "glide[bound] = bounds[bound, BOUND_FIXED] + 1",
        "glide[bound] = bounds[bound, BOUND_FIXED] + 2",
    ),
    Fault(
        "next_change forgets the future",
        KERNEL,
        "change = min(change, state[group, STATE_PENDING])",
        "change = min(change, NEVER)",
    ),
    Fault(
        "next_change forgets events without the property",
        KERNEL,
        "state[group, STATE_PASSED_TIME] = time\n                    word = groups[group, GROUP_WORD]\n",
        "word = groups[group, GROUP_WORD]\n"
        "                    if word < 0 or groups[group, GROUP_REQUIRED] == 0 or np.int64(rows[row, word]) != NULL:\n"
        "                        state[group, STATE_PASSED_TIME] = time\n",
    ),
    Fault(
        "next_change forgets retention",
        KERNEL,
        "        if retention >= 0:\n            change = leaves_at",
        "        if False:\n            change = leaves_at",
    ),
    Fault(
        "what is absent is seen",
        KERNEL,
        "if word >= 0 and value == NULL and groups[group, GROUP_REQUIRED] != 0:",
        "if False:",
    ),
    Fault(
        "a null statement is not seen",
        PLAN,
        "required = known is not None and not every_event",
        "required = known is not None",
    ),
    Fault("retention is ignored", PLAN, "return retention.get(source.name) or", "return None and"),
    Fault("lines outlive their event", PLAN, 'or retention.get(source.name.partition(".")[0])', "or None"),
    Fault(
        "a share is of those that match",
        PLAN,
        'self._output(f"{name} of", body, None, COUNTED)',
        'self._output(f"{name} of", body, body.where, COUNTED)',
    ),
    Fault(
        "ties stand in the order of arrival",
        TIMELINE,
        'rows[:, : KIND + 1]).view(f"S{8 * (KIND + 1)}")',
        'rows[:, :1]).view("S8")',
    ),
    Fault("a duplicate is counted", TIMELINE, "_without_retracted(_each_message_once(", "_without_retracted(("),
    Fault("a retraction is ignored", TIMELINE, "return _without_retracted(", "return ("),
    Fault(
        "31 January and a month is 28 February",
        WALL,
        "+ walls % DAY, following * DAY)",
        "+ walls % DAY, following * DAY - DAY + walls % DAY)",
    ),
    Fault(
        "hours know no summer time", WALL, "instants + arrays.offsets[at])", "instants + arrays.offsets[0 * at - 1])"
    ),
    of("hours", "the last hour is inside", "start <= hour < end if", "start <= hour <= end if"),
    of("sequence", "`without` is ignored", "if bits[at] >> steps:", "if False:"),
    of("sequence", "`after` is not enough", "if since <= now:", "if since < now:"),
    of("sequence", "steps at one instant", "earliest = times[at] + 1", "earliest = times[at]"),
    of("session", "a gap begins a session too soon", "> gap:", ">= gap:"),
    of("recurring", "two make a chain", "if following >= time", "if latest >= time"),
    of("recurring", "overdue too late", "now <= due[newest] + _MARGIN:", "now <= due[newest] + _MARGIN + 1:"),
    of("top", "ties go to the oldest", "length == most and last > newest", "length == most and last < newest"),
    of("stddev", "the deviation of a population", "squares / (count - 1)", "squares / count"),
    of(
        "near",
        "the distance of the first place",
        "first if counts else end - 1, end)",
        "first, end if counts else first + 1)",
    ),
)
