"""The application: puts settings, database, errors and blueprints together, and nothing else."""

from flask import Flask
from flask.json.provider import DefaultJSONProvider

from mini_program_api.blueprint import DrawnConverter, LayerConverter
from mini_program_api.blueprint import bp as api
from mini_program_api.cockpit import bp as cockpit
from mini_program_api.disposal_cases import bp as disposal_cases
from mini_program_api.disposal_files import bp as disposal_files
from mini_program_api.disposal_law import bp as disposal_law
from mini_program_api.disposal_maps import bp as disposal_maps
from mini_program_api.disposal_notices import bp as disposal_notices
from mini_program_api.disposal_register import bp as disposal_register
from mini_program_api.disposal_reports import bp as disposal_reports
from mini_program_api.disposal_scans import bp as disposal_scans
from mini_program_api.disposal_statistics import bp as disposal_statistics
from mini_program_api.edits import bp as edits
from mini_program_api.exports import bp as exports
from mini_program_api.import_files import bp as import_files
from mini_program_api.imports import bp as imports
from mini_program_api.maps import bp as maps
from mini_program_api.openapi import bp as openapi
from mini_program_api.oversight import bp as oversight
from mini_program_api.people import PEOPLE
from mini_program_api.sessions import bp as sessions
from mini_program_api.siting import bp as siting
from mini_program_api.tiles import bp as tiles
from mini_program_api.users import bp as users
from mini_program_api.workbench import bp as workbench
from server import encoding, errors, errors_people, errors_siting, request
from server.apps import bp as apps
from server.config import Settings
from server.config import settings as process_settings
from server.db import request_engine
from server.health import bp as health
from server.override import PatchOverride
from server.pins import bp as pins
from server.web import bp as web

BLUEPRINTS = (
    *PEOPLE,
    api,
    disposal_cases,
    disposal_files,
    cockpit,
    disposal_law,
    disposal_maps,
    disposal_notices,
    disposal_register,
    disposal_reports,
    disposal_scans,
    disposal_statistics,
    edits,
    exports,
    import_files,
    imports,
    maps,
    openapi,
    oversight,
    sessions,
    siting,
    tiles,
    workbench,
    users,
    apps,
    health,
    pins,
    web,
)


def create_app(config: Settings | None = None) -> Flask:
    """The WSGI application of one installation; it connects at the first request."""
    config = config or process_settings()
    app = Flask(__name__, static_folder=None)
    app.wsgi_app = PatchOverride(app.wsgi_app)  # type: ignore[method-assign]
    provider = DefaultJSONProvider(app)
    provider.ensure_ascii = provider.sort_keys = False
    app.json = provider
    app.url_map.converters |= {"layer": LayerConverter, "drawn": DrawnConverter}
    request.register(app, config, request_engine(config))
    errors.register(app)
    errors_people.register(app)
    errors_siting.register(app)
    encoding.register(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app
