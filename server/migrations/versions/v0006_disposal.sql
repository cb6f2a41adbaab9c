CREATE TABLE disposal_cases (
    id BIGINT GENERATED ALWAYS AS IDENTITY, 
    case_no TEXT, 
    site_id BIGINT NOT NULL, 
    class TEXT NOT NULL, 
    round INTEGER DEFAULT 1 NOT NULL, 
    state TEXT NOT NULL, 
    region_code TEXT NOT NULL, 
    area_in_class_m2 NUMERIC(18, 2) NOT NULL, 
    disposed_area_m2 NUMERIC(18, 2) DEFAULT 0 NOT NULL, 
    rule_id BIGINT, 
    rule_inputs JSONB DEFAULT '{}' NOT NULL, 
    source TEXT NOT NULL, 
    discovered_on DATE NOT NULL, 
    registered_on DATE, 
    classified_on DATE, 
    closed_on DATE, 
    idle_since DATE, 
    cause TEXT, 
    measures TEXT[] DEFAULT '{}' NOT NULL, 
    target_on DATE, 
    target_area_m2 NUMERIC(18, 2), 
    responsible_unit TEXT, 
    officer BIGINT, 
    deadline_on DATE, 
    deadline_note TEXT, 
    state_since DATE NOT NULL, 
    last_on DATE NOT NULL, 
    suspended_state TEXT, 
    suspension JSONB, 
    legal JSONB, 
    previous_case_id BIGINT, 
    version INTEGER DEFAULT 1 NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
    CONSTRAINT pk_disposal_cases PRIMARY KEY (id), 
    CONSTRAINT ck_disposal_cases_class CHECK (class IN ('pewg', 'gewy', 'yewj', 'jewt', 'tewdb')), 
    CONSTRAINT ck_disposal_cases_state CHECK (state IN ('discovered', 'registered', 'verifying', 'classified', 'plan_drafting', 'plan_approved', 'executing', 'acceptance', 'closed', 'rejected', 'suspended', 'reopened')), 
    CONSTRAINT ck_disposal_cases_source CHECK (source IN ('scan', 'patrol', 'satellite', 'import', 'report', 'register')), 
    CONSTRAINT ck_disposal_cases_cause CHECK (cause IN ('gov', 'holder', 'force_majeure', 'market')), 
    CONSTRAINT ck_disposal_cases_area CHECK (area_in_class_m2 > 0), 
    CONSTRAINT ck_disposal_cases_disposed CHECK (disposed_area_m2 BETWEEN 0 AND area_in_class_m2), 
    CONSTRAINT ck_disposal_cases_suspended CHECK ((state = 'suspended') = (suspended_state IS NOT NULL)), 
    CONSTRAINT ck_disposal_cases_closed CHECK ((state = 'closed') = (closed_on IS NOT NULL)), 
    CONSTRAINT ck_disposal_cases_days CHECK (state_since >= discovered_on AND last_on >= state_since), 
    CONSTRAINT ck_disposal_cases_counted CHECK (round > 0 AND version > 0), 
    CONSTRAINT fk_disposal_cases_site_id FOREIGN KEY(site_id) REFERENCES parcels (id), 
    CONSTRAINT fk_disposal_cases_region_code FOREIGN KEY(region_code) REFERENCES regions (code), 
    CONSTRAINT fk_disposal_cases_previous_case_id FOREIGN KEY(previous_case_id) REFERENCES disposal_cases (id)
);
CREATE INDEX ix_disposal_cases_due ON disposal_cases (deadline_on) WHERE state NOT IN ('closed', 'rejected');
CREATE INDEX ix_disposal_cases_listed ON disposal_cases (region_code, state);
CREATE UNIQUE INDEX uq_disposal_cases_case_no ON disposal_cases (case_no);
CREATE UNIQUE INDEX uq_disposal_cases_open ON disposal_cases (site_id, class) WHERE state NOT IN ('closed', 'rejected');
CREATE UNIQUE INDEX uq_disposal_cases_round ON disposal_cases (site_id, class, round);

