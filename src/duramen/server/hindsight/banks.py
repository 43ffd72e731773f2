"""Banks over HTTP: made, listed, told what they are for, and deleted."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from pydantic import Field

from duramen.engine import MemoryEngine
from duramen.identity import bank_of
from duramen.profiles.profile import Disposition, Profile
from duramen.server.banks import AskedBank, granted, memory_of
from duramen.server.caller import Grant
from duramen.server.hindsight.memories import Deleted
from duramen.server.hindsight.routing import BANK, Body, Forgets, Limit, Managed, Offset, Read, Reply, paged, router
from duramen.server.hindsight.wire import iso
from duramen.types import BankSummary, Identity

ROUTER = router("Banks")

MOST_COUNTED = 10_000
"""Banks whose memories are counted for a list."""

_CONFIGURED = (
    "reflect_mission",
    "retain_mission",
    "retain_extraction_mode",
    "retain_custom_instructions",
    "retain_chunk_size",
    "retain_structured_chunk_size",
    "retain_max_attachments_per_chunk",
    "enable_observations",
    "observations_mission",
    "enable_text_search",
    "enable_temporal_retrieval",
    "enable_graph_retrieval",
    "enable_reranking",
    "disposition_skepticism",
    "disposition_literalism",
    "disposition_empathy",
)

Trait = Annotated[int, Field(ge=1, le=5)]


class Traits(Body):
    """How answers are thought over, each from 1 to 5."""

    skepticism: Trait = 3
    literalism: Trait = 3
    empathy: Trait = 3


class BankRequest(Body):
    """What a bank is told to be; what is not named, or null, stays as it is."""

    name: str | None = None
    disposition: Traits | None = None
    disposition_skepticism: Trait | None = None
    disposition_literalism: Trait | None = None
    disposition_empathy: Trait | None = None
    mission: str | None = None
    background: str | None = None
    reflect_mission: str | None = None
    retain_mission: str | None = None
    retain_extraction_mode: str | None = None
    retain_custom_instructions: str | None = None
    retain_chunk_size: int | None = None
    retain_structured_chunk_size: int | None = None
    retain_max_attachments_per_chunk: int | None = None
    enable_observations: bool | None = None
    observations_mission: str | None = None
    enable_text_search: bool | None = None
    enable_temporal_retrieval: bool | None = None
    enable_graph_retrieval: bool | None = None
    enable_reranking: bool | None = None


class DispositionRequest(Body):
    """How answers are to be thought over."""

    disposition: Traits


class BackgroundRequest(Body):
    """Who the bank speaks for, beside what was said of that before."""

    content: str
    update_disposition: bool | None = True


class TraitsReply(Reply):
    """How answers are thought over."""

    skepticism: int
    literalism: int
    empathy: int


class ProfileReply(Reply):
    """What a bank is told to be."""

    bank_id: str
    name: str
    disposition: TraitsReply
    mission: str
    background: str | None = None


class BackgroundReply(Reply):
    """What a bank is for, and who it speaks for."""

    mission: str
    background: str | None = None
    disposition: TraitsReply | None = None


class BankRow(Reply):
    """A bank as it is listed."""

    bank_id: str
    name: str | None = None
    disposition: TraitsReply
    mission: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    fact_count: int = 0
    last_document_at: str | None = None
    last_write_at: str | None = None


class BankRows(Reply):
    """A page of banks."""

    banks: list[BankRow]
    total: int
    limit: int
    offset: int


@ROUTER.get("/banks", operation_id="list_banks", response_model=BankRows)
async def list_banks(
    request: Request,
    grant: Annotated[Grant, Depends(granted("read"))],
    q: str | None = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> BankRows:
    """Page through the banks that the caller may see, by name."""
    memory = memory_of(request)
    shown, total = await _seen(memory, grant, q, limit, offset)
    counts = await _counts(memory, {profile.bank for profile, _ in shown})
    rows = [_row(profile, name, counts.get(profile.bank)) for profile, name in shown]
    return BankRows(banks=rows, total=total, limit=limit, offset=offset)


@ROUTER.put(BANK, operation_id="create_or_update_bank", response_model=ProfileReply)
@ROUTER.patch(BANK, operation_id="update_bank", response_model=ProfileReply)
async def put_bank(request: Request, bank: Managed, asked: BankRequest) -> ProfileReply:
    """Tell a bank what it is; it is there from then on."""
    memory = memory_of(request)
    config = {name: getattr(asked, name) for name in _CONFIGURED if getattr(asked, name) is not None}
    profile = await memory.profiles.save(
        bank.name,
        name=asked.name,
        mission=asked.mission,
        background=asked.background,
        disposition=None if asked.disposition is None else _disposition(asked.disposition),
        config=config or None,
    )
    return _profile(bank, profile)


@ROUTER.delete(BANK, operation_id="delete_bank", response_model=Deleted)
async def delete_bank(request: Request, bank: Forgets) -> Deleted:
    """Delete a bank with all that belongs to it, for good."""
    forgotten = await memory_of(request).forget(bank.name, everything=True)
    count = max(forgotten.memories, forgotten.events)  # of an event just retained there is no memory yet
    return Deleted(
        message=f"Bank {bank.asked!r} was deleted, with {count} memories.",
        deleted_count=count,
    )


@ROUTER.get(f"{BANK}/profile", operation_id="get_bank_profile", response_model=ProfileReply)
async def get_profile(request: Request, bank: Read) -> ProfileReply:
    """Return what a bank is told to be."""
    return _profile(bank, await memory_of(request).profiles.get(bank.name))


@ROUTER.put(f"{BANK}/profile", operation_id="update_bank_disposition", response_model=ProfileReply)
async def put_profile(request: Request, bank: Managed, asked: DispositionRequest) -> ProfileReply:
    """Say how answers are to be thought over."""
    profile = await memory_of(request).profiles.save(bank.name, disposition=_disposition(asked.disposition))
    return _profile(bank, profile)


@ROUTER.post(f"{BANK}/background", operation_id="add_bank_background", response_model=BackgroundReply)
async def add_background(request: Request, bank: Managed, asked: BackgroundRequest) -> BackgroundReply:
    """Say more of who the bank speaks for."""
    memory = memory_of(request)
    before = (await memory.profiles.get(bank.name)).background
    said = asked.content.strip()
    background = before if said in before else "\n".join(part for part in (before, said) if part)
    profile = await memory.profiles.save(bank.name, background=background)
    return BackgroundReply(
        mission=profile.mission, background=profile.background, disposition=traits_of(profile.disposition)
    )


def traits_of(disposition: Disposition) -> TraitsReply:
    """Return a disposition as it is told."""
    return TraitsReply(
        skepticism=disposition.skepticism, literalism=disposition.literalism, empathy=disposition.empathy
    )


def _disposition(traits: Traits) -> Disposition:
    return Disposition(skepticism=traits.skepticism, literalism=traits.literalism, empathy=traits.empathy)


def _name(profile: Profile, asked: str) -> str:
    return asked if profile.name == profile.bank else profile.name


def _profile(bank: AskedBank, profile: Profile) -> ProfileReply:
    return ProfileReply(
        bank_id=bank.asked,
        name=_name(profile, bank.asked),
        disposition=traits_of(profile.disposition),
        mission=profile.mission,
        background=profile.background or None,
    )


def _row(profile: Profile, asked: str, counted: BankSummary | None) -> BankRow:
    return BankRow(
        bank_id=asked,
        name=_name(profile, asked),
        disposition=traits_of(profile.disposition),
        mission=profile.mission or None,
        created_at=iso(profile.created if counted is None else min(profile.created, counted.created)),
        updated_at=iso(profile.updated),
        fact_count=0 if counted is None else counted.memories + counted.pending,
    )


async def _seen(
    memory: MemoryEngine, grant: Grant, q: str | None, limit: int, offset: int
) -> tuple[list[tuple[Profile, str]], int]:
    """Return a page of the banks that `grant` reaches, each with what they are called by whoever has it."""
    everything = grant.tenant is None and grant.user is None and grant.banks is None
    prefix = "" if grant.tenant is None else f"tenant:{bank_of(Identity(user=grant.tenant)).removeprefix('user:')}:"

    async def page(length: int, start: int) -> tuple[list[Profile], int]:
        return await memory.profiles.list(q=q if everything else None, limit=length, offset=start, prefix=prefix)

    if everything:
        profiles, total = await paged(page, limit, offset)
        return [(profile, profile.bank) for profile in profiles], total
    known, _ = await paged(page, 10_000_000)
    named = [(profile, name) for profile in known if (name := grant.shown(profile.bank)) is not None]
    wanted = (q or "").casefold()
    seen = [one for one in named if wanted in one[1].casefold() or wanted in _name(*one).casefold()]
    return seen[offset : offset + limit], len(seen)


async def _counts(memory: MemoryEngine, wanted: set[str]) -> dict[str, BankSummary]:
    """Return what the store counts of banks; nothing beyond the first `MOST_COUNTED` of it."""
    found: dict[str, BankSummary] = {}
    cursor: str | None = None
    for _ in range(MOST_COUNTED // 1000):
        some = await memory.banks(cursor=cursor, limit=1000)
        found.update((one.name, one) for one in some.items if one.name in wanted)
        cursor = some.next
        if cursor is None or len(found) == len(wanted):
            break
    return found
