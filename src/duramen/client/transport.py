"""Requests to one server: over few connections, again when they fail on the way, and with an end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from duramen.client.breaker import Breaker
from duramen.client.refusals import PASSING, AwayError, refusal, retry_after
from duramen.errors import AddressError, BadInputError, StoreUnavailableError
from duramen.version import __version__

PATIENCE = 10
"""How many times longer a server may take over a request in which it may ask a language model."""

_CONNECT = 5.0  # seconds
_CONNECTIONS = 20
_LARGEST = 256 * 2**20  # bytes of an answer
_LONGEST_WAIT = 20.0  # seconds that a caller waits when a server asks for it; for more it is told at once


@dataclass(frozen=True, kw_only=True)
class Reach:
    """How a server is reached.

    Attributes:
        api_key: Sent as a bearer token; never shown.
        headers: More of them; never shown.
        timeout: Seconds that a request may take; `PATIENCE` times as long when a language model may be asked.
        retries: How often a request that fails on the way is repeated at most.
        pause: Seconds before the first repetition at most, doubled each time.

    Raises:
        BadInputError: One of them cannot be used.
    """

    api_key: str | None = None
    headers: Mapping[str, str] | None = None
    timeout: float = 30.0
    retries: int = 3
    pause: float = 0.2

    def __post_init__(self) -> None:
        if not self.timeout > 0 or self.retries < 0 or self.pause < 0:
            raise BadInputError("`timeout` must be above 0 s, `retries` not below 0.")
        if self.api_key is not None and (not _sendable(self.api_key) or " " in self.api_key):
            raise BadInputError("`api_key` is blank, or has characters that no key has, such as line breaks. Check it.")
        if not all(map(_sendable, (text for header in (self.headers or {}).items() for text in header))):
            raise BadInputError("`headers` have characters that cannot be sent, such as line breaks. Check them.")

    def __repr__(self) -> str:
        """Show neither the key nor the headers."""
        return f"Reach(timeout={self.timeout!r}, retries={self.retries!r})"

    def sent(self) -> dict[str, str]:
        """Return the headers of every request."""
        authorization = {"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}
        return {"User-Agent": f"duramen/{__version__}", **authorization, **(self.headers or {})}


class Transport:
    """Asks a server. Every request may be repeated: what it writes has a name. Lives on one loop.

    Args:
        address: `http://host:port` or `https://…`, and what comes before `/v1`.
        reach: How to reach it.

    Raises:
        AddressError: It is no such address.
    """

    def __init__(self, address: str, reach: Reach) -> None:
        self._base, self.host = _base(address)
        self._reach = reach
        self._breaker = Breaker()
        self._client: httpx.AsyncClient | None = None

    async def ask(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
        patient: bool = False,
    ) -> Any:
        """Return the JSON that the server answers with.

        Args:
            method: Such as "GET".
            path: What comes behind the address, as it is sent.
            body: Sent as JSON.
            params: The query; those that are None are left out.
            patient: Whether the server may ask a language model.

        Raises:
            StoreUnavailableError: It cannot be reached, is busy or fails, also after the last repetition.
            AccessError: The key may not do this.
            NotFoundError: There is no such thing.
            ConflictError: Something else is there.
            BadInputError: It does not take the request.
        """
        request = self._connected().build_request(
            method,
            f"{self._base}{path}",
            params={name: value for name, value in (params or {}).items() if value is not None} or None,
            json=body,
        )
        seconds = self._reach.timeout * (PATIENCE if patient else 1)
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(AwayError),
            stop=stop_after_attempt(self._reach.retries + 1),
            wait=self._pause,
            reraise=True,
        )
        try:
            return await retrying(self._sent, request, seconds)
        except AwayError as error:
            raise StoreUnavailableError(f"The server {self.host} cannot be asked: {error}. Is it up?") from error

    async def aclose(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _sent(self, request: httpx.Request, seconds: float) -> Any:
        rest = self._breaker.refusal()
        if rest is not None:
            raise StoreUnavailableError(
                f"The server {self.host} did not answer the last requests; it is tried again in {rest:.1f} s."
            )
        try:
            answer = await self._answered(request, seconds)
        except AwayError as error:
            if error.down:
                self._breaker.failed()
            else:
                self._breaker.left()
            raise
        except BaseException:  # cancelled, or a fault of ours: the one try of a breaker that is open must be given back
            self._breaker.left()
            raise
        self._breaker.succeeded()
        return answer(self.host)

    async def _answered(self, request: httpx.Request, seconds: float) -> _Answer:
        try:
            response, data = await asyncio.wait_for(self._received(request), seconds)
        except asyncio.TimeoutError as error:
            raise AwayError(f"no answer within {seconds:g} s") from error
        except httpx.TransportError as error:
            raise AwayError(str(error) or type(error).__name__) from error
        except httpx.HTTPError as error:
            raise AwayError(f"its answer cannot be read ({type(error).__name__})") from error
        if response.status_code in PASSING:
            self._away(response, data)
        return _Answer(response, data)

    def _away(self, response: httpx.Response, data: bytes) -> None:
        after = retry_after(response.headers.get("retry-after"))
        told = str(refusal(response.status_code, data, self.host)).partition(" Is the address")[0]
        if after is not None and after > _LONGEST_WAIT:
            self._breaker.rest(after)
            raise StoreUnavailableError(f"{told} It asks to come back in {after:.0f} s.")
        raise AwayError(told, after=after, down=response.status_code != 429)

    async def _received(self, request: httpx.Request) -> tuple[httpx.Response, bytes]:
        data = bytearray()
        response = await self._connected().send(request, stream=True)
        try:
            async for piece in response.aiter_bytes():
                data += piece
                if len(data) > _LARGEST:
                    raise AwayError(f"it answered with more than {_LARGEST >> 20} MB")
        finally:
            await response.aclose()
        return response, bytes(data)

    def _pause(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome is not None else None
        if isinstance(error, AwayError) and error.after is not None:
            return error.after
        return wait_random_exponential(multiplier=self._reach.pause, max=_LONGEST_WAIT)(state)

    def _connected(self) -> httpx.AsyncClient:
        if self._client is None:
            # `wait_for` bounds the whole; httpx would bound each read, and a server that drips could go on for ever.
            self._client = httpx.AsyncClient(
                headers=self._reach.sent(),
                timeout=httpx.Timeout(None, connect=min(_CONNECT, self._reach.timeout)),
                limits=httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS),
            )
        return self._client


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came back; called, the JSON in it, or the error that it means."""

    response: httpx.Response
    data: bytes

    def __call__(self, host: str) -> Any:
        if not self.response.is_success:
            raise refusal(self.response.status_code, self.data, host)
        try:
            return json.loads(self.data or b"null")
        except ValueError as error:
            raise StoreUnavailableError(
                f"The server {host} answered something else than JSON. Is the address that of a memory server?"
            ) from error


def _base(address: str) -> tuple[str, str]:
    """Return what all URLs begin with, and the host and port to be shown."""
    try:
        url = httpx.URL(address.strip())
    except httpx.InvalidURL as error:
        raise AddressError(f"The address is no URL ({error}). Give one such as 'http://localhost:8888'.") from error
    if url.scheme not in {"http", "https"} or not url.host:
        raise AddressError("The address names no host. Give one such as 'http://localhost:8888'.")
    if url.userinfo or url.query or url.fragment:
        raise AddressError(
            f"The address of {url.host} has a password, a query or a fragment in it. Give the key as `api_key`, or as "
            f"one of `headers`, and the address without."
        )
    path = url.raw_path.decode().rstrip("/").removesuffix("/v1/default").removesuffix("/v1")
    return f"{url.scheme}://{url.netloc.decode()}{path}", url.netloc.decode()


def _sendable(text: str) -> bool:
    return bool(text) and text.isascii() and text.isprintable()
