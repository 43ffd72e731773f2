"""Tokens signed with real keys, and an issuer that serves its public keys over HTTP."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import RSAAlgorithm

from duramen.server.caller import VERBS
from duramen.server.errors import Refused
from duramen.server.settings import SettingError, Settings, read
from duramen.server.tokens import BadTokenError, Tokens
from tests.conftest import engine
from tests.server.apps import asking

RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ELLIPTIC = generate_private_key(SECP256R1())


def pem(key: Any) -> str:
    text: bytes = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return text.decode()


def claims(**changes: object) -> dict[str, object]:
    usual = {"sub": "ada", "aud": "memory", "iss": "https://issuer", "exp": time.time() + 600}
    return {name: value for name, value in {**usual, **changes}.items() if value is not None}


def signed(key: Any = RSA, algorithm: str = "RS256", kid: str | None = None, **changes: object) -> str:
    return jwt.encode(claims(**changes), key, algorithm=algorithm, headers={"kid": kid} if kid else None)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    file = tmp_path / "issuer.pem"
    file.write_text(pem(RSA))
    return Settings(auth="on", jwt_issuer="https://issuer", jwt_audience="memory", jwt_key_file=str(file))


async def test_a_token_grants_the_memory_of_its_user(settings: Settings) -> None:
    grant = await Tokens(settings).grant(signed())

    assert (grant.user, grant.tenant, grant.agent) == ("ada", None, None)
    assert grant.verbs == frozenset(VERBS) - {"admin"}


async def test_the_tenant_and_the_agent_come_from_the_claims_that_are_named(settings: Settings) -> None:
    settings = replace(settings, jwt_tenant_claim="org", jwt_agent_claim="azp", jwt_user_claim="email")

    grant = await Tokens(settings).grant(signed(org="acme", azp="support", email="a@b"))

    assert (grant.user, grant.tenant, grant.agent) == ("a@b", "acme", "support")


@pytest.mark.parametrize(
    ("scope", "verbs"),
    [
        ("openid duramen:recall duramen:read", {"recall", "read"}),
        (["duramen:recall"], {"recall"}),
        ("openid email", set(VERBS) - {"admin"}),
        ("duramen:everything", set()),
    ],
)
async def test_a_scope_that_names_verbs_allows_those_and_no_more(
    settings: Settings, scope: object, verbs: set[str]
) -> None:
    grant = await Tokens(settings).grant(signed(scope=scope))

    assert grant.verbs == verbs


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": 1},
        {"exp": None},
        {"nbf": 4_000_000_000},
        {"aud": "other"},
        {"aud": None},
        {"iss": "https://other"},
        {"iss": None},
        {"sub": None},
        {"sub": ""},
        {"sub": "   "},
        {"key": rsa.generate_private_key(public_exponent=65537, key_size=2048)},
        {"key": ELLIPTIC, "algorithm": "ES256"},
    ],
)
async def test_a_token_that_is_not_good_in_every_way_is_refused(settings: Settings, changes: dict[str, Any]) -> None:
    with pytest.raises(BadTokenError):
        await Tokens(settings).grant(signed(**changes))


@pytest.mark.parametrize("claim", ["JWT_TENANT_CLAIM", "JWT_AGENT_CLAIM"])
async def test_a_blank_tenant_or_agent_is_refused(settings: Settings, claim: str) -> None:
    named = read({**settings.environment(), f"DURAMEN_{claim}": "named"})

    with pytest.raises(BadTokenError):
        await Tokens(named).grant(signed(named=" "))


async def test_without_the_tenant_that_is_expected_a_token_is_refused(settings: Settings) -> None:
    with pytest.raises(BadTokenError):
        await Tokens(replace(settings, jwt_tenant_claim="org")).grant(signed())


async def test_an_unsigned_token_is_refused(settings: Settings) -> None:
    with pytest.raises(BadTokenError):
        await Tokens(settings).grant(jwt.encode(claims(), "", algorithm="none"))


async def test_the_public_key_is_not_taken_for_a_shared_secret(settings: Settings) -> None:
    head, body = (jwt.utils.base64url_encode(json.dumps(part).encode()) for part in ({"alg": "HS256"}, claims()))
    forged = head + b"." + body
    signature = jwt.get_algorithm_by_name("HS256").sign(forged, pem(RSA).encode())

    with pytest.raises(BadTokenError):
        await Tokens(settings).grant((forged + b"." + jwt.utils.base64url_encode(signature)).decode())


@pytest.mark.parametrize("text", ["nothing", "-----BEGIN PRIVATE KEY-----"])
def test_a_file_without_a_public_key_is_refused_at_the_start(settings: Settings, tmp_path: Path, text: str) -> None:
    (tmp_path / "issuer.pem").write_text(text)

    with pytest.raises(SettingError, match="DURAMEN_JWT_KEY_FILE"):
        Tokens(settings)


def test_a_missing_file_is_told_at_the_start(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="cannot be read"):
        Tokens(replace(settings, jwt_key_file=str(tmp_path / "nowhere.pem")))


class Issuer:
    """Serves its public keys, and counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.keys = {"one": RSA}
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.asked += 1
                keys = [
                    {**RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig"}
                    for kid, key in issuer.keys.items()
                ]
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps({"keys": keys}).encode())

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/keys"


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    issuer = Issuer()
    thread = threading.Thread(target=issuer.server.serve_forever)
    thread.start()
    yield issuer
    issuer.server.shutdown()
    thread.join()
    issuer.server.server_close()


