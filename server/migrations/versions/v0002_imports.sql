CREATE TABLE audit (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    details JSONB NOT NULL,
    CONSTRAINT pk_audit PRIMARY KEY (id)
);

CREATE TABLE import_profiles (
    name TEXT NOT NULL,
    layer TEXT NOT NULL,
    mapping JSONB NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_import_profiles PRIMARY KEY (name)
);

CREATE TABLE import_runs (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    layer TEXT NOT NULL,
    state TEXT NOT NULL,
    file_name TEXT NOT NULL,
    file_sha256 TEXT NOT NULL,
    options JSONB DEFAULT '{}' NOT NULL,
    evidence JSONB DEFAULT '{}' NOT NULL,
    counts JSONB DEFAULT '{}' NOT NULL,
    problem JSONB,
    actor TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    staged_at TIMESTAMP WITH TIME ZONE,
    applied_at TIMESTAMP WITH TIME ZONE,
    rolled_back_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_import_runs PRIMARY KEY (id),
    CONSTRAINT ck_import_runs_state CHECK (state IN ('received', 'staged', 'failed', 'applying', 'applied', 'rolling_back', 'rolled_back', 'cancelled'))
);
CREATE INDEX ix_import_runs_waiting ON import_runs (id) WHERE state IN ('received', 'applying', 'rolling_back');

CREATE TABLE import_findings (
    run_id BIGINT,
    row_no INTEGER NOT NULL,
    code TEXT NOT NULL,
    severity TEXT NOT NULL,
    message TEXT NOT NULL,
    field TEXT,
    value TEXT,
    longitude DOUBLE PRECISION,
    latitude DOUBLE PRECISION,
    CONSTRAINT fk_import_findings_run_id FOREIGN KEY(run_id) REFERENCES import_runs (id) ON DELETE CASCADE
);
CREATE INDEX ix_import_findings_run_id ON import_findings (run_id, row_no);

CREATE TABLE import_progress (
    run_id BIGINT NOT NULL,
    step TEXT NOT NULL,
    done BIGINT NOT NULL,
    total BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_import_progress PRIMARY KEY (run_id),
    CONSTRAINT fk_import_progress_run_id FOREIGN KEY(run_id) REFERENCES import_runs (id) ON DELETE CASCADE
);

CREATE TABLE lineage (
    layer TEXT NOT NULL,
    child_id BIGINT NOT NULL,
    parent_id BIGINT NOT NULL,
    import_id BIGINT,
    CONSTRAINT pk_lineage PRIMARY KEY (layer, child_id, parent_id),
    CONSTRAINT fk_lineage_import_id FOREIGN KEY(import_id) REFERENCES import_runs (id)
);
CREATE INDEX ix_lineage_import_id ON lineage (import_id);

CREATE TABLE revisions (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    layer TEXT NOT NULL,
    site_id BIGINT NOT NULL,
    version INTEGER NOT NULL,
    row JSONB NOT NULL,
    import_id BIGINT,
    replaced_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_revisions PRIMARY KEY (id),
    CONSTRAINT fk_revisions_import_id FOREIGN KEY(import_id) REFERENCES import_runs (id)
);
CREATE INDEX ix_revisions_import_id ON revisions (import_id);
CREATE INDEX ix_revisions_site ON revisions (layer, site_id, version);
ALTER TABLE parks ADD COLUMN created_import_id BIGINT
    CONSTRAINT fk_parks_created_import_id REFERENCES import_runs (id);
CREATE INDEX ix_parks_created_import_id ON parks (created_import_id);
ALTER TABLE parcels ADD COLUMN created_import_id BIGINT
    CONSTRAINT fk_parcels_created_import_id REFERENCES import_runs (id);
CREATE INDEX ix_parcels_created_import_id ON parcels (created_import_id);
ALTER TABLE plants ADD COLUMN created_import_id BIGINT
    CONSTRAINT fk_plants_created_import_id REFERENCES import_runs (id);
CREATE INDEX ix_plants_created_import_id ON plants (created_import_id);
