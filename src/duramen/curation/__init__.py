"""Correcting memories: editing what was retained, declaring it invalid, and taking that back."""

from duramen.curation.archive import Invalidated
from duramen.curation.curation import Curation

__all__ = ["Curation", "Invalidated"]
