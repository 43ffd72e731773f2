"""Tokens of an issuer (JWT, as of OpenID Connect): checked by the issuer's public key, and mapped to a `Grant`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jwt
from jwt import PyJWK, PyJWKClient, PyJWKClientConnectionError, PyJWTError

from duramen.server.caller import VERBS, Grant, Verb
from duramen.server.errors import Refused
from duramen.server.settings import SettingError, Settings

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Those with a public key only: with a shared secret in the list, a public key could be taken for one."""

_SCOPE = "duramen:"
_LEEWAY = 30.0  # seconds that two clocks may differ
_KEYS_FOR = 300.0  # seconds that an issuer's keys are kept
_FETCH = 5.0  # seconds


class BadTokenError(Exception):
    """The token is not good. Callers are not told why."""


class Tokens:
    """Checks tokens as `settings` say.

    Raises:
        SettingError: The file with the public key cannot be read.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._key = _public_key(settings.jwt_key_file) if settings.jwt_key_file is not None else None
        self._client = (
            PyJWKClient(settings.jwt_jwks_url, lifespan=_KEYS_FOR, timeout=_FETCH)
            if settings.jwt_jwks_url is not None
            else None
        )

    async def grant(self, token: str) -> Grant:
        """Return what `token` allows.

        Raises:
            BadTokenError: It is not signed by the issuer, not for this server, out of its time, or names no user.
            Refused: 503: the issuer's keys cannot be fetched.
        """
        try:
            claims = await asyncio.to_thread(self._claims, token)
        except PyJWKClientConnectionError as error:
            raise Refused(
                503, "The issuer's keys cannot be fetched just now. Try again.", {"Retry-After": "5"}
            ) from error
        except PyJWTError as error:
            raise BadTokenError(type(error).__name__) from error
        return self._grant(claims)

    def _claims(self, token: str) -> Mapping[str, Any]:
        key: PyJWK | str
        if self._client is not None:
            key = self._client.get_signing_key_from_jwt(token)
        else:
            assert self._key is not None
            key = self._key
        required = ["exp", "aud", self._settings.jwt_user_claim]
        if self._settings.jwt_issuer is not None:
            required.append("iss")
        claims: Mapping[str, Any] = jwt.decode(
            token,
            key,
            algorithms=ALGORITHMS,
            audience=self._settings.jwt_audience,
            issuer=self._settings.jwt_issuer,
            leeway=_LEEWAY,
            options={"require": required},
        )
        return claims

    def _grant(self, claims: Mapping[str, Any]) -> Grant:
        settings = self._settings
        user = _named(claims, settings.jwt_user_claim)
        tenant = _named(claims, settings.jwt_tenant_claim) if settings.jwt_tenant_claim is not None else None
        agent = None
        if settings.jwt_agent_claim is not None and settings.jwt_agent_claim in claims:
            agent = _named(claims, settings.jwt_agent_claim)
        return Grant(
            name=f"user:{user}",
            tenant=tenant,
            user=user,
            agent=agent,
            verbs=_verbs(claims.get(settings.jwt_scope_claim)),
        )


def _named(claims: Mapping[str, Any], claim: str) -> str:
    value = claims.get(claim)
    if not isinstance(value, str) or not value.strip():
        raise BadTokenError(f"no {claim}")
    return value


def _verbs(scope: object) -> frozenset[Verb]:
    """Return what a scope allows: the verbs in it that are ours, or all about banks if none of it is ours."""
    words: Sequence[object] = scope.split() if isinstance(scope, str) else scope if isinstance(scope, list) else ()
    ours = [word.removeprefix(_SCOPE) for word in words if isinstance(word, str) and word.startswith(_SCOPE)]
    if not ours:
        return frozenset(VERBS) - {"admin"}
    return frozenset(verb for verb in VERBS if verb in ours)


def _public_key(file: str) -> str:
    try:
        text = Path(file).expanduser().read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError("DURAMEN_JWT_KEY_FILE", f"is {file!r}, which cannot be read: {error}.") from error
    if "PUBLIC KEY" not in text and "CERTIFICATE" not in text:
        raise SettingError("DURAMEN_JWT_KEY_FILE", f"is {file!r}, which holds no public key in PEM.")
    return text
