"""Signed requests: verified as boto3 signs them, whatever is in a path; and nothing else than what was signed."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from functools import cached_property
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import httpx
import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSPreparedRequest, AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from duramen import MemoryEngine
from duramen.server.agentcore.sigv4 import SKEW
from duramen.server.caller import Grant
from duramen.server.keys import Key, Keys
from duramen.server.settings import Settings
from tests.conftest import engine
from tests.server.agentcore.parts import REGION, boto, clients, ready_memory
from tests.server.running import running

NONE = "Nothing-0123456789"
"""The id of no memory: whoever is let in is told that it is not there."""
ACTORS = ["user:1/a", "a/b/c", "team:1/x:y", "user-1_b"]


@dataclass
class Guarded:
    """A server that needs keys, with its memory and an access key of one tenant."""

    url: str
    memory: MemoryEngine
    key: Key
    secret: str

    @property
    def keys(self) -> Keys:
        return Keys(self.memory.shelf)

    def issued(self, **options: Any) -> tuple[Key, str]:
        return asyncio.run(self.keys.create("ci", aws=True, **options))

    @cached_property
    def clients(self) -> tuple[Any, Any]:
        return clients(self.url, key=self.key.access_key, secret=self.secret)


@pytest.fixture(scope="module")
def guarded() -> Iterator[Guarded]:
    memory = engine(":memory:")
    with running(memory, Settings(auth="on")) as url:
        key, secret = asyncio.run(Keys(memory.shelf).create("ci", scope=Grant(name="", tenant="acme"), aws=True))
        yield Guarded(url, memory, key, secret)


@dataclass(frozen=True)
class Sent:
    """A request as it goes over the wire."""

    method: str
    url: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)

    def answered(self) -> tuple[int, str]:
        """Send it exactly so; return status and the name of the error."""
        host, _, target = self.url.removeprefix("http://").partition("/")
        with contextlib.closing(HTTPConnection(host, timeout=60)) as connection:
            connection.putrequest(self.method, f"/{target}", skip_host=True, skip_accept_encoding=True)
            for name, value in {"Host": host, **self.headers, "Content-Length": str(len(self.body))}.items():
                connection.putheader(name, value)
            connection.endheaders(self.body)
            answer = connection.getresponse()
            return answer.status, answer.headers.get("x-amzn-errortype", "")


RECORD = {
    "requestIdentifier": "r",
    "namespaces": ["/facts"],
    "content": {"text": "Ada sails."},
    "timestamp": datetime(2026, 3, 1, tzinfo=timezone.utc),
}
STREAMED = {
    "resources": [
        {
            "kinesis": {
                "dataStreamArn": "arn:aws:kinesis:us-west-2:123456789012:stream/records",
                "contentConfigurations": [{"type": "MEMORY_RECORDS", "level": "FULL_CONTENT"}],
            }
        }
    ]
}
LET_IN = (404, "ResourceNotFoundException")
REFUSED = (403, "AccessDeniedException")


def caught(client: Any, call: Callable[[Any], Any]) -> Sent:
    """Return the request that a client of boto3 would send, signed, without sending it."""
    found: list[AWSPreparedRequest] = []

    class _CaughtError(Exception):
        pass

    def catch(request: AWSPreparedRequest, **_: Any) -> None:
        found.append(request)
        raise _CaughtError

    client.meta.events.register("before-send", catch)
    try:
        with contextlib.suppress(_CaughtError):
            call(client)
    finally:
        client.meta.events.unregister("before-send", catch)
    (request,) = found
    headers = {name: v.decode() if isinstance(v, bytes) else str(v) for name, v in request.headers.items()}
    body = request.body.encode() if isinstance(request.body, str) else bytes(request.body or b"")
    return Sent(request.method, request.url, body, headers)


def listed(guarded: Guarded, actor: str = "user:1/a") -> Sent:
    data, _ = guarded.clients
    return caught(data, lambda client: client.list_sessions(memoryId=NONE, actorId=actor, maxResults=5))


def signed(
    guarded: Guarded, *, at: datetime | None = None, service: str = "bedrock-agentcore", digest: str | None = None
) -> Sent:
    """Return a request that botocore's signer signed by itself, at any time and for any service."""
    request = AWSRequest("GET", f"{guarded.url}/memories/{NONE}/details")
    if digest is not None:
        request.headers["X-Amz-Content-SHA256"] = digest
    request.context["timestamp"] = (at or datetime.now(timezone.utc)).strftime("%Y%m%dT%H%M%SZ")
    request.headers["X-Amz-Date"] = request.context["timestamp"]
    signer: Any = SigV4Auth(Credentials(guarded.key.access_key, guarded.secret), service, REGION)
    signature = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
    names = signer.signed_headers(signer.headers_to_sign(request))
    shown = f"AWS4-HMAC-SHA256 Credential={signer.scope(request)}, SignedHeaders={names}, Signature={signature}"
    return Sent("GET", request.url, b"", {**dict(request.headers.items()), "Authorization": shown})


