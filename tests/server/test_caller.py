from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duramen.errors import IdentityError
from duramen.identity import bank_of
from duramen.server.caller import VERBS, ForbiddenError, Grant, Verb
from duramen.types import Identity

NAME = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1).filter(
    lambda text: any(mark.isprintable() and not mark.isspace() for mark in text)
)


@given(NAME, NAME, NAME)
def test_what_a_tenant_reaches_is_never_what_another_reaches(one: str, other: str, asked: str) -> None:
    if one == other:
        return

    reached = Grant(name="", tenant=one).bank(asked, "recall") if _reaches(one, asked) else None

    assert reached is None or Grant(name="", tenant=other).shown(reached) is None


def _reaches(tenant: str, asked: str) -> bool:
    try:
        Grant(name="", tenant=tenant).bank(asked, "recall")
    except IdentityError:
        return False
    return True


@given(NAME, NAME)
def test_a_bank_is_shown_by_the_name_it_was_asked_for(tenant: str, asked: str) -> None:
    grant = Grant(name="", tenant=tenant)
    bank = grant.bank(asked, "recall") if _reaches(tenant, asked) else None

    assert bank is None or grant.bank(str(grant.shown(bank)), "recall") == bank


@pytest.mark.parametrize(
    "asked",
    ["user:bob", "user:adam", "user:ada:agent", "user:ada:agent:a:b", "tenant:acme:user:ada", "ada", "", "user:ad%61"],
)
def test_a_user_reaches_no_bank_that_is_not_their_own(asked: str) -> None:
    with pytest.raises(ForbiddenError):
        Grant(name="", user="ada").bank(asked, "recall")


def test_a_user_reaches_their_banks_with_each_agent_unless_the_token_is_for_one() -> None:
    with_agent = bank_of(Identity(user="ada", agent="support"))

    assert Grant(name="", user="ada").bank(with_agent, "recall") == with_agent
    assert Grant(name="", user="ada", agent="support").bank("me", "recall") == with_agent
    with pytest.raises(ForbiddenError):
        Grant(name="", user="ada", agent="support").bank("user:ada", "recall")


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_that_is_not_granted_is_refused_in_every_bank(verb: Verb) -> None:
    grant = Grant(name="", verbs=frozenset(VERBS) - {verb})

    with pytest.raises(ForbiddenError, match=verb):
        grant.bank("a", verb)


@pytest.mark.parametrize(
    "grant", [Grant(name="", tenant="acme"), Grant(name="", user="ada"), Grant(name="", banks=("a*",))]
)
def test_who_reaches_a_part_of_the_server_is_not_its_administrator(grant: Grant) -> None:
    with pytest.raises(ForbiddenError, match="whole server"):
        grant.may("admin")


def test_patterns_are_held_against_the_bank_as_it_is_asked_for() -> None:
    grant = Grant(name="", tenant="acme", banks=("support-*",))

    assert grant.bank("support-1", "read") == "tenant:acme:bank:support-1"
    with pytest.raises(ForbiddenError):
        grant.bank("sales", "read")
    with pytest.raises(ForbiddenError):
        grant.bank("tenant:acme:bank:sales", "read")
