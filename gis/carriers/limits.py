"""Fencing in the reader process: resource limits, no network, only the drivers we accept."""

import ctypes
import os
import resource
from contextlib import suppress

DRIVERS = ("ESRI Shapefile", "GPKG", "OpenFileGDB", "GeoJSON", "LIBKML")
"""GDAL vector drivers that stay on."""

_SKIPPED = (
    "ADBC, AIVector, AVCBin, AVCE00, AmigoCloud, CSV, CSW, Carto, DGN, DXF, EDIGEO, EEDA, "
    "ESRIJSON, Elasticsearch, FlatGeobuf, GDALG, GML, GPSBabel, GPX, GTFS, GeoJSONSeq, "
    "GeoRSS, HTTP, Idrisi, JML, JSONFG, KML, LVBAG, MBTiles, MEM, MVT, MapInfo File, "
    "MapML, MiraMonVector, NGW, OAPIF, ODS, OGCAPI, OGR_GMT, OGR_PDS, OGR_VRT, OSM, "
    "PCIDSK, PDF, PDS4, PGDUMP, PLSCENES, PMTiles, S57, SQLite, SXF, Selafin, TopoJSON, "
    "VDV, VFK, VICAR, WAsP, WFS, XLSX"
)
"""Every other vector driver of GDAL; the reader refuses to start if one is still on."""

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_OPEN_FILES = 256


def fence(memory_bytes: int, cpu_s: int, file_bytes: int) -> None:
    """Limit this process for good; call it while single-threaded, before any untrusted byte."""
    for name, value in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_FSIZE, file_bytes),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(name)[1]
        bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
        # Past the soft CPU limit comes SIGXCPU, which the parent can tell from a crash.
        resource.setrlimit(name, (bound, bound + 2 if name == resource.RLIMIT_CPU else bound))
    drop_network()


def drop_network() -> bool:
    """Leave the network namespace, best effort: unprivileged systems may forbid it."""
    with suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(_CLONE_NEWNET) == 0:
            return True
        return bool(libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0)
    return False


def reader_environment() -> dict[str, str]:
    """The whole environment of the reader process; nothing of ours is inherited."""
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "OPENPYXL_LXML": "False",
        "OGR_SKIP": _SKIPPED.replace(", ", ","),
        "GDAL_DRIVER_PATH": "disable",
        "GDAL_HTTP_MAX_RETRY": "0",
        "GDAL_HTTP_TIMEOUT": "1",
        "GDAL_HTTP_CONNECTTIMEOUT": "1",
        "GDAL_DISABLE_READDIR_ON_OPEN": "FALSE",
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
        "CPL_VSIL_CURL_USE_HEAD": "NO",
        "GDAL_PAM_ENABLED": "NO",
        "GDAL_NUM_THREADS": "1",
        "OGR_ARROW_LARGE_STRING": "NO",
        "OGR_SQLITE_LOAD_EXTENSIONS": "",
        "OGR_GEOJSON_MAX_OBJ_SIZE": "100",
        "PROJ_NETWORK": "OFF",
    }
