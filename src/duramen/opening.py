"""From an address to an engine: the only module that names concrete parts."""

from __future__ import annotations

import inspect
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from duramen.addresses import is_database, is_remote, scheme_of, shown
from duramen.embedders.cached import CachedEmbedder
from duramen.embedders.function import FunctionEmbedder
from duramen.embedders.minilm import MiniLMEmbedder
from duramen.embedders.onnx import OnnxEmbedder
from duramen.engine import MemoryEngine
from duramen.errors import AddressError, StrategyError
from duramen.index.cache import IndexCache
from duramen.index.private import PrivateSegments
from duramen.jobs.runner import Runner
from duramen.language.entities import SpacyEntityFinder
from duramen.language_model import LanguageModel
from duramen.language_models.lending import LentModels
from duramen.life import Parts
from duramen.observations.fitting import Fitting
from duramen.protocols import Embedder, EntityFinder, Reranker, Storage, TokenEmbedder
from duramen.recall.beside import RecallBoth
from duramen.recall.fusion import BROUGHT, weighted
from duramen.recall.graph import GraphArm
from duramen.recall.kept_codes import KeptCodes
from duramen.recall.keyword import KeywordArm
from duramen.recall.pipeline import RecallPipeline
from duramen.recall.ranking import CLOSER_BROUGHT, alone
from duramen.recall.semantic import SemanticArm
from duramen.recall.temporal import TemporalArm
from duramen.reflect.pipeline import ReflectPipeline
from duramen.retain.pipeline import RetainPipeline
from duramen.retain.worker import Pace
from duramen.stores.in_memory import InMemoryStore
from duramen.stores.sqlite import SQLiteStore
from duramen.strategies.book import StrategyBook
from duramen.strategies.custom import BASES
from duramen.strategies.definitions import build
from duramen.strategy import Strategy
from duramen.sync import SyncMemoryEngine

if TYPE_CHECKING:
    from duramen.language_models.limits import Limits

Durability = Literal["commit", "process"]


