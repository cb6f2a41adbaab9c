CREATE TABLE disposal_postings (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    on_date DATE NOT NULL,
    region_code TEXT NOT NULL,
    class TEXT NOT NULL,
    cause TEXT NOT NULL,
    measure TEXT NOT NULL,
    flow TEXT NOT NULL,
    state TEXT NOT NULL,
    cases INTEGER NOT NULL,
    area_m2 NUMERIC(18, 2) NOT NULL,
    days INTEGER NOT NULL,
    CONSTRAINT pk_disposal_postings PRIMARY KEY (id),
    CONSTRAINT ck_disposal_postings_flow CHECK (
        flow IN ('new', 'disposed', 'closed', 'rejected', 'adjusted', 'balance', 'stage'))
);

CREATE TABLE disposal_cells (
    month DATE NOT NULL,
    region_code TEXT NOT NULL,
    class TEXT NOT NULL,
    cause TEXT NOT NULL,
    measure TEXT NOT NULL,
    flow TEXT NOT NULL,
    state TEXT NOT NULL,
    cases INTEGER NOT NULL,
    area_m2 NUMERIC(18, 2) NOT NULL,
    days INTEGER NOT NULL,
    CONSTRAINT pk_disposal_cells
        PRIMARY KEY (month, region_code, class, cause, measure, flow, state),
    CONSTRAINT ck_disposal_cells_flow CHECK (
        flow IN ('new', 'disposed', 'closed', 'rejected', 'adjusted', 'balance', 'stage'))
);

CREATE TABLE disposal_overdue (
    case_id BIGINT NOT NULL,
    from_on DATE NOT NULL,
    to_on DATE NOT NULL,
    region_code TEXT NOT NULL,
    class TEXT NOT NULL,
    cause TEXT NOT NULL,
    measure TEXT NOT NULL,
    CONSTRAINT fk_disposal_overdue_case_id FOREIGN KEY (case_id) REFERENCES disposal_cases (id)
);
CREATE INDEX ix_disposal_overdue_days ON disposal_overdue (from_on, to_on);
CREATE INDEX ix_disposal_overdue_case_id ON disposal_overdue (case_id);

CREATE TABLE disposal_targets (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    region_code TEXT NOT NULL,
    class TEXT DEFAULT '' NOT NULL,
    year INTEGER NOT NULL,
    area_m2 NUMERIC(18, 2) NOT NULL,
    source TEXT NOT NULL,
    actor TEXT NOT NULL,
    set_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_disposal_targets PRIMARY KEY (id),
    CONSTRAINT fk_disposal_targets_region_code FOREIGN KEY (region_code) REFERENCES regions (code),
    CONSTRAINT ck_disposal_targets_class
        CHECK (class = '' OR class IN ('pewg', 'gewy', 'yewj', 'jewt', 'tewdb')),
    CONSTRAINT ck_disposal_targets_area CHECK (area_m2 >= 0),
    CONSTRAINT ck_disposal_targets_year CHECK (year BETWEEN 2000 AND 2100),
    CONSTRAINT uq_disposal_targets_year UNIQUE (region_code, class, year)
);

CREATE TABLE disposal_reports (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    region_code TEXT NOT NULL,
    month DATE NOT NULL,
    snapshot TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    note TEXT,
    actor TEXT NOT NULL,
    frozen_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_disposal_reports PRIMARY KEY (id),
    CONSTRAINT fk_disposal_reports_region_code FOREIGN KEY (region_code) REFERENCES regions (code),
    CONSTRAINT ck_disposal_reports_month CHECK (extract(day FROM month) = 1),
    CONSTRAINT uq_disposal_reports_month UNIQUE (region_code, month)
);

CREATE FUNCTION refuse_report_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a frozen report stays as it was published';
END $$;

CREATE TRIGGER disposal_reports_stay BEFORE UPDATE OR DELETE ON disposal_reports
    FOR EACH ROW EXECUTE FUNCTION refuse_report_change();

CREATE TRIGGER disposal_reports_stay_whole BEFORE TRUNCATE ON disposal_reports
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_report_change();

-- What a case brings into the books when it is first written: all that its row already tells.
CREATE FUNCTION post_new_cases() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO disposal_postings
        (on_date, region_code, class, cause, measure, flow, state, cases, area_m2, days)
    SELECT p.on_date, n.region_code, n.class, coalesce(n.cause, ''),
        coalesce(n.measures[1], ''), p.flow, '', p.cases, p.area_m2, 0
    FROM new_rows n
    CROSS JOIN LATERAL (VALUES
        (n.discovered_on, 'new', 1, n.area_in_class_m2),
        (n.last_on, 'disposed', 0, nullif(n.disposed_area_m2, 0)),
        (coalesce(n.closed_on, n.state_since),
            CASE WHEN n.state IN ('closed', 'rejected') THEN n.state END,
            1, n.area_in_class_m2 - n.disposed_area_m2)
    ) AS p (on_date, flow, cases, area_m2)
    WHERE p.flow IS NOT NULL AND p.area_m2 IS NOT NULL;
    RETURN NULL;
