"""Moving what a memory holds: to files and back, from other memories, and to them."""

from duramen.moving.exporting import Exported, export
from duramen.moving.importing import Imported, import_file

__all__ = ["Exported", "Imported", "export", "import_file"]
