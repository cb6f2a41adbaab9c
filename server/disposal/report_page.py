"""The report as PDF: one HTML page from its snapshot, drawn by WeasyPrint without any network."""

from typing import Any

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from server import papers
from server.disposal.codes import IdleClass
from server.disposal.colours import CLASS_COLOURS
from server.disposal.report_charts import Bar, bars, class_map
from server.disposal.reports import Report

_PAGES = Environment(loader=PackageLoader("server"), autoescape=True)
_BLUE = "#1971c2"


def pdf(report: Report) -> bytes:
    """The report on A4, in its own words and figures."""
    return bytes(papers.laid_out(page(report)).write_pdf())


def page(report: Report) -> str:
    """The same as HTML."""
    told = report.snapshot
    figures = told["figures"]
    return _PAGES.get_template("disposal/report.html").render(
        report=report,
        told=told,
        total=figures["class"]["total"],
        figures=figures,
        ranking=ranking(figures["region"]["items"]),
        class_bars=Markup(bars(_class_bars(figures["class"]["items"]))),  # noqa: S704
        region_bars=Markup(bars(_region_bars(figures["region"]["items"]))),  # noqa: S704
        map=Markup(class_map(told["map"])),  # noqa: S704
        colours={one.term: CLASS_COLOURS[one] for one in IdleClass},
        percent=percent,
        mu=lambda amount: f"{amount['area_mu']:,.2f}",
    )


def ranking(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Regions by rank, then by code."""
    return sorted(lines, key=lambda line: (line["rank"] or 0, line["region_code"]))


def percent(share: float | None) -> str:
    """A share in per cent; a dash where there is nothing to divide by."""
    return "—" if share is None else f"{share * 100:.1f}%"


def _class_bars(lines: list[dict[str, Any]]) -> list[Bar]:
    return [
        Bar(
            line["class_text"],
            line["remaining"]["area_mu"],
            CLASS_COLOURS[IdleClass(line["class"])],
            words=f"亩，{line['remaining']['cases']} 宗",
        )
        for line in lines
    ]


def _region_bars(lines: list[dict[str, Any]]) -> list[Bar]:
    return [
        Bar(
            line["region_name"],
            line["year"]["disposed"]["area_mu"],
            _BLUE,
            line["target_mu"],
            f"亩，完成率 {percent(line['completion_rate'])}",
        )
        for line in lines
    ]
