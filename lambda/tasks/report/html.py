"""Pieces of HTML that the report's sections share; every text is escaped here."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from tasks.evaluation.comparison import System
from tasks.report.names import SYSTEM_NAMES


def text(value: object) -> str:
    """Return any value as escaped text."""
    return escape(str(value))


def section(title: str, explanation: str, body: str) -> str:
    """Return a titled part of the page; empty without an explanation and a body."""
    if not body and not explanation:
        return ""
    intro = f'<p class="soft">{text(explanation)}</p>' if explanation else ""
    return f"<section><h2>{text(title)}</h2>{intro}{body}</section>"


def grid(cards: Iterable[str], css: str = "") -> str:
    """Return cards side by side where there is room; empty without cards."""
    joined = "".join(cards)
    return f'<div class="grid {css}">{joined}</div>' if joined else ""


def folded(title: str, body: str) -> str:
    """Return a card that opens on demand."""
    return f'<details class="card"><summary>{text(title)}</summary>{body}</details>'


def card(title: str, body: str) -> str:
    """Return a titled card."""
    return f'<div class="card"><h3>{text(title)}</h3>{body}</div>'


def figure(title: str, svg: str, caption: str) -> str:
    """Return a card with a chart and what to read in it."""
    return (
        f'<figure class="card"><h3>{text(title)}</h3>{svg}'
        f"<figcaption>{text(caption)}</figcaption></figure>"
    )


def bullets(sentences: Iterable[str]) -> str:
    """Return a list of sentences."""
    return f"<ul>{''.join(f'<li>{text(sentence)}</li>' for sentence in sentences)}</ul>"


def note(remarks: str) -> str:
    """Return a paragraph of remarks below a section; empty without any."""
    return f'<p class="soft small">{text(remarks)}</p>' if remarks else ""


def tile(label: str, value: str, note: str = "") -> str:
    """Return a card with one number, large."""
    return (
        f'<div class="tile"><span>{text(label)}</span><strong>{text(value)}</strong>'
        f"<span>{text(note)}</span></div>"
    )


def legend(systems: Iterable[System]) -> str:
    """Return the colours of the systems."""
    items = "".join(
        f'<li class="s-{system}">{text(SYSTEM_NAMES[system])}</li>' for system in systems
    )
    return f'<ul class="legend">{items}</ul>'


def definitions(entries: Mapping[str, object]) -> str:
    """Return names and values, one a line; those without a value are left out."""
    rows = "".join(
        f"<dt>{text(name)}</dt><dd>{text(value)}</dd>"
        for name, value in entries.items()
        if value is not None
    )
    return f"<dl>{rows}</dl>"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table whose cells are HTML already (`<td>` included), below escaped headings."""
    titles = "".join(f"<th>{text(title)}</th>" for title in head)
    body = "".join(f"<tr>{''.join(row)}</tr>" for row in rows)
    return f'<div class="scroll"><table><thead><tr>{titles}</tr></thead>{body}</table></div>'


def cell(value: str, note: str = "", css: str = "") -> str:
    """Return a table's cell with a note below its value."""
    below = f'<span class="soft">{text(note)}</span>' if note else ""
    return f'<td class="{css}">{text(value)}{below}</td>'
