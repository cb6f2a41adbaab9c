CREATE TABLE disposal_register (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    site_id BIGINT NOT NULL,
    class TEXT NOT NULL,
    case_id BIGINT,
    occupied_m2 NUMERIC(18, 2) NOT NULL,
    disposed_before_m2 NUMERIC(18, 2) NOT NULL,
    company TEXT NOT NULL,
    credit_code TEXT,
    address TEXT,
    tax_last_wan_per_mu NUMERIC(18, 4),
    tax_before_wan_per_mu NUMERIC(18, 4),
    operating_state TEXT,
    current_use TEXT,
    measure TEXT,
    progress_note TEXT,
    problem TEXT,
    plan_unit TEXT,
    actor TEXT NOT NULL,
    imported_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_disposal_register PRIMARY KEY (id),
    CONSTRAINT fk_disposal_register_site_id FOREIGN KEY (site_id) REFERENCES parcels (id),
    CONSTRAINT fk_disposal_register_case_id FOREIGN KEY (case_id) REFERENCES disposal_cases (id),
    CONSTRAINT ck_disposal_register_class
        CHECK (class IN ('pewg', 'gewy', 'yewj', 'jewt', 'tewdb')),
    CONSTRAINT ck_disposal_register_areas CHECK (disposed_before_m2 BETWEEN 0 AND occupied_m2),
    CONSTRAINT uq_disposal_register_site UNIQUE (site_id, class)
);
CREATE INDEX ix_disposal_register_case_id ON disposal_register (case_id);