def open(  # noqa: PLR0913  each option is a part or a bound
    address: str | PathLike[str] | Storage,
    *,
    embedder: Embedder | None = None,
    tokens: TokenEmbedder | None = None,
    reranker: Reranker | None = None,
    entities: EntityFinder | None = None,
    strategies: Sequence[Strategy | str] = (),
    model: LanguageModel | None = None,
    limits: Limits | None = None,
    durability: Durability = "commit",
    index_bytes: int = 512 * 2**20,
    index_directory: str | PathLike[str] | None = None,
    catch_up_seconds: float = 10.0,
    pace: Pace | None = None,
    webhook_hosts: Sequence[str] = (),
    api_key: str | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: float = 30.0,
    retries: int = 3,
    background: bool = False,
    journal: str | PathLike[str] | None = None,
) -> MemoryEngine:
    """Open the memory at `address`. Nothing is touched until the first verb, or `async with`.

    Args:
        address: A directory (`"./memory"`, `sqlite:///var/lib/memory`), created when it is not there, which many
            processes may share; a PostgreSQL database (`"postgresql://user@host/database"`), which many machines may
            share; `":memory:"` for one that is gone when it is closed; a server that speaks Hindsight's HTTP API
            (`"http://localhost:8888"`, `"https://…"`); or a store of your own, an object that is a
            `duramen.protocols.Storage`.
        embedder: Makes the vectors; all-MiniLM-L6-v2 in int8 unless given. A bank remembers its embedder.
        tokens: Makes the vectors of tokens by which the best memories are compared with a query word by word: the
            embedder itself if it can; the default model beside an `OnnxEmbedder` or a `FunctionEmbedder`; else none.
        reranker: Gives a second opinion on the best memories, such as a `FunctionReranker` around a cross-encoder.
        entities: Finds names in what is retained; spaCy's small English model unless given.
        strategies: Make long-term memories of what is retained from now on, in every bank that has none of its own:
            `"semantic"`, `"summary"`, `"preference"`, `"episodic"`, `"observation"`, or objects from
            `duramen.strategies`.
        model: Helps strategies and `reflect`; see `duramen.language_models`. They do without, too.
        limits: What each bank may use of `model`.
        durability: `"commit"`: what is acknowledged survives a power cut. `"process"`: it survives the end of the
            process, and a power cut may take the last moments; faster.
        index_bytes: Bound on the memory for bank indexes; the bank asked last always has its own.
        index_directory: Over PostgreSQL, a directory on this computer for index files of large banks, which processes may
            share and which outlasts them; a temporary one of this process unless given. A memory in a directory has its
            own.
        catch_up_seconds: How long a recall waits for what was retained just before it.
        pace: How the background worker goes about it.
        webhook_hosts: Hosts, addresses and networks (`"10.1.0.0/16"`) that webhooks may go to though they are not public.
        api_key: For a server, which alone the options from here on are for; those before it are then the server's own.
        headers: More headers of each request, for a gateway before the server.
        timeout: Seconds that a request may take; ten times as long where the server may ask a language model.
        retries: How often a request that fails on the way, or meets a busy server, is repeated at most. When several
            fail in a row, all are refused at once for some seconds.
        background: Let the server acknowledge what it has queued, instead of what it has worked through: for a server
            that asks a language model at each retain. `flush` waits for it.
        journal: A directory on this computer, where retains are kept until the server has them, in order and each once
            in effect; while it is away they are acknowledged all the same (`Retained.held`) and sent later. Processes
            may share it.

    Raises:
        AddressError: The address names no store that this version can open, or an option does not go with it.
        StrategyError: Two strategies have one name, or there is none of that name.
    """
    local = {
        "embedder": embedder,
        "tokens": tokens,
        "reranker": reranker,
        "entities": entities,
        "strategies": strategies,
        "model": model,
        "limits": limits,
        "durability": durability,
        "index_bytes": index_bytes,
        "index_directory": index_directory,
        "catch_up_seconds": catch_up_seconds,
        "pace": pace,
        "webhook_hosts": webhook_hosts,
    }
    remote = {
        "api_key": api_key,
        "headers": headers,
        "timeout": timeout,
        "retries": retries,
        "background": background,
        "journal": journal,
    }
    if is_remote(address):
        _refuse(local, "is for a memory that is opened here; a server has its own")
        from duramen.client import Reach, RemoteMemory  # loads httpx, for which a memory opened here need not wait

        reach = Reach(api_key=api_key, headers=headers, timeout=timeout, retries=retries)
        kept = None if journal is None else store_at(journal, "commit")
        return RemoteMemory(os.fsdecode(address), reach, background=background, journal=kept)
    _refuse(remote, "is for a server, at an address such as 'http://localhost:8888'")
    store = store_at(address, durability) if isinstance(address, str | PathLike) else address
    embedder = embedder or MiniLMEmbedder()
    brought = isinstance(embedder, OnnxEmbedder | FunctionEmbedder)
    tokens = tokens or (MiniLMEmbedder() if brought else None)
    cached = CachedEmbedder(embedder, tokens=tokens, unrelated=None if brought else 0.0)
    segments = _segments(store, index_directory)
    indexes = IndexCache(store, max_bytes=index_bytes, segments=segments)
    made_indexes = IndexCache(store, max_bytes=index_bytes, made=True)
    arms = (SemanticArm(), KeywordArm(), GraphArm(), TemporalArm())
    said = RecallPipeline(
        store=store, indexes=indexes, codes=KeptCodes(store), embedder=cached, arms=arms, reranker=reranker
    )
    if brought:
        said = replace(said, fuse=partial(weighted, weights=BROUGHT), weights=CLOSER_BROUGHT)
    retain = RetainPipeline(embedder=cached, entities=entities or SpacyEntityFinder())
    models = LentModels(model, limits)
    made = replace(
        said,
        indexes=made_indexes,
        codes=KeptCodes(store),
        arms=(SemanticArm(), KeywordArm(smoothed=False), GraphArm(), TemporalArm()),
        weights=alone(said.weights),
    )
    recall = RecallBoth(said=said, made=made)
    return MemoryEngine(
        Parts(
            address=shown(address) if isinstance(address, str | PathLike) else type(address).__name__,
            store=store,
            embedder=cached,
            indexes=indexes,
            made_indexes=made_indexes,
            retain=retain,
            recall=recall,
            reflect=ReflectPipeline(recall=recall, store=store, models=models),
            book=StrategyBook(store.shelf, [_strategy(one) for one in strategies], fitting=Fitting(store.shelf)),
            runner=Runner(store=store, indexes=made_indexes, retain=retain, models=models),
            model=model,
            reranker=reranker,
            pace=pace or Pace(),
            webhook_hosts=webhook_hosts,
            catch_up_seconds=catch_up_seconds,
        )
    )


