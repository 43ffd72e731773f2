"""The knowledge base over HTTP: mental models as pages in folders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal

from fastapi import Query, Request, status

from duramen.mental_models import MentalModel
from duramen.mental_models.pages import Branch, Found, markdown
from duramen.profiles.directives import selects
from duramen.server.banks import memory_of
from duramen.server.hindsight.mental_models import MaxTokens, TriggerRequest, changes_of
from duramen.server.hindsight.routing import BANK, Body, Managed, Match, Read, Reply, Tags, router
from duramen.server.hindsight.tag_groups import groups_in, selected
from duramen.server.hindsight.wire import iso
from duramen.types import TagsMatch

ROUTER = router("Knowledge Base")

_NOTHING_YET = "No content yet."
_TYPE = "type:"
_LOOKED_AT = 1000  # pages, of which the best that fit are told

Fits = Callable[[MentalModel], bool]


class FolderRequest(Body):
    """A folder, at the top if `parent_id` is null."""

    name: str
    parent_id: str | None = None


class PageRequest(Body):
    """A question whose answer is to stand on a page."""

    name: str
    source_query: str
    parent_id: str | None = None
    tags: list[str] | None = None
    max_tokens: MaxTokens | None = None
    trigger: TriggerRequest | None = None


class NodeChange(Body):
    """What is to be changed of a folder or a page; what is not named stays, and `parent_id` null is the top."""

    name: str | None = None
    parent_id: str | None = None
    source_query: str | None = None
    tags: list[str] | None = None
    max_tokens: MaxTokens | None = None
    trigger: TriggerRequest | None = None


class NodeReply(Reply):
    """A folder or a page, with what stands in it."""

    id: str
    kind: Literal["folder", "page"]
    name: str
    parent_id: str | None = None
    mental_model_id: str | None = None
    managed: bool = False
    description: str | None = None
    tags: list[str] | None = None
    timestamp: str | None = None
    is_stale: bool | None = None
    last_refresh_failed_at: str | None = None
    trigger: dict[str, Any] | None = None
    children: list[NodeReply] | None = None


class TreeReply(Reply):
    """All folders and pages."""

    roots: list[NodeReply]


class PageMade(Reply):
    """It is there, and is being worked out."""

    page_id: str
    mental_model_id: str
    operation_id: str | None = None


class PageReply(Reply):
    """A page: `body` is what stands on it, `markdown` the same as a file."""

    id: str
    name: str
    type: str
    description: str | None = None
    tags: list[str] | None = None
    timestamp: str | None = None
    body: str | None = None
    markdown: str


class FoundReply(Reply):
    """A page that was found."""

    id: str
    name: str
    mental_model_id: str | None = None
    source_query: str | None = None
    snippet: str
    score: float
    updated_at: str | None = None


class SearchReply(Reply):
    """Pages, best first."""

    results: list[FoundReply]
    total: int


class FileReply(Reply):
    """A page as a file."""

    path: str
    content: str


class BundleReply(Reply):
    """All pages as files."""

    files: list[FileReply]


@ROUTER.get(f"{BANK}/knowledge-base/tree", operation_id="get_knowledge_base_tree", response_model=TreeReply)
async def get_tree(
    request: Request, bank: Read, tags: Tags = None, tags_match: Match = "any", tag_groups: str | None = None
) -> TreeReply:
    """Return all folders, and the pages that `tags` and `tag_groups` (JSON) select."""
    fits = _fitting(tags, tags_match, tag_groups)
    roots = await memory_of(request).pages.tree(bank.name)
    return TreeReply(roots=_nodes(roots, fits))


@ROUTER.get(f"{BANK}/knowledge-base/export", operation_id="export_knowledge_base", response_model=BundleReply)
async def export(request: Request, bank: Read) -> BundleReply:
    """Return all pages as Markdown files."""
    files = await memory_of(request).pages.export(bank.name)
    return BundleReply(files=[FileReply(path=path, content=content) for path, content in files.items()])


@ROUTER.get(f"{BANK}/knowledge-base/search", operation_id="search_knowledge_base", response_model=SearchReply)
async def search(  # noqa: PLR0913  each is one query parameter
    request: Request,
    bank: Read,
    q: str,
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
    tags: Tags = None,
    tags_match: Match = "any",
    tag_groups: str | None = None,
) -> SearchReply:
    """Find pages by words, and by what they are about."""
    fits = _fitting(tags, tags_match, tag_groups)
    found = await memory_of(request).pages.search(bank.name, q, limit=_LOOKED_AT)
    results = [_found(one) for one in found if fits(one.page)][:limit]
    return SearchReply(results=results, total=len(results))


@ROUTER.post(
    f"{BANK}/knowledge-base/folders",
    operation_id="create_knowledge_folder",
    response_model=NodeReply,
    status_code=status.HTTP_201_CREATED,
)
async def create_folder(request: Request, bank: Managed, asked: FolderRequest) -> NodeReply:
    """Make a folder."""
    return _node(await memory_of(request).pages.create_folder(bank.name, asked.name, parent=asked.parent_id))


@ROUTER.post(
    f"{BANK}/knowledge-base/pages",
    operation_id="create_knowledge_page",
    response_model=PageMade,
    status_code=status.HTTP_201_CREATED,
)
async def create_page(request: Request, bank: Managed, asked: PageRequest) -> PageMade:
    """Make a page; what stands on it is worked out by the operation that is told of."""
    page, task = await memory_of(request).pages.create_page(
        bank.name,
        asked.name,
        asked.source_query,
        parent=asked.parent_id,
        tags=asked.tags or (),
        max_tokens=asked.max_tokens or 2048,
        trigger=asked.trigger.given() if asked.trigger else None,
    )
    return PageMade(page_id=page.id, mental_model_id=page.id, operation_id=task.id)


@ROUTER.get(f"{BANK}/knowledge-base/pages/{{page_id}}", operation_id="get_knowledge_page", response_model=PageReply)
async def get_page(request: Request, bank: Read, page_id: str) -> PageReply:
    """Return a page."""
    page = await memory_of(request).pages.get_page(bank.name, page_id)
    types = [tag.removeprefix(_TYPE) for tag in page.tags if tag.startswith(_TYPE)]
    return PageReply(
        id=page.id,
        name=page.name,
        type=types[0] if types else "knowledge-page",
        description=page.query,
        tags=list(page.tags),
        timestamp=_when(page),
        body=page.content,
        markdown=markdown(page) if page.content else f"{markdown(page).rstrip()}\n\n{_NOTHING_YET}\n",
    )


@ROUTER.patch(
    f"{BANK}/knowledge-base/nodes/{{node_id}}", operation_id="update_knowledge_node", response_model=NodeReply
)
async def update_node(request: Request, bank: Managed, node_id: str, change: NodeChange) -> NodeReply:
    """Rename or move a folder or a page, or change a page."""
    changes = changes_of(change)
    if "parent_id" in change.model_fields_set:
        changes["parent"] = change.parent_id
    return _node(await memory_of(request).pages.update_node(bank.name, node_id, **changes))


@ROUTER.delete(f"{BANK}/knowledge-base/nodes/{{node_id}}", operation_id="delete_knowledge_node")
async def delete_node(request: Request, bank: Managed, node_id: str) -> dict[str, Any]:
    """Delete a page, or a folder with all that stands in it."""
    await memory_of(request).pages.delete_node(bank.name, node_id)
    return {"status": "deleted"}


def _fitting(tags: Sequence[str] | None, match: TagsMatch, groups: str | None) -> Fits:
    known = groups_in(groups)
    return lambda page: selects(tags, match, page.tags) and selected(known, page.tags)


def _every(page: MentalModel) -> bool:
    return True


def _nodes(branches: Sequence[Branch], fits: Fits) -> list[NodeReply]:
    return [_node(one, fits) for one in branches if one.page is None or fits(one.page)]


def _node(branch: Branch, fits: Fits = _every) -> NodeReply:
    page = branch.page
    node = NodeReply(id=branch.id, kind=branch.kind, name=branch.name, parent_id=branch.parent)
    node.children = _nodes(branch.children, fits)
    if page is not None:
        node.mental_model_id, node.description, node.tags = page.id, page.query, list(page.tags)
        node.timestamp, node.is_stale, node.trigger = _when(page), page.stale, dict(page.trigger)
    return node


def _found(found: Found) -> FoundReply:
    page = found.page
    return FoundReply(
        id=page.id,
        name=page.name,
        mental_model_id=page.id,
        source_query=page.query,
        snippet=found.snippet or _NOTHING_YET,
        score=found.score,
        updated_at=iso(page.updated),
    )


def _when(page: MentalModel) -> str | None:
    return iso(page.refreshed or page.created)
