"""What a stage is: a function that lets a candidate pass, or says why not."""

from __future__ import annotations

from collections.abc import Callable

from onefold.decisions.definitions import Placement
from onefold.decisions.funnel.call import Call
from onefold.decisions.prepared import Candidate

Reason = Callable[[], str]
"""Why a candidate fell, put into words only where somebody asks: of a thousand candidates nearly all fall."""

Check = Callable[[Candidate, Call, Placement], Reason | None]
"""A stage: None where the candidate passes."""
