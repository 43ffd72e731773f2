"""What is forgotten is left nowhere: in no operation, and in no archive that was made or sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx
import pytest

from duramen import MemoryEngine
from duramen.desk import BANKS
from duramen.shelf import Put, Remove
from duramen.tasks.records import lane_place
from tests.conftest import engine
from tests.server.hindsight.conftest import Wire
from tests.server.hindsight.test_archives import zipped
from tests.server.running import running

BANK = "user:ada"
SECRET = "Ada keeps her key below the third stone."

Forget = Callable[[Wire], httpx.Response]


@dataclass
class Served:
    """A server, and the memory behind it."""

    wire: Wire
    memory: MemoryEngine

    def hold(self, type: str) -> None:
        """Let no operation of this type begin."""
        path, key = lane_place(BANK, type)
        asyncio.run(self.memory.shelf.write([Put(path=path, key=key, value=b"another's")]))

    def release(self, type: str) -> None:
        path, key = lane_place(BANK, type)
        asyncio.run(self.memory.shelf.write([Remove(path=path, key=key)]))

    def places(self, what: str) -> list[str]:
        """Return the paths below `what` of the bank at which something of an archive stands."""
        path = (BANKS, BANK, "server.files", what)
        return ["/".join(one) for one in asyncio.run(self.memory.shelf.paths(path)) if one != path]

    def later(self, document: str | None = "home", tag: str = "user:ada") -> str:
        """Submit an operation that retains the secret."""
        item = {"content": SECRET, "document_id": document, "tags": [tag, "session:s1"]}
        answer = self.wire("POST", "/memories", json={"items": [item], "async": True})
        id: str = answer.json()["operation_id"]
        return id

    def status(self, operation: str) -> httpx.Response:
        return self.wire("GET", f"/operations/{operation}", params={"include_payload": True})


@pytest.fixture
def served(address: str) -> Iterator[Served]:
    memory = engine(address)
    with running(memory) as url:
        wire = Wire(url, BANK)
        yield Served(wire, memory)
        wire.http.close()


def document(wire: Wire) -> httpx.Response:
    return wire("DELETE", "/documents/home")


def all_memories(wire: Wire) -> httpx.Response:
    return wire("DELETE", "/memories")


def one_memory(wire: Wire) -> httpx.Response:
    (row,) = wire("GET", "/memories/list").json()["items"]
    return wire("DELETE", f"/memories/{row['id']}")


def bank(wire: Wire) -> httpx.Response:
    return wire("DELETE")


def exported(wire: Wire, path: str) -> str:
    done = wire.done(wire("POST", path).json()["operation_id"])
    url: str = done["result_metadata"]["download_url"]
    return url


@pytest.mark.parametrize("path", ["/document-transfer/export", "/transfer/export"])
@pytest.mark.parametrize("forget", [document, all_memories, one_memory, bank])
def test_an_archive_is_gone_as_soon_as_something_is_forgotten(served: Served, path: str, forget: Forget) -> None:
    served.wire.retain(SECRET, document_id="home")
    url = exported(served.wire, path)
    before = served.wire.http.get(url)

    assert forget(served.wire).status_code == 200

    after = served.wire.http.get(url)
    assert (before.status_code, after.status_code) == (200, 404)
    assert "something was forgotten" in after.json()["detail"]
    assert served.places("made") == []


def test_what_is_exported_anew_can_be_downloaded(served: Served) -> None:
    served.wire.retain(SECRET, document_id="home")
    served.wire.retain("Bob plays the cello.", document_id="work")
    exported(served.wire, "/document-transfer/export")
    document(served.wire)

    archive = served.wire.http.get(exported(served.wire, "/document-transfer/export"))

    assert archive.status_code == 200
    assert len(served.places("made")) == 1


@pytest.mark.parametrize("forget", [document, all_memories])
def test_what_was_acknowledged_and_forgotten_does_not_come_back(served: Served, forget: Forget) -> None:
    served.hold("retain")
    operation = served.later()

    assert forget(served.wire).status_code == 200
    served.release("retain")
    served.wire.done(served.later("other", "user:bob"))

    status = served.status(operation)
    assert (status.json()["status"], status.json()["error_message"]) == ("cancelled", "forgotten")
    assert "stone" not in status.text
    listed = served.wire("GET", "/memories/list").json()["items"]
    assert [one["document_id"] for one in listed] == ["other"]


@pytest.mark.parametrize("forget", [document, all_memories])
def test_a_cancelled_operation_is_not_done_anew_with_what_was_forgotten(served: Served, forget: Forget) -> None:
    served.hold("retain")
    operation = served.later()
    served.wire("DELETE", f"/operations/{operation}")

    assert forget(served.wire).status_code == 200
    again = served.wire("POST", f"/operations/{operation}/retry")

    assert again.status_code == 409
    assert "forgotten" in again.json()["detail"]
    assert "stone" not in served.status(operation).text


def test_a_cancelled_operation_is_done_anew_when_nothing_of_it_was_forgotten(served: Served) -> None:
    served.wire.retain("Bob plays the cello.", document_id="work")
    served.hold("retain")
    operation = served.later()
    served.wire("DELETE", f"/operations/{operation}")

    served.wire("DELETE", "/documents/work")
    again = served.wire("POST", f"/operations/{operation}/retry")
    served.release("retain")

    assert again.status_code == 200
    assert served.wire.done(operation)["status"] == "completed"
    assert served.wire.listed() == [SECRET]


@pytest.mark.parametrize("selection", [{"actor": "ada"}, {"session": "s1"}])
def test_whose_it_is_tells_what_of_the_operations_is_forgotten(served: Served, selection: dict[str, str]) -> None:
    served.hold("retain")
    operation = served.later(None)

    asyncio.run(served.memory.forget(BANK, **selection))  # type: ignore[arg-type]  # names of conditions

    assert served.status(operation).json()["status"] == "cancelled"


def test_files_that_wait_are_forgotten_with_their_document(served: Served) -> None:
    served.hold("retain")
    said = '{"files_metadata": [{"document_id": "home"}, {"document_id": "work"}]}'
    files = [("files", ("a.txt", SECRET.encode())), ("files", ("b.txt", b"Bob plays the cello."))]
    answer = served.wire("POST", "/files/retain", files=files, data={"request": said})

    document(served.wire)
    served.release("retain")

    states = [served.wire.done(id)["status"] for id in answer.json()["operation_ids"]]
    assert states == ["cancelled", "completed"]
    assert served.wire.listed() == ["Bob plays the cello."]


@pytest.mark.parametrize(("archive", "state"), [(None, "completed"), (zipped({"x": SECRET}), "failed")])
def test_an_archive_that_was_sent_goes_when_it_was_taken_in_or_cannot_be(
    served: Served, archive: bytes | None, state: str
) -> None:
    served.wire.retain(SECRET, document_id="home")
    archive = archive or served.wire.http.get(exported(served.wire, "/document-transfer/export")).content

    sent = served.wire("POST", "/document-transfer", files={"file": ("a.zip", archive)}).json()["operation_id"]
    done = served.wire.done(sent)

    assert done["status"] == state
    assert served.places("sent") == []


@pytest.mark.parametrize("end", ["cancel", "clear", "delete"])
def test_an_archive_that_was_sent_goes_when_it_is_not_to_be_taken_in(served: Served, end: str) -> None:
    served.wire.retain(SECRET, document_id="home")
    archive = served.wire.http.get(exported(served.wire, "/document-transfer/export")).content
    served.hold("import_documents")
    sent = served.wire("POST", "/document-transfer", files={"file": ("a.zip", archive)}).json()["operation_id"]
    before = served.places("sent")

    paths = {"cancel": f"/operations/{sent}", "clear": "/memories", "delete": ""}
    assert served.wire("DELETE", paths[end]).status_code == 200
    served.release("import_documents")

    assert (len(before), served.places("sent")) == (1, [])
    assert served.wire("GET", f"/operations/{sent}").json()["status"] == (
        "not_found" if end == "delete" else "cancelled"
    )
    assert served.wire("POST", f"/operations/{sent}/retry").status_code == (404 if end == "delete" else 409)
