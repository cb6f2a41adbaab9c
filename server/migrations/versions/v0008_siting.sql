CREATE TABLE constraints (
    id BIGINT DEFAULT nextval('site_id_seq') NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    region_code TEXT,
    address TEXT,
    area_m2 NUMERIC(18, 2) GENERATED ALWAYS AS (coalesce(area_legal_m2, area_planar_m2)) STORED,
    area_legal_m2 NUMERIC(18, 2),
    area_planar_m2 NUMERIC(18, 2) NOT NULL,
    area_ellipsoid_m2 NUMERIC(18, 2) NOT NULL,
    kind TEXT NOT NULL,
    rule TEXT NOT NULL,
    remark TEXT,
    source TEXT,
    verified_at TIMESTAMP WITH TIME ZONE,
    geom geometry(MULTIPOLYGON,4490) NOT NULL,
    geom_gcj02 geometry(MULTIPOLYGON,0) NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    retired_at TIMESTAMP WITH TIME ZONE,
    created_import_id BIGINT,
    CONSTRAINT pk_constraints PRIMARY KEY (id),
    CONSTRAINT ck_constraints_status CHECK (status IN ('in_force', 'disclosed', 'draft', 'repealed')),
    CONSTRAINT ck_constraints_kind CHECK (kind IN ('basic_farmland', 'ecological_redline', 'urban_boundary', 'flood_risk', 'water_source', 'geological_hazard', 'mineral', 'heritage')),
    CONSTRAINT ck_constraints_rule CHECK (rule IN ('must_not_touch', 'must_be_inside')),
    CONSTRAINT ck_constraints_area_legal_m2 CHECK (area_legal_m2 >= 0),
    CONSTRAINT ck_constraints_version CHECK (version > 0),
    CONSTRAINT fk_constraints_region_code FOREIGN KEY(region_code) REFERENCES regions (code),
    CONSTRAINT fk_constraints_created_import_id FOREIGN KEY(created_import_id) REFERENCES import_runs (id)
);
CREATE INDEX ix_constraints_binding ON constraints USING gist (geom) WHERE status IN ('in_force', 'disclosed') AND retired_at IS NULL;
CREATE INDEX ix_constraints_created_import_id ON constraints (created_import_id);
CREATE INDEX ix_constraints_geom ON constraints USING gist (geom);
CREATE UNIQUE INDEX uq_constraints_code ON constraints (code);

CREATE TABLE constraints_public (
    id BIGINT NOT NULL,
    version INTEGER NOT NULL,
    code TEXT,
    name TEXT,
    status TEXT,
    region_code TEXT,
    address TEXT,
    area_m2 NUMERIC(18, 2),
    kind TEXT,
    rule TEXT,
    verified_at TIMESTAMP WITH TIME ZONE,
    geom geometry(MULTIPOLYGON,0) NOT NULL,
    geometry TEXT NOT NULL,
    properties TEXT NOT NULL,
    detail TEXT NOT NULL,
    CONSTRAINT pk_constraints_public PRIMARY KEY (id)
);
CREATE INDEX ix_constraints_public_code ON constraints_public (code);
CREATE INDEX ix_constraints_public_geom ON constraints_public USING gist (geom);
-- Lists read geometry and properties: only detail may be compressed away from the row.
ALTER TABLE constraints_public
    ALTER COLUMN geom SET STORAGE MAIN,
    ALTER COLUMN geometry SET STORAGE MAIN,
    ALTER COLUMN properties SET STORAGE MAIN;

CREATE TABLE facilities (
    id BIGINT DEFAULT nextval('site_id_seq') NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    region_code TEXT,
    address TEXT,
    kind TEXT NOT NULL,
    remark TEXT,
    source TEXT,
    verified_at TIMESTAMP WITH TIME ZONE,
    geom geometry(POINT,4490) NOT NULL,
    geom_gcj02 geometry(POINT,0) NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    retired_at TIMESTAMP WITH TIME ZONE,
    created_import_id BIGINT,
    CONSTRAINT pk_facilities PRIMARY KEY (id),
    CONSTRAINT ck_facilities_status CHECK (status IN ('operating', 'under_construction', 'planned', 'undisclosed')),
    CONSTRAINT ck_facilities_kind CHECK (kind IN ('motorway_exit', 'rail_station', 'freight_station', 'port', 'airport', 'substation', 'sewage_plant', 'heating_plant', 'school', 'hospital')),
    CONSTRAINT ck_facilities_version CHECK (version > 0),
    CONSTRAINT fk_facilities_region_code FOREIGN KEY(region_code) REFERENCES regions (code),
    CONSTRAINT fk_facilities_created_import_id FOREIGN KEY(created_import_id) REFERENCES import_runs (id)
);
CREATE INDEX ix_facilities_created_import_id ON facilities (created_import_id);
CREATE INDEX ix_facilities_geom ON facilities USING gist (geom);
CREATE UNIQUE INDEX uq_facilities_code ON facilities (code);

