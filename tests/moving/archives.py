"""Archives as Hindsight's servers write them, made by hand."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

LETTER = "Ada moved to Lisbon. She took her cat Mia along and rents a flat near the river."
MANIFEST: Mapping[str, Any] = {"schema_version": 1, "source_bank_id": "agent-7", "archive_type": "documents"}
DOCUMENTS: Sequence[Mapping[str, Any]] = (
    {
        "id": "letter",
        "original_text": LETTER,
        "retain_params": {
            "event_date": "2025-04-01T10:00:00+00:00",
            "context": "a letter",
            "metadata": {"channel": "mail"},
            "entities": [{"text": "Ada", "type": "PERSON"}],
        },
        "tags": ["home"],
        "created_at": "2025-04-02T00:00:00Z",
        "chunks": [{"chunk_index": 0, "chunk_text": LETTER}],
        "facts": [
            {"text": LETTER, "fact_type": "world", "mentioned_at": "2025-04-01T10:00:00Z", "chunk_index": 0},
            {
                "text": "Ada lives in Lisbon since spring 2025",
                "source_id": "0b2e7f4c-0000-4000-8000-000000000001",
                "fact_type": "world",
                "context": "a letter",
                "occurred_start": "2025-04-01T00:00:00Z",
                "mentioned_at": "2025-04-01T10:00:00Z",
                "tags": ["home"],
                "chunk_index": 0,
                "entities": ["Ada", "Lisbon"],
                "metadata": {"a": "b"},
            },
        ],
    },
    {
        "id": "note",
        "original_text": "Ada's cat Mia is ill.",
        "retain_params": {"event_date": None},
        "tags": [],
        "created_at": "2025-05-01T00:00:00Z",
        "chunks": [{"chunk_index": 0, "chunk_text": "Ada's cat Mia is ill."}],
        "facts": [
            {
                "text": "I was told that Mia the cat fell ill",
                "fact_type": "experience",
                "mentioned_at": "2025-05-01T10:00:00Z",
                "chunk_index": 0,
            }
        ],
    },
    {"id": "bare", "original_text": None, "chunks": [{"chunk_index": 0, "chunk_text": "Only a chunk is left."}]},
    {"id": "nothing", "original_text": None, "chunks": []},
)
OBSERVATIONS: Sequence[Mapping[str, Any]] = (
    {
        "text": "Ada cares for her cat Mia.",
        "proof_count": 2,
        "mentioned_at": "2025-05-01T10:00:00Z",
        "sources": [{"document_id": "letter", "fact_index": 1}, {"document_id": "note", "fact_index": 0}],
    },
    {"text": "Nobody knows why.", "sources": [{"document_id": "gone", "fact_index": 0}]},
)


def archive(path: Path, manifest: Mapping[str, Any] = MANIFEST, **files: Any) -> Path:
    """Write an archive of `DOCUMENTS` and `OBSERVATIONS`, and `files` beside them."""
    with zipfile.ZipFile(path, "w") as file:
        for place, document in enumerate(DOCUMENTS):
            file.writestr(f"documents/{place:06d}.json", json.dumps(document))
        file.writestr("observations.json", json.dumps(list(OBSERVATIONS)))
        for name, value in files.items():
            file.writestr(f"{name}.json", json.dumps(value))
        file.writestr("manifest.json", json.dumps(manifest))
    return path
