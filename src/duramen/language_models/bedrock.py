"""Models on Amazon Bedrock, through the Converse API of boto3."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

from duramen.errors import BadInputError, ModelUnavailableError
from duramen.language_model import Answered, Prompt, Shape, Usage
from duramen.language_models.structured import Message, structured
from duramen.plain import plain

try:
    import boto3  # type: ignore[import-untyped]  # has no types
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError
except ImportError as error:
    raise ImportError("BedrockModel needs the 'bedrock' extra: pip install 'duramen[bedrock]'") from error

_TOOL = "answer"
_CONNECT = 10  # seconds
_ADVICE = {
    "AccessDeniedException": "Enable the model for this account and region, and allow bedrock:InvokeModel.",
    "ResourceNotFoundException": "Check `model_id` and the region.",
    "ThrottlingException": "It is busy, or the account's quota is used up.",
    "ServiceQuotaExceededException": "The account's quota is used up.",
    "UnrecognizedClientException": "Check the AWS credentials.",
    "ExpiredTokenException": "Renew the AWS credentials.",
    "ModelTimeoutException": "Ask for less at a time, or use a faster model.",
}


class Client(Protocol):
    """What is used of a `bedrock-runtime` client."""

    def converse(self, **request: Any) -> Mapping[str, Any]:
        """Answer; blocking."""


class BedrockModel:
    """A model on Bedrock. Calls block, and so run in threads.

    The answer is asked for as the arguments of a tool, whose schema Bedrock knows. A model that takes no tools, none that
    it must use, or no temperature, is asked again without, and that is remembered.

    Args:
        model_id: A model or inference profile, such as `eu.anthropic.claude-haiku-4-5-20251001-v1:0`.
        client: A `bedrock-runtime` client with settings of your own. One that is made here repeats what is throttled or
            fails on the way up to three times.
        region: Of the client made here; the one that AWS is set up with if None.
        timeout: Seconds that the client made here waits for an answer.
        temperature: 0 for the same answer each time, as far as the model can; None to send none.

    Raises:
        BadInputError: `model_id` is blank, or no region is known.
    """

    def __init__(
        self,
        model_id: str,
        client: Client | None = None,
        region: str | None = None,
        *,
        timeout: float = 60.0,
        temperature: float | None = 0.0,
    ) -> None:
        if not model_id.strip():
            raise BadInputError("`model_id` is blank. Give that of a model or an inference profile.")
        self.name = f"bedrock:{model_id}"
        self._model_id = model_id
        self._client = _client(region, timeout) if client is None else client
        self._temperature = temperature
        self._asks: Literal["tool", "text"] = "tool"

    def __repr__(self) -> str:
        return f"BedrockModel({self._model_id!r})"

    async def answer(self, prompt: Prompt, shape: type[Shape], *, max_tokens: int = 4_000) -> Answered[Shape]:
        """See `LanguageModel`."""
        return await structured(self._ask, prompt, shape, name=self.name, max_tokens=max_tokens)

    async def aclose(self) -> None:
        """See `LanguageModel`. The client's connections close when it is let go of."""

    async def _ask(
        self, messages: Sequence[Message], schema: dict[str, Any], max_tokens: int
    ) -> tuple[str, Usage | None]:
        request = self._request(messages, schema, max_tokens)
        try:
            return _answered(await asyncio.to_thread(self._client.converse, **request))
        except ClientError as error:
            if not self._learned(request, error):
                raise self._unavailable(error) from error
        except (BotoCoreError, ResponseParserError) as error:
            raise self._unavailable(error) from error
        return await self._ask(messages, schema, max_tokens)

    def _learned(self, request: Mapping[str, Any], error: ClientError) -> bool:
        """Leave out from now on what the model does not take; return whether it was in this request."""
        said = str(error).lower() if _code(error) == "ValidationException" else ""
        if "toolConfig" in request and "tool" in said:
            self._asks = "text"
            return True
        if "temperature" in request["inferenceConfig"] and "temperature" in said:
            self._temperature = None
            return True
        return False

    def _request(self, messages: Sequence[Message], schema: dict[str, Any], max_tokens: int) -> dict[str, Any]:
        limits: dict[str, Any] = {"maxTokens": max_tokens}
        if self._temperature is not None:
            limits["temperature"] = self._temperature
        request: dict[str, Any] = {
            "modelId": self._model_id,
            "system": [{"text": message.content} for message in messages if message.role == "system"],
            "messages": [
                {"role": "user", "content": [{"text": message.content}]}
                for message in messages
                if message.role == "user"
            ],
            "inferenceConfig": limits,
        }
        if self._asks == "tool" and schema.get("type") == "object":
            tool = {"name": _TOOL, "description": "Takes the answer.", "inputSchema": {"json": schema}}
            request["toolConfig"] = {"tools": [{"toolSpec": tool}], "toolChoice": {"tool": {"name": _TOOL}}}
        return request

    def _unavailable(self, error: Exception) -> ModelUnavailableError:
        code = _code(error)
        said = plain(str(error))[:300]
        return ModelUnavailableError(
            f"The model {self.name!r} could not be asked: {said}. {_ADVICE.get(code, '')}".strip()
        )


def _client(region: str | None, timeout: float) -> Client:
    # botocore's own repeats know which errors of AWS pass.
    config = Config(
        connect_timeout=_CONNECT, read_timeout=timeout, retries={"total_max_attempts": 4, "mode": "standard"}
    )
    try:
        client: Client = boto3.client("bedrock-runtime", region_name=region, config=config)
    except BotoCoreError as error:
        raise BadInputError(f"No Bedrock client can be made: {error} Give `region` or a `client`.") from error
    return client


def _answered(response: Mapping[str, Any]) -> tuple[str, Usage | None]:
    if response.get("stopReason") in {"guardrail_intervened", "content_filtered"}:
        raise ModelUnavailableError(f"The model refused to answer: {response['stopReason']}")
    try:
        blocks = response["output"]["message"]["content"]
        inputs = [block["toolUse"]["input"] for block in blocks if "toolUse" in block]
        texts = [block["text"] for block in blocks if "text" in block]
    except (LookupError, TypeError) as error:
        raise ModelUnavailableError("The answer of Bedrock has no message.") from error
    return json.dumps(inputs[0]) if inputs else "".join(texts), _usage(response.get("usage"))


def _usage(usage: Any) -> Usage | None:
    try:
        return Usage(read=usage["inputTokens"], written=usage["outputTokens"])
    except (LookupError, TypeError):
        return None


def _code(error: Exception) -> str:
    response = getattr(error, "response", None)
    return str(response.get("Error", {}).get("Code", "")) if isinstance(response, dict) else ""