def refusal(call: Callable[[], Any]) -> ClientError:
    with pytest.raises(ClientError) as told:
        call()
    return told.value


@pytest.mark.parametrize("actor", ACTORS)
def test_whatever_is_in_a_path_is_let_in_when_boto3_signed_it(guarded: Guarded, actor: str) -> None:
    data, _ = guarded.clients
    event = "0000001763712000123#a1b2c3d4"

    for call in (
        lambda: data.list_sessions(memoryId=NONE, actorId=actor),
        lambda: data.get_event(memoryId=NONE, actorId=actor, sessionId="s-1", eventId=event),
        lambda: data.list_actors(memoryId=f"arn:aws:bedrock-agentcore:us-west-2:123456789012:memory/{NONE}"),
    ):
        error = refusal(call)
        assert error.response["Error"]["Code"] == "ResourceNotFoundException", error


def test_a_conversation_is_kept_and_read_with_an_access_key(guarded: Guarded) -> None:
    data, control = guarded.clients
    memory = ready_memory(control, name="Conversations")
    place = {"memoryId": memory, "actorId": "user:1/a", "sessionId": "s-1"}
    said = [{"conversational": {"content": {"text": "Ada moved to Zürich. 🙂"}, "role": "USER"}}]

    event = data.create_event(**place, eventTimestamp=datetime.now(timezone.utc), payload=said)["event"]
    again = data.get_event(**place, eventId=event["eventId"])["event"]

    assert "#" in event["eventId"]
    assert again["payload"] == said
    arn = control.get_memory(memoryId=memory)["memory"]["arn"]
    assert len(data.list_events(**{**place, "memoryId": arn})["events"]) == 1
    assert [one["id"] for one in control.list_memories()["memories"]] == [memory]


def test_a_long_body_is_verified_and_reaches_the_operation_whole(guarded: Guarded) -> None:
    data, control = guarded.clients
    memory = ready_memory(control, name="Blobs")
    place = {"memoryId": memory, "actorId": "ada", "sessionId": "s-1"}
    blob = {"text": "x" * 3_000_000}

    event = data.create_event(**place, eventTimestamp=datetime.now(timezone.utc), payload=[{"blob": blob}])["event"]

    assert data.get_event(**place, eventId=event["eventId"])["event"]["payload"] == [{"blob": blob}]


def test_tags_with_any_character_in_a_query_are_signed_too(guarded: Guarded) -> None:
    _, control = guarded.clients
    arn = control.get_memory(memoryId=ready_memory(control, name="Tagged"))["memory"]["arn"]
    control.tag_resource(resourceArn=arn, tags={"a b": "1", "c+d": "2", "e/f": "3"})

    control.untag_resource(resourceArn=arn, tagKeys=["c+d", "a b"])

    assert control.list_tags_for_resource(resourceArn=arn)["tags"] == {"e/f": "3"}


def test_memories_are_those_of_the_tenant_of_the_access_key(guarded: Guarded) -> None:
    _, control = guarded.clients
    memory = ready_memory(control, name="Mine")
    key, secret = guarded.issued(scope=Grant(name="", tenant="other"))
    _, other = clients(guarded.url, key=key.access_key, secret=secret)

    error = refusal(lambda: other.get_memory(memoryId=memory))

    assert error.response["Error"]["Code"] == "ResourceNotFoundException"
    assert other.list_memories()["memories"] == []


def test_an_access_key_does_only_what_it_is_for(guarded: Guarded) -> None:
    key, secret = guarded.issued(scope=Grant(name="", verbs=frozenset({"read"})))
    data, control = clients(guarded.url, key=key.access_key, secret=secret)

    error = refusal(lambda: control.create_memory(name="Notes", eventExpiryDuration=30))

    assert error.response["Error"]["Code"] == "AccessDeniedException"
    assert refusal(lambda: data.list_actors(memoryId=NONE)).response["Error"]["Code"] == "ResourceNotFoundException"


