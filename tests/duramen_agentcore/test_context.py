from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from bedrock_agentcore.runtime.context import BedrockAgentCoreContext, RequestContext
from starlette.requests import Request

from duramen import BankResolutionError
from duramen_agentcore import TurnContext, default_bank_resolver

HEADER = "X-Amzn-Bedrock-AgentCore-Runtime-User-Id"
TOKENS = {"good": {"sub": "ada-by-token", "tenant": "acme"}}


def request(*headers: tuple[str, str], session: str | None = "s" * 33) -> RequestContext:
    """Return the context that AgentCore hands to an entrypoint for a request with these headers."""
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
    return RequestContext(session_id=session, request_headers=None, request=Request({"type": "http", "headers": raw}))


def verify(token: str) -> Mapping[str, Any]:
    if token not in TOKENS:
        raise PermissionError("this token does not hold")
    return TOKENS[token]


def test_tags_name_who_and_where_and_the_tenant_comes_first() -> None:
    full = TurnContext("session-1", "ada", "support", "acme", "request-1")
    least = TurnContext("session-1", "ada")

    assert full.as_tags() == ["tenant:acme", "user:ada", "agent:support", "session:session-1"]
    assert least.as_tags() == ["user:ada", "session:session-1"]


def test_metadata_holds_what_is_known_and_nothing_else() -> None:
    full = TurnContext("session-1", "ada", "support", "acme", "request-1")
    least = TurnContext("session-1", "ada", "support")

    assert full.as_metadata() == {
        "channel": "agentcore-runtime",
        "runtime_session_id": "session-1",
        "agent_name": "support",
        "user_id": "ada",
        "tenant_id": "acme",
        "request_id": "request-1",
    }
    assert set(least.as_metadata()) == {"channel", "runtime_session_id", "agent_name", "user_id"}


def test_verified_claims_go_before_the_header_and_what_the_application_says() -> None:
    context = request((HEADER, "ada-by-header"))

    turn = TurnContext.from_request(
        context, {"user": "ada-by-payload"}, claims=TOKENS["good"], user_id="ada-by-argument", user_key="user"
    )

    assert (turn.user_id, turn.tenant_id) == ("ada-by-token", "acme")


def test_the_header_goes_before_what_the_application_says() -> None:
    context = request((HEADER, "ada-by-header"))

    turn = TurnContext.from_request(context, {"user": "eve"}, user_id="ada-by-argument", user_key="user")

    assert turn.user_id == "ada-by-header"


def test_what_the_application_says_counts_when_nothing_stronger_is_there() -> None:
    by_argument = TurnContext.from_request(request(), {"user": "b"}, user_id="a", user_key="user", tenant_id="acme")
    by_payload = TurnContext.from_request(request(), {"user": "b"}, user_key="user")

    assert (by_argument.user_id, by_argument.tenant_id) == ("a", "acme")
    assert by_payload.user_id == "b"


@pytest.mark.parametrize("payload", [{"user_id": "eve", "userId": "eve", "sub": "eve"}, ["eve"], "eve", None])
def test_a_payload_is_not_believed_unless_asked_for(payload: object) -> None:
    with pytest.raises(BankResolutionError, match="who the user is"):
        TurnContext.from_request(request(), payload)


def test_a_header_is_not_read_where_that_is_switched_off() -> None:
    with pytest.raises(BankResolutionError, match="who the user is"):
        TurnContext.from_request(request((HEADER, "eve")), user_header=None)


def test_the_request_headers_of_the_context_are_no_source_of_identity() -> None:
    context = RequestContext(session_id="s", request_headers={HEADER: "eve"}, request=None)

    with pytest.raises(BankResolutionError, match="who the user is"):
        TurnContext.from_request(context)


@pytest.mark.parametrize("claims", [{}, {"sub": ""}, {"sub": "  "}, {"sub": None}, {"sub": 7}])
def test_claims_that_name_nobody_are_refused_and_nothing_weaker_stands_in(claims: dict[str, Any]) -> None:
    with pytest.raises(BankResolutionError):
        TurnContext.from_request(request((HEADER, "eve")), {"user": "eve"}, claims=claims, user_id="eve")


def test_a_blank_header_is_refused_and_nothing_weaker_stands_in() -> None:
    with pytest.raises(BankResolutionError):
        TurnContext.from_request(request((HEADER, " ")), user_id="eve")


def test_two_headers_that_disagree_are_refused() -> None:
    with pytest.raises(BankResolutionError, match="2 different users"):
        TurnContext.from_request(request((HEADER, "ada"), (HEADER.lower(), "eve")))


def test_a_verifier_gets_the_bearer_token_and_its_claims_count() -> None:
    context = request(("Authorization", "Bearer good"), (HEADER, "eve"))

    assert TurnContext.from_request(context, claims=verify).user_id == "ada-by-token"


