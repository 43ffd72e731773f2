from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duramen import BadInputError, BankResolutionError, Identity, bank_of
from duramen.identity import bank_name

part = st.text(min_size=1, max_size=40).filter(lambda text: any(c.isprintable() and not c.isspace() for c in text))
tricky = st.lists(
    st.sampled_from(["a", "b", ":", "%", "%3A", "%25", "user:", ":agent:", "tenant:", " "]), min_size=1
).map("".join)
value = st.one_of(part, tricky.filter(str.strip))
identity = st.builds(
    lambda user, agent, tenant: Identity(user=user, agent=agent, tenant=tenant),
    value,
    st.none() | value,
    st.none() | value,
)


@given(identity, identity)
def test_no_two_identities_share_a_bank(one: Identity, other: Identity) -> None:
    assert (bank_of(one) == bank_of(other)) == (one == other)


@given(identity)
def test_a_bank_can_be_read_back(one: Identity) -> None:
    names = bank_of(one).split(":")[::2]

    assert names == [name for name in ("tenant", "user", "agent") if getattr(one, name) is not None]


def test_the_format_is_the_documented_one() -> None:
    assert bank_of(Identity(user="ada", agent="support", tenant="acme")) == "tenant:acme:user:ada:agent:support"
    assert bank_of(Identity(user="ada", agent="support")) == "user:ada:agent:support"


@pytest.mark.parametrize("blank", ["", " ", "\t\n", "\u200b", "\u00a0", "\x00", "\ufeff"])
@pytest.mark.parametrize("name", ["user", "agent", "tenant"])
def test_a_blank_part_is_refused(name: str, blank: str) -> None:
    parts = {"user": "ada", "agent": "support", "tenant": "acme", name: blank}

    with pytest.raises(BankResolutionError, match=name):
        bank_of(Identity(**parts))


@pytest.mark.parametrize("name", ["agent", "tenant"])
def test_a_missing_part_is_refused_where_it_is_expected(name: str) -> None:
    with pytest.raises(BankResolutionError, match=f"{name} of this identity is missing"):
        bank_of(Identity(user="ada"), expect=("user", name))  # type: ignore[arg-type]  # one of the names


def test_a_missing_user_is_refused_always() -> None:
    with pytest.raises(BankResolutionError, match="user"):
        bank_of(Identity(user=None), expect=())  # type: ignore[arg-type]  # what an untyped caller may do


@pytest.mark.parametrize("wrong", [7, b"ada", ["ada"]])
def test_a_part_that_is_not_text_is_refused(wrong: object) -> None:
    with pytest.raises(BankResolutionError, match="not text"):
        bank_of(Identity(user=wrong))  # type: ignore[arg-type]  # what an untyped caller may do


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(BankResolutionError, match="surrogate"):
        bank_of(Identity(user="ada\ud800"))


@pytest.mark.parametrize("name", ["\x1eours", "ours\0"])
def test_a_bank_is_not_named_as_what_belongs_to_none(name: str) -> None:
    with pytest.raises(BadInputError, match="Leave it out"):
        bank_name(name)


def test_ids_of_ten_kilobytes_stay_apart() -> None:
    one, other = "x" * 10_000 + "1", "x" * 10_000 + "2"

    assert bank_of(Identity(user=one)) != bank_of(Identity(user=other))
    assert len(bank_of(Identity(user=one))) == len("user:") + 10_001


def test_ids_are_neither_trimmed_nor_folded() -> None:
    banks = {bank_of(Identity(user=user)) for user in ("ada", "Ada", " ada", "ada ", "ad\u00e1", "ada\u0301")}

    assert len(banks) == 6
