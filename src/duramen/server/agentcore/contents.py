"""What stands in a record, as AWS's strategies write it: a fact is a sentence, the others have a form of their own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from xml.sax.saxutils import escape, quoteattr

from duramen.records import Filed

_FORMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "preference": ("context", "preference", "categories"),
        "episode": ("situation", "intent", "actions", "outcome", "assessment", "justification", "reflection"),
        "reflection": ("title", "use_cases", "hints", "confidence"),
    }
)
"""What is told of each kind, in this order, if it is known."""


def content_of(found: Filed) -> str:
    """Return the text of a record: JSON of a preference, an episode or a reflection, and a `<topic>` of a summary.

    What was filed, or last worded, by hand is as it was given.
    """
    details = found.details
    if found.kind == "summary" and "summary" in details:
        return f"<topic name={quoteattr(str(details['topic']))}>\n{escape(str(details['summary']))}\n</topic>"
    told = {name: details[name] for name in _FORMS.get(found.kind, ()) if name in details}
    return json.dumps(told, ensure_ascii=False) if told else found.text
