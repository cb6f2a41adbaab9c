ALTER TABLE parcels ADD COLUMN built_floor_m2 NUMERIC(18, 2)
    CONSTRAINT ck_parcels_built_floor_m2 CHECK (built_floor_m2 >= 0);

INSERT INTO classification_rules
    (region_code, class, sub_kind, effective_from, parameters, title, source, article, version)
VALUES
('', 'yewj', 'below_plot_ratio', '2008-07-01', '{"least_share": "1"}',
 '建成后容积率低于约定下限',
 '国有建设用地使用权出让合同示范文本（GF-2008-2601）；低于下限多少算用而未尽，由县（区）确定', '第三十七条', 1),
('3305', 'yewj', 'below_plot_ratio', '2017-01-01', '{"least_share": "1", "standard": 1.5}',
 '湖州“345+1.5”：没有约定下限的，容积率不低于 1.5',
 '湖州“345+1.5”标准（容积率 1.5）；出让合同有约定下限的从约定', NULL, 1);

CREATE TABLE disposal_report_prints (
    report_id BIGINT NOT NULL,
    body BYTEA NOT NULL,
    sha256 TEXT NOT NULL,
    printed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_disposal_report_prints PRIMARY KEY (report_id),
    CONSTRAINT fk_disposal_report_prints_report_id
        FOREIGN KEY (report_id) REFERENCES disposal_reports (id)
);

CREATE TRIGGER disposal_report_prints_stay BEFORE UPDATE OR DELETE ON disposal_report_prints
    FOR EACH ROW EXECUTE FUNCTION refuse_report_change();

CREATE TRIGGER disposal_report_prints_stay_whole BEFORE TRUNCATE ON disposal_report_prints
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_report_change();

ALTER TABLE disposal_evidence DROP CONSTRAINT ck_disposal_evidence_kind;
ALTER TABLE disposal_evidence ADD CONSTRAINT ck_disposal_evidence_kind
    CHECK (kind IN ('photo', 'document', 'electricity', 'social_insurance', 'tax'));
