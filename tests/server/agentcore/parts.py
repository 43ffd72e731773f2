"""What the tests of AgentCore's language share: boto3's own clients, and memories to work with."""

from __future__ import annotations

import threading
from functools import cache
from typing import Any

import boto3  # type: ignore[import-untyped]  # has no types
from botocore.config import Config
from botocore.loaders import Loader, create_loader
from botocore.session import Session, get_session

REGION = "us-west-2"
KEY, SECRET = "AKIATESTTESTTESTTEST", "a-secret-of-the-tests"

_LOADING = threading.Lock()


def boto(url: str, plane: str = "bedrock-agentcore", *, key: str = KEY, secret: str = SECRET) -> Any:
    """Return a client of boto3 that talks to a server at `url` and tries nothing twice.

    Args:
        plane: `bedrock-agentcore` or `bedrock-agentcore-control`.
        key: The access key it signs with; `secret` belongs to it.
    """
    config = Config(retries={"total_max_attempts": 1, "mode": "standard"}, connect_timeout=10, read_timeout=60)
    with _LOADING:  # boto3's sessions are not made for several threads
        return _session(key, secret).client(plane, endpoint_url=url, config=config)


@cache
def _session(key: str, secret: str) -> Any:
    """Return a session, which keeps the models of services that any of them has read."""
    core: Session = get_session()
    core.register_component("data_loader", _loader())
    return boto3.session.Session(
        aws_access_key_id=key, aws_secret_access_key=secret, region_name=REGION, botocore_session=core
    )


@cache
def _loader() -> Loader:
    return create_loader()


def clients(url: str, *, key: str = KEY, secret: str = SECRET) -> tuple[Any, Any]:
    """Return clients of both planes: data, control."""
    return (
        boto(url, key=key, secret=secret),
        boto(url, "bedrock-agentcore-control", key=key, secret=secret),
    )


def ready_memory(control: Any, **given: Any) -> str:
    """Create a memory and return its id. What is not given is as short as it can be."""
    memory = control.create_memory(**{"name": "Notes", "eventExpiryDuration": 30, **given})["memory"]
    assert memory["status"] == "ACTIVE", memory
    return str(memory["id"])
