"""Who is staff: until there are accounts, whoever brings the installation's token."""

import hmac

from flask import request

from server.accounts.principals import StaffOnly, Unauthenticated
from server.request import settings

ACTOR = "staff"
"""Name of staff in runs and audit, until accounts say who it was."""

_UNSET = "本服务未设置工作人员令牌：请管理员设置环境变量 KANDI_STAFF_TOKEN 后重启服务"


def require() -> None:
    """Let staff pass; :class:`StaffOnly` if nobody can be staff here, :class:`Unauthenticated`."""
    token = settings().staff_token
    if token is None:
        raise StaffOnly(_UNSET)
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    expected = token.get_secret_value().encode()
    # Compared even where the scheme is wrong, in the same time wherever the difference is.
    same = hmac.compare_digest(given.strip().encode(), expected)
    if scheme.lower() != "bearer" or not same:
        raise Unauthenticated
