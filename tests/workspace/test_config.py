from __future__ import annotations

import pytest

from onefold.core.document import read_yaml
from onefold.workspace.config import Config, read_config


def config_of(text: str) -> tuple[Config, list[str]]:
    section = read_yaml(text, "onefold.yaml")
    return read_config(section), [f"{one.place} {one.what} {one.why}" for one in section.problems.found]


def test_everything_stated() -> None:
    config, problems = config_of("name: B\ntime_zone: Asia/Tokyo\ncurrency: JPY\nlocale: ja\nretention: {login: 24mo}")
    assert problems == []
    assert (config.name, config.zone.name, config.money_scale, config.locale) == ("B", "Asia/Tokyo", 0, "ja")
    assert config.retention["login"].months == 24


def test_defaults() -> None:
    config, problems = config_of("name: B")
    assert (config.zone.name, config.currency, config.money_scale, config.locale) == ("UTC", "EUR", 2, "en")
    assert (problems, dict(config.retention)) == ([], {})


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("time_zone: UTC", "onefold.yaml:1:1", "`name`"),
        ("name: B\ntime_zone: Mars/Base", "onefold.yaml:2:12", "`time_zone`"),
        ("name: B\ncurrency: euro", "onefold.yaml:2:11", "`currency`"),
        ("name: B\nretention: {login: soon}", "onefold.yaml:2:20", "`login`"),
        ("name: B\ntimezone: UTC", "onefold.yaml:2:1", "`timezone`"),
        ("name: B\nretention: 5", "onefold.yaml:2:12", "`retention`"),
    ],
)
def test_problems_have_places(text: str, where: str, what: str) -> None:
    _, problems = config_of(text)
    assert len(problems) == 1
    assert problems[0].startswith(f"{where} {what}")


def test_what_is_at_fault_takes_its_default() -> None:
    config, problems = config_of("name: B\ntime_zone: Mars/Base\ncurrency: XXQ")
    assert len(problems) == 2
    assert (config.zone.name, config.currency) == ("UTC", "EUR")