def test_a_request_as_it_was_signed_is_let_in(guarded: Guarded) -> None:
    assert listed(guarded).answered() == LET_IN
    assert signed(guarded).answered() == LET_IN


@pytest.mark.parametrize(
    "change",
    [
        lambda one: replace(one, method="PUT"),
        lambda one: replace(one, url=one.url.replace("user", "User")),
        lambda one: replace(one, url=one.url.replace("%2F", "/")),
        lambda one: replace(one, url=one.url.replace("%2F", "%2f")),
        lambda one: replace(one, url=one.url.replace("%3A", ":")),
        lambda one: replace(one, url=one.url.replace(NONE, "Another-0123456789")),
        lambda one: replace(one, url=one.url.replace("/sessions", "/sessions/s-1")),
        lambda one: replace(one, url=one.url.replace("/sessions", "/x/../sessions")),
        lambda one: replace(one, url=one.url.replace("/sessions", "/./sessions")),
        lambda one: replace(one, url=one.url.replace("/sessions", "//sessions")),
        lambda one: replace(one, url=one.url + "/"),
        lambda one: replace(one, url=one.url + "#x"),
        lambda one: replace(one, url=one.url + "?a=b"),
        lambda one: replace(one, url=one.url + "?#a=b"),
        lambda one: replace(one, body=one.body.replace(b"5", b"9")),
        lambda one: replace(one, body=one.body + b" "),
        lambda one: replace(one, body=b""),
        lambda one: replace(one, headers={**one.headers, "Host": "memory.example"}),
        lambda one: replace(one, headers={**one.headers, "X-Amz-Date": "20200101T000000Z"}),
        lambda one: replace(one, headers={**one.headers, "X-Amz-Target": "unsigned"}),
        lambda one: replace(one, headers={**one.headers, "X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"}),
        lambda one: replace(one, headers={**one.headers, "Content-Type": "text/plain"}),
        lambda one: replace(one, headers={**one.headers, "Authorization": one.headers["Authorization"][:-1] + "x"}),
        lambda one: replace(one, headers={**one.headers, "Authorization": one.headers["Authorization"].upper()}),
        lambda one: replace(one, headers={**one.headers, "Authorization": "AWS4-HMAC-SHA256"}),
        lambda one: replace(
            one, headers={**one.headers, "Authorization": one.headers["Authorization"].replace("host;", "")}
        ),
        lambda one: replace(
            one, headers={**one.headers, "Authorization": one.headers["Authorization"].replace(REGION, "eu-west-1")}
        ),
    ],
)
def test_nothing_else_than_what_was_signed_is_let_in(guarded: Guarded, change: Callable[[Sent], Sent]) -> None:
    sent = listed(guarded)
    changed = change(sent)

    assert changed != sent
    assert changed.answered() in (REFUSED, (404, "UnknownOperationException"))


@pytest.mark.parametrize("minutes", [-6, -60, 6, 60 * 24])
def test_a_signature_of_another_time_is_not_good_and_told_so(guarded: Guarded, minutes: int) -> None:
    sent = signed(guarded, at=datetime.now(timezone.utc) + timedelta(minutes=minutes))

    answer = httpx.get(sent.url, headers=sent.headers)

    assert sent.answered() == REFUSED
    assert "clocks" in answer.json()["message"]


@pytest.mark.parametrize("part", [-0.9, 0.9])
def test_clocks_may_differ_a_little(guarded: Guarded, part: float) -> None:
    assert signed(guarded, at=datetime.now(timezone.utc) + part * SKEW).answered() == LET_IN


def test_a_signature_for_another_service_is_not_good(guarded: Guarded) -> None:
    assert signed(guarded, service="s3").answered() == REFUSED


def test_a_body_that_is_not_signed_is_refused_even_if_the_signature_says_so(guarded: Guarded) -> None:
    sent = signed(guarded, digest="UNSIGNED-PAYLOAD")

    assert sent.answered() == REFUSED