CREATE TABLE facilities_public (
    id BIGINT NOT NULL,
    version INTEGER NOT NULL,
    code TEXT,
    name TEXT,
    status TEXT,
    region_code TEXT,
    address TEXT,
    kind TEXT,
    verified_at TIMESTAMP WITH TIME ZONE,
    geom geometry(POINT,0) NOT NULL,
    geometry TEXT NOT NULL,
    properties TEXT NOT NULL,
    detail TEXT NOT NULL,
    CONSTRAINT pk_facilities_public PRIMARY KEY (id)
);
CREATE INDEX ix_facilities_public_code ON facilities_public (code);
CREATE INDEX ix_facilities_public_geom ON facilities_public USING gist (geom);
-- Lists read geometry and properties: only detail may be compressed away from the row.
ALTER TABLE facilities_public
    ALTER COLUMN geom SET STORAGE MAIN,
    ALTER COLUMN geometry SET STORAGE MAIN,
    ALTER COLUMN properties SET STORAGE MAIN;

CREATE TABLE siting_profiles (
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    body JSONB NOT NULL,
    source TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_siting_profiles PRIMARY KEY (name, version),
    CONSTRAINT ck_siting_profiles_version CHECK (version > 0)
);

CREATE TABLE parcels_siting (
    id BIGINT NOT NULL,
    site_m2 DOUBLE PRECISION NOT NULL,
    violated INTEGER GENERATED ALWAYS AS (CASE WHEN over_basic_farmland_m2 > 1 THEN 1 ELSE 0 END + CASE WHEN over_ecological_redline_m2 > 1 THEN 2 ELSE 0 END + CASE WHEN over_urban_boundary_m2 > 1 THEN 4 ELSE 0 END + CASE WHEN over_flood_risk_m2 > 1 THEN 8 ELSE 0 END + CASE WHEN over_water_source_m2 > 1 THEN 16 ELSE 0 END + CASE WHEN over_geological_hazard_m2 > 1 THEN 32 ELSE 0 END + CASE WHEN over_mineral_m2 > 1 THEN 64 ELSE 0 END + CASE WHEN over_heritage_m2 > 1 THEN 128 ELSE 0 END) STORED,
    near_motorway_exit_m DOUBLE PRECISION,
    near_rail_station_m DOUBLE PRECISION,
    near_freight_station_m DOUBLE PRECISION,
    near_port_m DOUBLE PRECISION,
    near_airport_m DOUBLE PRECISION,
    near_substation_m DOUBLE PRECISION,
    near_sewage_plant_m DOUBLE PRECISION,
    near_heating_plant_m DOUBLE PRECISION,
    near_school_m DOUBLE PRECISION,
    near_hospital_m DOUBLE PRECISION,
    area_m2 DOUBLE PRECISION,
    tenure_years DOUBLE PRECISION,
    price_start_wan DOUBLE PRECISION,
    investment_wan_per_mu DOUBLE PRECISION,
    tax_wan_per_mu DOUBLE PRECISION,
    output_wan_per_mu DOUBLE PRECISION,
    power_kva DOUBLE PRECISION,
    water_t_per_day DOUBLE PRECISION,
    sewage_t_per_day DOUBLE PRECISION,
    gas_m3_per_h DOUBLE PRECISION,
    steam_t_per_h DOUBLE PRECISION,
    available_on DATE,
    is_standard_land BOOLEAN,
    is_cleared BOOLEAN,
    has_road BOOLEAN,
    has_water BOOLEAN,
    has_drainage BOOLEAN,
    has_power BOOLEAN,
    has_heat BOOLEAN,
    has_gas BOOLEAN,
    has_telecom BOOLEAN,
    is_levelled BOOLEAN,
    verified_at TIMESTAMP WITH TIME ZONE,
    code TEXT,
    status TEXT,
    region_code TEXT,
    park_code TEXT,
    land_use_code TEXT,
    plot_ratio NUMRANGE,
    supply_method TEXT,
    industries TEXT[],
    banned_industries TEXT[],
    over_basic_farmland_m2 DOUBLE PRECISION,
    over_ecological_redline_m2 DOUBLE PRECISION,
    over_urban_boundary_m2 DOUBLE PRECISION,
    over_flood_risk_m2 DOUBLE PRECISION,
    over_water_source_m2 DOUBLE PRECISION,
    over_geological_hazard_m2 DOUBLE PRECISION,
    over_mineral_m2 DOUBLE PRECISION,
    over_heritage_m2 DOUBLE PRECISION,
    near_motorway_exit_id BIGINT,
    near_rail_station_id BIGINT,
    near_freight_station_id BIGINT,
    near_port_id BIGINT,
    near_airport_id BIGINT,
    near_substation_id BIGINT,
    near_sewage_plant_id BIGINT,
    near_heating_plant_id BIGINT,
    near_school_id BIGINT,
    near_hospital_id BIGINT,
    centre geometry(POINT,4490) NOT NULL,
    CONSTRAINT pk_parcels_siting PRIMARY KEY (id)
);
CREATE INDEX ix_parcels_siting_area_m2 ON parcels_siting (area_m2);
CREATE INDEX ix_parcels_siting_centre ON parcels_siting USING gist (centre);
CREATE INDEX ix_parcels_siting_near_airport_m ON parcels_siting (near_airport_m);
CREATE INDEX ix_parcels_siting_near_freight_station_m ON parcels_siting (near_freight_station_m);
CREATE INDEX ix_parcels_siting_near_heating_plant_m ON parcels_siting (near_heating_plant_m);
CREATE INDEX ix_parcels_siting_near_hospital_m ON parcels_siting (near_hospital_m);
CREATE INDEX ix_parcels_siting_near_motorway_exit_m ON parcels_siting (near_motorway_exit_m);
CREATE INDEX ix_parcels_siting_near_port_m ON parcels_siting (near_port_m);
CREATE INDEX ix_parcels_siting_near_rail_station_m ON parcels_siting (near_rail_station_m);
CREATE INDEX ix_parcels_siting_near_school_m ON parcels_siting (near_school_m);
CREATE INDEX ix_parcels_siting_near_sewage_plant_m ON parcels_siting (near_sewage_plant_m);
CREATE INDEX ix_parcels_siting_near_substation_m ON parcels_siting (near_substation_m);
CREATE INDEX ix_parcels_siting_park_code ON parcels_siting (park_code);
CREATE INDEX ix_parcels_siting_place ON parcels_siting (status, region_code text_pattern_ops, area_m2);
CREATE INDEX ix_parcels_siting_price_start_wan ON parcels_siting (price_start_wan);
CREATE INDEX ix_parcels_siting_region ON parcels_siting (region_code text_pattern_ops, area_m2);
CREATE INDEX ix_parcels_siting_status ON parcels_siting (status, area_m2);

