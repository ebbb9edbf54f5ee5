"""The funnel: one file a stage. What falls is recorded with the stage and the reason; nothing is dropped silently."""

from __future__ import annotations

from onefold.decisions.answer import Stage
from onefold.decisions.funnel import applicable, consent, contact, eligible, ranking, suitable, valid
from onefold.decisions.funnel.base import Check

STAGES: tuple[tuple[Stage, Check], ...] = (
    (Stage.CONSENT, consent.check),
    (Stage.VALID, valid.check),
    (Stage.ELIGIBLE, eligible.check),
    (Stage.APPLICABLE, applicable.check),
    (Stage.SUITABLE, suitable.check),
    (Stage.CONTACT, contact.check),
    (Stage.RANKING, ranking.check),
)
"""The stages that look at one candidate by itself, in their order; ranked, diverse and chosen is what is left."""
