"""A small plot in SVG: axes with round ticks, lines, areas, bars and whiskers.

Colours come from the page's style by class, so that a plot follows a light or dark page.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 360, 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 12, 12, 40
_TICKS = 5  # about so many on an axis
Points = Sequence[tuple[float, float]]


class Plot:
    """One pair of axes, and what is drawn on it."""

    def __init__(
        self,
        label: str,
        *,
        x: tuple[float, float],
        y: tuple[float, float],
        x_title: str,
        y_title: str,
        whole_x: bool = False,
        x_names: Sequence[str] = (),
    ) -> None:
        """Draw the axes.

        Args:
            label: what the plot shows, for screen readers.
            x: the ends of the x axis.
            y: the ends of the y axis.
            x_title: what the x axis shows.
            y_title: what the y axis shows.
            whole_x: whether the ticks of the x axis are whole numbers.
            x_names: label 0, 1, 2 ... instead of numbers.
        """
        self._label = label
        self._x, self._y = _widened(x), _widened(y)
        self._parts: list[str] = []
        ticked = {at: number(at) for at in ticks(*self._x, whole=whole_x)}
        named = {float(at): name for at, name in enumerate(x_names)}
        self._axes(x_title, y_title, named or ticked)

    def line(self, points: Points, css: str, title: str) -> None:
        """Join `points` by a line."""
        path = "M" + "L".join(f"{self._px(x):.1f} {self._py(y):.1f}" for x, y in points)
        self._parts.append(f'<path class="line {css}" d="{path}">{_title(title)}</path>')

    def dots(self, points: Points, css: str, title: Callable[[float, float], str]) -> None:
        """Mark each of `points`; `title` gives its tooltip."""
        self._parts += [
            f'<circle class="dot {css}" cx="{self._px(x):.1f}" cy="{self._py(y):.1f}" r="3.5">'
            f"{_title(title(x, y))}</circle>"
            for x, y in points
        ]

    def steps(self, edges: Sequence[float], heights: Sequence[float], css: str, title: str) -> None:
        """Fill a histogram: `heights[i]` from `edges[i]` to `edges[i + 1]`."""
        floor = self._py(self._y[0])
        path = f"M{self._px(edges[0]):.1f} {floor:.1f}"
        for start, end, height in zip(edges, edges[1:], heights, strict=False):
            top = self._py(height)
            path += f"L{self._px(start):.1f} {top:.1f}L{self._px(end):.1f} {top:.1f}"
        path += f"L{self._px(edges[-1]):.1f} {floor:.1f}Z"
        self._parts.append(f'<path class="area {css}" d="{path}">{_title(title)}</path>')

    def whisker(self, x: float, low: float, high: float, css: str, title: str) -> None:
        """Draw a vertical interval at `x`."""
        at, bottom, top = self._px(x), self._py(low), self._py(high)
        self._parts.append(
            f'<path class="whisker {css}" d="M{at:.1f} {bottom:.1f}L{at:.1f} {top:.1f}">'
            f"{_title(title)}</path>"
        )

    def bar(self, x: float, width: float, height: float, css: str, title: str) -> None:
        """Draw a bar from the bottom up to `height`, `width` wide around `x`."""
        left, right = self._px(x - width / 2), self._px(x + width / 2)
        top, floor = self._py(height), self._py(self._y[0])
        self._parts.append(
            f'<rect class="bar {css}" x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" '
            f'height="{max(0.0, floor - top):.1f}" rx="1.5">{_title(title)}</rect>'
        )

    def render(self) -> str:
        """Return the SVG element."""
        return (
            f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(self._label)}">'
            f"{''.join(self._parts)}</svg>"
        )

    def _axes(self, x_title: str, y_title: str, x_ticks: Mapping[float, str]) -> None:
        left, right = _LEFT, WIDTH - _RIGHT
        bottom = HEIGHT - _BOTTOM
        for value in ticks(*self._y):
            at = self._py(value)
            self._parts.append(
                f'<path class="grid" d="M{left} {at:.1f}H{right}"/>'
                f'<text class="tick" x="{left - 6}" y="{at + 4:.1f}" text-anchor="end">'
                f"{number(value)}</text>"
            )
        for value, name in x_ticks.items():
            self._parts.append(
                f'<text class="tick" x="{self._px(value):.1f}" y="{bottom + 16}" '
                f'text-anchor="middle">{escape(name)}</text>'
            )
        self._parts.append(
            f'<path class="axis" d="M{left} {bottom}H{right}"/>'
            f'<text class="axis-title" x="{(left + right) / 2}" y="{HEIGHT - 6}" '
            f'text-anchor="middle">{escape(x_title)}</text>'
            f'<text class="axis-title" transform="translate(11 {(_TOP + bottom) / 2}) rotate(-90)" '
            f'text-anchor="middle">{escape(y_title)}</text>'
        )

    def _px(self, x: float) -> float:
        return _LEFT + (x - self._x[0]) / (self._x[1] - self._x[0]) * (WIDTH - _LEFT - _RIGHT)

    def _py(self, y: float) -> float:
        share = (y - self._y[0]) / (self._y[1] - self._y[0])
        return HEIGHT - _BOTTOM - share * (HEIGHT - _TOP - _BOTTOM)


def ticks(low: float, high: float, *, whole: bool = False) -> list[float]:
    """Return round numbers from `low` to `high`, about five; only whole ones if `whole`."""
    rough = (high - low) / _TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= rough * 0.999)
    if whole:
        step = max(1.0, math.ceil(step))
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(i * step, 12) for i in range(first, last + 1)]


def number(value: float) -> str:
    """Return a tick's number, short: 0.25, 1,000, 2M."""
    if abs(value) >= 1e6:
        return f"{value / 1e6:g}M"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def _widened(ends: tuple[float, float]) -> tuple[float, float]:
    """Return a range that is not empty."""
    low, high = ends
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _title(text: str) -> str:
    return f"<title>{escape(text)}</title>"
