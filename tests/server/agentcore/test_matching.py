"""Patterns of users: matched as they say, and given up when they try for ever."""

from __future__ import annotations

import re

import pytest

from duramen.server.agentcore.matching import matches


@pytest.mark.parametrize(
    ("pattern", "value", "matching"),
    [
        ("p-[0-9]+", "p-12", True),
        ("p-[0-9]+", "p-12x", False),
        ("[a-z]{2,4}(-[a-z0-9]+)*", "eu-west-1", True),
        ("[a-z]{2,4}(-[a-z0-9]+)*", "eu_west", False),
        ("(?:acme|umbrella)", "acme", True),
        (r"(a|b)\1", "aa", True),
        (r"(a|b)\1", "ab", False),
        (r"[+*?(){}]+\)+", "((()))", True),
        (r"[]+]+", "]+]", True),
        ("", "", True),
    ],
)
async def test_a_pattern_matches_as_it_says(pattern: str, value: str, matching: bool) -> None:
    assert (re.fullmatch(pattern, value) is not None) == matching
    assert await matches(pattern, value) == matching


@pytest.mark.parametrize("pattern", ["(a+)+b", "(a|a)*b", "a*" * 25 + "b", "a?" * 31 + "a{31}b", r"(a*)*\1b"])
async def test_a_pattern_that_tries_for_ever_is_given_up(pattern: str) -> None:
    assert not await matches(pattern, "a" * 64)
