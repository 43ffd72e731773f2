"""Explaining a recall: why each hit is one, and what became of a memory that was expected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from duramen.block import frame_tokens, line_tokens
from duramen.explained.account import Account, Reason, ordinal, quoted
from duramen.explained.explanation import Explanation
from duramen.protocols import Storage
from duramen.recall.admitting import TOO_LOW, is_too_low
from duramen.recall.fitting import Dropped
from duramen.recall.pipeline import RecallPipeline, with_pending
from duramen.recall.refusing import refusals
from duramen.recall.witnessing import Notes
from duramen.types import Event, Memory, Query, Recall, Selection

MOST = 1000
"""Memories of one item that are accounted for."""


_ELSEWHERE = {
    True: "it was retained word for word, and `namespaces` asks for what strategies made",
    False: "a strategy made it: it may stand beside the hits, in `made`; `namespaces` looks for it",
}

_STEPS = {"next": "said beside it", "day": "on the same day"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be accounted for beside the hits.

    Attributes:
        memory: The id of a memory.
        key: The key of an item: all its memories.
        pending: How many events of the bank are still to be worked through.
        waited: How many milliseconds it was waited for them.
    """

    memory: str | None = None
    key: str | None = None
    pending: int = 0
    waited: float = 0.0


async def explained(pipeline: RecallPipeline, store: Storage, bank: str, query: Query, wanted: Wanted) -> Explanation:
    """Recall as `pipeline` does, with notes, and account for the hits and for what is wanted."""
    named, missing = await _named(store, bank, wanted)
    notes = Notes(named=named, fuse=pipeline.fuse)
    recall = _unwitnessed(with_pending(await pipeline(bank, query, notes), wanted.pending, wanted.waited))
    hits = [hit.memory for hit in recall.hits]
    texts = await _texts(store, bank, notes, [*hits, *named])
    accounts = _Accounts(recall, notes, texts)
    return Explanation(
        recall=recall,
        why=tuple(map(accounts.of, hits)),
        why_not=(*map(accounts.of, named), *missing),
    )


class _Accounts:
    """Makes accounts of memories from the notes on a recall.

    Args:
        recall: What came of it.
        notes: The notes.
        texts: Words of the memories that the accounts speak of, by id.
    """

    def __init__(self, recall: Recall, notes: Notes, texts: Mapping[str, str]) -> None:
        self._recall = recall
        self._notes = notes
        self._texts = texts
        self._hits = {hit.memory.id: place for place, hit in enumerate(recall.hits, 1)}
        self._instead = {newer: older for older, newer in notes.changes.items()}

    def of(self, memory: Memory) -> Account:
        """Account for a memory of the bank, hit or not."""
        account = self._course(memory)
        if account.hit is not None:
            return account
        reason, told = self._reason(account, memory)
        return replace(account, reason=reason, told=told)

    def _course(self, memory: Memory) -> Account:
        """Say how far it came."""
        id, notes = memory.id, self._notes
        stood = notes.standings.get(id)
        if stood is None:
            return Account(id=id, memory=memory)
        memory = replace(memory, superseded=stood.superseded)
        ranked, score = notes.scored.get(id, (None, None))
        closer = notes.closer.get(id, {})
        return Account(
            id=id,
            memory=memory,
            part=stood.part if len(self._recall.trace.parts) > 1 else "",
            hit=self._hits.get(id),
            score=score,
            ranked=ranked,
            arms=stood.arms,
            shares=stood.shares,
            fused=stood.fused,
            closer=closer,
            looked=notes.looked[id] if closer else None,
            reranked=notes.opinions.get(id),
            way=self._way(stood.path),
            by=self._texts.get(notes.changes.get(id, ""), ""),
            instead=self._texts.get(self._instead.get(id, ""), ""),
            refused=refusals(stood.refused, memory, self._recall.query),
        )

    def _way(self, path: Sequence[str]) -> str:
        return " > ".join(self._texts.get(step) or _STEPS.get(step) or step for step in path)

    def _reason(self, account: Account, memory: Memory) -> tuple[Reason, str]:
        """Say why it is no hit."""
        if (memory.strategy is None) is not (self._recall.query.namespaces is None):
            return "filtered", _ELSEWHERE[memory.strategy is None]
        if account.refused:
            return "filtered", "; ".join(account.refused.values())
        if account.ranked is None and account.id in self._notes.standings:
            return self._not_listed(account)
        reason = self._notes.dropped.get(account.id)
        if reason is None and (account.ranked or 0) > self._recall.query.limit:
            reason = "limit"
        if reason is None or account.ranked is None:
            return "gone", "it was forgotten, or made anew, while this was looked up"
        return reason, self._dropped(reason, account.ranked, memory)

    def _not_listed(self, account: Account) -> tuple[Reason, str]:
        """Say why it was not even ranked though no filter holds it back."""
        query = self._recall.query
        if account.fused is None:
            for name, least in query.min_arm_scores.items():
                rank = account.arms.get(name)
                score = 0.0 if rank is None else rank.score
                if is_too_low(score, least):
                    return TOO_LOW[name], f"{name} scores it {score:.3f}, and `min_arm_scores` asks for {least:.3f}"
            if not any(account.arms.values()):
                return "shortlist", "no arm found it"
        return "shortlist", f"only the best {len(self._notes.scored)} after fusion come into question"

    def _dropped(self, reason: Dropped, ranked: int, memory: Memory) -> str:
        """Say why it is no hit though it was ranked."""
        query = self._recall.query
        if reason == "limit":
            return f"beyond the limit of {query.limit}: ranked {ordinal(ranked)}"
        if reason == "max_tokens":
            return self._tokens(ranked, memory)
        if reason == "min_score":
            return _scored(self._notes.scored[memory.id][1], query)
        if reason == "without":
            return "its key is among those in `without`"
        same = memory.text.strip() == query.text.strip()
        return f"a question that {'repeats the query' if same else 'a better hit asks already'}"

    def _tokens(self, ranked: int, memory: Memory) -> str:
        before = [hit.memory for hit in self._recall.hits if self._notes.scored[hit.memory.id][0] < ranked]
        most = self._recall.query.max_tokens
        left = max(0, most - frame_tokens() - sum(map(line_tokens, before)))
        return f"over the token budget: it takes {line_tokens(memory)} tokens, and of {most} there are {left} left"


