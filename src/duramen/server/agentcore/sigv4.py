"""Signatures of AWS's clients (SigV4), verified with botocore's own signer against keys that this server issued.

What is signed is the method, the path and query as they were sent, the host, the body, and the headers that AWS wants signed:
none of it can be another. A signature is good for some minutes, as it is at AWS.

Source:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from duramen.server.auth import ALGORITHM, is_signed, walled
from duramen.server.banks import GRANT, STILL, Still
from duramen.server.caller import Grant
from duramen.server.errors import Refused
from duramen.server.keys import Keys
from duramen.server.seen import seen
from duramen.server.watching import CallerLeftError
from duramen.times import utc_now

SERVICE = "bedrock-agentcore"
"""The name that both planes are signed for."""

SKEW = timedelta(minutes=5)
"""How far the clock of a client may be from the server's, and how long a signature is good."""

_AUTHORIZATION = re.compile(
    ALGORITHM + r" +Credential=([^/,\s]+)/(\d{8})/([A-Za-z0-9-]+)/([a-z0-9-]+)/aws4_request, *"
    r"SignedHeaders=([^,\s]+), *Signature=([0-9a-f]{64})"
)
_STAMP = re.compile(r"\d{8}T\d{6}Z")
_SENT = re.compile(r"[!-\"$-~]*")  # what is sent of a path and a query: visible, and no "#"
_OF_AWS = "x-amz"  # headers that begin so must be signed, like the host
_TRACE = "x-amzn-trace-id"  # which a proxy may put there
_INLINE = 2**18  # bytes that are hashed in well under a millisecond


@dataclass(frozen=True, slots=True)
class Claim:
    """What a request says of its own signature.

    Attributes:
        stamp: When it was signed, as `20260131T120000Z`.
        signed: The names of the headers that are signed, in lower case.
    """

    access_key: str
    region: str
    stamp: str
    signed: frozenset[str]
    signature: str


class Signed:
    """Lets in whoever signed with a good key, and puts the `Grant` into the scope. What was let in before passes.

    It stands inside of what bounds bodies and patience. A body is read only for a key that there is, and is handed on.
    """

    def __init__(self, app: ASGIApp, keys: Keys) -> None:
        self.app = app
        self.keys = keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "http" and GRANT not in scope and is_signed(scope):
            receive = await self._verified(scope, receive)
        with walled(scope):
            await self.app(scope, receive, send)

    async def _verified(self, scope: Scope, receive: Receive) -> Receive:
        """Verify the signature; return what gives the body once more."""
        claim = claimed(scope, utc_now())
        found = await self.keys.signing(claim.access_key)
        if found is None:
            raise _unfit()
        key, secrets = found
        body = await _body(receive)
        if len(body) < _INLINE:
            secret = signer_of(claim, secrets, scope, body)
        else:
            secret = await asyncio.to_thread(signer_of, claim, secrets, scope, body)
        if secret is None:
            raise _unfit()
        scope[GRANT] = grant = await self.keys.used(key)
        scope[STILL] = self._still(claim.access_key, secret, grant)
        seen(scope).caller = grant.name
        return _again(body, receive)

    def _still(self, access_key: str, secret: str, grant: Grant) -> Still:
        async def still() -> bool:
            found = await self.keys.signing(access_key)
            return found is not None and secret in found[1] and found[0].grant() == grant

        return still


def claimed(scope: Scope, now: datetime) -> Claim:
    """Return what the request of `scope` says of its signature.

    Raises:
        Refused: 403: it cannot be read, is for another service or another time, or leaves out what must be signed.
    """
    headers = Headers(scope=scope)
    parts = _AUTHORIZATION.fullmatch(headers["authorization"].strip())
    stamps = headers.getlist("x-amz-date")
    if parts is None or len(stamps) != 1 or not _STAMP.fullmatch(stamps[0]):
        raise Refused(403, "The signature cannot be read. Sign with AWS4-HMAC-SHA256 and send X-Amz-Date, as SDKs do.")
    access_key, day, region, service, names, signature = parts.groups()
    if service != SERVICE:
        raise Refused(403, f"The request is signed for {service!r}. Sign it for {SERVICE!r}.")
    _in_time(stamps[0], day, now)
    signed = frozenset(names.split(";"))
    unsigned = sorted({name for name in headers if _to_sign(name)} - signed)
    if unsigned:
        raise Refused(403, f"These headers are not signed, and must be: {', '.join(unsigned)}.")
    return Claim(access_key, region, stamps[0], signed, signature)


def signer_of(claim: Claim, secrets: Sequence[str], scope: Scope, body: bytes) -> str | None:
    """Return the one of `secrets` that signed exactly this request; None if none did."""
    raw, query = scope.get("raw_path", b"").decode("latin-1"), scope["query_string"].decode("latin-1")
    # A signer takes out dots and what follows a "#", and so would sign for two paths at once.
    dots = {"", ".", ".."}.intersection(raw.removesuffix("/").split("/")[1:])
    if dots or not (_SENT.fullmatch(raw) and _SENT.fullmatch(query)):
        return None
    request = AWSRequest(scope["method"], f"http://signed{raw}?{query}", data=body)
    for name, value in Headers(scope=scope).items():
        if name in claim.signed:
            request.headers[name] = value
    stated = request.headers.get_all("x-amz-content-sha256")
    if stated and stated != [hashlib.sha256(body).hexdigest()]:
        return None
    request.context["timestamp"] = claim.stamp
    found: str | None = None
    for secret in secrets:
        signer: Any = SigV4Auth(Credentials(claim.access_key, secret), SERVICE, claim.region)
        canonical = signer.canonical_request(request)
        signature = signer.signature(signer.string_to_sign(request, canonical), request)
        if hmac.compare_digest(signature, claim.signature):
            found = secret
    return found


def _to_sign(name: str) -> bool:
    return name == "host" or (name.startswith(_OF_AWS) and name != _TRACE)


def _in_time(stamp: str, day: str, now: datetime) -> None:
    try:
        at = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
    except ValueError:
        raise Refused(403, "X-Amz-Date is no date.") from None
    if abs(now - at) > SKEW or not stamp.startswith(day):
        raise Refused(
            403,
            f"The request was signed at {stamp}, and here it is {now:%Y%m%dT%H%M%SZ}. "
            f"Sign it anew; the clocks may differ by {SKEW.seconds // 60} minutes.",
        )


def _unfit() -> Refused:
    return Refused(
        403,
        "The signature does not fit. The access key is not known here or no longer good, its secret is another, or the "
        "host, path, headers or body were changed on the way. `duramen keys create NAME --aws` makes an access key.",
    )


async def _body(receive: Receive) -> bytes:
    pieces: list[bytes] = []
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise CallerLeftError
        pieces.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(pieces)


def _again(body: bytes, receive: Receive) -> Receive:
    """Return what gives a body that was read, and then whatever comes."""
    left: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def given() -> Message:
        return left.pop() if left else await receive()

    return given
