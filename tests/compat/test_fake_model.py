from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3  # type: ignore[import-untyped]  # has no types
import pytest

from tests.compat.fake_model import fake_model

TALK = [
    {"role": "user", "content": [{"text": "I am Ada."}]},
    {"role": "assistant", "content": [{"text": "Hello."}]},
    {"role": "user", "content": [{"text": "Who am I?"}]},
]
SAID = "You said: I am Ada. Who am I?"


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    with fake_model() as url:
        yield boto3.client(
            "bedrock-runtime",
            endpoint_url=url,
            region_name="us-west-2",
            aws_access_key_id="key",
            aws_secret_access_key="secret",
        )


def test_the_model_answers_with_all_that_the_user_said(client: Any) -> None:
    answer = client.converse(modelId="echo", messages=TALK)

    assert answer["output"]["message"]["content"] == [{"text": SAID}]


def test_the_stream_is_one_that_boto3_reads(client: Any) -> None:
    events = list(client.converse_stream(modelId="echo", messages=TALK)["stream"])

    assert [kind for event in events for kind in event] == [
        "messageStart",
        "contentBlockDelta",
        "contentBlockStop",
        "messageStop",
        "metadata",
    ]
    assert events[1]["contentBlockDelta"]["delta"] == {"text": SAID}


def test_text_may_stand_as_it_is_when_the_model_is_invoked(client: Any) -> None:
    body = json.dumps({"messages": [{"role": "user", "content": "I am Ada."}]})

    answer = json.loads(client.invoke_model(modelId="echo", body=body)["body"].read())

    assert answer["content"] == [{"type": "text", "text": "You said: I am Ada."}]
