-- A row that was entered wrongly is put right by a newer version of the same day, never in place.
ALTER TABLE case_deadlines ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
DROP INDEX uq_case_deadlines_row;
CREATE UNIQUE INDEX uq_case_deadlines_row
    ON case_deadlines (step, region_code, effective_from, version);

ALTER TABLE legal_parameters ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
DROP INDEX uq_legal_parameters_row;
CREATE UNIQUE INDEX uq_legal_parameters_row
    ON legal_parameters (name, region_code, effective_from, version);

-- Offices change their names: each name holds from a day on, by some paper.
ALTER TABLE disposal_offices
    DROP CONSTRAINT pk_disposal_offices,
    ADD COLUMN id BIGINT GENERATED ALWAYS AS IDENTITY,
    ADD COLUMN effective_from DATE NOT NULL DEFAULT '2012-07-01',
    ADD COLUMN version INTEGER NOT NULL DEFAULT 1,
    ADD COLUMN source TEXT NOT NULL DEFAULT '启用日期管理之前登记',
    ADD CONSTRAINT pk_disposal_offices PRIMARY KEY (id);
ALTER TABLE disposal_offices
    ALTER COLUMN effective_from DROP DEFAULT,
    ALTER COLUMN source DROP DEFAULT;
CREATE UNIQUE INDEX uq_disposal_offices_row
    ON disposal_offices (region_code, effective_from, version);

CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON case_deadlines
    FOR EACH ROW EXECUTE FUNCTION disposal_is_history();
CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON legal_parameters
    FOR EACH ROW EXECUTE FUNCTION disposal_is_history();
CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON disposal_offices
    FOR EACH ROW EXECUTE FUNCTION disposal_is_history();