def test_the_digest_of_a_body_may_be_told_in_a_header(guarded: Guarded) -> None:
    sent = signed(guarded, digest=hashlib.sha256(b"").hexdigest())

    assert sent.answered() == LET_IN
    assert replace(sent, body=b"{}").answered() == REFUSED


def test_the_token_of_a_session_must_be_signed_as_all_that_aws_reads_and_says_nothing_here(guarded: Guarded) -> None:
    url = f"{guarded.url}/memories/{NONE}/details"
    request = AWSRequest("GET", url)
    own = Credentials(guarded.key.access_key, guarded.secret, "of-a-session")
    SigV4Auth(own, "bedrock-agentcore", REGION).add_auth(request)
    sent = Sent("GET", url, b"", dict(request.headers.items()))
    unsigned = signed(guarded)

    assert sent.answered() == LET_IN
    assert replace(sent, headers={**sent.headers, "X-Amz-Security-Token": "another"}).answered() == REFUSED
    assert replace(unsigned, headers={**unsigned.headers, "X-Amz-Security-Token": "x"}).answered() == REFUSED


def test_a_signature_in_a_query_opens_nothing(guarded: Guarded) -> None:
    request = AWSRequest("GET", f"{guarded.url}/memories/{NONE}/details")
    SigV4QueryAuth(Credentials(guarded.key.access_key, guarded.secret), "bedrock-agentcore", REGION).add_auth(request)

    assert "X-Amz-Signature" in request.url
    assert Sent("GET", request.url, b"").answered() == REFUSED


@pytest.mark.parametrize("algorithm", ["AWS4-ECDSA-P256-SHA256", "aws4-hmac-sha256", "AWS4-HMAC-SHA256-PAYLOAD"])
def test_another_way_to_sign_opens_nothing(guarded: Guarded, algorithm: str) -> None:
    sent = signed(guarded)
    shown = sent.headers["Authorization"].replace("AWS4-HMAC-SHA256", algorithm)

    assert replace(sent, headers={**sent.headers, "Authorization": shown}).answered() == REFUSED


