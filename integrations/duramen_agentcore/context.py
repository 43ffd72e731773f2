"""Whose turn it is, in which session, and where in a request that is read from."""

from __future__ import annotations

import hashlib
import sys
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

from typing_extensions import Self

from duramen.errors import BankResolutionError
from duramen.identity import bank_of
from duramen.types import Identity
from duramen_agentcore.config import is_text

USER_ID_HEADER = "X-Amzn-Bedrock-AgentCore-Runtime-User-Id"

Claims = Mapping[str, Any]
Verifier = Callable[[str], Claims]
"""Takes the bearer token of a request and returns its claims, or raises when the token does not hold."""


@dataclass(frozen=True, slots=True)
class TurnContext:
    """Whose turn it is and in which session.

    Attributes:
        runtime_session_id: The Runtime session. Never an identity: it ends, and the memory does not.
        user_id: The user, from a source that the user cannot choose.
        agent_name: The agent; the adapter's own name when left out.
        tenant_id: The tenant, where there are several.
        request_id: What makes this turn, tried again, the same turn; without one every turn is another.
        at: When the turn takes place, when that is not now.
    """

    runtime_session_id: str
    user_id: str
    agent_name: str | None = None
    tenant_id: str | None = None
    request_id: str | None = None
    at: datetime | None = None
    _steps: list[str] = field(default_factory=list, init=False, repr=False, compare=False)

    @classmethod
    def from_request(  # noqa: PLR0913  each names a place where a part of the identity may stand
        cls,
        context: object,
        payload: object = None,
        *,
        claims: Claims | Verifier | None = None,
        user_id: str | None = None,
        user_key: str | None = None,
        user_header: str | None = USER_ID_HEADER,
        tenant_id: str | None = None,
        tenant_claim: str = "tenant",
        agent_name: str | None = None,
        request_key: str | None = None,
    ) -> Self:
        """Read a turn off the request that AgentCore Runtime hands to an entrypoint.

        The user is the first of these that is given, and if that one is blank the turn is refused, so that a weaker
        source never stands in for a stronger one: the `sub` of `claims`; the Runtime's user-id header; `user_id`;
        `payload[user_key]`. A token is never decoded here without a verifier.

        Args:
            context: The second argument of the entrypoint; its `session_id` and `request.headers` are read.
            payload: The first argument of the entrypoint.
            claims: Of a token that the caller has verified, or a function that verifies the request's bearer token
                and returns them. When given, no other source counts.
            user_id: An id that a trusted application supplies.
            user_key: The payload's key for that id. Only for callers that the user cannot talk to directly.
            user_header: The header that holds the user's id, or None to read none.
            tenant_id: A tenant that a trusted application supplies; `claims` go before it.
            tenant_claim: The claim that holds the tenant.
            agent_name: The agent; the adapter's own name when left out.
            request_key: The payload's key for the request id. Without it, the Runtime's own request id is taken.

        Raises:
            BankResolutionError: No source names a user, or names one in a way that cannot be used.
        """
        verified = claims(_bearer_token(context)) if callable(claims) else claims
        if verified is not None:
            user: Any = _mapping(verified).get("sub")
            tenant: Any = verified.get(tenant_claim, tenant_id)
        else:
            user = _user_of(_headers(context, user_header), user_id, _at(payload, user_key))
            tenant = tenant_id
        bank_of(Identity(user=user, tenant=tenant))
        request = _at(payload, request_key)
        return cls(
            runtime_session_id=getattr(context, "session_id", None) or "",
            user_id=user,
            agent_name=agent_name,
            tenant_id=tenant,
            request_id=str(request) if request not in (None, "") else _runtime_request_id(),
        )

    def as_tags(self) -> list[str]:
        """Return the labels of what this turn retains: `tenant:…` (if any), `user:…`, `agent:…`, `session:…`."""
        parts = {
            "tenant": self.tenant_id,
            "user": self.user_id,
            "agent": self.agent_name,
            "session": self.runtime_session_id,
        }
        return [f"{name}:{value}" for name, value in parts.items() if is_text(value)]

    def as_metadata(self) -> dict[str, str]:
        """Return where what this turn retains comes from; what is not known is left out."""
        parts = {
            "channel": "agentcore-runtime",
            "runtime_session_id": self.runtime_session_id,
            "agent_name": self.agent_name,
            "user_id": self.user_id,
            "tenant_id": self.tenant_id,
            "request_id": self.request_id,
        }
        return {name: str(value) for name, value in parts.items() if value not in (None, "")}

    def turn_key(self) -> str:
        """Return the key of the one whole turn of this request; another key at each call without a request id.

        The user and the session are part of it, so that equal request ids of two conversations stay apart.
        """
        if not is_text(self.request_id):
            return f"turn:{uuid.uuid4().hex}"
        parts = (self.user_id, self.runtime_session_id, self.request_id)
        return ":".join(("turn", *(quote(str(part), safe="", errors="surrogatepass") for part in parts)))

    def step_key(self, *said: str) -> str:
        """Return the key of one of several things that this request retains.

        The same words again have the same key. Other words are the next step; a request that is tried again makes a
        new context and counts from the first step, so its steps replace those of the first try.
        """
        if not is_text(self.request_id):
            return self.turn_key()
        digest = hashlib.blake2b("\0".join(said).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        if digest not in self._steps:
            self._steps.append(digest)
        return f"{self.turn_key()}:{self._steps.index(digest)}"


def _user_of(named: list[str], user_id: str | None, in_payload: object) -> object:
    if len(named) > 1:
        raise BankResolutionError(
            f"The request names {len(named)} different users in its user-id header. Nothing was recalled or retained."
        )
    found = (*named, user_id, in_payload)
    user = next((one for one in found if one is not None), None)
    if user is None:
        raise BankResolutionError(
            "Nothing in this request says who the user is, so there is no memory for it. Pass the `claims` of the "
            "verified token, call the Runtime with its user-id header, or pass `user_id` or `user_key` from a trusted "
            "application. The session id is never taken: it ends."
        )
    return user


def _headers(context: object, wanted: str | None) -> list[str]:
    """Return the different values of a header. `context.request_headers` would not do: the Runtime strips it there."""
    headers: Any = getattr(getattr(context, "request", None), "headers", None)
    if wanted is None or not hasattr(headers, "items"):
        return []
    return sorted({value for name, value in headers.items() if name.lower() == wanted.lower()})


def _bearer_token(context: object) -> str:
    named = _headers(context, "Authorization")
    scheme, _, token = (named[0] if len(named) == 1 else "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise BankResolutionError(
            "A verifier was given, but the request brings no bearer token. Nothing was recalled or retained. Let the "
            "Runtime pass the Authorization header on (its request header allowlist)."
        )
    return token.strip()


def _mapping(claims: object) -> Claims:
    if isinstance(claims, Mapping):
        return claims
    raise BankResolutionError(
        f"The claims are a {type(claims).__name__}. Pass a mapping, or a plain (not async) function that returns one."
    )


def _at(payload: object, key: str | None) -> object:
    return payload.get(key) if key is not None and isinstance(payload, Mapping) else None


def _runtime_request_id() -> str | None:
    # Where AgentCore serves the request its module is loaded; where it is not, there is nothing to ask.
    runtime = sys.modules.get("bedrock_agentcore.runtime.context")
    known = getattr(runtime, "BedrockAgentCoreContext", None)
    return known.get_request_id() if known is not None else None
