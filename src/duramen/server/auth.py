"""Who calls: found out before anything else is done for a request, so that nobody else costs much or learns anything."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractContextManager

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from duramen.server.answering import asks_as_aws
from duramen.server.banks import GRANT, STILL, Still
from duramen.server.caller import Grant
from duramen.server.errors import Refused
from duramen.server.keys import PREFIX, Keys
from duramen.server.seen import seen
from duramen.server.tokens import BadTokenError, Tokens
from duramen.tenancy import of_tenant

PUBLIC = frozenset({"/health", "/health/live", "/health/ready", "/version", "/openapi.json"})
"""Answered without a key."""

ALGORITHM = "AWS4-HMAC-SHA256"
"""What `Authorization` begins with when AWS's clients signed a request."""

_EVERYBODY = Grant(name="everybody")
_LONGEST = 8192  # characters of a key or token


class Authenticated:
    """Lets in who shows a good key or token, and puts the `Grant` into the scope; 401 for the others.

    Args:
        app: What is guarded.
        keys: Those that are good; None to let everybody in.
        tokens: Checks tokens, where they are taken.
        public: Paths for which no key is needed.
        signatures: Let signed requests to AgentCore's paths pass without a `Grant`: a signature is over the body too, and
            so is verified further in, where the body is read within bounds. Whoever still has no `Grant` there is nobody.
    """

    def __init__(
        self,
        app: ASGIApp,
        keys: Keys | None,
        tokens: Tokens | None,
        public: Collection[str] = PUBLIC,
        *,
        signatures: bool = False,
    ) -> None:
        self.app = app
        self.keys = keys
        self.tokens = tokens
        self.public = public
        self.signatures = signatures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "http":
            if self.keys is None:
                scope[GRANT], scope[STILL] = _EVERYBODY, _always
            elif scope["path"] not in self.public and not (self.signatures and is_signed(scope)):
                shown = _shown(scope)
                scope[GRANT] = grant = await self._grant(self.keys, shown)
                scope[STILL] = self._still(self.keys, shown, grant)
                seen(scope).caller = grant.name
        with walled(scope):
            await self.app(scope, receive, send)

    async def _grant(self, keys: Keys, shown: str) -> Grant:
        grant = await self._found(keys, shown)
        if grant is None:
            raise Refused(401, "The key is not good.", {"WWW-Authenticate": 'Bearer error="invalid_token"'})
        return grant

    def _still(self, keys: Keys, shown: str, grant: Grant) -> Still:
        async def still() -> bool:
            return await self._found(keys, shown) == grant

        return still

    async def _found(self, keys: Keys, shown: str) -> Grant | None:
        if len(shown) > _LONGEST:
            return None
        if shown.startswith(PREFIX):
            return await keys.grant(shown)
        return None if self.tokens is None else await self._of_token(self.tokens, shown)

    async def _of_token(self, tokens: Tokens, shown: str) -> Grant | None:
        try:
            return await tokens.grant(shown)
        except BadTokenError:
            return None


def walled(scope: Scope) -> AbstractContextManager[None]:
    """Let what a request does reach no other tenant's banks, also where a route forgot to ask whose they are.

    Stores that keep tenants apart by themselves see to it. What belongs to no bank, such as keys, is behind no wall, and
    work in the background goes on for all tenants.
    """
    grant = scope.get(GRANT)
    return of_tenant(grant.wall if isinstance(grant, Grant) else None)


def is_signed(scope: Scope) -> bool:
    """Tell whether a request to a path of AgentCore's claims to be signed as AWS's clients do."""
    given = Headers(scope=scope).getlist("authorization")
    return asks_as_aws(scope) and len(given) == 1 and given[0].startswith(ALGORITHM)


async def _always() -> bool:
    return True


def _shown(scope: Scope) -> str:
    shown = credential(Headers(scope=scope))
    if shown is None:
        other = ", or sign with one of `duramen keys create NAME --aws`" if asks_as_aws(scope) else ""
        raise Refused(
            401,
            f"A key is needed: send it as `Authorization: Bearer <key>`{other}.",
            {"WWW-Authenticate": "Bearer"},
        )
    return shown


def credential(headers: Headers) -> str | None:
    """Return the key or token that a request shows: `Authorization`, with or without `Bearer`, else `X-API-Key`."""
    given = headers.getlist("authorization") or headers.getlist("x-api-key")
    if len(given) != 1:
        return None
    scheme, _, rest = given[0].strip().partition(" ")
    shown = rest.strip() if scheme.casefold() == "bearer" else given[0].strip()
    return shown or None
