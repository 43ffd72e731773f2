"""Sessions: short-term memory, kept on the shelf, and remembered for long in the same transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta
from itertools import islice

from duramen.errors import BadContentError, BadQueryError
from duramen.identity import Bank, bank_name
from duramen.protocols import Storage
from duramen.sessions.drafts import Options, draft_of
from duramen.sessions.events import LIFETIME, MAIN, Branch, SessionEvent, SessionSummary, Where
from duramen.sessions.listing import Asked, Filters, asked_for, branches_of, conditions_of, events_of
from duramen.sessions.payloads import GivenPayload, messages_of
from duramen.sessions.places import (
    BEHIND_ALL,
    EVENTS,
    Arrivals,
    actor_path,
    check_limit,
    cursor_of,
    digest,
    everything,
    is_id,
    place_in,
    read,
    session_path,
    time_of,
)
from duramen.sessions.tools import asks, turns_of
from duramen.sessions.writing import Following, Forget, Forgetting, Writer
from duramen.shelf import Change, Path, Place
from duramen.times import utc_now
from duramen.types import Message, Page, Selection

_BEHIND_IDS = ":"  # sorts behind every digit


class Sessions:
    """The sessions of all banks: what was said and done, by actor and session, for a while.

    What was said in an event is remembered for long as well, unless it is appended with `extract=False`: in the same
    transaction it becomes an item of its bank, with jobs for the bank's strategies. A bank, actor or session is never
    stood in for: a missing or blank one is an error. One that is not known is empty.

    Args:
        storage: Where they are kept.
        following: Tells which strategies are to work through new events of a bank.
        forgetting: Holds while something is deleted from a bank.
        forget: Forgets what is kept of a session elsewhere, with what is in the storage; that alone if left out.
        now: Tells the time.
    """

    def __init__(
        self,
        storage: Storage,
        following: Following,
        forgetting: Forgetting,
        *,
        forget: Forget | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._shelf = storage.shelf
        self._writer = Writer(storage, following, forgetting, forget)
        self._arrivals = Arrivals()
        self._now = now

    async def append(  # noqa: PLR0913  each names a field of what is kept
        self,
        bank: Bank,
        payload: GivenPayload,
        *,
        actor: str,
        session: str,
        at: datetime | None = None,
        metadata: Mapping[str, str] | None = None,
        branch: str | None = None,
        root: str | None = None,
        key: str | None = None,
        expires_in: timedelta | None = LIFETIME,
        extract: bool = True,
        variables: Mapping[str, str] | None = None,
        shelved: Sequence[Change] = (),
    ) -> SessionEvent:
        """Append an event to a session; when this returns, it is on disk.

        Args:
            bank: Where to; created at first use.
            payload: Text said by the user, chat messages, `Said`, `Blob` and `Json`, or a list of these, which may be
                empty. Messages with tool calls come back from `history` as they are, and are not remembered for long.
            actor: Whose session it is.
            session: Which one.
            at: When it happened; now if left out. It may lie before other events, or in the future.
            metadata: Text by name, at most 15.
            branch: The branch that it belongs to; the main one if left out.
            root: With the first event of a branch: the id of the event behind which the branch begins.
            key: What makes appending this again a repetition, in its session: the first event is returned then, and
                nothing else happens. Its time and lifetime may differ.
            expires_in: How long it is kept, from now on; None for ever. What was retained of it word for word goes
                within a few seconds of that, once strategies are done with it.
            extract: Whether what was said is remembered for long.
            variables: Values for the user's own variables in the namespaces of strategies. They are no metadata of the
                event, but go before what that says of the same name when memories are filed.
            shelved: Changes of the shelf to make in the same transaction, not for a repetition.

        Raises:
            BadContentError: It cannot be kept as it is, or the branch or its root is not known; nothing was kept.
            TakenError: Something else was appended with the key, or the branch begins elsewhere; nothing was kept.
            ChangedError: An `Expect` among `shelved` does not hold; nothing was kept.
            StoreUnavailableError: It could not be kept; nothing was. Try again, with a key.
        """
        options = Options(
            at=at,
            metadata=metadata,
            branch=branch,
            root=root,
            key=key,
            expires_in=expires_in,
            extract=extract,
            variables=variables,
            shelved=shelved,
        )
        path = session_path(bank, actor, session, BadContentError)
        return await self._writer.append(draft_of(path, payload, options, now=self._now(), arrivals=self._arrivals))

    async def get(self, bank: Bank, actor: str, session: str, id: str) -> SessionEvent | None:
        """Return an event by its id, or None if the session has no such event."""
        path = _path(bank, actor, session)
        (entry,) = await self._shelf.get([(path, id)]) if is_id(id) else [None]
        return None if entry is None else read(entry)

    async def session_of(self, bank: Bank, actor: str, id: str) -> str | None:
        """Return the session of `actor` that has an event of this id, or None if none has.

        Looks into every session of the actor at once: for telling what is wrong, not for finding events.
        """
        at = actor_path(bank, actor, BadQueryError)
        paths = await self._shelf.paths(at) if is_id(id) else []
        found = await self._shelf.get([(path, id) for path in paths])
        return next((entry.path[-1] for entry in found if entry is not None), None)

    async def events(  # noqa: PLR0913  each is one way to say which events
        self,
        bank: Bank,
        actor: str,
        session: str,
        *,
        branch: str | None = None,
        parents: bool = False,
        metadata: Mapping[str, str] | Sequence[Where] | None = None,
        since: datetime | None = None,
        before: datetime | None = None,
        oldest_first: bool = False,
        cursor: str | None = None,
        limit: int = 100,
    ) -> Page[SessionEvent]:
        """Page through the events of a session by time, those of the same millisecond by their arrival.

        A page but the last is full. A cursor holds whatever is appended, deleted or expires meanwhile, and with another
        `limit`.

        Args:
            bank: Where to look.
            actor: Whose session it is.
            session: Which one.
            branch: Those of this branch; `main` is the one without a name. Those of all branches if left out.
            parents: With `branch`, those of its ancestors too, up to where each was left.
            metadata: Values that they must have by name, or conditions that must all hold.
            since: From this time on; to the millisecond, like `before`.
            before: Until this time.
            oldest_first: In the order in which it happened; else newest first.
            cursor: `Page.next` of the page before, which was asked for with the same filters and order.
            limit: At most this many on a page.

        Raises:
            BadQueryError: A filter cannot be used, or the cursor belongs to another listing.
        """
        check_limit(limit)
        filters = Filters(branch=branch, parents=parents, where=conditions_of(metadata), since=since, before=before)
        asked = await asked_for(self._shelf, _path(bank, actor, session), filters, oldest_first=oldest_first)
        listing = digest("events", *asked.path, oldest_first, *filters.told)
        after = place_in(cursor, listing)
        found: list[SessionEvent] = []
        async with aclosing(events_of(self._shelf, asked, after=after, size=limit + 1)) as events:
            async for event in events:
                found.append(event)
                if len(found) > limit:
                    return Page(tuple(found[:limit]), cursor_of(listing, found[limit - 1].id))
        return Page(tuple(found))

    async def history(
        self, bank: Bank, actor: str, session: str, *, branch: str | None = None, limit: int | None = None
    ) -> list[Message]:
        """Return the conversation as chat messages, in order: what to go on with after a restart.

        Args:
            bank: Where to look.
            actor: Whose session it is.
            session: Which one.
            branch: Go along this branch, with all that was said before it began; the main one if left out.
            limit: At most so many of the newest messages.

        Returns:
            Messages with `role` and `content`, those that were appended as such as they were.
        """
        if limit is not None:
            check_limit(limit)
        asked = await self._conversation(bank, actor, session, branch)
        newest: list[Message] = []
        async with aclosing(events_of(self._shelf, asked)) as events:
            async for event in events:
                newest.extend(reversed(messages_of(event.payload)))
                if limit is not None and len(newest) >= limit:
                    break
        return list(islice(newest, limit))[::-1]

    async def turns(
        self, bank: Bank, actor: str, session: str, last: int = 5, *, branch: str | None = None
    ) -> list[tuple[Message, ...]]:
        """Return the last turns of a conversation, oldest first, each with its messages in order.

        A turn begins where the user speaks; what was said before that in the session is a turn of its own.

        Args:
            bank: Where to look.
            actor: Whose session it is.
            session: Which one.
            last: How many.
            branch: As in `history`.
        """
        check_limit(last, "last")
        asked = await self._conversation(bank, actor, session, branch)
        newest: list[Message] = []
        begun = 0
        async with aclosing(events_of(self._shelf, asked)) as events:
            async for event in events:
                messages = messages_of(event.payload)
                newest.extend(reversed(messages))
                begun += sum(map(asks, messages))
                if begun >= last:
                    break
        return turns_of(newest[::-1])[-last:]

    async def branches(self, bank: Bank, actor: str, session: str) -> list[Branch]:
        """Return the branches of a session beside the main one, in the order in which they began."""
        return list((await branches_of(self._shelf, _path(bank, actor, session))).values())

    async def actors(self, bank: Bank, *, cursor: str | None = None, limit: int = 100) -> Page[str]:
        """Page through the actors that have sessions in `bank`, by their ids."""
        check_limit(limit)
        path: Path = (EVENTS, bank_name(bank))
        listing = digest("actors", *path)
        last = place_in(cursor, listing)
        found: list[str] = []
        while len(found) <= limit:
            after: Place | None = None if last is None else ((*path, last, BEHIND_ALL), "")
            entries = await self._shelf.scan(path, below=True, after=after, limit=1)
            if not entries:
                return Page(tuple(found))
            last = entries[0].path[2]
            found.append(last)
        return Page(tuple(found[:limit]), cursor_of(listing, found[limit - 1]))

    async def sessions(
        self, bank: Bank, actor: str, *, cursor: str | None = None, limit: int = 100
    ) -> Page[SessionSummary]:
        """Page through the sessions of `actor` in `bank`, by their ids."""
        check_limit(limit)
        path = actor_path(bank, actor, BadQueryError)
        listing = digest("sessions", *path)
        last = place_in(cursor, listing)
        found: list[SessionSummary] = []
        while len(found) <= limit:
            after: Place | None = None if last is None else ((*path, last), _BEHIND_IDS)
            entries = await self._shelf.scan(path, below=True, after=after, limit=1)
            if not entries:
                return Page(tuple(found))
            last = entries[0].path[3]
            newest = await self._shelf.scan(entries[0].path, reverse=True, limit=1)
            ends = time_of(entries[0].key), time_of((newest or entries)[0].key)
            found.append(SessionSummary(actor, last, *ends))
        return Page(tuple(found[:limit]), cursor_of(listing, found[limit - 1].session))

    async def delete(self, bank: Bank, actor: str, session: str, id: str, *, keep_memories: bool = False) -> bool:
        """Delete an event for good, and forget what is remembered of it, in one transaction.

        Args:
            bank: Where it is.
            actor: Whose session it is.
            session: Which one.
            id: Of the event.
            keep_memories: Leave what was made of it in the bank.

        Returns:
            False if the session has no such event.
        """
        path = _path(bank, actor, session)
        return is_id(id) and await self._writer.delete(path, id, keep_memories=keep_memories)

    async def delete_session(self, bank: Bank, actor: str, session: str, *, keep_memories: bool = False) -> None:
        """Delete a session for good, and forget all that was retained of it, in one transaction.

        What was retained with the same actor and session by other ways is forgotten as well.

        Args:
            bank: Where it is.
            actor: Whose session it is.
            session: Which one.
            keep_memories: Leave what was made of it in the bank.
        """
        path = _path(bank, actor, session)
        selection = None if keep_memories else Selection(actor=actor, session=session)
        await self._writer.remove(path[1], selection, everything(path))

    async def delete_actor(self, bank: Bank, actor: str, *, keep_memories: bool = False) -> None:
        """Delete all sessions of an actor for good, and forget all that was retained of them, in one transaction.

        Args:
            bank: Where they are.
            actor: Whose.
            keep_memories: Leave what was made of them in the bank.
        """
        path = actor_path(bank, actor, BadQueryError)
        selection = None if keep_memories else Selection(actor=actor)
        await self._writer.remove(path[1], selection, everything(path))

    async def _conversation(self, bank: Bank, actor: str, session: str, branch: str | None) -> Asked:
        filters = Filters(branch=MAIN if branch is None else branch, parents=True)
        return await asked_for(self._shelf, _path(bank, actor, session), filters)


def _path(bank: Bank, actor: str, session: str) -> Path:
    return session_path(bank, actor, session, BadQueryError)
