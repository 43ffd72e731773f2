"""One delivery over HTTP: signed, to an address that was checked, and without following where the server points."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ssl
import time

import httpx

from duramen.errors import BadInputError
from duramen.version import __version__
from duramen.webhooks.guard import Guard, parsed
from duramen.webhooks.sent import Sent, Told
from duramen.webhooks.webhook import Webhook

MOST_BYTES = 1_024
"""What is read of an answer, so that the server can end it; none of it is kept."""

CONNECTING_SECONDS = 10.0


class Sender:
    """Sends what a webhook is told.

    Args:
        guard: Says where it may go.
        verify: How the certificates of servers are checked; by those of `certifi` if left out.
    """

    def __init__(self, guard: Guard, verify: ssl.SSLContext | None = None) -> None:
        self._guard = guard
        self._verify = verify

    async def send(self, webhook: Webhook, told: Told) -> Sent:
        """Try once, for as long as the webhook's timeout. Raises nothing of the network."""
        try:
            return await asyncio.wait_for(self._send(webhook, told), webhook.timeout_seconds)
        except asyncio.TimeoutError:
            return Sent(error=f"The server did not answer within {webhook.timeout_seconds:g} s.")
        except BadInputError as error:
            return Sent(error=str(error), final=True)
        except OSError:
            return Sent(error="The host cannot be resolved.")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Sent(error=f"The server cannot be reached: {type(error).__name__}.")

    async def _send(self, webhook: Webhook, told: Told) -> Sent:
        url = parsed(webhook.url)
        if webhook.params:
            url = url.copy_merge_params(dict(webhook.params))
        addresses = await self._guard.addresses(url)
        body = None if webhook.method == "GET" else told.body
        headers = {"Host": url.netloc.decode("ascii"), **_headers(webhook, told)}
        failure: httpx.TransportError = httpx.ConnectError("there is no address")
        async with self._client() as client:
            for address in addresses:
                request = client.build_request(
                    webhook.method,
                    url.copy_with(host=address),
                    headers=headers,
                    content=body,
                    extensions={"sni_hostname": url.raw_host.decode("ascii")},  # whose certificate it must show
                )
                try:
                    return await _answer(client, request)
                except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                    failure = error
        raise failure

    def _client(self) -> httpx.AsyncClient:
        if self._verify is None:
            self._verify = httpx.create_ssl_context()
        timeout = httpx.Timeout(None, connect=CONNECTING_SECONDS)  # the whole is bounded by `send`
        # A proxy of the environment would resolve the name itself, and go where this process may not.
        return httpx.AsyncClient(verify=self._verify, timeout=timeout, trust_env=False, follow_redirects=False)


def signature(secret: str, body: bytes) -> str:
    """Return what proves that `body` comes from one who knows `secret`: HMAC-SHA256, in hexadecimal.

    >>> signature("s", b"{}")[:20]
    'sha256=143ca8d517ba1'
    """
    return "sha256=" + _mac(secret, body)


def dated_signature(secret: str, body: bytes, seconds: int) -> str:
    """Return what proves also when it was sent, in seconds since 1970 UTC: `t=…,v1=…`, the latter of `t.body`.

    >>> dated_signature("s", b"{}", 1700000000)[:20]
    't=1700000000,v1=e923'
    """
    return f"t={seconds},v1={_mac(secret, f'{seconds}.'.encode() + body)}"


def _mac(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _headers(webhook: Webhook, told: Told) -> dict[str, str]:
    """Return the headers of an attempt, the webhook's own first: it can forge none of the others."""
    headers = {
        "Content-Type": "application/json",
        **webhook.headers,
        "User-Agent": f"duramen/{__version__}",
        "X-Hindsight-Event": told.event,
        "X-Hindsight-Event-Id": told.happened,
        "X-Hindsight-Delivery": told.delivery,
        "X-Hindsight-Delivery-Id": told.delivery,
    }
    if webhook.secret:
        body = b"" if webhook.method == "GET" else told.body
        headers["X-Hindsight-Signature"] = signature(webhook.secret, body)
        headers["X-Hindsight-Signature-V2"] = dated_signature(webhook.secret, body, int(time.time()))
    return headers


async def _answer(client: httpx.AsyncClient, request: httpx.Request) -> Sent:
    response = await client.send(request, stream=True)
    try:
        read = 0
        async for piece in response.aiter_raw(MOST_BYTES):
            read += len(piece)
            if read >= MOST_BYTES:
                break
    finally:
        await response.aclose()
    status = response.status_code
    if response.is_success:
        return Sent(status=status)
    if response.has_redirect_location:
        return Sent(status=status, error=f"The server answered {status} and points elsewhere, which is not followed.")
    return Sent(status=status, error=f"The server answered {status}.", final=status == httpx.codes.GONE)
