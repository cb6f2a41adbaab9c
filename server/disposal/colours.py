"""Colours of the five classes on maps and in charts, the same in every client and report."""

from datetime import date

from server.disposal.codes import IdleClass

CLASS_COLOURS = {
    IdleClass.PEWG: "#6741d9",
    IdleClass.GEWY: "#e03131",
    IdleClass.YEWJ: "#f08c00",
    IdleClass.JEWT: "#1971c2",
    IdleClass.TEWDB: "#2f9e44",
}

AGE_BANDS = (
    ("fresh", 12, "不满一年", 0.35),
    ("old", 24, "一至二年", 0.6),
    ("stale", None, "二年以上", 0.85),
)
"""How long land has been idle: below so many months; the opacity that says so."""


def age_band(since: date | None, day: date) -> tuple[str, str, float] | None:
    """Name, words and opacity of how long land is idle on a day; None where nobody knows."""
    if since is None:
        return None
    months = (day.year - since.year) * 12 + day.month - since.month - (day.day < since.day)
    for name, below, words, opacity in AGE_BANDS:
        if below is None or months < below:
            return name, words, opacity
    return None
