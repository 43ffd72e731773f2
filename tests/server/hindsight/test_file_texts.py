from __future__ import annotations

import io
import json
import zipfile

import pytest

from duramen.errors import BadContentError
from duramen.server.hindsight.file_texts import html_text, text_of_file


def test_text_is_as_it_is() -> None:
    assert text_of_file("a.md", "# Häuser\n\ntext".encode()) == "# Häuser\n\ntext"
    assert text_of_file("README", b"text") == "text"


def test_text_of_other_encodings_is_read() -> None:
    assert text_of_file("a.txt", "\ufeffHäuser".encode()) == "Häuser"
    assert text_of_file("a.txt", "Häuser".encode("utf-16")) == "Häuser"
    assert text_of_file("a.txt", "Häuser".encode("cp1252")) == "Häuser"


def test_of_a_page_only_what_it_shows_is_read() -> None:
    page = (
        "<html><head><title>T</title><style>p{}</style></head><body><h1>Ada</h1><script>x()</script>"
        "<p>lives in <b>Lisbon</b> &amp; likes&nbsp;it.</p><ul><li>one<li>two</ul></body></html>"
    )

    assert html_text(page) == "Ada\nlives in Lisbon & likes it.\none\ntwo"


def test_a_table_is_read_line_by_line_with_its_columns() -> None:
    assert text_of_file("a.csv", b"name,city\nAda,Lisbon\nBob,\n") == "name: Ada; city: Lisbon\n\nname: Bob"
    assert text_of_file("a.tsv", b"name\tcity\nAda\tLisbon\n") == "name: Ada; city: Lisbon"


def test_a_conversation_in_json_stays_one() -> None:
    talk = json.dumps([{"role": "user", "content": "I live in Lisbon."}])

    assert text_of_file("a.json", talk.encode()) == talk


def test_other_json_is_read_as_text() -> None:
    assert text_of_file("a.json", b'{"city":"Lisbon"}') == '{\n  "city": "Lisbon"\n}'
    assert text_of_file("a.json", b"{broken") == "{broken"


def test_a_file_of_an_office_is_read() -> None:
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    said = (
        f'<w:document xmlns:w="{word}"><w:body><w:p><w:r><w:t>Ada keeps bees.</w:t></w:r></w:p></w:body></w:document>'
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("word/document.xml", said)

    assert text_of_file("a.docx", packed.getvalue()).strip() == "Ada keeps bees."


@pytest.mark.parametrize("name", ["a.docx", "a.pdf"])
def test_a_broken_file_is_refused(name: str) -> None:
    with pytest.raises(BadContentError, match="cannot be read"):
        text_of_file(name, b"PK")


@pytest.mark.parametrize(
    ("name", "data"), [("a.txt", b""), ("a.txt", b" \n"), ("a.txt", b"\x00\x01\x02"), ("a.html", b"<p></p>")]
)
def test_a_file_without_text_is_refused(name: str, data: bytes) -> None:
    with pytest.raises(BadContentError):
        text_of_file(name, data)
