"""Group robots of 企业微信: an address with a key in it takes texts for a group of people.

https://developer.work.weixin.qq.com/document/path/91770
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from server.wechat.transport import Call, Transport

TOO_OFTEN = 45009
"""More than 20 messages a minute of one robot."""


@dataclass(frozen=True, repr=False)
class Robots:
    """The robots of an installation, by the prefix of the regions that they are for."""

    addresses: Mapping[str, str]
    timeout_s: float
    _transports: dict[str, Transport] = field(default_factory=dict)

    def of(self, region_code: str | None) -> str | None:
        """The address for a region: the one whose prefix is longest; None if there is none."""
        fitting = [one for one in self.addresses if (region_code or "").startswith(one)]
        return self.addresses[max(fitting, key=len)] if fitting else None

    def say(self, address: str, text: str) -> None:
        """Post a text; :class:`WechatAway` or :class:`WechatRefused` if it is not taken."""
        parts = urlsplit(address)
        base = f"{parts.scheme}://{parts.netloc}"
        transport = self._transports.setdefault(base, Transport(base, self.timeout_s))
        body = {"msgtype": "text", "text": {"content": text}}
        transport.json(Call(parts.path, dict(parse_qsl(parts.query)), body))
