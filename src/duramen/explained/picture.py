"""A recall drawn as a small piece of HTML: bars for what each arm and the closer look brought to each hit.

It loads nothing and runs nothing, and all text in it is escaped: what a memory says is data.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence

from duramen.explained.account import Account
from duramen.explained.understood import spent, understood
from duramen.types import Recall

WIDTH, HEIGHT = 220, 14
"""Of a bar, in pixels."""

_COLOURS = {
    "semantic": "#4c78a8",
    "keyword": "#f58518",
    "graph": "#54a24b",
    "temporal": "#b279a2",
    "speaker": "#72b7b2",
    "agent": "#9d755d",
    "own": "#2f5d8a",
    "near": "#6f9fd8",
    "session": "#a9c7ea",
}
_OTHERS = ("#e45756", "#eeca3b", "#ff9da6", "#bab0ac", "#79706e", "#d67195", "#88d27a", "#439894")
_CELL = "padding:4px 10px 4px 0;vertical-align:top;text-align:left;border:0;background:none"
_SMALL = "font-size:85%;opacity:.75"


def picture(recall: Recall, why: Sequence[Account], why_not: Sequence[Account]) -> str:
    """Draw a recall with the accounts of its hits, and of memories that were asked about."""
    every = (*why, *why_not)
    scale = _scale(account.shares for account in every), _scale(account.closer for account in every)
    body = [
        f'<div style="font-weight:600">{_text(recall.query.text)}</div>',
        *(f'<div style="{_SMALL}">{_text(name)}: {_text(said)}</div>' for name, said in understood(recall).items()),
        _table(why, scale) if why else "<div>Nothing was found.</div>",
    ]
    if why_not:
        body += ['<div style="font-weight:600;margin-top:8px">What you asked about</div>', _table(why_not, scale)]
    body += [_legend(every), _stages(recall.trace.milliseconds), f'<div style="{_SMALL}">{_text(spent(recall))}</div>']
    body += [f"<div>Note: {_text(note)}</div>" for note in recall.notes]
    return f'<div style="font-family:system-ui,sans-serif;font-size:13px;max-width:960px">{"".join(body)}</div>'


def _table(accounts: Sequence[Account], scale: tuple[float, float]) -> str:
    head = "".join(f'<th style="{_CELL};{_SMALL}">{name}</th>' for name in ("", "memory", "arms", "closer look"))
    rows = "".join(_row(account, scale) for account in accounts)
    return f'<table style="border-collapse:collapse;margin:6px 0"><tr>{head}</tr>{rows}</table>'


def _row(account: Account, scale: tuple[float, float]) -> str:
    score = "&ndash;" if account.score is None else f"{account.score:.2f}"
    place = f"<b>{account.hit}.</b> {score}" if account.hit is not None else score
    words = "".join(f"<div>{_text(line)}</div>" for line in account.lines())
    is_open = " open" if account.hit is None else ""
    cells = (
        place,
        f'{_text(account.title())}<details style="{_SMALL}"{is_open}><summary>why</summary>{words}</details>',
        _bar(account.shares, scale[0]),
        _bar(account.closer, scale[1]),
    )
    return "<tr>" + "".join(f'<td style="{_CELL}">{cell}</td>' for cell in cells) + "</tr>"


def _bar(shares: Mapping[str, float], whole: float, width: int = WIDTH, unit: str = "") -> str:
    """Draw positive shares side by side, `whole` being the full width; what counts against is told in the title."""
    parts, at = [], 0.0
    for name, share in shares.items():
        long = width * max(share, 0.0) / whole if whole > 0.0 else 0.0
        title = f"<title>{_text(name)} {share:.2f}{unit}</title>"
        parts.append(
            f'<rect x="{at:.1f}" y="0" width="{long:.1f}" height="{HEIGHT}" fill="{_colour(name)}">{title}</rect>'
        )
        at += long
    said = ", ".join(f"{_text(name)} {share:.2f}{unit}" for name, share in shares.items())
    return f'<svg width="{width}" height="{HEIGHT}" role="img" aria-label="{said}">{"".join(parts)}</svg>'


def _legend(accounts: Iterable[Account]) -> str:
    names = dict.fromkeys(name for account in accounts for name in (*account.shares, *account.closer))
    keys = "".join(
        f'<span style="margin-right:10px"><svg width="10" height="10"><rect width="10" height="10" '
        f'fill="{_colour(name)}"/></svg> {_text(name)}</span>'
        for name in names
    )
    return f'<div style="{_SMALL}">{keys}</div>'


def _stages(milliseconds: Mapping[str, float]) -> str:
    return f"<div>{_bar(milliseconds, sum(milliseconds.values()), 2 * WIDTH, ' ms')}</div>" if milliseconds else ""


def _scale(every: Iterable[Mapping[str, float]]) -> float:
    return max((sum(max(share, 0.0) for share in shares.values()) for shares in every), default=0.0)


def _colour(name: str) -> str:
    return _COLOURS.get(name) or _OTHERS[sum(name.encode()) % len(_OTHERS)]


def _text(text: str) -> str:
    return html.escape(text)
