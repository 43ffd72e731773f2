"""Models behind OpenAI's chat completions: OpenAI, Ollama, vLLM, llama.cpp, LM Studio, Groq, LiteLLM and others."""

from __future__ import annotations

import asyncio
import math
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from duramen.errors import BadInputError, ModelUnavailableError
from duramen.language_model import Answered, Prompt, Shape, Usage
from duramen.language_models.openai_wire import FORMATS, Dialect, Format, answered, complaint
from duramen.language_models.structured import Message, structured
from duramen.plain import plain

_OPENAI = "https://api.openai.com/v1"
_LARGEST = 8_000_000  # bytes of an answer
_LONGEST_PAUSE = 30.0  # seconds that we wait when a server asks for it
_CONNECT = 10.0  # seconds
_ADVICE = {
    400: "The request does not suit this model; is the prompt too long for it?",
    401: "Check `api_key`.",
    402: "Check the billing of the account.",
    403: "Check that the key may use this model.",
    404: "Check `model` and `base_url`, which mostly ends with /v1.",
    413: "The prompt is too long for it: let a strategy read fewer events at a time.",
    429: "Check the limits and the billing of the account.",
}


@dataclass(eq=False)
class OpenAICompatibleModel:
    """A model behind a server that speaks OpenAI's chat completions.

        OpenAICompatibleModel("gpt-5-mini")                                          # the key from OPENAI_API_KEY
        OpenAICompatibleModel("qwen3:8b", "http://localhost:11434/v1")               # Ollama
        OpenAICompatibleModel("llama-3.3-70b-versatile", "https://api.groq.com/openai/v1", api_key=key)

    A server that does not know a part of the request (a JSON schema to enforce, `max_tokens`, a temperature) is asked
    again without it, and that is remembered. Requests that fail on the way are repeated with growing pauses: when the
    server cannot be reached, is busy (429) or fails (5xx).

    Attributes:
        model: As the server calls it.
        base_url: What comes before `/chat/completions`.
        api_key: Sent as a bearer token; never shown. Without one, OPENAI_API_KEY is read here, once, and only for OpenAI's
            own address, so that no other server is sent that key.
        timeout: Seconds that one request may take in all.
        headers: More of them, such as `api-key` for Azure; never shown.
        response_format: How the server is told what to answer with, at first.
        temperature: 0 for the same answer each time, as far as the model can; None to send none.
        extra_body: More fields of the request, such as `{"reasoning_effort": "low"}`.
        retries: How often a request is repeated at most. `pause`: seconds before the first time, doubled each time, of
            which a random part is waited.

    Raises:
        BadInputError: One of them cannot be used.
    """

    model: str
    base_url: str = _OPENAI
    _: KW_ONLY
    api_key: str | None = field(default=None, repr=False)
    timeout: float = 60.0
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    response_format: Format = "json_schema"
    temperature: float | None = 0.0
    extra_body: Mapping[str, Any] = field(default_factory=dict, repr=False)
    retries: int = 3
    pause: float = 0.5

    def __post_init__(self) -> None:
        self.base_url = self.base_url.rstrip("/")
        self._host = _host(self.base_url)
        if not self.model.strip():
            raise BadInputError("`model` is blank. Give the name by which the server knows the model.")
        if self.response_format not in FORMATS:
            raise BadInputError(f"`response_format` is {self.response_format!r}. Give one of {', '.join(FORMATS)}.")
        if not self.timeout > 0 or self.retries < 0 or self.pause < 0:
            raise BadInputError("`timeout` must be above 0 s, `retries` and `pause` not below 0.")
        self.api_key = _key(self.api_key, self._host)
        if not all(map(_sendable, (*self.headers, *self.headers.values()))):
            raise BadInputError("`headers` have characters that cannot be sent, such as line breaks. Check them.")
        self._dialect = Dialect(self.response_format, temperature=self.temperature)
        self._client: httpx.AsyncClient | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def name(self) -> str:
        """See `LanguageModel`: `openai:gpt-5-mini`, or `localhost:11434/qwen3:8b`."""
        return f"openai:{self.model}" if self._host == "api.openai.com" else f"{self._host}/{self.model}"

    async def answer(self, prompt: Prompt, shape: type[Shape], *, max_tokens: int = 4_000) -> Answered[Shape]:
        """See `LanguageModel`."""
        return await structured(self._ask, prompt, shape, name=self.name, max_tokens=max_tokens)

    async def aclose(self) -> None:
        """See `LanguageModel`. A later `answer` connects anew."""
        client, self._client = self._client, None
        if client is not None and self._loop is asyncio.get_running_loop():
            await client.aclose()

    async def _ask(
        self, messages: Sequence[Message], schema: dict[str, Any], max_tokens: int
    ) -> tuple[str, Usage | None]:
        while True:
            dialect = self._dialect
            body = dialect.request(self.model, messages, schema, max_tokens) | dict(self.extra_body)
            try:
                return answered(await self._sent(body))
            except _RefusedError as error:
                plainer = dialect.without(error.complaint)
                if plainer is None:
                    raise ModelUnavailableError(str(error)) from error
                self._dialect = plainer

    async def _sent(self, body: dict[str, Any]) -> bytes:
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(_BusyError),
            stop=stop_after_attempt(self.retries + 1),
            wait=self._pause,
            reraise=True,
        )
        try:
            return await retrying(self._posted, body)
        except _BusyError as error:
            raise ModelUnavailableError(
                f"The model {self.name!r} could not be asked, {self.retries + 1} times: {error}. Is the server up, and "
                f"`base_url` ({self._host}) right?"
            ) from error

    def _pause(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome is not None else None
        if isinstance(error, _BusyError) and error.after is not None:
            return error.after
        return wait_random_exponential(multiplier=self.pause, max=_LONGEST_PAUSE)(state)

    async def _posted(self, body: dict[str, Any]) -> bytes:
        try:
            response, data = await asyncio.wait_for(self._received(body), self.timeout)
        except asyncio.TimeoutError as error:
            raise ModelUnavailableError(
                f"The model {self.name!r} gave no answer within {self.timeout:g} s. Raise `timeout`, or use a faster one."
            ) from error
        except httpx.TransportError as error:
            raise _BusyError(self._shown(str(error) or type(error).__name__)) from error
        except httpx.HTTPError as error:
            raise ModelUnavailableError(
                f"The answer of {self.name!r} cannot be read: {type(error).__name__}"
            ) from error
        if not response.is_success:
            self._refuse(response, complaint(data))
        return data

    async def _received(self, body: dict[str, Any]) -> tuple[httpx.Response, bytes]:
        data = bytearray()
        async with self._connected().stream("POST", f"{self.base_url}/chat/completions", json=body) as response:
            async for piece in response.aiter_bytes():
                data += piece
                if len(data) > _LARGEST:
                    raise ModelUnavailableError(
                        f"The server {self._host} answered with more than {_LARGEST // 1_000_000} MB; no chat completion is "
                        f"so long. Check `base_url`."
                    )
        return response, bytes(data)

    def _refuse(self, response: httpx.Response, said: str) -> None:
        """Raise what the status and the words of an error mean."""
        status = response.status_code
        after = _retry_after(response.headers.get("retry-after"))
        told = f"The server {self._host} answered {status}: {self._shown(said)}"
        if _is_passing(status, said):
            if after is None or after <= _LONGEST_PAUSE:
                raise _BusyError(told, after)
            raise ModelUnavailableError(f"{told} It asks to come back in {after:.0f} s.")
        if response.is_redirect:
            told += f" It points to {self._shown(response.headers.get('location', ''))}: is that the `base_url`?"
        told = f"The model {self.name!r} cannot be asked. {told} {_ADVICE.get(status, '')}".strip()
        if status in {400, 422, 501}:
            raise _RefusedError(told, said)
        raise ModelUnavailableError(told)

    def _shown(self, text: str) -> str:
        for secret in (self.api_key, *self.headers.values()):
            text = text.replace(secret, "…") if secret else text
        return plain(text)[:300]

    def _connected(self) -> httpx.AsyncClient:
        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            authorization = {"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}
            self._loop = loop
            # `wait_for` bounds the whole; httpx would bound each read, and a server that drips could go on for ever.
            self._client = httpx.AsyncClient(
                headers={**authorization, **self.headers},
                timeout=httpx.Timeout(None, connect=min(_CONNECT, self.timeout)),
            )
        return self._client


class _BusyError(Exception):
    """A request that may do better later: `after` so many seconds, if the server says so."""

    def __init__(self, message: str, after: float | None = None) -> None:
        self.after = after
        super().__init__(message)


class _RefusedError(Exception):
    """A request that the server does not understand, with its complaint."""

    def __init__(self, message: str, complaint: str) -> None:
        self.complaint = complaint
        super().__init__(message)


def _host(base_url: str) -> str:
    try:
        url = httpx.URL(base_url)
    except httpx.InvalidURL:
        url = httpx.URL("")
    if url.scheme not in {"http", "https"} or not url.host or url.userinfo:
        raise BadInputError(
            "`base_url` is not an address such as http://localhost:11434/v1. Give one with http or https and a host; a "
            "password belongs into `headers`."
        )
    return url.host if url.port is None else f"{url.host}:{url.port}"


def _is_passing(status: int, said: str) -> bool:
    if status == 429:
        return "insufficient_quota" not in said  # of OpenAI: nothing is left, and waiting brings nothing
    return status == 408 or (status >= 500 and status != 501)


def _key(given: str | None, host: str) -> str | None:
    ours = host == "api.openai.com"
    key = (given or (os.environ.get("OPENAI_API_KEY") if ours else None) or "").strip()
    if ours and not key:
        raise BadInputError(
            "OpenAI wants a key. Set OPENAI_API_KEY or give `api_key`; for a server of your own give its `base_url`."
        )
    # Checked here, since the errors of what sends it would show it.
    if not _sendable(key) or " " in key:
        raise BadInputError("`api_key` has characters that no key has, such as spaces or line breaks. Check it.")
    return key or None


def _sendable(text: str) -> bool:
    return text.isascii() and text.isprintable()


def _retry_after(header: str | None) -> float | None:
    """Read seconds, or a date (RFC 9110, 10.2.3); None for neither."""
    try:
        seconds = float(header or "")
    except ValueError:
        try:
            seconds = parsedate_to_datetime(header or "").timestamp() - time.time()
        except (ValueError, TypeError, OverflowError):
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None
