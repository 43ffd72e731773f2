from __future__ import annotations

from hindsight_client_api.models.version_response import VersionResponse

from duramen.stores.in_memory import InMemoryStore
from tests.conftest import engine
from tests.server.apps import asking


async def test_a_server_that_can_serve_says_so_in_the_words_that_probes_look_for() -> None:
    async with asking(engine(":memory:")) as client:
        answers = [await client.get(path) for path in ("/health", "/health/ready")]

    for answer in answers:
        assert answer.status_code == 200
        assert (answer.json()["status"], answer.json()["database"]) == ("healthy", "connected")


async def test_a_server_whose_store_does_not_answer_lives_but_is_not_ready() -> None:
    store = InMemoryStore()
    async with asking(engine(store)) as client:
        await store.aclose()
        ready, live = await client.get("/health/ready"), await client.get("/health/live")
        await store.open()

    assert ready.status_code == 503
    assert ready.json()["status"] == "unhealthy"
    assert live.json()["status"] == "alive"


async def test_the_version_is_what_clients_expect() -> None:
    async with asking(engine(":memory:")) as client:
        told = VersionResponse.from_dict((await client.get("/version")).json())

    assert told is not None
    assert told.api_version == "1.1.0"
    assert told.features.observations
    assert not told.features.audit_log


async def test_the_api_is_described_without_anything_from_elsewhere() -> None:
    async with asking(engine(":memory:")) as client:
        described = (await client.get("/openapi.json")).json()
        pages = [(await client.get(path)).status_code for path in ("/docs", "/redoc")]

    assert "/v1/default/banks/{bank_id}/memories/recall" in described["paths"]
    assert pages == [404, 404]