END $$;

CREATE TRIGGER disposal_cases_post_new AFTER INSERT ON disposal_cases
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION post_new_cases();

-- What a change of a case moves, dated as the change was: last_on is the day of its last action.
CREATE FUNCTION post_case_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO disposal_postings
        (on_date, region_code, class, cause, measure, flow, state, cases, area_m2, days)
    SELECT p.on_date, p.region_code, n.class, p.cause, p.measure, p.flow, p.state, p.cases,
        p.area_m2, p.days
    FROM old_rows o JOIN new_rows n ON n.id = o.id
    CROSS JOIN LATERAL (SELECT
        coalesce(o.cause, '') AS cause, coalesce(o.measures[1], '') AS measure,
        o.state NOT IN ('closed', 'rejected') AS is_open,
        o.area_in_class_m2 - o.disposed_area_m2 AS rest
    ) a
    CROSS JOIN LATERAL (SELECT
        coalesce(n.cause, '') AS cause, coalesce(n.measures[1], '') AS measure,
        n.state NOT IN ('closed', 'rejected') AS is_open,
        n.area_in_class_m2 - n.disposed_area_m2 AS rest
    ) b
    CROSS JOIN LATERAL (SELECT a.is_open AND (o.region_code, a.cause, a.measure)
        IS DISTINCT FROM (n.region_code, b.cause, b.measure) AS moves) m
    CROSS JOIN LATERAL (VALUES
        (m.moves, n.last_on, o.region_code, a.cause, a.measure, 'adjusted', '', -1, -a.rest, 0),
        (m.moves, n.last_on, n.region_code, b.cause, b.measure, 'adjusted', '', 1, a.rest, 0),
        (a.is_open AND n.area_in_class_m2 <> o.area_in_class_m2, n.last_on, n.region_code, b.cause, b.measure,
            'adjusted', '', 0, n.area_in_class_m2 - o.area_in_class_m2, 0),
        (a.is_open AND n.disposed_area_m2 <> o.disposed_area_m2, n.last_on, n.region_code, b.cause, b.measure,
            'disposed', '', 0, n.disposed_area_m2 - o.disposed_area_m2, 0),
        (a.is_open AND NOT b.is_open, coalesce(n.closed_on, n.state_since), n.region_code,
            b.cause, b.measure, n.state, '', 1, b.rest, 0),
        (b.is_open AND NOT a.is_open, n.last_on, n.region_code, b.cause, b.measure,
            'adjusted', '', 1, b.rest, 0),
        (o.state <> n.state AND a.is_open, n.state_since, n.region_code, b.cause, b.measure,
            'stage', o.state, 1, 0, greatest(0, n.state_since - o.state_since))
    ) AS p (told, on_date, region_code, cause, measure, flow, state, cases, area_m2, days)
    WHERE p.told;

    -- Days late up to this change, with what the case was then told by.
    INSERT INTO disposal_overdue (case_id, from_on, to_on, region_code, class, cause, measure)
    SELECT o.id, greatest(o.last_on, o.deadline_on + 1), n.last_on, o.region_code, o.class,
        coalesce(o.cause, ''), coalesce(o.measures[1], '')
    FROM old_rows o JOIN new_rows n ON n.id = o.id
    WHERE o.state NOT IN ('closed', 'rejected') AND o.deadline_on IS NOT NULL
        AND greatest(o.last_on, o.deadline_on + 1) < n.last_on;
    RETURN NULL;
END $$;

CREATE TRIGGER disposal_cases_post_change AFTER UPDATE ON disposal_cases
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION post_case_changes();

INSERT INTO disposal_postings
    (on_date, region_code, class, cause, measure, flow, state, cases, area_m2, days)
SELECT p.on_date, n.region_code, n.class, coalesce(n.cause, ''), coalesce(n.measures[1], ''),
    p.flow, '', p.cases, p.area_m2, 0
FROM disposal_cases n
CROSS JOIN LATERAL (VALUES
    (n.discovered_on, 'new', 1, n.area_in_class_m2),
    (n.last_on, 'disposed', 0, nullif(n.disposed_area_m2, 0)),
    (coalesce(n.closed_on, n.state_since),
        CASE WHEN n.state IN ('closed', 'rejected') THEN n.state END,
        1, n.area_in_class_m2 - n.disposed_area_m2)
) AS p (on_date, flow, cases, area_m2)
WHERE p.flow IS NOT NULL AND p.area_m2 IS NOT NULL;