CREATE TABLE disposal_actions (
    id BIGINT GENERATED ALWAYS AS IDENTITY, 
    case_id BIGINT NOT NULL, 
    case_version INTEGER NOT NULL, 
    action TEXT NOT NULL, 
    from_state TEXT, 
    to_state TEXT NOT NULL, 
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
    happened_on DATE NOT NULL, 
    actor TEXT NOT NULL, 
    user_id BIGINT, 
    role TEXT, 
    comment TEXT, 
    inputs JSONB DEFAULT '{}' NOT NULL, 
    CONSTRAINT pk_disposal_actions PRIMARY KEY (id), 
    CONSTRAINT ck_disposal_actions_from_state CHECK (from_state IN ('discovered', 'registered', 'verifying', 'classified', 'plan_drafting', 'plan_approved', 'executing', 'acceptance', 'closed', 'rejected', 'suspended', 'reopened')), 
    CONSTRAINT ck_disposal_actions_to_state CHECK (to_state IN ('discovered', 'registered', 'verifying', 'classified', 'plan_drafting', 'plan_approved', 'executing', 'acceptance', 'closed', 'rejected', 'suspended', 'reopened')), 
    CONSTRAINT uq_disposal_actions_version UNIQUE (case_id, case_version), 
    CONSTRAINT fk_disposal_actions_case_id FOREIGN KEY(case_id) REFERENCES disposal_cases (id)
);

CREATE TABLE disposal_progress (
    id BIGINT GENERATED ALWAYS AS IDENTITY, 
    case_id BIGINT NOT NULL, 
    on_date DATE NOT NULL, 
    delta_m2 NUMERIC(18, 2) NOT NULL, 
    measure TEXT, 
    note TEXT, 
    action_id BIGINT NOT NULL, 
    CONSTRAINT pk_disposal_progress PRIMARY KEY (id), 
    CONSTRAINT fk_disposal_progress_case_id FOREIGN KEY(case_id) REFERENCES disposal_cases (id), 
    CONSTRAINT fk_disposal_progress_action_id FOREIGN KEY(action_id) REFERENCES disposal_actions (id)
);
CREATE INDEX ix_disposal_progress_action_id ON disposal_progress (action_id);
CREATE INDEX ix_disposal_progress_case ON disposal_progress (case_id, on_date);
CREATE INDEX ix_disposal_progress_day ON disposal_progress (on_date);

CREATE TABLE disposal_evidence (
    id BIGINT GENERATED ALWAYS AS IDENTITY, 
    case_id BIGINT NOT NULL, 
    action_id BIGINT, 
    kind TEXT NOT NULL, 
    file_name TEXT NOT NULL, 
    sha256 TEXT NOT NULL, 
    mime TEXT NOT NULL, 
    size_bytes BIGINT NOT NULL, 
    width INTEGER, 
    height INTEGER, 
    taken_at TIMESTAMP WITH TIME ZONE, 
    exif_taken_at TIMESTAMP WITH TIME ZONE, 
    position geometry(POINT,4490), 
    exif_position geometry(POINT,4490), 
    distance_m DOUBLE PRECISION, 
    exif_distance_m DOUBLE PRECISION, 
    is_far BOOLEAN DEFAULT false NOT NULL, 
    note TEXT, 
    actor TEXT NOT NULL, 
    user_id BIGINT, 
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
    CONSTRAINT pk_disposal_evidence PRIMARY KEY (id), 
    CONSTRAINT ck_disposal_evidence_kind CHECK (kind IN ('photo', 'document')), 
    CONSTRAINT fk_disposal_evidence_case_id FOREIGN KEY(case_id) REFERENCES disposal_cases (id), 
    CONSTRAINT fk_disposal_evidence_action_id FOREIGN KEY(action_id) REFERENCES disposal_actions (id)
);
CREATE INDEX ix_disposal_evidence_action_id ON disposal_evidence (action_id);
CREATE UNIQUE INDEX uq_disposal_evidence_content ON disposal_evidence (case_id, sha256);

