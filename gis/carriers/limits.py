"""Fencing in the reader process: resource limits, no network, only the drivers we accept."""

import ctypes
import os
import resource
from contextlib import suppress

DRIVERS = ("ESRI Shapefile", "GPKG", "OpenFileGDB", "GeoJSON", "LIBKML")
"""GDAL vector drivers that stay on."""

_SKIPPED = (
    "ADBC, AIVector, ARCGEN, AVCBin, AVCE00, AeronavFAA, AmigoCloud, Arrow, BAG, BNA, "
    "CAD, CSV, CSW, Carto, DGN, DODS, DWG, DXF, EDIGEO, EEDA, ESRIJSON, Elasticsearch, "
    "FileGDB, FlatGeobuf, GDALG, GML, GMLAS, GPSBabel, GPX, GTFS, GeoJSONSeq, GeoRSS, "
    "Geoconcept, HANA, HDF5, HTF, HTTP, IDB, Idrisi, Ingres, Interlis 1, Interlis 2, JML, "
    "JP2OpenJPEG, JSONFG, KML, LIBOPENCAD, LVBAG, MBTiles, MEM, MSSQLSpatial, MVT, "
    "MapInfo File, MapML, MiraMonVector, MongoDBv3, MySQL, NAS, NGW, OAPIF, OCI, ODBC, "
    "ODS, OGCAPI, OGR_GMT, OGR_PDS, OGR_VRT, OSM, OpenAir, PCIDSK, PDF, PDS4, PGDUMP, "
    "PGeo, PLSCENES, PMTiles, Parquet, PostgreSQL, REC, S57, SDE, SEGUKOOA, SEGY, SOSI, "
    "SQLite, SUA, SXF, Selafin, TIGER, TopoJSON, UK .NTF, VDV, VFK, VICAR, WAsP, WFS, "
    "Walk, XLSX, XODR, XPlane, netCDF"
)
"""Every other vector driver of GDAL; the reader refuses to start if one is still on."""

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_OPEN_FILES = 256


def fence(memory_bytes: int, cpu_s: int, file_bytes: int) -> None:
    """Limit this process for good; call before any untrusted byte is read and while single-threaded."""
    for name, value in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_FSIZE, file_bytes),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(name)[1]
        bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(name, (bound, bound))
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
        "GDAL_SKIP": _SKIPPED.replace(", ", ","),
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
