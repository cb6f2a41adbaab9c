"""What siting refuses, as answers."""

from flask import Flask

from gis.siting.criteria import BadCriteria
from server.problems import Problem


def register(app: Flask) -> None:
    """Make criteria that cannot be asked answer with a problem that names the field."""
    app.register_error_handler(BadCriteria, lambda error: _bad_criteria(error).response())


def _bad_criteria(error: BadCriteria) -> Problem:
    return Problem(
        "invalid-criteria",
        422,
        "选址条件有误",
        f"{error.field}：{error.detail}",
        {"field": error.field},
    )
