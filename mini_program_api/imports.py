"""Imports by staff: upload, look, apply, take back; the work is done by ``kandi worker``."""

import time
from dataclasses import replace
from pathlib import Path, PurePath

from flask import Blueprint, Response, request
from sqlalchemy.exc import IntegrityError

from gis.importing import listing, profiles, queue, reports
from gis.importing.differences import differences as differences_of
from gis.importing.options import ImportOptions
from gis.importing.originals import original as original_row
from gis.importing.profiles import Profile, UnknownProfile
from gis.importing.runs import Sender, load
from gis.importing.states import JOBS, Wish
from gis.layers import Layer
from gis.query import BadQuery
from mini_program_api import import_answers as answers
from mini_program_api import import_params, params
from mini_program_api.import_params import OptionsForm
from server.accounts import guard
from server.accounts.principals import Role
from server.imports import ImportRefused, Upload, accept
from server.receiving import read_form
from server.request import connection, settings, writing
from server.uploads import Uploads

bp = Blueprint("imports", __name__, url_prefix="/api/v1")


def require_importer() -> None:
    """Let GIS staff pass, and to a run only those who have all of its regions."""
    who = guard.staff(Role.GIS)
    run_id = (request.view_args or {}).get("run_id")
    if run_id is not None:
        listing.require_within(connection(), run_id, who.prefixes(Role.GIS))


bp.before_request(require_importer)


def _sender() -> Sender:
    who = guard.staff(Role.GIS)
    return Sender(who.actor, who.prefixes(Role.GIS))


_LONGEST_NAME = 200
_POLL_S = 0.1


def uploads() -> Uploads:
    """Where this installation keeps the files of imports."""
    return Uploads(settings().data_dir)


@bp.post("/imports")
def upload() -> Response:
    """Take a file and queue its run."""
    params.once(request.args, ())
    key = import_params.idempotency_key(request.headers.get("Idempotency-Key"))
    with uploads().incoming() as folder:
        sent = _sent(folder, key)
        try:
            with writing() as transaction:
                run_id = accept(transaction, uploads(), sent, _sender())
        except IntegrityError:
            # The same key came twice at once: the other one made the run.
            with writing() as transaction:
                run_id = accept(transaction, uploads(), sent, _sender())
    return _accepted(run_id)


def _accepted(run_id: int) -> Response:
    """202 with the run; with ``Prefer: wait`` what came of it, a refusal as its problem."""
    deadline = time.monotonic() + import_params.patience(request.headers.get("Prefer", ""))
    while True:
        with writing() as transaction:
            now = listing.one(transaction, run_id)
        if now.state not in JOBS or time.monotonic() >= deadline:
            break
        time.sleep(_POLL_S)
    if now.problem and now.state not in JOBS:
        members = {"import": answers.path_of(run_id)}
        raise ImportRefused(str(now.problem["code"]), str(now.problem["message"]), members)
    return answers.respond(answers.run(now), 202, answers.path_of(run_id))


def _sent(folder: Path, key: str | None) -> Upload:
    form = read_form(request, uploads(), folder, settings().upload_mb << 20)
    layer = import_params.layer(form.fields)
    asked = import_params.form(form.fields)
    name = _clean(form.file_name or "")
    if form.path is None or not name:
        raise BadQuery("file", "请选择要上传的文件")
    return Upload(layer, form.path, name, _options(layer, asked, ImportOptions()), key)


def _clean(name: str) -> str:
    """The last part of a file name, without what no stored text can hold."""
    last = PurePath(name.replace("\\", "/")).name
    kept = "".join(c for c in last if c.isprintable() and not 0xD800 <= ord(c) <= 0xDFFF)
    return kept[-_LONGEST_NAME:]


def _options(layer: Layer, form: OptionsForm, before: ImportOptions) -> ImportOptions:
    """Options before with those of the form; a profile lies under the form's own mapping."""
    options = form.onto(before)
    if form.profile is not None:
        found = profiles.load(connection(), form.profile)
        if found.layer != layer:
            raise UnknownProfile(form.profile)
        options = replace(options, mapping={**found.mapping, **options.mapping})
    if form.save_profile is not None:
        with writing() as transaction:
            profiles.save(transaction, Profile(form.save_profile, layer, options.mapping))
    return options


