CREATE TABLE road_speeds (
    highway TEXT NOT NULL,
    km_per_h DOUBLE PRECISION NOT NULL,
    source TEXT NOT NULL,
    effective_on DATE NOT NULL,
    CONSTRAINT pk_road_speeds PRIMARY KEY (highway),
    CONSTRAINT ck_road_speeds_km_per_h CHECK (km_per_h > 0)
);

CREATE TABLE roads (
    id BIGINT NOT NULL,
    source BIGINT NOT NULL,
    target BIGINT NOT NULL,
    highway TEXT NOT NULL,
    metres DOUBLE PRECISION NOT NULL,
    forward_s DOUBLE PRECISION NOT NULL,
    backward_s DOUBLE PRECISION NOT NULL,
    geom geometry(LINESTRING,4490) NOT NULL,
    CONSTRAINT pk_roads PRIMARY KEY (id),
    CONSTRAINT fk_roads_highway FOREIGN KEY(highway) REFERENCES road_speeds (highway)
);
CREATE INDEX ix_roads_geom ON roads USING gist (geom);

INSERT INTO road_speeds (highway, km_per_h, source, effective_on)
SELECT highway, km_per_h, '专业判断：货车含红绿灯与拥堵的平均车速，低于限速，未经当地实测', '2026-11-22'
FROM (VALUES
    ('motorway', 85), ('motorway_link', 45), ('trunk', 60), ('trunk_link', 40),
    ('primary', 45), ('primary_link', 35), ('secondary', 40), ('secondary_link', 30),
    ('tertiary', 35), ('tertiary_link', 25), ('unclassified', 25), ('residential', 20),
    ('service', 15)
) speeds (highway, km_per_h);
