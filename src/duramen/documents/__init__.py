"""Sources given whole: kept as documents, in chunks that stay as they are while the rest changes."""

from duramen.documents.documents import Documents
from duramen.documents.source import Chunk, Document, Documented, Mode, Source

__all__ = ["Chunk", "Document", "Documented", "Documents", "Mode", "Source"]
