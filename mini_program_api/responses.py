"""Flask responses of the API around the bytes of ``answers``."""

from collections.abc import Callable, Sequence

from flask import Response, request

from gis.crs import Crs
from mini_program_api import answers
from mini_program_api.answers import GEOJSON, etag

__all__ = ["GEOJSON", "canonical_query", "conditional", "etag", "plain_collection"]


def conditional(
    tag: str, make: Callable[[], str | bytes], media_type: str, crs: Crs | None = None
) -> Response:
    """304 when the caller holds that tag, else the body; it may be kept but must be checked.

    An answer for staff depends on who asks, so no tag stands for it.
    """
    if crs is not None and crs is not Crs.GCJ02:
        return Response(make(), headers=answers.headers(tag, crs), content_type=media_type)
    held = answers.held(request.headers.get("If-None-Match"), tag)
    headers = answers.headers(held or tag, crs)
    if held:
        return Response(status=304, headers=headers)
    return Response(make(), headers=headers, content_type=media_type)


def canonical_query() -> dict[str, str]:
    """The arguments of this request in order, so equal questions have equal answers."""
    return answers.canonical(request.args)


def plain_collection(features: Sequence[str], crs: Crs) -> str:
    """A FeatureCollection that has no pages."""
    head = f'{{"type":"FeatureCollection","coordSys":"{crs.label}","features":['
    return f"{head}{','.join(features)}]}}"
