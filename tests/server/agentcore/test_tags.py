from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from duramen import MemoryEngine
from duramen.server.caller import Grant
from duramen.server.keys import Keys
from duramen.server.settings import Settings
from tests.conftest import engine
from tests.server.agentcore.parts import clients, ready_memory
from tests.server.apps import asking
from tests.server.running import running

ARN = "arn:aws:bedrock-agentcore:us-west-2:000000000000"


@pytest.fixture(scope="module")
def control() -> Iterator[Any]:
    with running(engine(":memory:")) as url:
        yield clients(url)[1]


@pytest.fixture
def arn(control: Any) -> Iterator[str]:
    memory = ready_memory(control, tags={"team": "a", "site": "b"})
    yield f"{ARN}:memory/{memory}"
    control.delete_memory(memoryId=memory)


def test_tags_are_given_listed_and_taken_off(control: Any, arn: str) -> None:
    listed = control.list_tags_for_resource(resourceArn=arn)["tags"]
    given = control.tag_resource(resourceArn=arn, tags={"team": "c", "empty": ""})
    taken = control.untag_resource(resourceArn=arn, tagKeys=["site", "absent"])

    assert listed == {"team": "a", "site": "b"}
    assert [one["ResponseMetadata"]["HTTPStatusCode"] for one in (given, taken)] == [204, 204]
    assert control.list_tags_for_resource(resourceArn=arn)["tags"] == {"team": "c", "empty": ""}


def test_there_are_at_most_fifty(control: Any, arn: str) -> None:
    control.tag_resource(resourceArn=arn, tags={f"k{number}": "x" for number in range(48)})

    with pytest.raises(ClientError) as error:
        control.tag_resource(resourceArn=arn, tags={"one": "more"})
    with pytest.raises(ClientError) as many:
        control.tag_resource(resourceArn=arn, tags={f"k{number}": "x" for number in range(51)})

    assert error.value.response["Error"]["Code"] == "ServiceQuotaExceededException"
    assert many.value.response["Error"]["Code"] == "ValidationException"
    control.tag_resource(resourceArn=arn, tags={"team": "again"})
    assert len(control.list_tags_for_resource(resourceArn=arn)["tags"]) == 50


@pytest.mark.parametrize(
    ("resource", "code"),
    [
        (f"{ARN}:memory/Nothing-0123456789", "ResourceNotFoundException"),
        (f"{ARN}:gateway/Nothing-0123456789", "ResourceNotFoundException"),
        ("arn:aws:s3:::bucket-of-somebody", "ValidationException"),
        ("Nothing-0123456789-and-more", "ValidationException"),
    ],
)
def test_what_is_not_there_has_no_tags(resource: str, code: str, control: Any) -> None:
    for ask, options in (
        (control.list_tags_for_resource, {}),
        (control.tag_resource, {"tags": {"a": "b"}}),
        (control.untag_resource, {"tagKeys": ["a"]}),
    ):
        with pytest.raises(ClientError) as error:
            ask(resourceArn=resource, **options)
        assert error.value.response["Error"]["Code"] == code


async def test_another_tenants_memory_has_no_tags(memory: MemoryEngine) -> None:
    async with asking(memory, Settings(auth="on")) as client:
        keys = {who: (await Keys(memory.shelf).create(who, scope=Grant(name="", tenant=who)))[1] for who in "ab"}
        as_ = {who: {"Authorization": f"Bearer {key}"} for who, key in keys.items()}
        body = {"name": "Notes", "eventExpiryDuration": 30, "tags": {"x": "y"}}
        made = (await client.post("/memories/create", json=body, headers=as_["a"])).json()["memory"]
        path = f"/tags/{made['arn'].replace(':', '%3A').replace('/', '%2F')}"

        answers = [await client.get(path, headers=as_[who]) for who in "ab"]

    assert [answer.status_code for answer in answers] == [200, 404]
    assert answers[0].json() == {"tags": {"x": "y"}}
