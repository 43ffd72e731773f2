from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import pytest

from duramen import BankResolutionError, Identity
from duramen.turns import bank_in


@dataclass
class Context:
    user_id: Any = None
    agent_id: Any = None
    tenant_id: Any = None


@pytest.mark.parametrize(
    ("source", "bank"),
    [
        ("team:birds", "team:birds"),
        (Identity(user="ada", agent="support"), "user:ada:agent:support"),
        ({"user_id": "ada"}, "user:ada"),
        ({"actor_id": "ada"}, "user:ada"),
        ({"user": "ada", "tenant": "acme"}, "tenant:acme:user:ada"),
        (Context("ada", "support", "acme"), "tenant:acme:user:ada:agent:support"),
        ({"user_id": 7}, "user:7"),
        ({"user_id": uuid.UUID(int=7)}, "user:00000000-0000-0000-0000-000000000007"),
    ],
)
def test_a_source_that_says_whose_turn_it_is_names_the_bank(source: object, bank: str) -> None:
    assert bank_in([None, {}, source, {"user_id": "somebody else"}]) == bank


@pytest.mark.parametrize("source", [None, {}, {"thread_id": "t1"}, {"session_id": "s1"}, object(), Context()])
def test_a_session_or_nothing_names_none(source: object) -> None:
    assert bank_in([source]) is None


@pytest.mark.parametrize("user", ["", "  ", b"ada", True, 1.5, ["ada"], "\ud800"])
def test_a_user_that_is_no_id_does_not_give_way_to_the_next_source(user: object) -> None:
    with pytest.raises(BankResolutionError):
        bank_in([{"user_id": user}, {"user_id": "somebody else"}])
