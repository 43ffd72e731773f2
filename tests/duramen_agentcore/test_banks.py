from __future__ import annotations

import pytest

from duramen import BankResolutionError, DuramenError
from duramen_agentcore import TurnContext, default_bank_resolver


def test_the_bank_is_named_after_tenant_user_and_agent() -> None:
    with_tenant = TurnContext("session-1", "ada", "support", tenant_id="acme")
    without = TurnContext("session-1", "ada", "support")

    assert default_bank_resolver(with_tenant) == "tenant:acme:user:ada:agent:support"
    assert default_bank_resolver(without) == "user:ada:agent:support"


def test_the_session_is_no_part_of_the_bank() -> None:
    one = TurnContext("session-1", "ada", "support")
    other = TurnContext("session-2", "ada", "support")

    assert default_bank_resolver(one) == default_bank_resolver(other)
    assert "session" not in default_bank_resolver(one)


@pytest.mark.parametrize("user", ["", "  ", None, 7])
def test_without_a_user_there_is_no_bank(user: str) -> None:
    with pytest.raises(BankResolutionError, match="user"):
        default_bank_resolver(TurnContext("session-1", user, "support"))


@pytest.mark.parametrize("agent", ["", "\t", None])
def test_without_an_agent_there_is_no_bank(agent: str | None) -> None:
    with pytest.raises(BankResolutionError, match="agent"):
        default_bank_resolver(TurnContext("session-1", "ada", agent))


def test_a_blank_tenant_is_refused_and_does_not_become_no_tenant() -> None:
    with pytest.raises(BankResolutionError, match="tenant"):
        default_bank_resolver(TurnContext("session-1", "ada", "support", tenant_id=""))


def test_no_two_identities_share_a_bank_by_their_colons() -> None:
    one = TurnContext("s", "bob:agent:x", "y")
    other = TurnContext("s", "bob", "x:agent:y")

    assert default_bank_resolver(one) != default_bank_resolver(other)


def test_a_refusal_is_an_error_of_duramen() -> None:
    assert issubclass(BankResolutionError, DuramenError)