@bp.get("/imports")
def runs() -> Response:
    """Runs, the newest first."""
    values = params.once(request.args, ("limit", "cursor"))
    limit = params.limit(values.get("limit", "20"), 100)
    before = params.cursor(values["cursor"]) if "cursor" in values else None
    found = listing.page(connection(), limit + 1, before, _sender().regions)
    following = params.cursor_of(found[limit - 1].id) if len(found) > limit else None
    shown = [answers.run(one) for one in found[:limit]]
    return answers.respond({"imports": shown, "next": following})


@bp.get("/imports/<int(max=9223372036854775807):run_id>")
def run(run_id: int) -> Response:
    """One run as it stands."""
    params.once(request.args, ())
    counts = reports.summary(connection(), run_id)
    return answers.respond(answers.run(listing.one(connection(), run_id), counts))


@bp.get("/imports/<int(max=9223372036854775807):run_id>/findings")
def findings(run_id: int) -> Response:
    """What was found wrong, row by row."""
    values = params.once(request.args, ("severity", "code", "crs", "limit", "cursor"))
    listing.one(connection(), run_id)
    limit = params.limit(values.get("limit", "100"), 1000)
    offset = params.cursor(values["cursor"]) if "cursor" in values else 0
    found = reports.findings(
        connection(),
        run_id,
        limit=limit + 1,
        offset=offset,
        severity=import_params.severity(values),
        code=values.get("code"),
    )
    following = params.cursor_of(offset + limit) if len(found) > limit else None
    crs = params.crs(values)
    shown = [answers.finding(one, crs) for one in found[:limit]]
    return answers.respond({"findings": shown, "next": following})


@bp.get("/imports/<int(max=9223372036854775807):run_id>/differences")
def differences(run_id: int) -> Response:
    """What applying changes in sites that are there, field by field."""
    values = params.once(request.args, ("limit", "cursor"))
    limit = params.limit(values.get("limit", "100"), 1000)
    after = params.cursor(values["cursor"]) if "cursor" in values else 0
    staged = listing.previewable(connection(), run_id)
    found = differences_of(connection(), staged, limit, after)
    full = len({one.row for one in found}) == limit
    shown = [answers.difference(one, staged.layer) for one in found]
    following = params.cursor_of(found[-1].row) if full else None
    return answers.respond({"differences": shown, "next": following})


@bp.get("/imports/<int(max=9223372036854775807):run_id>/rows/<int(max=2147483647):row>")
def original(run_id: int, row: int) -> Response:
    """One row as it stands in the file."""
    params.once(request.args, ())
    found = load(connection(), run_id)
    path = uploads().source(run_id)
    return answers.respond(answers.original(original_row(found, path, row)))


@bp.post("/imports/<int(max=9223372036854775807):run_id>/restage")
def restage(run_id: int) -> Response:
    """Read and check the file again, with other options."""
    params.once(request.args, ())
    form = import_params.body(import_params.json_body(request))
    before = load(connection(), run_id)
    uploads().source(run_id)
    return _asked(run_id, Wish.RESTAGE, _options(before.layer, form, before.options))


@bp.post("/imports/<int(max=9223372036854775807):run_id>/<any(apply, rollback, cancel):wish>")
def wish(run_id: int, wish: str) -> Response:
    """Apply a run, take it back, or give it up."""
    params.once(request.args, ())
    return _asked(run_id, Wish(wish), None)


def _asked(run_id: int, wish: Wish, options: ImportOptions | None) -> Response:
    with writing() as transaction:
        queue.ask(transaction, run_id, wish, _sender().actor, options)
    return _accepted(run_id)


@bp.get("/import-profiles")
def profile_list() -> Response:
    """Saved field mappings."""
    params.once(request.args, ())
    shown = [answers.profile(one) for one in profiles.listed(connection())]
    return answers.respond({"profiles": shown})


@bp.get("/import-profiles/<name>")
def profile(name: str) -> Response:
    """One saved field mapping."""
    params.once(request.args, ())
    return answers.respond(answers.profile(profiles.load(connection(), name)))


@bp.put("/import-profiles/<name>")
def save_profile(name: str) -> Response:
    """Save a field mapping under a name, in place of what had that name."""
    params.once(request.args, ())
    saved = import_params.profile(name, request)
    with writing() as transaction:
        profiles.save(transaction, saved)
        found = profiles.load(transaction, saved.name)
    return answers.respond(answers.profile(found))


@bp.delete("/import-profiles/<name>")
def remove_profile(name: str) -> Response:
    """Forget a field mapping."""
    params.once(request.args, ())
    with writing() as transaction:
        profiles.remove(transaction, name)
    return Response(status=204)