def open_sync(  # noqa: PLR0913  as in `open`
    address: str | PathLike[str] | Storage,
    *,
    embedder: Embedder | None = None,
    tokens: TokenEmbedder | None = None,
    reranker: Reranker | None = None,
    entities: EntityFinder | None = None,
    strategies: Sequence[Strategy | str] = (),
    model: LanguageModel | None = None,
    limits: Limits | None = None,
    durability: Durability = "commit",
    index_bytes: int = 512 * 2**20,
    index_directory: str | PathLike[str] | None = None,
    catch_up_seconds: float = 10.0,
    pace: Pace | None = None,
    webhook_hosts: Sequence[str] = (),
    api_key: str | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: float = 30.0,
    retries: int = 3,
    background: bool = False,
    journal: str | PathLike[str] | None = None,
) -> SyncMemoryEngine:
    """Open the memory at `address` for code without `await`, also inside a running loop. See `open`."""
    return SyncMemoryEngine(
        open(
            address,
            embedder=embedder,
            tokens=tokens,
            reranker=reranker,
            entities=entities,
            strategies=strategies,
            model=model,
            limits=limits,
            durability=durability,
            index_bytes=index_bytes,
            index_directory=index_directory,
            catch_up_seconds=catch_up_seconds,
            pace=pace,
            webhook_hosts=webhook_hosts,
            api_key=api_key,
            headers=headers,
            timeout=timeout,
            retries=retries,
            background=background,
            journal=journal,
        )
    )


def _refuse(options: Mapping[str, object], why: str) -> None:
    """Refuse the first of `options` that is not as by default."""
    for name, value in options.items():
        usual = _USUAL[name].default
        if value is not usual and value != usual:
            raise AddressError(f"`{name}` {why}. Leave it out. Nothing was opened.")


def _strategy(strategy: Strategy | str) -> Strategy:
    if not isinstance(strategy, str):
        return strategy
    if strategy not in BASES:
        raise StrategyError(
            f"There is no strategy {strategy!r}. Give one of {', '.join(BASES)}, or an object from `duramen.strategies`."
        )
    return build({"type": strategy, "name": strategy})


def store_at(address: str | PathLike[str], durability: Durability = "commit") -> Storage:
    """Return the store at an address of this computer; nothing is touched before it is opened.

    Raises:
        AddressError: The address names none that this version can open.
    """
    if durability not in ("commit", "process"):
        raise AddressError(f"`durability` is {durability!r}. Give 'commit' or 'process'.")
    text = os.fsdecode(address)
    if not text.strip() or "\0" in text:
        raise AddressError(f"The address is {text!r}. Give a directory, such as './memory'.")
    if text == ":memory:":
        return InMemoryStore()
    scheme, rest = scheme_of(text) or (None, text)
    if scheme is None:
        return SQLiteStore(Path(text).expanduser(), durability=durability)
    if scheme == "sqlite" and rest:
        return SQLiteStore(Path(rest), durability=durability)
    if is_database(text):
        return _postgres(text.strip(), durability)
    raise AddressError(
        f"The address {shown(text)!r} has the scheme {scheme!r}, which this version cannot open. "
        f"Give a directory ('./memory'), 'sqlite:///path', 'postgresql://host/database', ':memory:', or a server "
        f"('http://localhost:8888')."
    )


def _segments(store: Storage, directory: str | PathLike[str] | None) -> Path | PrivateSegments | None:
    """Return where index files of large banks are kept; None for nowhere."""
    if isinstance(store, SQLiteStore):
        own: Path | PrivateSegments | None = store.directory / "indexes"
    elif (place := getattr(store, "address", None)) is not None:  # a PostgresStore, whose class would load psycopg
        return PrivateSegments(None if directory is None else Path(directory), of=place.shown)
    else:
        own = None
    if directory is not None:
        raise AddressError("`index_directory` is for PostgreSQL: a memory in a directory has its own. Leave it out.")
    return own


def _postgres(address: str, durability: Durability) -> Storage:
    if durability != "commit":
        raise AddressError(
            "`durability` is for a directory. What PostgreSQL acknowledges is as durable as its `synchronous_commit` says."
        )
    try:
        from duramen.stores.postgres import PostgresStore  # loads psycopg, which is an extra
    except ModuleNotFoundError as error:
        raise AddressError(
            f"PostgreSQL needs {error.name!r}, which is not installed: pip install 'duramen[postgres]'"
        ) from error
    return PostgresStore(address)


_USUAL = inspect.signature(open).parameters
"""The options of `open` with their defaults."""
