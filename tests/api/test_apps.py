"""Built apps as a browser gets them: packed, kept, and with nothing from elsewhere."""

import gzip
import re
from pathlib import Path

import brotli
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import AppMaker

NOWHERE = "postgresql+psycopg2://nobody@127.0.0.1:1/nothing"
SCRIPT = b"console.log('kandi');" * 50
PAGE = b"<!doctype html><title>app</title>"


@pytest.fixture
def built(make_app: AppMaker, tmp_path: Path) -> FlaskClient:
    for app in ("phone/dist/build/h5", "console/dist"):
        assets = tmp_path / app / "assets"
        assets.mkdir(parents=True)
        (tmp_path / app / "index.html").write_bytes(PAGE)
        (tmp_path / app / "sw.js").write_bytes(SCRIPT)
        (assets / "index-CVXzWCx2.js").write_bytes(SCRIPT)
        (assets / "index-CVXzWCx2.js.br").write_bytes(brotli.compress(SCRIPT))
        (assets / "index-CVXzWCx2.js.gz").write_bytes(gzip.compress(SCRIPT))
        (assets / "pin.png").write_bytes(b"png")
    (tmp_path / "secret.txt").write_text("secret")
    return make_app(NOWHERE, client_dir=tmp_path).test_client()


def got(client: FlaskClient, path: str, **headers: str) -> TestResponse:
    """The answer, read to its end, so that its file is closed."""
    asked = {name.replace("_", "-"): value for name, value in headers.items()}
    response = client.get(path, headers=asked, buffered=True)
    response.close()
    return response


@pytest.mark.parametrize("base", ["/m/", "/console/"])
def test_a_page_is_asked_for_at_every_visit_and_loads_from_here_only(
    built: FlaskClient, base: str
) -> None:
    response = got(built, base)
    assert (response.status_code, response.data) == (200, PAGE)
    assert response.cache_control.no_cache
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy
    again = got(built, base, If_None_Match=response.headers["ETag"])
    assert again.status_code == 304


def test_a_page_may_load_the_tiles_that_its_map_is_drawn_on(
    make_app: AppMaker, tmp_path: Path
) -> None:
    policies = {}
    for provider in ("tencent", "tianditu"):
        for app in ("phone/dist/build/h5", "console/dist"):
            (tmp_path / app).mkdir(parents=True, exist_ok=True)
            (tmp_path / app / "index.html").write_bytes(PAGE)
        client = make_app(NOWHERE, client_dir=tmp_path, base_map=provider).test_client()
        for base in ("/m/", "/console/"):
            policies[provider, base] = got(client, base).headers["Content-Security-Policy"]
    allowed = {key: set(re.findall(r"https://([^\s;]+)", one)) for key, one in policies.items()}
    tencent = {f"rt{n}.map.gtimg.com" for n in range(4)}
    assert allowed["tencent", "/m/"] == allowed["tencent", "/console/"] == tencent
    assert allowed["tianditu", "/m/"] == set()
    assert allowed["tianditu", "/console/"] == {f"t{n}.tianditu.gov.cn" for n in range(8)}


def test_the_worker_that_opens_the_app_offline_is_asked_for_anew(built: FlaskClient) -> None:
    response = got(built, "/m/sw.js")
    assert response.cache_control.no_cache
    assert response.cache_control.max_age is None
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    assert response.mimetype == "text/javascript"


@pytest.mark.parametrize(
    ("accepts", "encoding"),
    [("gzip, deflate, br, zstd", "br"), ("gzip", "gzip"), ("", None), ("br;q=0, gzip", "gzip")],
)
def test_a_script_comes_as_the_build_packed_it(
    built: FlaskClient, accepts: str, encoding: str | None
) -> None:
    response = got(built, "/m/assets/index-CVXzWCx2.js", Accept_Encoding=accepts)
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[encoding]
    assert response.content_encoding == encoding
    assert unpack(response.data) == SCRIPT
    assert response.mimetype == "text/javascript"
    assert response.headers["Vary"] == "Accept-Encoding"
    assert response.cache_control.immutable
    assert response.cache_control.max_age == 31_536_000


def test_a_name_without_a_hash_is_not_kept_for_ever(built: FlaskClient) -> None:
    response = got(built, "/m/assets/pin.png")
    assert response.cache_control.max_age == 86_400
    assert not response.cache_control.immutable


def test_the_console_answers_its_own_addresses_with_its_page(built: FlaskClient) -> None:
    assert got(built, "/console/cases/5").data == PAGE
    assert got(built, "/console/assets/gone-CVXzWCx2.js").status_code == 404
    assert got(built, "/m/cases/5").status_code == 404


@pytest.mark.parametrize("path", ["/m/../../../secret.txt", "/m/%2e%2e/%2e%2e/%2e%2e/secret.txt"])
def test_nothing_beside_the_build_is_served(built: FlaskClient, path: str) -> None:
    assert got(built, path).status_code == 404


def test_who_forgot_to_build_is_told(make_app: AppMaker, tmp_path: Path) -> None:
    response = make_app(NOWHERE, client_dir=tmp_path).test_client().get("/m/")
    assert response.status_code == 503
    assert "make client" in response.text
