"""The application: puts settings, database, errors and blueprints together, and nothing else."""

from flask import Flask
from flask.json.provider import DefaultJSONProvider

from mini_program_api.blueprint import DrawnConverter, LayerConverter
from mini_program_api.blueprint import bp as api
    disposal_cases,
    disposal_files,
