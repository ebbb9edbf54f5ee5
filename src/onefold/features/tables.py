"""The columns of the tables that a plan hands to the kernel. Definitions are data: changing them compiles nothing.

Every table is an ``int64`` matrix; the names below are its column numbers. One filter is one (source, ``where``);
one group is what is accumulated of the events that pass a filter; one window entry is a moment at which a group's
state is read off; one output is a value read off then.
"""

# A row of sources, by code: what the kernel must know of a source
SOURCE_FILTERS, SOURCE_FILTERS_END, SOURCE_RETENTION = 0, 1, 2

# A row of filters.
FILTER_LEAF, FILTER_GROUPS, FILTER_GROUPS_END = 0, 1, 2

# A row of leaves: one test of one slot, and where to go on; PASS and FAIL end the program
LEAF_KIND, LEAF_WORD, LEAF_LOW, LEAF_HIGH, LEAF_NULL, LEAF_TRUE, LEAF_FALSE = 0, 1, 2, 3, 4, 5, 6
PASS, FAIL = -1, -2
BETWEEN, OUTSIDE, IN_SET, NOT_IN_SET, MASK = 0, 1, 2, 3, 4

# A row of groups.
GROUP_WORD, GROUP_REQUIRED, GROUP_NEEDS, GROUP_UNTIL, GROUP_WINDOWS, GROUP_WINDOWS_END, GROUP_UNIT = (
    0,
    1,
    2,
    3,
    4,
    5,
    6,
)
GROUP_SOURCE = 7
UNTIL_DATE, UNTIL_INSTANT = -1, -2  # what stands in GROUP_UNIT where there is no calendar unit
NEEDS_SUM, NEEDS_EXTREMES, NEEDS_DISTINCT, NEEDS_UNTIL = 1, 2, 4, 8

# A row of windows: an entry of a group's windows refers to a bound and its outputs
WINDOW_BOUND, WINDOW_OUTPUTS, WINDOW_OUTPUTS_END = 0, 1, 2

# A row of bounds: an edge that moves with now
BOUND_KIND, BOUND_FIXED, BOUND_MONTHS, BOUND_UNIT = 0, 1, 2, 3
ALWAYS, SPAN, START_OF = 0, 1, 2
DAY_UNIT, WEEK_UNIT, MONTH_UNIT, QUARTER_UNIT, YEAR_UNIT = 1, 2, 3, 4, 5

# A row of streams: events of one source that pass a filter, for a reduction
STREAM_SOURCE, STREAM_FILTER, STREAM_WORD, STREAM_MORE, STREAM_REQUIRED, STREAM_TO_NOW = range(6)

# A row of outputs.
OUTPUT_OP, OUTPUT_COLUMN, OUTPUT_SCALE = 0, 1, 2
(
    OP_COUNT, OP_SUM, OP_MEAN, OP_MIN, OP_MAX, OP_FIRST, OP_LAST, OP_DISTINCT,
    OP_SINCE_FIRST, OP_SINCE_LAST, OP_UNTIL_DATE, OP_UNTIL_INSTANT,
) = range(12)  # fmt: skip

# A row of state: what is accumulated, from the newest event to the oldest
(
    STATE_COUNT, STATE_SUM, STATE_MIN, STATE_MAX, STATE_NEWEST, STATE_OLDEST, STATE_NEWEST_TIME,
    STATE_OLDEST_TIME, STATE_DISTINCT, STATE_UNTIL, STATE_PASSED_TIME, STATE_PENDING, STATE_CURSOR,
    STATE_CUSTOMER, STATE_UNIT,
) = range(15)  # fmt: skip
STATE_WIDTH = 16

# what the kernel says of one customer
ABSENT, PRESENT, OVERFLOW = 0, 1, 2

NEVER = 2**63 - 1
