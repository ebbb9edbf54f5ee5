"""When a membership may flip next by time alone, for many customers at once: found from the leaves of predicates."""

from onefold.segments.timers.firing import Fired, Firing
from onefold.segments.timers.timers import Timers

__all__ = ["Fired", "Firing", "Timers"]