CREATE TABLE disposal_documents (
    id BIGINT GENERATED ALWAYS AS IDENTITY, 
    case_id BIGINT NOT NULL, 
    action_id BIGINT, 
    kind TEXT NOT NULL, 
    doc_no TEXT NOT NULL, 
    title TEXT NOT NULL, 
    issued_on DATE NOT NULL, 
    file_name TEXT NOT NULL, 
    sha256 TEXT NOT NULL, 
    size_bytes INTEGER NOT NULL, 
    body BYTEA NOT NULL, 
    inputs JSONB NOT NULL, 
    actor TEXT NOT NULL, 
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
    CONSTRAINT pk_disposal_documents PRIMARY KEY (id), 
    CONSTRAINT fk_disposal_documents_case_id FOREIGN KEY(case_id) REFERENCES disposal_cases (id), 
    CONSTRAINT fk_disposal_documents_action_id FOREIGN KEY(action_id) REFERENCES disposal_actions (id)
);
CREATE INDEX ix_disposal_documents_action_id ON disposal_documents (action_id);
CREATE INDEX ix_disposal_documents_case_id ON disposal_documents (case_id);
CREATE UNIQUE INDEX uq_disposal_documents_doc_no ON disposal_documents (doc_no);

CREATE TABLE case_deadlines (
    id BIGINT GENERATED ALWAYS AS IDENTITY, 
    region_code TEXT DEFAULT '' NOT NULL, 
    step TEXT NOT NULL, 
    days INTEGER NOT NULL, 
    working_days BOOLEAN NOT NULL, 
    rolls BOOLEAN DEFAULT false NOT NULL, 
    effective_from DATE NOT NULL, 
    source TEXT NOT NULL, 
    article TEXT, 
    CONSTRAINT pk_case_deadlines PRIMARY KEY (id), 
    CONSTRAINT ck_case_deadlines_days CHECK (days >= 0)
);
CREATE UNIQUE INDEX uq_case_deadlines_row ON case_deadlines (step, region_code, effective_from);

CREATE TABLE legal_parameters (
    id BIGINT GENERATED ALWAYS AS IDENTITY, 
    region_code TEXT DEFAULT '' NOT NULL, 
    name TEXT NOT NULL, 
    value NUMERIC(18, 6) NOT NULL, 
    unit TEXT NOT NULL, 
    effective_from DATE NOT NULL, 
    source TEXT NOT NULL, 
    article TEXT, 
    CONSTRAINT pk_legal_parameters PRIMARY KEY (id)
);
CREATE UNIQUE INDEX uq_legal_parameters_row ON legal_parameters (name, region_code, effective_from);

CREATE TABLE disposal_offices (
    region_code TEXT NOT NULL, 
    name TEXT NOT NULL, 
    short_name TEXT NOT NULL, 
    government TEXT NOT NULL, 
    address TEXT, 
    phone TEXT, 
    CONSTRAINT pk_disposal_offices PRIMARY KEY (region_code), 
    CONSTRAINT fk_disposal_offices_region_code FOREIGN KEY(region_code) REFERENCES regions (code)
);

CREATE TABLE disposal_counters (
    name TEXT NOT NULL, 
    last INTEGER NOT NULL, 
    CONSTRAINT pk_disposal_counters PRIMARY KEY (name)
);


-- History is only ever added to.
CREATE FUNCTION disposal_is_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'restrict_violation',
        MESSAGE = TG_TABLE_NAME || ' holds history: rows are only added';
END $$;
CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON disposal_actions
    FOR EACH ROW EXECUTE FUNCTION disposal_is_history();
CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON disposal_progress
    FOR EACH ROW EXECUTE FUNCTION disposal_is_history();
CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON disposal_documents
    FOR EACH ROW EXECUTE FUNCTION disposal_is_history();

INSERT INTO case_deadlines (step, days, working_days, rolls, effective_from, source, article) VALUES
    ('register', 10, true, false, '2012-07-01', '看地默认值，待区县确认', NULL),
    ('verify', 20, true, false, '2012-07-01', '看地默认值，待区县确认', NULL),
    ('investigate', 30, false, false, '2012-07-01', '闲置土地处置办法（国土资源部令第53号）', '第五条'),
    ('reply', 30, false, true, '2012-07-01', '闲置土地处置办法（国土资源部令第53号）', '第五条'),
    ('classify', 30, true, false, '2012-07-01', '看地默认值，待区县确认', NULL),
    ('plan', 30, true, false, '2012-07-01', '看地默认值，待区县确认', NULL),
    ('approve', 30, true, false, '2012-07-01', '看地默认值，待区县确认', NULL),
    ('hearing', 5, true, false, '2012-07-01', '国土资源听证规定；闲置土地处置办法（国土资源部令第53号）', '第十五条'),
    ('serve', 10, true, false, '2012-07-01', '看地默认值，待区县确认', NULL),
    ('pay', 30, false, true, '2012-07-01', '闲置土地处置办法（国土资源部令第53号）', '第十七条'),
    ('deregister', 30, false, true, '2012-07-01', '闲置土地处置办法（国土资源部令第53号）', '第十七条'),
    ('progress', 31, false, false, '2012-07-01', '看地默认值：每月填报', NULL),
    ('accept', 15, false, false, '2012-07-01', '看地默认值，待区县确认', NULL),
    ('review', 90, false, false, '2012-07-01', '看地默认值：每季度复查', NULL);

INSERT INTO legal_parameters (name, value, unit, effective_from, source, article) VALUES
    ('default_start_months', 12, '月', '2012-07-01', '闲置土地处置办法（国土资源部令第53号）', '第二十二条'),
    ('idle_line_months', 12, '月', '2012-07-01', '闲置土地处置办法（国土资源部令第53号）', '第二条、第十四条'),
    ('recovery_line_months', 24, '月', '2012-07-01', '闲置土地处置办法（国土资源部令第53号）', '第十四条'),
    ('stopped_months', 12, '月', '2012-07-01', '闲置土地处置办法（国土资源部令第53号）', '第二条第二款'),
    ('started_area_divisor', 3, '分之一', '2012-07-01', '闲置土地处置办法（国土资源部令第53号）', '第二条第二款'),
    ('started_investment_percent', 25, '百分比', '2012-07-01', '闲置土地处置办法（国土资源部令第53号）', '第二条第二款'),
    ('idle_fee_percent', 20, '百分比', '2012-07-01', '闲置土地处置办法（国土资源部令第53号）', '第十四条'),
    ('extension_limit_months', 12, '月', '2012-07-01', '闲置土地处置办法（国土资源部令第53号）', '第十二条（一）'),
    ('temporary_use_limit_months', 24, '月', '2012-07-01', '闲置土地处置办法（国土资源部令第53号）', '第十二条（三）'),
    ('reopen_months', 12, '月', '2012-07-01', '看地默认值，待区县确认', NULL),
    ('photo_distance_m', 500, '米', '2012-07-01', '看地默认值，待区县确认', NULL),
    ('pause_seizure', 1, '是否中止计时', '2012-07-01', '看地默认值，待区县法制部门确认', NULL),
    ('pause_litigation', 1, '是否中止计时', '2012-07-01', '看地默认值，待区县法制部门确认', NULL),
    ('pause_mortgage', 0, '是否中止计时', '2012-07-01', '看地默认值，待区县法制部门确认', NULL),
    ('pause_petition', 0, '是否中止计时', '2012-07-01', '看地默认值，待区县法制部门确认', NULL);