@pytest.mark.parametrize(
    "digest", ["STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "0" * 64]
)
def test_a_body_that_is_to_be_believed_is_refused(guarded: Guarded, digest: str) -> None:
    assert signed(guarded, digest=digest).answered() == REFUSED


def test_an_access_key_id_without_end_is_refused(guarded: Guarded) -> None:
    sent = signed(guarded)
    shown = f"AWS4-HMAC-SHA256 Credential={'a' * 12_000}/20260101/us-west-2/bedrock-agentcore/aws4_request"

    assert replace(sent, headers={**sent.headers, "Authorization": shown}).answered() == REFUSED


@pytest.mark.parametrize(
    ("key", "secret"),
    [("AKIATESTTESTTESTTEST", None), ("DRMA0000000000000000", None), ("own", "another"), ("lower", None)],
)
def test_whoever_has_no_good_access_key_is_refused_by_one_answer(
    guarded: Guarded, key: str, secret: str | None
) -> None:
    access = {"own": guarded.key.access_key, "lower": guarded.key.access_key.lower()}.get(key, key)
    client = boto(guarded.url, key=access, secret=secret or guarded.secret)

    error = refusal(lambda: client.list_actors(memoryId=NONE))

    assert (error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"]) == REFUSED
    assert error.response["Error"]["Message"].startswith("The signature does not fit.")


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic YTpi"}, {"Authorization": "Bearer nonsense"}])
def test_who_signs_nothing_is_refused(guarded: Guarded, headers: dict[str, str]) -> None:
    answer = httpx.get(f"{guarded.url}/memories/{NONE}/details", headers=headers)

    assert (answer.status_code, answer.headers["x-amzn-errortype"]) == REFUSED


@pytest.mark.parametrize("ended", ["revoked", "rotated"])
@pytest.mark.parametrize("aws", [True, False], ids=["signed", "bearing"])
def test_who_listens_with_a_key_that_is_good_no_more_hears_no_more(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ended: str, aws: bool
) -> None:
    monkeypatch.setattr("duramen.server.keys.SEEN_FOR", 0.0)
    memory = engine(tmp_path / "memory")
    keys = Keys(memory.shelf)
    with running(memory, Settings(auth="on", request_seconds=3)) as url:
        owner, secret = asyncio.run(keys.create("owner", aws=True))
        data, control = clients(url, key=owner.access_key, secret=secret)
        id = ready_memory(control, streamDeliveryResources=STREAMED)
        key, shown = asyncio.run(keys.create("listener", aws=aws))
        request = AWSRequest("GET", f"{url}/memories/{id}/recordStream", headers={"Authorization": f"Bearer {shown}"})
        if aws:
            SigV4Auth(Credentials(key.access_key, shown), "bedrock-agentcore", REGION).add_auth(request)
        with httpx.stream("GET", request.url, headers=dict(request.headers.items()), timeout=30) as heard:
            lines = heard.iter_lines()
            first = next(lines)
            asyncio.run(keys.revoke(key.id) if ended == "revoked" else keys.rotate(key.id, grace=timedelta()))
            data.batch_create_memory_records(memoryId=id, records=[RECORD])
            told = next((line for line in lines if "MemoryRecordCreated" in line), None)

    assert (heard.status_code, first) == (200, "id: 0")
    assert told is None


def test_other_keys_open_these_paths_too(guarded: Guarded) -> None:
    _, text = asyncio.run(guarded.keys.create("ci"))

    answer = httpx.get(f"{guarded.url}/memories/{NONE}/details", headers={"Authorization": f"Bearer {text}"})

    assert (answer.status_code, answer.headers["x-amzn-errortype"]) == LET_IN


def test_an_access_key_opens_nothing_but_these_paths(guarded: Guarded) -> None:
    sent = signed(guarded)
    as_bearer = f"Bearer drm_{guarded.key.id}_{guarded.secret}"

    answers = [
        httpx.get(f"{guarded.url}/v1/default/banks", headers=sent.headers),
        httpx.get(f"{guarded.url}/v1/default/banks", headers={"Authorization": as_bearer}),
        httpx.get(sent.url, headers={"Authorization": as_bearer}),
    ]

    assert [one.status_code for one in answers] == [401, 401, 403]


def test_without_guard_everybody_is_let_in_whatever_they_sign() -> None:
    with running(engine(":memory:"), Settings()) as url:
        told = [
            refusal(lambda: boto(url).list_actors(memoryId=NONE)).response["Error"]["Code"],
            httpx.get(f"{url}/memories/{NONE}/details").headers["x-amzn-errortype"],
        ]

    assert told == ["ResourceNotFoundException"] * 2


def test_below_a_base_path_the_whole_path_is_what_is_signed() -> None:
    memory = engine(":memory:")
    with running(memory, Settings(auth="on", base_path="/memory")) as url:
        key, secret = asyncio.run(Keys(memory.shelf).create("ci", aws=True))
        client = boto(f"{url}/memory", key=key.access_key, secret=secret)

        error = refusal(lambda: client.list_sessions(memoryId=NONE, actorId="user:1/a"))

    assert error.response["Error"]["Code"] == "ResourceNotFoundException"


def test_a_body_beyond_the_limit_is_refused_also_when_it_is_signed() -> None:
    memory = engine(":memory:")
    with running(memory, Settings(auth="on", body_bytes=1000)) as url:
        key, secret = asyncio.run(Keys(memory.shelf).create("ci", aws=True))
        guarded = Guarded(url, memory, key, secret)
        data, _ = guarded.clients
        sent = caught(data, lambda client: client.retrieve_memory_records(**_asked("x" * 2000)))
        pieces = (sent.body[at : at + 100] for at in range(0, len(sent.body), 100))

        whole = httpx.post(sent.url, content=sent.body, headers=sent.headers)
        in_pieces = httpx.post(sent.url, content=pieces, headers=_without_length(sent.headers))

    assert [one.status_code for one in (whole, in_pieces)] == [413, 413]
    assert whole.headers["x-amzn-errortype"] == "ValidationException"


def test_a_body_in_pieces_is_verified_as_a_whole(guarded: Guarded) -> None:
    sent = listed(guarded)
    headers = _without_length(sent.headers)

    answers = [
        httpx.request(sent.method, sent.url, content=iter(pieces), headers=headers)
        for pieces in ([sent.body[:3], sent.body[3:]], [sent.body[:3], sent.body[4:]])
    ]

    assert [one.status_code for one in answers] == [404, 403]


def _asked(query: str) -> dict[str, Any]:
    return {"memoryId": NONE, "namespace": "/a", "searchCriteria": {"searchQuery": query}}


def _without_length(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.casefold() != "content-length"}