async def test_the_keys_of_an_issuer_are_fetched_once_for_many_tokens(issuer: Issuer) -> None:
    tokens = Tokens(Settings(jwt_audience="memory", jwt_jwks_url=issuer.url))

    grants = [await tokens.grant(signed(kid="one", sub=name)) for name in ("ada", "bob", "eve")]

    assert [grant.user for grant in grants] == ["ada", "bob", "eve"]
    assert issuer.asked == 1


async def test_tokens_with_made_up_key_ids_do_not_make_us_ask_the_issuer_each_time(issuer: Issuer) -> None:
    tokens = Tokens(Settings(jwt_audience="memory", jwt_jwks_url=issuer.url))

    for number in range(5):
        with pytest.raises(BadTokenError):
            await tokens.grant(signed(kid=f"made up {number}"))

    assert issuer.asked <= 2


async def test_when_the_issuer_cannot_be_asked_the_answer_is_to_try_again() -> None:
    tokens = Tokens(Settings(jwt_audience="memory", jwt_jwks_url="http://127.0.0.1:9/keys"))

    with pytest.raises(Refused) as caught:
        await tokens.grant(signed(kid="one"))

    assert caught.value.status_code == 503


async def test_over_http_a_token_reaches_the_bank_of_its_user_and_no_other(settings: Settings) -> None:
    async with asking(engine(":memory:"), settings, headers={"Authorization": f"Bearer {signed()}"}) as client:
        own, whole, other = [await client.get(f"/echo/banks/{bank}") for bank in ("me", "user:ada", "user:bob")]
        metrics = await client.get("/metrics")

    assert own.json() == ["me", "user:ada"]
    assert whole.json() == ["user:ada", "user:ada"]
    assert other.status_code == 403
    assert metrics.status_code == 403


@pytest.mark.parametrize("changes", [{"sub": " "}, {"exp": 1}, {"aud": "other"}])
async def test_over_http_all_bad_tokens_get_the_same_answer(settings: Settings, changes: dict[str, Any]) -> None:
    async with asking(engine(":memory:"), settings) as client:
        answer = await client.get("/echo/banks/me", headers={"Authorization": f"Bearer {signed(**changes)}"})

    assert answer.status_code == 401
    assert answer.json() == {"detail": "The key is not good."}
