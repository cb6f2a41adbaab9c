CREATE TABLE datum_shifts (
    name TEXT NOT NULL,
    region_code TEXT NOT NULL,
    datum TEXT NOT NULL,
    method TEXT NOT NULL,
    parameters JSONB NOT NULL,
    zone_epsg INTEGER,
    accuracy_m NUMERIC(9, 4) NOT NULL,
    source TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_datum_shifts PRIMARY KEY (name),
    CONSTRAINT fk_datum_shifts_region_code FOREIGN KEY(region_code) REFERENCES regions (code),
    CONSTRAINT ck_datum_shifts_datum CHECK (datum IN ('xian80', 'beijing54')),
    CONSTRAINT ck_datum_shifts_method CHECK (method IN ('plane4', 'space7')),
    CONSTRAINT ck_datum_shifts_accuracy CHECK (accuracy_m > 0)
);
CREATE TABLE daily_jobs (
    name TEXT NOT NULL,
    done_on DATE,
    done_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_daily_jobs PRIMARY KEY (name)
);