def test_what_a_verifier_raises_is_raised_unchanged() -> None:
    with pytest.raises(PermissionError, match="does not hold"):
        TurnContext.from_request(request(("Authorization", "Bearer forged"), (HEADER, "eve")), claims=verify)


@pytest.mark.parametrize("headers", [(), (("Authorization", "Basic YTpi"),), (("Authorization", "Bearer "),)])
def test_a_request_without_a_token_is_refused_where_tokens_are_verified(headers: tuple[tuple[str, str], ...]) -> None:
    with pytest.raises(BankResolutionError, match="no bearer token"):
        TurnContext.from_request(request(*headers, (HEADER, "eve")), claims=verify)


def test_a_verifier_that_returns_no_mapping_is_refused() -> None:
    with pytest.raises(BankResolutionError, match="claims are a str"):
        TurnContext.from_request(request(("Authorization", "Bearer good")), claims=lambda token: "ada")  # type: ignore[arg-type,return-value]  # what is tested


def test_a_token_is_not_read_without_a_verifier() -> None:
    unsigned = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJldmUifQ."

    with pytest.raises(BankResolutionError, match="who the user is"):
        TurnContext.from_request(request(("Authorization", f"Bearer {unsigned}")))


def test_the_tenant_claim_can_have_another_name() -> None:
    claims = {"sub": "ada", "custom:org": "acme", "tenant": "other"}

    turn = TurnContext.from_request(request(), claims=claims, tenant_claim="custom:org")

    assert turn.tenant_id == "acme"


def test_a_blank_tenant_claim_is_refused() -> None:
    with pytest.raises(BankResolutionError, match="tenant"):
        TurnContext.from_request(request(), claims={"sub": "ada", "tenant": ""})


def test_the_session_is_read_and_never_becomes_the_user() -> None:
    turn = TurnContext.from_request(request(), user_id="ada")
    local = TurnContext.from_request(request(session=None), user_id="ada")

    assert turn.runtime_session_id == "s" * 33
    assert local.runtime_session_id == ""
    with pytest.raises(BankResolutionError):
        TurnContext.from_request(request())


def test_the_request_id_is_that_of_the_payload_or_of_the_runtime() -> None:
    BedrockAgentCoreContext.set_request_context("from-the-runtime")

    by_payload = TurnContext.from_request(request(), {"id": "from-the-payload"}, user_id="ada", request_key="id")
    by_runtime = TurnContext.from_request(request(), {"id": "ignored"}, user_id="ada")
    without = TurnContext.from_request(request(), {"id": ""}, user_id="ada", request_key="id")

    assert by_payload.request_id == "from-the-payload"
    assert by_runtime.request_id == without.request_id == "from-the-runtime"


@pytest.mark.parametrize("context", [None, object(), SimpleNamespace(request=None), SimpleNamespace(request=object())])
def test_any_context_will_do_when_the_application_names_the_user(context: object) -> None:
    assert TurnContext.from_request(context, user_id="ada").user_id == "ada"


@pytest.mark.parametrize(
    "user",
    [
        "u" * 1024,
        "auth0|65f2",
        "ada@example.com",
        "arn:aws:iam::123456789012:user/ada",
        "../../etc/passwd",
        "a/b/c",
        "Zo\xeb",
        "100%",
        "a:agent:support",
    ],
)
def test_long_and_odd_user_ids_have_a_bank_of_their_own(user: str) -> None:
    turn = TurnContext.from_request(request((HEADER, user)), agent_name="support")

    bank = default_bank_resolver(turn)

    assert turn.user_id == user
    assert bank.count(":") == 3
    assert bank != default_bank_resolver(TurnContext("s", user + "x", "support"))


def test_without_a_request_id_every_turn_has_another_key() -> None:
    context = TurnContext("session-1", "ada", "support")

    assert len({context.turn_key(), context.turn_key(), context.step_key("a"), context.step_key("a")}) == 4


def test_the_key_of_a_request_is_its_own_in_its_session_and_for_its_user() -> None:
    keys = {
        TurnContext(session, user, "support", request_id=request_id).turn_key()
        for session in ("s", "s:1", "")
        for user in ("ada", "eve")
        for request_id in ("1", "1:1", "\ud800")
    }

    assert len(keys) == 18
    assert TurnContext("s", "ada", request_id="1").turn_key() == TurnContext("s", "ada", request_id="1").turn_key()


def test_steps_of_a_request_count_up_and_the_same_words_are_the_same_step() -> None:
    first_try = TurnContext("s", "ada", request_id="1")
    second_try = TurnContext("s", "ada", request_id="1")

    keys = [first_try.step_key("q", "started"), first_try.step_key("q", "done"), first_try.step_key("q", "started")]

    assert keys[0] == keys[2] != keys[1]
    assert second_try.step_key("q", "begun") == keys[0]
    assert first_try.turn_key() not in keys
