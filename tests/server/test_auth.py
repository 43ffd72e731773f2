from __future__ import annotations

from datetime import timedelta

import pytest

from duramen.server.caller import Grant, Verb
from duramen.server.keys import Keys
from duramen.server.settings import Settings
from tests.conftest import engine
from tests.server.apps import asking

GUARDED = Settings(auth="on")


@pytest.mark.parametrize(
    "header",
    [
        ("Authorization", "Bearer {}"),
        ("Authorization", "bearer   {} "),
        ("Authorization", "{}"),
        ("X-API-Key", "{}"),
    ],
)
async def test_a_key_is_taken_in_each_usual_header(header: tuple[str, str]) -> None:
    memory = engine(":memory:")
    async with asking(memory, GUARDED) as client:
        _, key = await Keys(memory.shelf).create("ci")

        answer = await client.get("/echo/banks/a", headers={header[0]: header[1].format(key)})

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer nonsense"},
        {"Authorization": f"Bearer drm_{'0' * 16}_{'A' * 43}"},
        {"Authorization": "Basic YTpi"},
        {"Authorization": "Bearer " + "x" * 100_000},
    ],
)
async def test_without_a_good_key_the_answer_is_401_and_says_how_to_show_one(headers: dict[str, str]) -> None:
    async with asking(engine(":memory:"), GUARDED) as client:
        answer = await client.get("/echo/banks/a", headers=headers)

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert set(answer.json()) == {"detail"}


async def test_two_keys_at_once_are_none() -> None:
    memory = engine(":memory:")
    async with asking(memory, GUARDED) as client:
        _, key = await Keys(memory.shelf).create("ci")

        answer = await client.get("/echo/banks/a", headers=[("Authorization", key), ("Authorization", "other")])

    assert answer.status_code == 401


async def test_who_has_no_key_learns_nothing_about_routes_and_bodies() -> None:
    async with asking(engine(":memory:"), GUARDED) as client:
        answers = [
            await client.get("/nowhere"),
            await client.post("/echo/banks/a", content=b"{", headers={"Content-Type": "application/json"}),
            await client.delete("/health"),
        ]

    assert [one.status_code for one in answers] == [401, 401, 405]


@pytest.mark.parametrize("path", ["/health", "/health/live", "/health/ready", "/version", "/openapi.json"])
async def test_health_and_version_need_no_key(path: str) -> None:
    async with asking(engine(":memory:"), GUARDED) as client:
        answer = await client.get(path)

    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/health%2Flive", "/%68ealth/../metrics", "/health/x"])
async def test_a_path_that_only_looks_public_is_not(path: str) -> None:
    async with asking(engine(":memory:"), GUARDED) as client:
        answer = await client.get(path)

    assert answer.status_code == 401


async def test_a_key_of_a_tenant_reaches_the_banks_of_that_tenant_only() -> None:
    memory = engine(":memory:")
    async with asking(memory, GUARDED) as client:
        _, key = await Keys(memory.shelf).create("ci", scope=Grant(name="", tenant="acme"))
        client.headers["Authorization"] = key

        own = await client.get("/echo/banks/notes")
        foreign = await client.get("/echo/banks/tenant%3Aother%3Auser%3Aada")

    assert own.json() == ["notes", "tenant:acme:bank:notes"]
    assert foreign.status_code == 403


@pytest.mark.parametrize(("verb", "status"), [("read", 200), ("retain", 403)])
async def test_a_key_may_do_only_what_it_is_for(verb: Verb, status: int) -> None:
    memory = engine(":memory:")
    async with asking(memory, GUARDED) as client:
        _, key = await Keys(memory.shelf).create("ci", scope=Grant(name="", verbs=frozenset({verb})))

        answer = await client.get("/echo/banks/a", headers={"Authorization": key})

    assert answer.status_code == status


@pytest.mark.parametrize(("scope", "status"), [(None, 200), (Grant(name="", tenant="acme"), 403)])
async def test_the_figures_of_the_server_are_for_keys_of_the_whole_server(scope: Grant | None, status: int) -> None:
    memory = engine(":memory:")
    async with asking(memory, GUARDED) as client:
        _, key = await Keys(memory.shelf).create("ci", scope=scope)

        answer = await client.get("/metrics", headers={"Authorization": key})

    assert answer.status_code == status


async def test_a_key_that_ran_out_is_refused_although_it_was_good_a_moment_ago() -> None:
    memory = engine(":memory:")
    async with asking(memory, GUARDED) as client:
        key, text = await Keys(memory.shelf).create("ci")
        client.headers["Authorization"] = text
        before = await client.get("/echo/banks/a")
        await Keys(memory.shelf).rotate(key.id, grace=timedelta(0))

        # Another server over the same memory has not seen the key before, and so need not wait for its cache.
        async with asking(memory, GUARDED, headers={"Authorization": text}) as other:
            after = await other.get("/echo/banks/a")

    assert (before.status_code, after.status_code) == (200, 401)


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example:8888"},
        {"Origin": "https://evil.example"},
        {"Host": "localhost.evil.example"},
        {"Origin": "null"},
    ],
)
async def test_an_unguarded_server_of_this_computer_answers_no_page_of_elsewhere(headers: dict[str, str]) -> None:
    async with asking(engine(":memory:"), Settings()) as client:
        refused = await client.get("/echo/banks/a", headers=headers)
        answered = await client.get(
            "/echo/banks/a", headers={"Host": "127.0.0.1:8888", "Origin": "http://localhost:3000"}
        )

    assert (refused.status_code, answered.status_code) == (403, 200)


async def test_a_guarded_server_is_called_by_any_name() -> None:
    memory = engine(":memory:")
    async with asking(memory, GUARDED) as client:
        _, key = await Keys(memory.shelf).create("ci")
        answer = await client.get("/echo/banks/a", headers={"Host": "memory.example", "X-API-Key": key})

    assert answer.status_code == 200
