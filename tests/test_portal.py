from __future__ import annotations

import asyncio
import threading

import pytest

from duramen.portal import Portal
from duramen.tenancy import TENANT, of_tenant


@pytest.fixture
def portal() -> Portal:
    return Portal("test")


async def thread_after(seconds: float) -> str:
    await asyncio.sleep(seconds)
    return threading.current_thread().name


async def test_work_runs_on_the_portals_own_thread(portal: Portal) -> None:
    assert await portal.run(thread_after(0)) == "test"
    assert portal.call(thread_after(0)) == "test"
    portal.stop()


def test_submitted_work_goes_on_when_the_loop_that_submitted_it_has_ended(portal: Portal) -> None:
    async def submit() -> object:
        return portal.submit(thread_after(0.05))

    future = asyncio.run(submit())

    assert future.result(10) == "test"  # type: ignore[attr-defined]  # a concurrent future
    portal.stop()


def test_submitted_work_that_fails_says_so_in_its_future(portal: Portal) -> None:
    async def fail() -> None:
        raise LookupError("gone")

    with pytest.raises(LookupError, match="gone"):
        portal.submit(fail()).result(10)
    portal.stop()


def test_stopping_cancels_what_was_submitted(portal: Portal) -> None:
    future = portal.submit(thread_after(3600))
    portal.call(thread_after(0))

    portal.stop()

    assert future.cancelled()


async def test_the_sync_face_refuses_to_wait_for_its_own_loop(portal: Portal) -> None:
    async def wait_for_itself() -> str:
        return portal.call(thread_after(0))

    with pytest.raises(RuntimeError, match="own loop"):
        await portal.run(wait_for_itself())
    portal.stop()


async def tenant() -> str | None:
    return await asyncio.to_thread(TENANT.get)


async def test_the_tenant_of_the_caller_goes_with_the_work_onto_the_portals_loop_and_into_threads(
    portal: Portal,
) -> None:
    with of_tenant("acme"):
        awaited, submitted = await portal.run(tenant()), portal.submit(tenant())
    with of_tenant("other"):
        called = await asyncio.to_thread(portal.call, tenant())

    assert (awaited, submitted.result(10), called) == ("acme", "acme", "other")
    assert await portal.run(tenant()) is None
    portal.stop()
