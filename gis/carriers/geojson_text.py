"""GeoJSON text: complete, and UTF-8 before GDAL reads it."""

from pathlib import Path

from gis.carriers.model import CarrierError, EncodingEvidence
from gis.carriers.text_encoding import decode_text


def check_geojson(path: Path, declared: str | None) -> EncodingEvidence:
    """Check that the text is whole; rewrite a GBK file in place as UTF-8."""
    raw = path.read_bytes()
    text, evidence = decode_text(raw, declared)
    body = text.strip()
    if not body.startswith("{"):
        raise CarrierError("geojson-damaged", "不是有效的 GeoJSON 文件：应以 { 开头。")
    if not body.endswith("}"):
        raise CarrierError("truncated", "GeoJSON 文件不完整（没有结尾），请重新复制或重新导出。")
    if '"features"' not in body and '"coordinates"' not in body and '"geometr' not in body:
        raise CarrierError("geojson-damaged", "JSON 文件里没有 GeoJSON 要素。")
    if evidence.encoding != "utf-8":
        path.write_text(text, encoding="utf-8")
    how = "format" if evidence.how == "utf-8-trial" else evidence.how
    return EncodingEvidence(evidence.encoding, how)
