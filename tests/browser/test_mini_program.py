"""The build for WeChat: its templates compile with WeChat's own compiler, and it is small."""

import json
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "client/phone"
BUILD = ROOT / "dist/build/mp-weixin"
WCC = ROOT / "node_modules/miniprogram-compiler/bin/linux/wcc"
MOST_BYTES = 2 * 1024 * 1024

pytestmark = pytest.mark.skipif(not BUILD.exists(), reason="make client builds it")


def templates() -> list[str]:
    return sorted(str(path.relative_to(BUILD)) for path in BUILD.rglob("*.wxml"))


def compiled(directory: Path, names: list[str], out: Path) -> subprocess.CompletedProcess[str]:
    WCC.chmod(0o755)
    command = [str(WCC), "-d", "-o", str(out), *names]
    return subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)


def test_wechats_compiler_takes_every_template(tmp_path: Path) -> None:
    out = tmp_path / "app.js"
    done = compiled(BUILD, templates(), out)
    assert done.returncode == 0, done.stderr
    assert out.stat().st_size > 10_000


def test_that_compiler_refuses_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "bad.wxml").write_text("<view><text></view>")
    assert compiled(tmp_path, ["bad.wxml"], tmp_path / "app.js").returncode != 0


def test_every_page_is_there_and_uses_a_map_of_wechat() -> None:
    app = json.loads((BUILD / "app.json").read_text("utf-8"))
    pages = list(app["pages"])
    for package in app["subPackages"]:
        pages += [f"{package['root']}/{page}" for page in package["pages"]]
    assert len(pages) > 12
    for page in pages:
        for suffix in (".wxml", ".js", ".json"):
            assert (BUILD / f"{page}{suffix}").is_file(), page
    assert "<map" in (BUILD / "map/WechatCanvas.wxml").read_text("utf-8")
    assert not list(BUILD.rglob("*maplibre*"))


def test_a_package_is_small() -> None:
    size = sum(path.stat().st_size for path in BUILD.rglob("*") if path.is_file())
    assert size < MOST_BYTES, size
