"""API keys: made here, shown once, and kept as a digest on the shelf, where every worker sees them.

A key reads `drm_{id}_{secret}`. The secret is 256 random bits, so its plain SHA-256 cannot be guessed from the digest, and
a slow hash, which is for passwords that people choose, would only slow down every request.

A key for AWS's clients is an access key id and a secret access key instead. Whoever verifies a signature needs the secret
itself, so it is kept, at a place of its own beside the digest: as safe as the directory with the memories is, which only
its owner can read if it was made by this package. It opens nothing as a Bearer key, and signs for nothing but AgentCore's paths; when the key is
revoked, it is deleted.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import TypeVar

from duramen.errors import BadInputError, ChangedError, NotFoundError, StoreUnavailableError
from duramen.server.caller import VERBS, Grant, Verb
from duramen.shelf import Change, Entry, Expect, Path, Put, Shelf
from duramen.times import utc_now

PREFIX = "drm_"
KEYS: Path = ("duramen.keys",)
SECRETS: Path = ("duramen.keys.secrets",)
ACCESS_PREFIX = "DRMA"
SEEN_FOR = 5.0
"""Seconds that a worker trusts what it read of a key: a key that is revoked is refused everywhere after so long."""

_KEY = re.compile(r"drm_([0-9a-f]{16})_([A-Za-z0-9_-]{43})")
_ACCESS_KEY = re.compile(r"DRMA([0-9A-F]{16})")
_CACHED = 10_000

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What is known of a key, all but its secret.

    Attributes:
        id: Names it, in lists and logs; no secret.
        name: What its owner calls it.
        digest: SHA-256 of the secret, in hex; `former` is that of the secret before, valid until `former_until`.
        tenant: See `Grant`; so are `user`, `agent`, `banks` and `verbs`.
        expires: From when on it is refused; None for never.
        used: The last day on which it was used.
        revoked: When it was revoked, for good.
        aws: It is for AWS's clients, which sign with it; `digest` is of the secret access key.
    """

    id: str
    name: str
    digest: str
    tenant: str | None = None
    user: str | None = None
    agent: str | None = None
    banks: tuple[str, ...] | None = None
    verbs: tuple[Verb, ...] = VERBS
    created: datetime
    expires: datetime | None = None
    used: date | None = None
    revoked: datetime | None = None
    former: str | None = None
    former_until: datetime | None = None
    aws: bool = False

    @property
    def access_key(self) -> str:
        """The access key id of a key for AWS's clients."""
        return f"{ACCESS_PREFIX}{self.id.upper()}"

    def shown(self, secret: str) -> str:
        """Return what its owner is told: the key, or the secret access key."""
        return secret if self.aws else f"{PREFIX}{self.id}_{secret}"

    def opens(self, secret: str, now: datetime) -> bool:
        """Say whether `secret` is that of this key, and the key is good at `now`."""
        digest = _digest(secret)
        good = hmac.compare_digest(digest, self.digest)
        if self.former is not None and self.former_until is not None and now < self.former_until:
            good |= hmac.compare_digest(digest, self.former)
        return good and self.revoked is None and (self.expires is None or now < self.expires)

    def grant(self) -> Grant:
        """Return what the key allows."""
        return Grant(
            name=f"key:{self.id}",
            tenant=self.tenant,
            user=self.user,
            agent=self.agent,
            banks=self.banks,
            verbs=frozenset(self.verbs),
        )


