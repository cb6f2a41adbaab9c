"""The corpus of broken and hostile uploads: name -> (how to build it, expected code).

The cases stand in ``hostile_shapefiles``, ``hostile_archives`` and ``hostile_containers``.
"""

from collections.abc import Callable

Upload = tuple[str, bytes]
CASES: dict[str, tuple[Callable[[], Upload], str]] = {}
"""Every case: how to build the upload, and the code of the error or of an error finding."""

VRT = b'<OGRVRTDataSource><OGRVRTLayer name="passwd"><SrcDataSource>CSV:/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'  # noqa: E501


def case(code: str) -> Callable[[Callable[[], Upload]], Callable[[], Upload]]:
    def keep(build: Callable[[], Upload]) -> Callable[[], Upload]:
        CASES[build.__name__.replace("_", "-")] = (build, code)
        return build

    return keep


def add(name: str, code: str, upload: Callable[[], Upload]) -> None:
    CASES[name] = (upload, code)
