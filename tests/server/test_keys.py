"""Keys on a shelf; two `Keys` on one store are two workers."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from duramen.errors import BadInputError, NotFoundError
from duramen.protocols import Storage
from duramen.server.caller import Grant
from duramen.server.keys import KEYS, SECRETS, Key, Keys
from duramen.stores.in_memory import InMemoryStore
from duramen.stores.sqlite import SQLiteStore


@pytest.fixture(params=["in memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Storage]:
    store: Storage = InMemoryStore() if request.param == "in memory" else SQLiteStore(tmp_path)
    await store.open()
    yield store
    await store.aclose()


async def test_a_key_grants_its_scope(store: Storage) -> None:
    scope = Grant(name="", tenant="acme", banks=("support-*",), verbs=frozenset({"recall", "read"}))

    key, text = await Keys(store.shelf).create("ci", scope=scope)
    grant = await Keys(store.shelf).grant(text)

    assert grant == Grant(
        name=f"key:{key.id}", tenant="acme", banks=("support-*",), verbs=frozenset({"recall", "read"})
    )


async def test_nothing_on_the_shelf_tells_the_secret(store: Storage) -> None:
    keys = Keys(store.shelf)

    _, first = await keys.create("ci")
    (key,) = await keys.list()
    _, second = await keys.rotate(key.id)

    kept = b"".join(one.value for one in await store.shelf.scan(KEYS))
    for text in (first, second):
        assert text.split("_", 2)[2].encode() not in kept


@pytest.mark.parametrize(
    "change", [lambda text: text[:-1], lambda text: text[:-1] + "!", lambda text: text + "A", str.upper]
)
async def test_what_is_not_quite_the_key_opens_nothing(store: Storage, change: object) -> None:
    keys = Keys(store.shelf)
    _, text = await keys.create("ci")

    assert callable(change)
    assert await keys.grant(change(text)) is None


async def test_the_secret_of_another_key_opens_nothing(store: Storage) -> None:
    keys = Keys(store.shelf)
    one, text = await keys.create("one")
    other, _ = await keys.create("other")

    assert await keys.grant(text.replace(one.id, other.id)) is None


async def test_an_unknown_key_opens_nothing(store: Storage) -> None:
    assert await Keys(store.shelf).grant(f"drm_{'0' * 16}_{'A' * 43}") is None


async def test_a_revoked_key_opens_nothing_and_stays_in_the_list(store: Storage) -> None:
    keys = Keys(store.shelf)
    key, text = await keys.create("ci")

    await keys.revoke(key.id)

    assert await Keys(store.shelf).grant(text) is None
    assert [one.revoked is not None for one in await keys.list()] == [True]


async def test_a_key_that_has_expired_opens_nothing(store: Storage) -> None:
    keys = Keys(store.shelf)
    key, text = await keys.create("ci", lifetime=timedelta(microseconds=1))

    assert key.expires is not None
    assert await keys.grant(text) is None


async def test_after_a_rotation_both_secrets_open_until_the_grace_period_ends(store: Storage) -> None:
    keys = Keys(store.shelf)
    key, old = await keys.create("ci")

    _, new = await keys.rotate(key.id, grace=timedelta(hours=1))

    assert await keys.grant(old) is not None
    assert await keys.grant(new) is not None


async def test_after_a_rotation_without_grace_only_the_new_secret_opens(store: Storage) -> None:
    keys = Keys(store.shelf)
    key, old = await keys.create("ci")

    _, new = await keys.rotate(key.id, grace=timedelta(0))

    assert await keys.grant(old) is None
    assert await keys.grant(new) is not None


async def test_a_second_rotation_ends_the_first_secret(store: Storage) -> None:
    keys = Keys(store.shelf)
    key, first = await keys.create("ci")

    await keys.rotate(key.id)
    await keys.rotate(key.id)

    assert await keys.grant(first) is None


async def test_a_revoked_key_is_not_rotated(store: Storage) -> None:
    keys = Keys(store.shelf)
    key, _ = await keys.create("ci")
    await keys.revoke(key.id)

    with pytest.raises(BadInputError, match="revoked"):
        await keys.rotate(key.id)


async def test_the_day_of_the_last_use_is_kept(store: Storage) -> None:
    keys = Keys(store.shelf)
    _, text = await keys.create("ci")

    await keys.grant(text)
    await keys.grant(text)

    (key,) = await keys.list()
    assert key.used is not None


async def test_a_use_in_one_process_does_not_undo_what_another_did_to_the_key(store: Storage) -> None:
    keys = Keys(store.shelf)
    key, text = await keys.create("ci")
    other = Keys(store.shelf)

    await keys.revoke(key.id)
    await other.grant(text)

    (found,) = await keys.list()
    assert found.revoked is not None


async def test_what_is_not_there_cannot_be_changed(store: Storage) -> None:
    keys = Keys(store.shelf)

    for change in (keys.revoke, keys.rotate):
        with pytest.raises(NotFoundError, match="duramen keys list"):
            await change("nobody")


@pytest.mark.parametrize(
    "scope",
    [
        Grant(name="", tenant=" "),
        Grant(name="", user=""),
        Grant(name="", agent="a"),
        Grant(name="", banks=()),
        Grant(name="", banks=("",)),
        Grant(name="", verbs=frozenset()),
    ],
)
async def test_a_scope_that_may_have_meant_something_else_makes_no_key(store: Storage, scope: Grant) -> None:
    keys = Keys(store.shelf)

    with pytest.raises(BadInputError):
        await keys.create("ci", scope=scope)

    assert not await keys.list()


async def secrets_of(keys: Keys, key: Key) -> tuple[str, ...]:
    found = await keys.signing(key.access_key)
    return () if found is None else found[1]


async def test_a_key_for_aws_is_an_access_key_id_and_the_secret_that_signs_for_it(store: Storage) -> None:
    scope = Grant(name="", tenant="acme", verbs=frozenset({"read"}))

    key, secret = await Keys(store.shelf).create("ci", scope=scope, aws=True)
    found = await Keys(store.shelf).signing(key.access_key)

    assert re.fullmatch(r"\w{16,128}", key.access_key)
    assert found is not None
    assert found[1] == (secret,)
    assert await Keys(store.shelf).used(found[0]) == replace(scope, name=f"key:{key.id}")


async def test_the_secret_of_a_key_for_aws_stands_at_a_place_of_its_own(store: Storage) -> None:
    key, secret = await Keys(store.shelf).create("ci", aws=True)
    await Keys(store.shelf).create("other")

    assert not any(secret.encode() in one.value for one in await store.shelf.scan(KEYS))
    assert [one.key for one in await store.shelf.scan(SECRETS)] == [key.id]


async def test_a_key_for_aws_is_no_bearer_key_and_a_bearer_key_does_not_sign(store: Storage) -> None:
    keys = Keys(store.shelf)
    signing, secret = await keys.create("ci", aws=True)
    bearer, _ = await keys.create("other")

    assert await keys.grant(f"drm_{signing.id}_{secret}") is None
    assert await keys.signing(bearer.access_key) is None


@pytest.mark.parametrize("access_key", ["", "AKIATESTTESTTESTTEST", "DRMA0000000000000000", "DRMA", "drma0"])
async def test_an_unknown_access_key_signs_for_nothing(store: Storage, access_key: str) -> None:
    assert await Keys(store.shelf).signing(access_key) is None


async def test_a_rotated_access_key_is_good_with_both_secrets_for_a_while(store: Storage) -> None:
    key, first = await Keys(store.shelf).create("ci", aws=True)

    _, second = await Keys(store.shelf).rotate(key.id)
    both = await secrets_of(Keys(store.shelf), key)
    _, third = await Keys(store.shelf).rotate(key.id, grace=timedelta(0))

    assert both == (second, first)
    assert await secrets_of(Keys(store.shelf), key) == (third,)
    assert not any(first.encode() in one.value for one in await store.shelf.scan(SECRETS))


async def test_a_revoked_access_key_signs_for_nothing_and_its_secret_is_gone(store: Storage) -> None:
    key, secret = await Keys(store.shelf).create("ci", aws=True)

    await Keys(store.shelf).revoke(key.id)

    assert await secrets_of(Keys(store.shelf), key) == ()
    assert not any(secret.encode() in one.value for one in await store.shelf.scan(SECRETS))


async def test_an_access_key_that_ran_out_signs_for_nothing(store: Storage) -> None:
    keys = Keys(store.shelf)
    key, _ = await keys.create("ci", aws=True, lifetime=timedelta(microseconds=1))

    assert await secrets_of(keys, key) == ()


async def test_the_day_on_which_an_access_key_was_used_is_listed(store: Storage) -> None:
    keys = Keys(store.shelf)
    key, secret = await keys.create("ci", aws=True)

    await keys.used(key)

    assert [one.used is not None for one in await keys.list()] == [True]
    assert await secrets_of(Keys(store.shelf), key) == (secret,)
