"""The fake WeChat beside a server that tries things out: a child process that ends with it."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from server import parent
from server.config import Settings, settings

APPID, SECRET = "wx-fake", "fake-secret"


def is_wanted(config: Settings) -> bool:
    """Whether nothing says where WeChat is, and nobody depends on it being the real one."""
    return config.wechat_base_url is None and not config.production and not config.wechat_appid


@contextmanager
def fake_wechat() -> Iterator[str]:
    """Serve the fake while the block lasts; processes that it starts find it by their settings."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    # Its standard input is a pipe that ends when we do, however we end.
    child = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "server.cli", "fake-wechat", "--port", str(port), "--until-eof"],
        stdin=subprocess.PIPE,
        env=parent.told(),
    )
    address = f"http://127.0.0.1:{port}"
    set_here = {
        "KANDI_WECHAT_BASE_URL": address,
        "KANDI_WECHAT_APPID": APPID,
        "KANDI_WECHAT_SECRET": SECRET,
        "KANDI_WECHAT_MATCH_TEMPLATE": "demo-match:thing1,number2,time3",
        "KANDI_WECHAT_REPLY_TEMPLATE": "demo-reply:character_string1,phrase2,time3",
    }
    before = {name: os.environ.get(name) for name in set_here}
    os.environ.update(set_here)
    settings.cache_clear()
    try:
        yield address
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
        child.terminate()
        child.wait()
