CREATE TABLE parks_tiles (
    id BIGINT NOT NULL,
    status TEXT NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    area_m2 NUMERIC(18, 2),
    x DOUBLE PRECISION NOT NULL,
    y DOUBLE PRECISION NOT NULL,
    geom geometry(MULTIPOLYGON,0) NOT NULL,
    geom_z14 geometry(MULTIPOLYGON,0),
    geom_z12 geometry(MULTIPOLYGON,0),
    geom_z10 geometry(MULTIPOLYGON,0),
    geometry_z14 TEXT,
    geometry_z12 TEXT,
    geometry_z10 TEXT,
    CONSTRAINT pk_parks_tiles PRIMARY KEY (id)
);
CREATE INDEX ix_parks_tiles_geom ON parks_tiles USING gist (geom);

CREATE TABLE parks_cells (
    x INTEGER NOT NULL,
    y INTEGER NOT NULL,
    status TEXT NOT NULL,
    sites BIGINT NOT NULL,
    sum_x BIGINT NOT NULL,
    sum_y BIGINT NOT NULL,
    area_m2 NUMERIC NOT NULL,
    CONSTRAINT pk_parks_cells PRIMARY KEY (x, y, status)
);

CREATE TABLE parcels_tiles (
    id BIGINT NOT NULL,
    status TEXT NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    area_m2 NUMERIC(18, 2),
    x DOUBLE PRECISION NOT NULL,
    y DOUBLE PRECISION NOT NULL,
    geom geometry(MULTIPOLYGON,0) NOT NULL,
    geom_z14 geometry(MULTIPOLYGON,0),
    geom_z12 geometry(MULTIPOLYGON,0),
    geom_z10 geometry(MULTIPOLYGON,0),
    geometry_z14 TEXT,
    geometry_z12 TEXT,
    geometry_z10 TEXT,
    CONSTRAINT pk_parcels_tiles PRIMARY KEY (id)
);
CREATE INDEX ix_parcels_tiles_geom ON parcels_tiles USING gist (geom);

CREATE TABLE parcels_cells (
    x INTEGER NOT NULL,
    y INTEGER NOT NULL,
    status TEXT NOT NULL,
    sites BIGINT NOT NULL,
    sum_x BIGINT NOT NULL,
    sum_y BIGINT NOT NULL,
    area_m2 NUMERIC NOT NULL,
    CONSTRAINT pk_parcels_cells PRIMARY KEY (x, y, status)
);

CREATE TABLE plants_tiles (
    id BIGINT NOT NULL,
    status TEXT NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    area_m2 NUMERIC(18, 2),
    x DOUBLE PRECISION NOT NULL,
    y DOUBLE PRECISION NOT NULL,
    geom geometry(MULTIPOLYGON,0) NOT NULL,
    geom_z14 geometry(MULTIPOLYGON,0),
    geom_z12 geometry(MULTIPOLYGON,0),
    geom_z10 geometry(MULTIPOLYGON,0),
    geometry_z14 TEXT,
    geometry_z12 TEXT,
    geometry_z10 TEXT,
    CONSTRAINT pk_plants_tiles PRIMARY KEY (id)
);
CREATE INDEX ix_plants_tiles_geom ON plants_tiles USING gist (geom);

CREATE TABLE plants_cells (
    x INTEGER NOT NULL,
    y INTEGER NOT NULL,
    status TEXT NOT NULL,
    sites BIGINT NOT NULL,
    sum_x BIGINT NOT NULL,
    sum_y BIGINT NOT NULL,
    area_m2 NUMERIC NOT NULL,
    CONSTRAINT pk_plants_cells PRIMARY KEY (x, y, status)
);
