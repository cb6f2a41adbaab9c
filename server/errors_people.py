"""What the errors of files, WeChat and investors mean to a caller."""

from flask import Flask

from server.errors import unavailable
from server.files.blobs import BlobMissing
from server.files.photos import FileRefused
from server.files.s3 import StorageAway
from server.problems import Problem


def _file_refused(error: FileRefused) -> Problem:
    return Problem("file-refused", 422, "不能使用这个文件", str(error), {"reason": error.code})


def _blob_missing(_error: BlobMissing) -> Problem:
    return Problem("source-missing", 404, "没有这个文件", "文件已不在服务器上")


def _storage_away(_error: StorageAway) -> Problem:
    return unavailable("文件存储暂时连不上，请稍后再试")


def register(app: Flask) -> None:
    """Make these errors answer with problems."""
    app.register_error_handler(FileRefused, lambda error: _file_refused(error).response())
    app.register_error_handler(BlobMissing, lambda error: _blob_missing(error).response())
    app.register_error_handler(StorageAway, lambda error: _storage_away(error).response())
