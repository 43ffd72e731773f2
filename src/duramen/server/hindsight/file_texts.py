"""The text of files: what is text is read here, the rest by markitdown where that is installed."""

from __future__ import annotations

import csv
import importlib
import io
import json
from html.parser import HTMLParser
from pathlib import PurePath
from typing import Any

from duramen.errors import BadContentError

_PLAIN = frozenset({".txt", ".text", ".md", ".markdown", ".rst", ".log", ".yaml", ".yml", ".toml", ".ini", ".xml", ""})
_HTML = frozenset({".html", ".htm", ".xhtml"})
_HIDDEN = frozenset({"script", "style", "head", "template", "noscript"})
_BLOCKS = frozenset(
    {
        "p",
        "div",
        "br",
        "li",
        "tr",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "section",
        "article",
        "pre",
        "blockquote",
        "table",
    }
)


def text_of_file(name: str, data: bytes) -> str:
    """Return the text of a file, by the end of its name.

    Raises:
        BadContentError: It is no text, or of a sort that only markitdown reads, and that is not installed or does not.
    """
    end = PurePath(name).suffix.casefold()
    if end in _HTML:
        text = html_text(_decoded(name, data))
    elif end == ".json":
        text = _json_text(name, data)
    elif end in (".csv", ".tsv"):
        text = _table_text(_decoded(name, data), "\t" if end == ".tsv" else ",")
    elif end in _PLAIN or end == ".jsonl":
        text = _decoded(name, data)
    else:
        text = _converted(name, end, data)
    if not text.strip():
        raise BadContentError(f"There is no text in {name!r}. Nothing was retained.")
    return text


def html_text(html: str) -> str:
    """Return what a page shows, one block a line."""
    reader = _Shown()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).splitlines())
    return "\n".join(line for line in lines if line)


class _Shown(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            self._hidden += 1
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN and self._hidden:
            self._hidden -= 1
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


def _decoded(name: str, data: bytes) -> str:
    for encoding in ("utf-8-sig", "utf-16") if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise BadContentError(f"{name!r} is no text that can be read. Save it as UTF-8. Nothing was retained.")


def _json_text(name: str, data: bytes) -> str:
    text = _decoded(name, data)
    try:
        value: Any = json.loads(text)
    except (ValueError, RecursionError):
        return text  # it may be lines of JSON, or have comments: still text
    return text if _is_talk(value) else json.dumps(value, indent=2, ensure_ascii=False)


def _is_talk(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) and "content" in one for one in value)


def _table_text(text: str, delimiter: str) -> str:
    """Return a table as lines of `column: value`, so that each line says what it means by itself."""
    rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if any(cell.strip() for cell in row)]
    if len(rows) < 2:
        return text
    head = rows[0]
    lines = []
    for row in rows[1:]:
        named = zip(head, row, strict=False)
        lines.append("; ".join(f"{name.strip()}: {cell.strip()}" for name, cell in named if cell.strip()))
    return "\n\n".join(line for line in lines if line)


_PACKED = b"PK\x03\x04"
_BEGINNINGS = {".docx": _PACKED, ".pptx": _PACKED, ".xlsx": _PACKED, ".pdf": b"%PDF-"}


def _converted(name: str, end: str, data: bytes) -> str:
    try:
        markitdown = importlib.import_module("markitdown")  # an optional part
    except ImportError:
        raise BadContentError(
            f"{name!r} is a {end} file, which is read by markitdown, and that is not installed here: "
            f"`pip install 'duramen[files]'`. Text, Markdown, HTML, JSON and CSV are read without. Nothing was retained."
        ) from None
    broken = BadContentError(f"{name!r} cannot be read as a {end} file. Nothing was retained.")
    if not data.startswith(_BEGINNINGS.get(end, b"")):  # it would be taken for plain text
        raise broken
    try:
        return str(
            markitdown.MarkItDown(enable_plugins=False)
            .convert_stream(io.BytesIO(data), file_extension=end)
            .text_content
        )
    except markitdown.MarkItDownException as error:
        raise broken from error
