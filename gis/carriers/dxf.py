"""DXF drawings: closed polylines and hatches as polygons, one table per layer, labels as TEXT."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import shapely
from ezdxf import path as dxf_path
from ezdxf import recover
from ezdxf.document import Drawing
from ezdxf.entities.dxfentity import DXFEntity
from ezdxf.entities.hatch import Hatch
from ezdxf.entities.lwpolyline import LWPolyline
from ezdxf.entities.mtext import MText
from ezdxf.entities.polyline import Polyline
from ezdxf.filemanagement import readfile
from ezdxf.lldxf.const import DXFError

from gis.carriers.crs_detect import CrsHints, detect
from gis.carriers.model import (
    CarrierError,
    EncodingEvidence,
    Finding,
    Located,
    ReadOptions,
    Severity,
    Source,
    TableInfo,
)
from gis.carriers.rings import Coordinates, assemble
from gis.carriers.rows import Row, batches
from gis.carriers.text_encoding import canonical, decode_text

COLUMNS = ("图层", "句柄", "图元", "TEXT")
_CHORD_M = 0.005
"""Largest distance of an arc from the chords that replace it."""
_CLOSED_M = 0.001
_SAMPLE = 8
_UNICODE_VERSION = "AC1021"


@dataclass
class _Layer:
    shapes: list[tuple[str, str, shapely.Geometry]] = field(default_factory=list)
    open_lines: int = 0


def _load(source: Source, options: ReadOptions) -> tuple[Drawing, EncodingEvidence]:
    path = Path(source.path)
    with path.open("rb") as file:
        if file.read(22).startswith((b"AC10", b"AutoCAD Binary DXF")):
            message = "是 DWG 或二进制 DXF，请在 CAD 中另存为文本 DXF（R2000 格式）后上传。"
            raise CarrierError("dxf-damaged", message)
    evidence = _encoding(path, options)
    try:
        drawing = readfile(path, encoding=evidence.encoding)
    except (DXFError, OSError, UnicodeDecodeError, ValueError):
        try:
            drawing, _ = recover.readfile(path)
        except (DXFError, OSError, ValueError) as error:
            message = "DXF 文件已损坏或不完整，请在 CAD 中另存为 DXF（R2000 格式）后上传。"
            raise CarrierError("dxf-damaged", message, str(error)) from error
    return drawing, evidence


def _encoding(path: Path, options: ReadOptions) -> EncodingEvidence:
    """Code page of the header where it says a Chinese one, else by trial: drawings often lie."""
    if options.encoding:
        return EncodingEvidence(canonical(options.encoding) or options.encoding, "declared")
    raw = path.read_bytes()
    head = raw[:20_000].replace(b"\r", b"").split(b"\n")
    words = [word.strip() for word in head]

    def variable(name: bytes) -> str:
        place = words.index(name) if name in words else -1
        return words[place + 2].decode("ascii", "replace") if 0 <= place < len(words) - 2 else ""

    if variable(b"$ACADVER") >= _UNICODE_VERSION:
        return EncodingEvidence("utf-8", "format")
    page = canonical(variable(b"$DWGCODEPAGE") or "?")
    if page in ("gb18030", "cp950"):
        return EncodingEvidence(page, "format")
    _, evidence = decode_text(raw)
    return evidence


def describe(source: Source, options: ReadOptions) -> list[Located]:
    """One table per layer that holds a closed outline."""
    drawing, evidence = _load(source, options)
    layers = _layers(drawing)
    labels = _labels(drawing)
    sample = tuple(dict.fromkeys(text for text, _ in labels if not text.isascii()))[:_SAMPLE]
    encoding = EncodingEvidence(evidence.encoding, evidence.how, sample)
    tables = []
    for name, layer in layers.items():
        if layer.shapes:
            tables.append(_table(source, options, name, layer, encoding))
    if not tables:
        message = "图中没有闭合的多段线或填充，无法形成面；请把地块边界做成闭合多段线。"
        raise CarrierError("dxf-no-polygons", message)
    return tables


def _table(
    source: Source, options: ReadOptions, name: str, layer: _Layer, encoding: EncodingEvidence
) -> Located:
    shapes = np.asarray([shape for _, _, shape in layer.shapes], dtype=object)
    xmin, ymin, xmax, ymax = (float(value) for value in shapely.total_bounds(shapes))
    verdict = detect(
        CrsHints(
            (xmin, ymin, xmax, ymax),
            options.crs_epsg,
            options.default_zone_epsg,
            datums=options.datums,
        )
    )
    findings = list(verdict.findings)
    if layer.open_lines:
        message = f"图层“{name}”有 {layer.open_lines} 条没有闭合的多段线，不能成面，未读取。"
        findings.append(Finding("dxf-open-polyline", Severity.WARNING, message))
    info = TableInfo(name, COLUMNS, len(shapes), ("Polygon",), verdict.evidence, encoding,
                     tuple(findings))  # fmt: skip
    return Located(info, source, name, verdict.swap_axes)


def read(located: Located, options: ReadOptions, size: int) -> Iterator[pa.RecordBatch]:
    """Polygons of one layer; TEXT joins the labels that stand inside, top to bottom."""
    drawing, _ = _load(located.source, options)
    shapes = _layers(drawing)[located.layer].shapes
    texts = _texts_inside([shape for _, _, shape in shapes], _labels(drawing))
    rows: list[Row] = []
    for number, ((handle, kind, shape), text) in enumerate(zip(shapes, texts, strict=True), 1):
        turned = shapely.transform(shape, lambda xy: xy[:, ::-1]) if located.swap_axes else shape
        rows.append(((located.layer, handle, kind, text), number, turned))
    yield from batches(COLUMNS, rows, size, geometry=True)


def _layers(drawing: Drawing) -> dict[str, _Layer]:
    layers: dict[str, _Layer] = defaultdict(_Layer)
    for entity in drawing.modelspace().query("LWPOLYLINE POLYLINE HATCH"):
        layer = layers[str(entity.dxf.layer)]
        rings = _outlines(entity)
        if rings:
            shape = assemble(rings).geometry
            layer.shapes.append((str(entity.dxf.handle), entity.dxftype(), shape))
        elif not isinstance(entity, Hatch):
            layer.open_lines += 1
    return layers


def _outlines(entity: DXFEntity) -> list[Coordinates]:
    """Closed rings of an entity in world coordinates, arcs as short chords."""
    if isinstance(entity, Hatch):
        paths = list(dxf_path.from_hatch(entity))
    elif isinstance(entity, LWPolyline) or (
        isinstance(entity, Polyline) and entity.get_mode() in ("AcDb2dPolyline", "AcDb3dPolyline")
    ):
        paths = [dxf_path.make_path(entity)]
    else:
        return []
    rings = []
    for outline in paths:
        points = np.asarray([(p.x, p.y) for p in outline.flattening(_CHORD_M)], dtype=np.float64)
        if len(points) > 3 and float(np.abs(points[0] - points[-1]).max()) < _CLOSED_M:
            rings.append(points[:-1])
    return rings


def _labels(drawing: Drawing) -> list[tuple[str, tuple[float, float]]]:
    labels = []
    for entity in drawing.modelspace().query("TEXT MTEXT"):
        text = str(entity.plain_text()) if isinstance(entity, MText) else str(entity.dxf.text)
        place = entity.dxf.insert
        if text.strip():
            labels.append((" ".join(text.split()), (float(place.x), float(place.y))))
    return labels


def _texts_inside(
    shapes: list[shapely.Geometry], labels: list[tuple[str, tuple[float, float]]]
) -> list[str]:
    inside: list[list[tuple[float, str]]] = [[] for _ in shapes]
    if labels:
        places = shapely.points([place for _, place in labels])
        for label, shape in shapely.STRtree(shapes).query(places, predicate="within").T:
            text, (_, y) = labels[label]
            inside[shape].append((-y, text))
    return [" ".join(text for _, text in sorted(found)) for found in inside]
