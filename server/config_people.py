"""Settings of what serves people: WeChat, keys of personal data, files, limits of logins."""

import re

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings

WECHAT = "https://api.weixin.qq.com"
_LOOPBACK = ("http://127.0.0.1", "http://localhost", "http://[::1]")
_ROBOT = re.compile(r"\d{0,9}=(https://[^/\s]+|http://(127\.0\.0\.1|localhost)(:\d+)?)/\S+")


class PeopleSettings(BaseSettings):
    """A part of :class:`server.config.Settings`."""

    production: bool = Field(
        default=False,
        description="refuse what is for trying out only: demo users, fake WeChat, keys made here",
    )
    wechat_base_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^/?#]+$",
        description="where WeChat's interface is; unset outside production: a fake one of ours",
    )
    wechat_appid: str = Field(default="", description="AppID of the mini program; empty: no WeChat")
    wechat_secret: SecretStr | None = Field(
        default=None, description="AppSecret of the mini program"
    )
    wechat_timeout_s: float = Field(
        default=2.0, gt=0, le=10, description="how long one call of WeChat may take, in seconds"
    )
    wechat_match_template: str = Field(
        default="",
        pattern=r"^(|[\w-]+:\w+,\w+,\w+)$",
        description="subscribe message of new matches: template:name,count,time",
    )
    wechat_reply_template: str = Field(
        default="",
        pattern=r"^(|[\w-]+:\w+,\w+,\w+)$",
        description="subscribe message of an answered enquiry: template:number,state,time",
    )
    staff_robots: SecretStr | None = Field(
        default=None,
        description="group robots of 企业微信 that tell staff of enquiries: region=address pairs",
    )
    wechat_page: str = Field(
        default="pages/map/index",
        pattern=r"^[\w-]+(/[\w-]+)*$",
        description="page of the mini program that codes and messages open",
    )
    privacy_keys: SecretStr | None = Field(
        default=None,
        description="id:key pairs that seal personal data, the first one seals; 32 bytes in base64",
    )
    logins_per_minute: int = Field(
        default=20, ge=1, description="most logins that one address may try in a minute"
    )
    investor_session_days: int = Field(
        default=30, ge=1, le=365, description="days after which an investor logs in again"
    )
    photo_mb: int = Field(default=20, ge=1, le=100, description="largest photo, in MB")
    document_mb: int = Field(default=50, ge=1, le=500, description="largest document, in MB")
    photo_megapixels: int = Field(
        default=60, ge=1, le=200, description="most pixels of a photo, in millions"
    )
    panorama_hosts: str = Field(
        default="720yun.com",
        pattern=r"^[a-z0-9.-]+(,[a-z0-9.-]+)*$",
        description="hosts, with those below them, that panoramas may be linked from",
    )
    s3_endpoint: str | None = Field(
        default=None,
        pattern=r"^https?://[^/?#]+$",
        description="S3-compatible storage of photos and documents; unset: the data directory",
    )
    s3_bucket: str = Field(default="kandi", description="bucket of the S3-compatible storage")
    s3_region: str = Field(default="us-east-1", description="region of the S3-compatible storage")
    s3_access_key: str = Field(default="", description="access key of the S3-compatible storage")
    s3_secret_key: SecretStr | None = Field(
        default=None, description="secret key of the S3-compatible storage"
    )

    @model_validator(mode="after")
    def _no_fake_in_production(self) -> "PeopleSettings":
        if self.production and self.wechat_base_url and self.wechat_is_fake:
            raise ValueError("KANDI_WECHAT_BASE_URL: a fake WeChat is refused in production")
        return self

    @model_validator(mode="after")
    def _robots_are_pairs(self) -> "PeopleSettings":
        for pair in self._robot_pairs():
            if not _ROBOT.fullmatch(pair):
                raise ValueError("KANDI_STAFF_ROBOTS: 330503=https://… pairs, by commas")
        return self

    def _robot_pairs(self) -> list[str]:
        said = "" if self.staff_robots is None else self.staff_robots.get_secret_value()
        return [pair.strip() for pair in said.split(",") if pair.strip()]

    @property
    def robot_addresses(self) -> dict[str, str]:
        """Addresses of group robots by the prefix of the regions that they are for."""
        return dict(pair.split("=", 1) for pair in self._robot_pairs())

    @property
    def wechat_is_fake(self) -> bool:
        """Whether what answers as WeChat is a server on this machine."""
        return (self.wechat_base_url or "").startswith(_LOOPBACK)

    @property
    def wechat_address(self) -> str:
        """Where WeChat's interface is."""
        return self.wechat_base_url or WECHAT

    @property
    def panorama_host_list(self) -> tuple[str, ...]:
        """The hosts that panoramas may be linked from."""
        return tuple(self.panorama_hosts.split(","))
