"""Pictures of mini-program codes: asked of WeChat once, then kept with the other files."""

import hashlib

from server.files.blobs import BlobMissing
from server.people.services import Services
from server.people.shares import scene_of


def of(services: Services, code: str) -> bytes:
    """The picture of a share code; raises what WeChat says if it is not kept yet."""
    config = services.config
    about = f"{config.wechat_appid}|{config.wechat_page}|{code}"
    name = f"{hashlib.sha256(about.encode()).hexdigest()}-wxacode"
    try:
        return services.blobs.get(name)
    except BlobMissing:
        picture = services.require_wechat().mini_code(scene_of(code), config.wechat_page)
    services.blobs.put(name, picture)
    return picture
