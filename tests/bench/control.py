"""The control: the route that most would write, with Flask, the ORM, shapely and jsonify."""

from typing import Any

import shapely
from flask import Flask, Response, jsonify, request
from geoalchemy2 import Geometry
from geoalchemy2.shape import to_shape
from sqlalchemy import Table, create_engine, func, select
from sqlalchemy.orm import DeclarativeBase, Session

from server.config import Settings


def create_app() -> Flask:
    """The application; its table is reflected from the peers' copy of the data."""
    app = Flask(__name__)
    engine = create_engine(Settings().database_url, pool_size=4)

    class Base(DeclarativeBase):
        pass

    table = Table("parcels", Base.metadata, schema="peers", autoload_with=engine)
    assert isinstance(table.c.geom.type, Geometry)

    class Parcel(Base):
        __table__ = table

    names = [column.name for column in table.c if column.name != "geom"]

    def feature(parcel: Any) -> dict[str, object]:
        return {
            "type": "Feature",
            "id": parcel.id,
            "geometry": shapely.geometry.mapping(to_shape(parcel.geom)),
            "properties": {name: getattr(parcel, name) for name in names},
        }

    @app.get("/parcels")
    def parcels() -> Response:
        west, south, east, north = map(float, request.args["bbox"].split(","))
        box = func.ST_MakeEnvelope(west, south, east, north, 4326)
        with Session(engine) as session:
            found = session.scalars(
                select(Parcel).where(func.ST_Intersects(table.c.geom, box)).limit(200)
            )
            return jsonify(type="FeatureCollection", features=[feature(p) for p in found])

    @app.get("/parcels/<int:parcel_id>")
    def parcel(parcel_id: int) -> Response:
        with Session(engine) as session:
            return jsonify(feature(session.get(Parcel, parcel_id)))

    return app
