"""What the demo plays: a conversation as turns of a user and an agent, and which questions are asked about it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from duramen.conversations import Conversation, Question, SessionRecord
from duramen.identity import bank_of
from duramen.types import Identity

CATEGORIES = {1: "multi-hop", 2: "temporal", 3: "open", 4: "single-hop", 5: "unanswerable"}
FOREIGN = "known of another user only"

_MIX = (1, 2, 4, 3)
_SESSIONS = uuid.UUID("3f2d6c1e-8b0a-5e57-9a41-6a1c0d7be0a4")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One turn of the agent: what the user said and what was answered; one of them may be empty.

    Attributes:
        asked: Ids of the turns that `prompt` is made of.
        answered: Ids of the turns that `reply` is made of.
        at: When the first of them was said.
    """

    prompt: str
    reply: str
    asked: tuple[str, ...]
    answered: tuple[str, ...]
    at: datetime

    @property
    def id(self) -> str:
        """Names the exchange in its conversation."""
        return "+".join((*self.asked, *self.answered))


@dataclass(frozen=True, slots=True)
class Asking:
    """A question put to the bank of one conversation.

    Attributes:
        conversation: Which conversation, by its place in the file.
        evidence: Turns of that conversation that hold the answer; empty when only another user's hold it.
    """

    conversation: int
    sort: str
    text: str
    expected: str
    evidence: tuple[str, ...]


def identity(conversation: Conversation) -> Identity:
    """Return whose memory the conversation is: its name is the user, the second speaker the agent."""
    return Identity(user=conversation.name, agent=conversation.speakers[1].casefold())


def bank(conversation: Conversation) -> str:
    """Return the bank of the conversation."""
    return bank_of(identity(conversation))


def runtime_session(conversation: Conversation, number: int) -> str:
    """Return a runtime session id: one of its own for each session, and the same when the demo is run again."""
    return str(uuid.uuid5(_SESSIONS, f"{conversation.name}/{number}"))


def exchanges(session: SessionRecord, user: str) -> list[Exchange]:
    """Pair what `user` says with what is said back; what one speaker says in several turns is put together."""
    found: list[Exchange] = []
    for turn in session.turns:
        of_user = turn.speaker == user
        last = found[-1] if found else None
        if last is None or (of_user and last.answered):
            last = Exchange("", "", (), (), turn.at)
            found.append(last)
        if of_user:
            found[-1] = Exchange(_joined(last.prompt, turn.text), last.reply, (*last.asked, turn.id), (), last.at)
        else:
            reply = _joined(last.reply, turn.text)
            found[-1] = Exchange(last.prompt, reply, last.asked, (*last.answered, turn.id), last.at)
    return found


def askings(conversations: Sequence[Conversation], count: int) -> list[Asking]:
    """Choose `count` questions for each conversation, mixed by category and spread over each category.

    The last of them is one whose answer only another user's conversation holds, if there is another user.
    """
    chosen: list[Asking] = []
    for place, conversation in enumerate(conversations):
        other = conversations[(place + 1) % len(conversations)]
        foreign = _spread(_of_category(other, 4), 1) if other is not conversation and count > 1 else []
        chosen += [
            Asking(place, CATEGORIES[one.category], one.text, str(one.answer), one.evidence)
            for one in _mixed(conversation, count - len(foreign))
        ]
        chosen += [
            Asking(place, FOREIGN, one.text, f"nothing ({other.speakers[0]}: {one.answer})", ()) for one in foreign
        ]
    return chosen


def _mixed(conversation: Conversation, count: int) -> list[Question]:
    pools = {category: _of_category(conversation, category) for category in _MIX}
    shares = dict.fromkeys(_MIX, 0)
    while sum(shares.values()) < min(count, sum(map(len, pools.values()))):
        open_pools = [category for category in _MIX if shares[category] < len(pools[category])]
        shares[min(open_pools, key=lambda category: shares[category])] += 1
    return [question for category in _MIX for question in _spread(pools[category], shares[category])]


def _of_category(conversation: Conversation, category: int) -> list[Question]:
    return [one for one in conversation.questions if one.category == category and one.answer is not None]


def _spread(pool: Sequence[Question], count: int) -> list[Question]:
    """Return `count` of the pool at even distances, from the middle of each stretch."""
    count = min(count, len(pool))
    return [pool[(2 * place + 1) * len(pool) // (2 * count)] for place in range(count)]


def _joined(before: str, text: str) -> str:
    return f"{before}\n{text}" if before else text
