from __future__ import annotations

import logging

import pytest

from duramen.errors import BadInputError
from duramen.server.logs import Discreet


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (BadInputError("The tag 'Ada is ill' is too long."), "BadInputError"),
        ("BadInputError: The tag 'Ada is ill' is too long.", "BadInputError"),
        ("5f0c6a1e-0f3c-4b7e-9a43-0a4f0b6a1c11", "5f0c6a1e-0f3c-4b7e-9a43-0a4f0b6a1c11"),
        ("will be tried again", "will be tried again"),
        (3, "3"),
    ],
)
def test_what_the_engine_logs_is_told_without_what_it_quotes(given: object, told: str) -> None:
    record = logging.LogRecord("duramen.tasks", logging.WARNING, __file__, 1, "it failed: %s", (given,), None)

    assert Discreet().filter(record)

    assert record.getMessage() == f"it failed: {told}"


def test_the_name_of_a_bank_is_told_as_a_mark() -> None:
    record = logging.LogRecord("duramen", logging.WARNING, __file__, 1, "in bank %s", ("user:ada@example.com",), None)

    Discreet().filter(record)

    assert "ada" not in record.getMessage()


def test_what_others_log_stays_as_it_is() -> None:
    record = logging.LogRecord("uvicorn", logging.WARNING, __file__, 1, "at %s", ("http://localhost:1/",), None)

    Discreet().filter(record)

    assert record.getMessage() == "at http://localhost:1/"
