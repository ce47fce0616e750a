"""The rates as a picture: bars in a small SVG that needs nothing to be drawn with."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from benchmarks.results import COMPARED_AT, OURS, UNCHANGED, Summary

WIDTH: Final = 860
LABELS: Final = 250
BARS: Final = 470
ROW: Final = 24
TITLE: Final = 44
OWN: Final = "#1f6feb"
OTHER: Final = "#8b949e"
SPREAD: Final = "#24292f"


def svg(summaries: Iterable[Summary], *, connections: int = COMPARED_AT) -> str:
    """One group of bars for each operation, fastest first, with the lowest and highest repetition as a thin line.

    Shape: an SVG document whose bars are proportional to the rate within their operation.
    """
    shown = [summary for summary in summaries if summary.connections == connections]
    parts: list[str] = []
    top = 0
    for operation in dict.fromkeys(summary.operation for summary in shown):
        group = sorted((one for one in shown if one.operation == operation), key=lambda one: -one.rate)
        parts += _group(f"{operation}, {connections} connections: answers per second", group, top)
        top += TITLE + ROW * len(group)
    height = top + ROW // 2
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        'font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="Answers per second">'
    )
    ground = f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>'
    return "\n".join([opening, ground, *parts, "</svg>", ""])


def _group(title: str, group: Sequence[Summary], top: int) -> list[str]:
    longest = max((one.rate * one.highest for one in group), default=0.0) or 1.0
    heading = f'<text x="12" y="{top + 28}" font-weight="bold">{escape(title)}</text>'
    rows = [
        line
        for index, one in enumerate(group)
        for line in _bar(one, scale=BARS / longest, top=top + TITLE + ROW * index)
    ]
    return [heading, *rows]


def _bar(one: Summary, *, scale: float, top: int) -> list[str]:
    width = one.rate * scale
    lowest, highest = (LABELS + one.rate * share * scale for share in (one.lowest, one.highest))
    middle = top + 8
    is_ours = one.server in (OURS, UNCHANGED)
    weight = ' font-weight="bold"' if is_ours else ""
    return [
        f'<text x="{LABELS - 8}" y="{top + 13}" text-anchor="end"{weight}>{escape(one.server)}</text>',
        f'<rect x="{LABELS}" y="{top}" width="{width:.1f}" height="16" fill="{OWN if is_ours else OTHER}"/>',
        f'<line x1="{lowest:.1f}" x2="{highest:.1f}" y1="{middle}" y2="{middle}" stroke="{SPREAD}"/>',
        f'<text x="{highest + 8:.1f}" y="{top + 13}">{one.rate:,.0f}</text>',
    ]