def _unwitnessed(recall: Recall) -> Recall:
    """Return `recall` without the time that the notes took."""
    spent = {stage: took for stage, took in recall.trace.milliseconds.items() if stage != "explain"}
    return replace(recall, trace=replace(recall.trace, milliseconds=spent))


def _scored(score: float, query: Query) -> str:
    if score <= 0.0:
        return "too little ties it to the question: its score is 0"
    return f"its score, {score:.2f}, is below `min_score`, {query.min_score:.2f}"


async def _named(store: Storage, bank: str, wanted: Wanted) -> tuple[list[Memory], list[Account]]:
    """Return the memories that are asked about, and an account of what is not there."""
    found: dict[str, Memory] = {}
    missing: list[Account] = []
    if wanted.memory is not None:
        page = await store.memories(bank, Selection(memory=wanted.memory), cursor=None, limit=1)
        found |= {one.id: one for one in page.items}
        if not page.items:
            missing.append(_unknown(wanted.memory, f"there is no memory of this id in bank {bank!r}", wanted.pending))
    if wanted.key is not None:
        selection = Selection(key=wanted.key)
        page = await store.memories(bank, selection, cursor=None, limit=MOST)
        events = (await store.events(bank, selection, cursor=None, limit=MOST)).items
        found |= {one.id: one for one in page.items}
        made = {one.event for one in page.items}
        missing += await _not_made(store, bank, [event for event in events if event.id not in made])
        if not page.items and not events:
            missing.append(_unknown(wanted.key, f"nothing of this key is in bank {bank!r}", wanted.pending))
    return list(found.values()), missing


def _unknown(id: str, told: str, pending: int) -> Account:
    also = f"; {pending} retained events are still pending" if pending else ""
    return Account(id=id, reason="unknown", told=f"{told}: never retained there, or forgotten{also}")


async def _not_made(store: Storage, bank: str, events: Iterable[Event]) -> list[Account]:
    """Account for events of which there are no memories."""
    failed = {one.event: one.reason for one in await store.failures(bank)}
    accounts: list[Account] = []
    for event in events:
        text = quoted(event.content)
        if event.id in failed:
            told = f"no memory could be made of {text}: {failed[event.id]}. `retry()` tries again"
            accounts.append(Account(id=event.key, reason="failed", told=told))
        else:
            told = f"still pending: {text} is kept, and not searchable yet; `flush()` waits for it"
            accounts.append(Account(id=event.key, reason="pending", told=told))
    return accounts


async def _texts(store: Storage, bank: str, notes: Notes, memories: Iterable[Memory]) -> dict[str, str]:
    """Return the words of the memories that accounts of `memories` speak of, by id."""
    texts = {one.id: quoted(one.text) for one in memories}
    spoken = {id for pair in notes.changes.items() if not texts.keys().isdisjoint(pair) for id in pair}
    spoken |= {step for id in texts if id in notes.standings for step in notes.standings[id].path}
    for id in sorted(spoken - texts.keys() - {"next", "day"}):
        page = await store.memories(bank, Selection(memory=id), cursor=None, limit=1)
        texts |= {one.id: quoted(one.text) for one in page.items}
    return texts
