"""What the server refuses before an operation is reached, in the words of AWS's clients."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from botocore.exceptions import ClientError
from fastapi import APIRouter

from duramen.errors import BadInputError, ChangedError, ClosedError, DuramenError, QuotaError, StoreUnavailableError
from duramen.server.agentcore.failing import named, wire_error
from duramen.server.agentcore.service import Operation, operations
from duramen.server.answering import FIRST_SEGMENTS, unexpected
from duramen.server.caller import ForbiddenError
from duramen.server.settings import Settings
from tests.conftest import engine
from tests.server.agentcore.parts import boto
from tests.server.apps import app_of
from tests.server.running import running
from tests.serving import ROOT

MEMORY = "Nothing-0123456789"
API_KEY = "arn:aws:bedrock-agentcore:us-west-2:123456789012:token-vault/default/apikeycredentialprovider/key"
HARNESS = "arn:aws:bedrock-agentcore:us-west-2:000000000000:harness/Nothing-0123456789"


@asynccontextmanager
async def asked(settings: Settings | None = None, *routers: APIRouter) -> AsyncIterator[httpx.AsyncClient]:
    app = app_of(engine(":memory:"), settings, *routers)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://localhost") as client,
    ):
        yield client


def told(answer: httpx.Response) -> tuple[int, str]:
    body = answer.json()
    assert isinstance(body["message"], str), body
    assert "detail" not in body
    return answer.status_code, answer.headers["x-amzn-errortype"]


def broken() -> APIRouter:
    """Return routes that go wrong."""
    router = APIRouter(prefix="/memories/broken")

    @router.get("/bug")
    async def bug() -> None:
        raise KeyError("secret")

    @router.get("/store")
    async def store() -> None:
        raise StoreUnavailableError("secret")

    @router.get("/number")
    async def number(after: int) -> int:
        return after

    @router.get("/input")
    async def given() -> None:
        raise BadInputError("The name is blank.")

    return router


def test_the_paths_of_all_operations_are_known() -> None:
    assert {one.path.split("/")[1] for one in operations().values()} == FIRST_SEGMENTS


@pytest.mark.parametrize("path", ["/memories/x/nothing", "/memories//x", "/tags", "/harnesses/a/b/c"])
async def test_an_unknown_operation_is_told_as_such(path: str) -> None:
    async with asked() as client:
        answer = await client.get(path)

    assert told(answer) == (404, "UnknownOperationException")


async def test_a_method_that_no_operation_has_is_told_as_such() -> None:
    async with asked() as client:
        answer = await client.put(f"/memories/{MEMORY}/details")

    assert told(answer) == (404, "UnknownOperationException")


@pytest.mark.parametrize("path", ["/memories/%zz/details", "/memories/%ff/details", "/memories/%00/details"])
async def test_a_path_that_is_no_sound_text_is_invalid(path: str) -> None:
    async with asked() as client:
        request = client.build_request("GET", "/")
        request.url = request.url.copy_with(raw_path=path.encode())
        answer = await client.send(request)

    assert told(answer) == (400, "ValidationException")


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Host": "evil.example:8888"}])
async def test_a_page_of_elsewhere_is_denied_also_when_its_name_leads_here(headers: dict[str, str]) -> None:
    async with asked() as client:
        answer = await client.get(f"/memories/{MEMORY}/details", headers=headers)

    assert told(answer) == (403, "AccessDeniedException")


async def test_a_body_that_is_too_long_is_invalid() -> None:
    async with asked(Settings(body_bytes=10)) as client:
        answer = await client.post(f"/memories/{MEMORY}/actors", content=b"{" + b" " * 20 + b"}")

    assert told(answer) == (413, "ValidationException")
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/memories/m/details", "ServiceException"),
        ("/harnesses/h", "InternalServerException"),
        ("/tags/arn", "InternalServerException"),
    ],
)
def test_what_should_not_have_happened_has_the_name_that_the_operations_there_know(path: str, code: str) -> None:
    answer = unexpected("r1", {"path": path})

    assert (answer.status_code, answer.headers["x-amzn-errortype"]) == (500, code)


async def test_a_memory_that_has_used_up_its_requests_is_throttled() -> None:
    async with asked(Settings(rate=1)) as client:
        answers = [await client.post(f"/memories/{MEMORY}/actors", json={}) for _ in range(3)]

    assert told(answers[-1]) == (429, "ThrottledException")
    assert int(answers[-1].headers["retry-after"]) > 0


async def test_what_should_not_have_happened_is_told_without_what_it_was() -> None:
    async with asked(None, broken()) as client:
        answer = await client.get("/memories/broken/bug")

    assert told(answer) == (500, "ServiceException")
    assert "secret" not in answer.text
    assert answer.headers["x-request-id"] in answer.json()["message"]


async def test_errors_of_the_memory_are_told_in_the_same_form() -> None:
    async with asked(None, broken()) as client:
        answers = [await client.get(f"/memories/broken/{name}") for name in ("store", "input")]

    assert [told(one) for one in answers] == [(500, "ServiceException"), (400, "ValidationException")]
    assert "secret" not in answers[0].text


@pytest.mark.parametrize("value", ["NaN", "-Infinity", "1e999", '{"a":' * 300 + "1" + "}" * 300])
async def test_what_could_be_read_and_never_told_again_is_refused_and_nothing_is_made(value: str) -> None:
    model = f'{{"openAiModelConfig":{{"modelId":"m","apiKeyArn":"{API_KEY}","additionalParams":{value}}}}}'
    body = f'{{"harnessName":"Odd","executionRoleArn":"arn:aws:iam::123456789012:role/agent","model":{model}}}'

    async with asked() as client:
        answer = await client.post("/harnesses", content=body)
        harnesses, memories = await client.get("/harnesses"), await client.post("/memories/")

    assert (*told(answer), answer.json()["reason"]) == (400, "ValidationException", "CannotParse")
    assert (harnesses.json()["harnesses"], memories.json()["memories"]) == ([], [])


async def test_a_number_of_thousands_of_digits_is_none() -> None:
    async with asked() as client:
        answer = await client.get("/harnesses", params={"maxResults": "9" * 5000})

    assert told(answer) == (400, "ValidationException")
    assert [one["name"] for one in answer.json()["fieldList"]] == ["maxResults"]


async def test_a_part_of_a_query_that_cannot_be_used_is_named() -> None:
    async with asked(None, broken()) as client:
        answer = await client.get("/memories/broken/number", params={"after": "x"})

    assert told(answer) == (400, "ValidationException")
    assert [one["name"] for one in answer.json()["fieldList"]] == ["after"]


async def test_other_paths_are_answered_as_ever() -> None:
    async with asked(Settings(auth="on")) as client:
        answers = [await client.get(path) for path in ("/v1/default/banks", "/memoriesx", "/v1/memories")]

    assert [one.status_code for one in answers] == [401] * 3
    assert all(set(one.json()) == {"detail"} and "x-amzn-errortype" not in one.headers for one in answers)


@pytest.mark.parametrize(
    "error",
    [
        BadInputError("bad"),
        ChangedError("changed"),
        ClosedError("closed"),
        ForbiddenError("no"),
        QuotaError("full"),
        StoreUnavailableError("down"),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("operation", operations().values(), ids=lambda one: one.name)
def test_each_operation_tells_errors_by_names_that_its_clients_know(operation: Operation, error: DuramenError) -> None:
    known = wire_error(error)
    assert known is not None

    told = named(known, operation.errors)

    assert operation.errors[told.code] == told.status
    assert told.message == known.message


@pytest.mark.parametrize(
    ("operation", "code", "status"),
    [
        ("CreateEvent", "RetryableConflictException", 409),
        ("UpdateMemory", "ConflictException", 409),
        ("UpdateHarness", "ConflictException", 409),
        ("IngestData", "ThrottledException", 429),
        ("InvokeHarness", "ThrottlingException", 429),
    ],
)
def test_who_came_second_is_told_to_try_again(operation: str, code: str, status: int) -> None:
    known = wire_error(ChangedError("changed"))
    assert known is not None

    told = named(known, operations()[operation].errors)

    assert (told.code, told.status) == (code, status)


def test_harnesses_know_other_names_than_memories() -> None:
    memory = engine(":memory:")
    with running(memory) as url:
        control = boto(url, "bedrock-agentcore-control")
        memory.portal.call(memory.aclose())
        with pytest.raises(control.exceptions.ServiceException):
            control.list_memories()
        for call in (control.list_harnesses, lambda: control.list_tags_for_resource(resourceArn=HARNESS)):
            with pytest.raises(control.exceptions.InternalServerException):
                call()


def test_boto3_raises_the_exceptions_it_knows() -> None:
    with running(engine(":memory:"), Settings(auth="on")) as url:
        client = boto(url)
        with pytest.raises(client.exceptions.AccessDeniedException):
            client.list_actors(memoryId=MEMORY)
    with running(engine(":memory:"), Settings(rate=1)) as url:
        client = boto(url)
        for expected in (client.exceptions.ResourceNotFoundException, client.exceptions.ThrottledException):
            with pytest.raises(expected):
                client.list_actors(memoryId=MEMORY)
    with running(engine(":memory:"), Settings(body_bytes=10)) as url, pytest.raises(ClientError) as caught:
        boto(url).list_sessions(memoryId=MEMORY, actorId="ada", maxResults=5)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413


WITHOUT = """
import sys
{missing}
from duramen.server.app import create_app, served
from duramen.server.settings import Settings
from tests.conftest import engine
for auth in ("on", "off"):
    paths = {{one.path for one in served(create_app(engine(":memory:"), Settings(auth=auth)))}}
    assert "/v1/default/banks" in paths
    assert "/memories/{{memoryId}}/details" not in paths
"""


@pytest.mark.parametrize(
    "missing",
    [
        "sys.modules['botocore'] = None",
        "import botocore.loaders; botocore.loaders.Loader.BUILTIN_DATA_PATH = '/nowhere'",
    ],
    ids=["no botocore", "one that does not know the services"],
)
def test_without_botocores_service_models_the_server_does_all_else(missing: str) -> None:
    script = WITHOUT.format(missing=missing)

    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
