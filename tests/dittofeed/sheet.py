"""What the translation of a case collects: features and helping segments, each once, under made-up names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.dittofeed.declaring import Declared
from tests.dittofeed.naming import is_name

HELPER = "helper_"


@dataclass
class Sheet:
    """Features and segments by name. Without ``broken``, whatever names a path that is none is left out."""

    declared: Declared
    broken: bool = False
    refused: list[str] = field(default_factory=list)
    features: dict[str, Mapping[str, str]] = field(default_factory=dict)
    segments: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def feature(self, **body: str) -> str:
        """Return the name of a feature with this body."""
        for name, known in self.features.items():
            if known == body:
                return name
        name = f"f{len(self.features) + 1}"
        self.features[name] = body
        return name

    def segment(self, when: str, *, hold: str) -> str:
        """Return the name of a helping segment."""
        name = f"{HELPER}{len(self.segments) + 1}"
        self.segments[name] = {"when": when, "hold": hold}
        return name

    def keeps(self, path: str) -> bool:
        """Whether a path is to be written down; one that means nothing is noted."""
        if not is_name(path) and path not in self.refused:
            self.refused.append(path)
        return self.broken or is_name(path)
