"""A WeChat for tests: the fake one over real HTTP, and a client that keeps its token in memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from server.wechat.client import Account, Wechat, fetch_token
from server.wechat.fake import serving
from server.wechat.fake_answers import FakeWechat
from server.wechat.transport import Transport

SECRET = "secret-of-the-app-canary"


@dataclass
class OwnTokens:
    """The token of one process, as if there were no other."""

    transport: Transport
    account: Account
    token: str | None = None

    def current(self) -> str:
        if self.token is None:
            self.token = fetch_token(self.transport, self.account, force=False).token
        return self.token

    def renewed(self, rejected: str) -> str:
        assert rejected == self.token
        self.token = None
        return self.current()


@dataclass
class Faked:
    """The fake, where it listens, and a client of it."""

    fake: FakeWechat
    address: str
    client: Wechat


@contextmanager
def faked() -> Iterator[Faked]:
    """A fake of one's own for as long as the block lasts."""
    fake = FakeWechat("wx-test", SECRET)
    with serving(fake) as address:
        transport, account = Transport(address, 0.8), Account(fake.appid, fake.secret)
        yield Faked(fake, address, Wechat(transport, account, OwnTokens(transport, account)))