class Keys:
    """The keys of one memory. Each method reads and writes the shelf, so that it holds for every process."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._cache: dict[str, tuple[float, Key, tuple[str, ...]]] = {}

    async def create(
        self,
        name: str,
        *,
        scope: Grant | None = None,
        lifetime: timedelta | None = None,
        aws: bool = False,
    ) -> tuple[Key, str]:
        """Make a key; return what is known of it, and the key itself, which is told this once.

        Args:
            name: What to call it.
            scope: What it allows; everything unless given. The name in it is not used.
            lifetime: How long it is good; for ever unless given.
            aws: Make it for AWS's clients: what is told is the secret access key that belongs to `Key.access_key`.

        Raises:
            BadInputError: The name, a part of the scope or the lifetime is blank, or no time at all.
        """
        scope = scope or Grant(name="")
        _check(name, scope, lifetime)
        id, secret, now = secrets.token_hex(8), secrets.token_urlsafe(32), utc_now()
        key = Key(
            id=id,
            name=name,
            digest=_digest(secret),
            tenant=scope.tenant,
            user=scope.user,
            agent=scope.agent,
            banks=scope.banks,
            verbs=tuple(verb for verb in VERBS if verb in scope.verbs),
            created=now,
            expires=now + lifetime if lifetime is not None else None,
            aws=aws,
        )
        kept = [Put(path=SECRETS, key=id, value=json.dumps([secret]).encode())] if aws else []
        await self._shelf.write(
            [Expect(path=KEYS, key=id, value=None), Put(path=KEYS, key=id, value=_written(key)), *kept]
        )
        return key, key.shown(secret)

    async def list(self) -> Sequence[Key]:
        """Return all keys, the revoked ones too, oldest first."""
        return sorted((_read(one.value) for one in await self._shelf.scan(KEYS)), key=lambda key: key.created)

    async def rotate(self, id: str, *, grace: timedelta = timedelta(days=1)) -> tuple[Key, str]:
        """Give a key a new secret, and return it; the old one is good for `grace` more.

        Raises:
            NotFoundError: There is no such key.
            BadInputError: It was revoked, or `grace` is below 0.
        """
        if grace < timedelta(0):
            raise BadInputError("The grace period is below 0. Give 0 for none.")
        secret = secrets.token_urlsafe(32)

        def rotated(key: Key) -> Key:
            if key.revoked is not None:
                raise BadInputError(f"The key {key.id!r} was revoked. Create another.")
            return replace(key, digest=_digest(secret), former=key.digest, former_until=utc_now() + grace)

        key = await self._change(id, rotated, lambda secrets: (secret, *secrets[:1]) if grace else (secret,))
        return key, key.shown(secret)

    async def revoke(self, id: str) -> Key:
        """Refuse a key from now on, in every worker within `SEEN_FOR`. It stays in the list.

        Raises:
            NotFoundError: There is no such key.
        """
        return await self._change(id, lambda key: replace(key, revoked=key.revoked or utc_now()), lambda _: ())

    async def grant(self, text: str) -> Grant | None:
        """Return what the key `text` allows; None if it is no key, no good one, or one that only signs.

        Raises:
            StoreUnavailableError: It cannot be looked up.
        """
        parts = _KEY.fullmatch(text)
        if parts is None:
            return None
        known, now = await self._known(parts[1]), utc_now()
        if known is None or known[0].aws or not known[0].opens(parts[2], now):
            return None
        return await self.used(known[0])

    async def signing(self, access_key: str) -> tuple[Key, tuple[str, ...]] | None:
        """Return the key of an access key id, and the secrets that sign for it now; None if there is none that is good.

        Raises:
            StoreUnavailableError: It cannot be looked up.
        """
        parts = _ACCESS_KEY.fullmatch(access_key)
        known = await self._known(parts[1].lower()) if parts is not None else None
        if known is None:
            return None
        now = utc_now()
        good = tuple(secret for secret in known[1] if known[0].opens(secret, now))
        return (known[0], good) if known[0].aws and good else None

    async def used(self, key: Key) -> Grant:
        """Note that a key was used today, and return what it allows."""
        today = utc_now().date()
        if key.used != today:
            await self._used(key, today)
        return key.grant()

    async def _known(self, id: str) -> tuple[Key, tuple[str, ...]] | None:
        seen = self._cache.get(id)
        if seen is not None and time.monotonic() - seen[0] < SEEN_FOR:
            return seen[1:]
        entry, secrets = await self._shelf.get([(KEYS, id), (SECRETS, id)])
        if entry is None:
            self._cache.pop(id, None)
            return None
        if len(self._cache) >= _CACHED:
            self._cache.clear()
        found = (_read(entry.value), _secrets(secrets))
        self._cache[id] = (time.monotonic(), *found)
        return found

    async def _used(self, key: Key, day: date) -> None:
        # Only for the list: neither a store that cannot be written nor a race may keep a good key from its work.
        seen = self._cache.get(key.id)
        if seen is not None:
            self._cache[key.id] = (seen[0], replace(seen[1], used=day), seen[2])
        try:
            await self._change(key.id, lambda found: replace(found, used=day))
        except (StoreUnavailableError, ChangedError, NotFoundError):
            return

    async def _change(
        self,
        id: str,
        change: Callable[[Key], Key],
        secrets: Callable[[tuple[str, ...]], tuple[str, ...]] | None = None,
    ) -> Key:
        async def attempt() -> Key:
            entry, kept = await self._shelf.get([(KEYS, id), (SECRETS, id)])
            if entry is None:
                raise NotFoundError(f"There is no key {id!r}. `duramen keys list` names them.")
            key = change(_read(entry.value))
            changes: list[Change] = [
                Expect(path=KEYS, key=id, value=entry.value),
                Put(path=KEYS, key=id, value=_written(key)),
            ]
            if key.aws and secrets is not None:
                left = json.dumps(secrets(_secrets(kept))).encode()
                changes.append(Put(path=SECRETS, key=id, value=left))
            await self._shelf.write(changes)
            return key

        return await _again(attempt)


async def _again(attempt: Callable[[], Awaitable[T]], times: int = 20) -> T:
    while True:
        times -= 1
        try:
            return await attempt()
        except ChangedError:
            if times == 0:
                raise


def _check(name: str, scope: Grant, lifetime: timedelta | None) -> None:
    parts = {"name": name, "tenant": scope.tenant, "user": scope.user, "agent": scope.agent}
    for part, value in parts.items():
        if value is not None and not value.strip():
            raise BadInputError(f"The {part} of the key is blank. Give one, or leave it out.")
    if scope.agent is not None and scope.user is None:
        raise BadInputError("A key for an agent needs a user as well.")
    if scope.banks is not None and not (scope.banks and all(pattern.strip() for pattern in scope.banks)):
        raise BadInputError("A pattern for banks is blank, or there is none. Give one such as 'support-*'.")
    if not scope.verbs:
        raise BadInputError(f"The key would allow nothing. Give some of {', '.join(VERBS)}.")
    if lifetime is not None and lifetime <= timedelta(0):
        raise BadInputError("The key would have expired already. Give a time above 0.")


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _secrets(entry: Entry | None) -> tuple[str, ...]:
    return () if entry is None else tuple(json.loads(entry.value))


def _written(key: Key) -> bytes:
    record = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in asdict(key).items()
        if value is not None and value is not False
    }
    return json.dumps(record, sort_keys=True).encode()


def _read(value: bytes) -> Key:
    record = json.loads(value)
    for name in ("created", "expires", "revoked", "former_until"):
        if name in record:
            record[name] = datetime.fromisoformat(record[name])
    if "used" in record:
        record["used"] = date.fromisoformat(record["used"])
    if "banks" in record:
        record["banks"] = tuple(record["banks"])
    return Key(**{**record, "verbs": tuple(record["verbs"])})
