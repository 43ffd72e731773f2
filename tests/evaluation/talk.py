"""A small conversation, and a haystack, in the formats that evaluation reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

LOCOMO: list[dict[str, Any]] = [
    {
        "sample_id": "kiln",
        "conversation": {
            "speaker_a": "Runa",
            "speaker_b": "Pavel",
            "session_1_date_time": "10:00 am on 4 May, 2024",
            "session_1": [
                {"dia_id": "D1:1", "speaker": "Runa", "text": "I bought a kiln for the pottery shed."},
                {"dia_id": "D1:2", "speaker": "Pavel", "text": "My bicycle has a flat tyre again."},
            ],
            "session_2_date_time": "6:30 pm on 11 May, 2024",
            "session_2": [{"dia_id": "D2:1", "speaker": "Runa", "text": "The first bowl cracked in the kiln."}],
        },
        "qa": [
            {"question": "What cracked?", "answer": "a bowl", "evidence": ["D2:1"], "category": 4},
            {"question": "What is the kiln for, and what broke?", "evidence": ["D1:1", "D2:1"], "category": 1},
            {"question": "When did Runa's bicycle break?", "evidence": ["D1:2"], "category": 5},
            {"question": "Lost?", "evidence": ["D9:9"], "category": 1},
        ],
    },
    {
        "sample_id": "choir",
        "conversation": {
            "speaker_a": "Imke",
            "speaker_b": "Tomas",
            "session_1_date_time": "9:00 am on 1 June, 2024",
            "session_1": [{"dia_id": "D1:1", "speaker": "Imke", "text": "The choir sings in Bremen on Sunday."}],
        },
        "qa": [{"question": "Where does the choir sing?", "evidence": ["D1; D1:1"], "category": 2}],
    },
]


def haystack(id: str, **changes: Any) -> dict[str, Any]:
    """Return a question in the format of LongMemEval, with fields changed."""
    return {
        "question_id": id,
        "question_type": "single-session-user",
        "question": "What did I buy for the shed?",
        "answer": "a kiln",
        "question_date": "2024/05/20 (Mon) 12:00",
        "haystack_session_ids": ["s1", "s2"],
        "haystack_dates": ["2024/05/04 (Sat) 10:00", "2024/05/11 (Sat) 18:30"],
        "haystack_sessions": [
            [
                {"role": "user", "content": "I bought a kiln for the shed.", "has_answer": True},
                {"role": "assistant", "content": "Enjoy it!"},
            ],
            [{"role": "user", "content": "Name three rivers."}, {"role": "assistant", "content": "Elbe, Weser, Ems."}],
        ],
        "answer_session_ids": ["s1"],
        **changes,
    }


def written(path: Path, data: object) -> Path:
    """Write `data` to a file and return it."""
    path.write_text(json.dumps(data), encoding="utf-8")
    return path