CREATE TABLE plants_siting (
    id BIGINT NOT NULL,
    site_m2 DOUBLE PRECISION NOT NULL,
    violated INTEGER GENERATED ALWAYS AS (CASE WHEN over_basic_farmland_m2 > 1 THEN 1 ELSE 0 END + CASE WHEN over_ecological_redline_m2 > 1 THEN 2 ELSE 0 END + CASE WHEN over_urban_boundary_m2 > 1 THEN 4 ELSE 0 END + CASE WHEN over_flood_risk_m2 > 1 THEN 8 ELSE 0 END + CASE WHEN over_water_source_m2 > 1 THEN 16 ELSE 0 END + CASE WHEN over_geological_hazard_m2 > 1 THEN 32 ELSE 0 END + CASE WHEN over_mineral_m2 > 1 THEN 64 ELSE 0 END + CASE WHEN over_heritage_m2 > 1 THEN 128 ELSE 0 END) STORED,
    near_motorway_exit_m DOUBLE PRECISION,
    near_rail_station_m DOUBLE PRECISION,
    near_freight_station_m DOUBLE PRECISION,
    near_port_m DOUBLE PRECISION,
    near_airport_m DOUBLE PRECISION,
    near_substation_m DOUBLE PRECISION,
    near_sewage_plant_m DOUBLE PRECISION,
    near_heating_plant_m DOUBLE PRECISION,
    near_school_m DOUBLE PRECISION,
    near_hospital_m DOUBLE PRECISION,
    area_m2 DOUBLE PRECISION,
    floor_area_m2 DOUBLE PRECISION,
    vacant_m2 DOUBLE PRECISION,
    divisible_m2 DOUBLE PRECISION,
    storeys DOUBLE PRECISION,
    ground_height_m DOUBLE PRECISION,
    storey_height_m DOUBLE PRECISION,
    column_spacing_m DOUBLE PRECISION,
    span_m DOUBLE PRECISION,
    ground_load_t_per_m2 DOUBLE PRECISION,
    floor_load_t_per_m2 DOUBLE PRECISION,
    power_kva DOUBLE PRECISION,
    freight_lifts DOUBLE PRECISION,
    lift_load_t DOUBLE PRECISION,
    crane_t DOUBLE PRECISION,
    rent_yuan_per_m2_month DOUBLE PRECISION,
    price_yuan_per_m2 DOUBLE PRECISION,
    fire_accepted BOOLEAN,
    eia_possible BOOLEAN,
    discharge_permit BOOLEAN,
    is_detached BOOLEAN,
    has_dock BOOLEAN,
    has_title BOOLEAN,
    available_on DATE,
    verified_at TIMESTAMP WITH TIME ZONE,
    code TEXT,
    status TEXT,
    region_code TEXT,
    park_code TEXT,
    structure TEXT,
    fire_class TEXT,
    tenure TEXT,
    industries TEXT[],
    banned_industries TEXT[],
    over_basic_farmland_m2 DOUBLE PRECISION,
    over_ecological_redline_m2 DOUBLE PRECISION,
    over_urban_boundary_m2 DOUBLE PRECISION,
    over_flood_risk_m2 DOUBLE PRECISION,
    over_water_source_m2 DOUBLE PRECISION,
    over_geological_hazard_m2 DOUBLE PRECISION,
    over_mineral_m2 DOUBLE PRECISION,
    over_heritage_m2 DOUBLE PRECISION,
    near_motorway_exit_id BIGINT,
    near_rail_station_id BIGINT,
    near_freight_station_id BIGINT,
    near_port_id BIGINT,
    near_airport_id BIGINT,
    near_substation_id BIGINT,
    near_sewage_plant_id BIGINT,
    near_heating_plant_id BIGINT,
    near_school_id BIGINT,
    near_hospital_id BIGINT,
    centre geometry(POINT,4490) NOT NULL,
    CONSTRAINT pk_plants_siting PRIMARY KEY (id)
);
CREATE INDEX ix_plants_siting_area_m2 ON plants_siting (area_m2);
CREATE INDEX ix_plants_siting_centre ON plants_siting USING gist (centre);
CREATE INDEX ix_plants_siting_near_airport_m ON plants_siting (near_airport_m);
CREATE INDEX ix_plants_siting_near_freight_station_m ON plants_siting (near_freight_station_m);
CREATE INDEX ix_plants_siting_near_heating_plant_m ON plants_siting (near_heating_plant_m);
CREATE INDEX ix_plants_siting_near_hospital_m ON plants_siting (near_hospital_m);
CREATE INDEX ix_plants_siting_near_motorway_exit_m ON plants_siting (near_motorway_exit_m);
CREATE INDEX ix_plants_siting_near_port_m ON plants_siting (near_port_m);
CREATE INDEX ix_plants_siting_near_rail_station_m ON plants_siting (near_rail_station_m);
CREATE INDEX ix_plants_siting_near_school_m ON plants_siting (near_school_m);
CREATE INDEX ix_plants_siting_near_sewage_plant_m ON plants_siting (near_sewage_plant_m);
CREATE INDEX ix_plants_siting_near_substation_m ON plants_siting (near_substation_m);
CREATE INDEX ix_plants_siting_park_code ON plants_siting (park_code);
CREATE INDEX ix_plants_siting_place ON plants_siting (status, region_code text_pattern_ops, area_m2);
CREATE INDEX ix_plants_siting_region ON plants_siting (region_code text_pattern_ops, area_m2);
CREATE INDEX ix_plants_siting_rent_yuan_per_m2_month ON plants_siting (rent_yuan_per_m2_month);
CREATE INDEX ix_plants_siting_status ON plants_siting (status, area_m2);
CREATE INDEX ix_plants_siting_vacant_m2 ON plants_siting (vacant_m2);
