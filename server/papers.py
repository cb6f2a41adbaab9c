"""HTML made into PDF by WeasyPrint, without any network: a page holds all it needs."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from weasyprint.document import Document


def laid_out(html: str) -> "Document":
    """The pages of a document; whatever asks for something from elsewhere fails."""
    # Half a second and 40 MB that only who prints should pay for, not every command and worker.
    from weasyprint import HTML  # noqa: PLC0415
    from weasyprint.urls import URLFetcher  # noqa: PLC0415

    return HTML(string=html, url_fetcher=URLFetcher(allowed_protocols=())).render()
