"""The calendars file: where holds go is the installation's word, passwords by reference, and never in the clear."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from runtime.calendar_settings import Calendars, load_calendars
from runtime.errors import InputError

GOOD = {"url": "https://cal.example/dav/x/", "username": "casegate", "password_file": "calendar.key"}


def written(folder: Path, **one: Any) -> Path:
    file = folder / "calendars.yaml"
    file.write_text(yaml.safe_dump({"calendars": {"bridges": {**GOOD, **one}}}))
    return file


def test_without_a_file_there_is_no_calendar() -> None:
    assert load_calendars(None) == Calendars()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"url": "http://cal.example/dav/"}, "https"),
        ({"url": "https://ann:secret@cal.example/dav/"}, "without a name and a password"),
        ({"people": {"ada@x.example": "https://elsewhere.example/ada/"}}, "ada@x.example was expected on https://cal"),
        ({"password": "in-the-file-itself"}, "Extra inputs"),
        ({"username": ""}, "at least 1 character"),
        ({"timeout_seconds": 0}, "greater than 0"),
    ],
)
def test_what_may_not_be_is_said_in_one_line(tmp_path: Path, given: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as error:
        load_calendars(written(tmp_path, **given))
    assert said in str(error.value)
    assert "calendars" in str(error.value)
    assert "\n" not in str(error.value)


def test_a_default_must_be_one_of_them(tmp_path: Path) -> None:
    file = tmp_path / "calendars.yaml"
    file.write_text(yaml.safe_dump({"default": "other", "calendars": {"bridges": GOOD}}))
    with pytest.raises(InputError, match="default: the name of one of calendars"):
        load_calendars(file)


def test_the_password_is_in_a_file_and_long_enough(tmp_path: Path) -> None:
    calendars = load_calendars(written(tmp_path))
    with pytest.raises(InputError, match=r"calendars\.bridges\.password_file"):
        calendars.password("bridges")
    (tmp_path / "calendar.key").write_text("short")
    with pytest.raises(InputError, match="at least 16"):
        calendars.password("bridges")
    (tmp_path / "calendar.key").write_text("a-password-of-this-test\n")
    assert calendars.password("bridges").get_secret_value() == "a-password-of-this-test"
    assert "a-password" not in repr(calendars.password("bridges"))
