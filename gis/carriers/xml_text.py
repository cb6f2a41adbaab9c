"""KML text: refused where it could expand or fetch, turned into UTF-8 where it is not."""

import re
from pathlib import Path

from gis.carriers.model import CarrierError, EncodingEvidence
from gis.carriers.text_encoding import decode_text

_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.-]{1,40})[\"']")


def check_xml(path: Path) -> EncodingEvidence:
    """Refuse document types; rewrite a GBK file in place as UTF-8, which libkml needs."""
    raw = path.read_bytes()
    if b"<!DOCTYPE" in raw or b"<!ENTITY" in raw:
        raise CarrierError("xml-entity", "KML 文件含有 DOCTYPE/ENTITY 声明，为安全起见不读取。")
    declared = _DECLARED.search(raw[:500])
    label = declared.group(1).decode() if declared else None
    if label and label.lower() in {"utf-8", "utf8"}:
        label = None
    text, evidence = decode_text(raw, label)
    if "<kml" not in text[:5000].lower():
        raise CarrierError("kml-damaged", "不是有效的 KML 文件。")
    if evidence.encoding != "utf-8":
        body = re.sub(
            r"^\s*<\?xml[^>]*\?>", '<?xml version="1.0" encoding="UTF-8"?>', text, count=1
        )
        path.write_text(body, encoding="utf-8")
    return EncodingEvidence(evidence.encoding, "format" if label is None else evidence.how)
