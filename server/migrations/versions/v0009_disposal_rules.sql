ALTER TABLE parcels ADD COLUMN stopped_on DATE;

CREATE TABLE classification_rules (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    region_code TEXT DEFAULT '' NOT NULL,
    class TEXT NOT NULL,
    sub_kind TEXT NOT NULL,
    effective_from DATE NOT NULL,
    effective_to DATE,
    parameters JSONB NOT NULL,
    title TEXT NOT NULL,
    source TEXT NOT NULL,
    article TEXT,
    version INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_classification_rules PRIMARY KEY (id),
    CONSTRAINT ck_classification_rules_class
        CHECK (class IN ('pewg', 'gewy', 'yewj', 'jewt', 'tewdb')),
    CONSTRAINT ck_classification_rules_days CHECK (effective_to >= effective_from),
    CONSTRAINT ck_classification_rules_version CHECK (version > 0),
    CONSTRAINT uq_classification_rules_version UNIQUE (region_code, sub_kind, version)
);

INSERT INTO classification_rules
    (region_code, class, sub_kind, effective_from, parameters, title, source, article, version)
VALUES
('', 'pewg', 'unsupplied', '2004-10-21',
 '{"min_age_months": 24, "age_bounds_months": [24, 60], "min_remaining_m2": 667}',
 '批准满两年未供应', '国务院关于深化改革严格土地管理的决定（国发〔2004〕28号）；剩余面积下限 1 亩为系统建议值，由县（区）确定',
 '农用地转用批准后满两年未实施具体征地或用地行为', 1),
('', 'gewy', 'not_started', '2012-07-01',
 '{"idle_after_months": 12, "recover_after_months": 24, "start_after_delivery_months": 12}',
 '超过约定动工日期满一年未动工', '闲置土地处置办法（国土资源部令第53号）', '第二条第一款、第十四条、第二十二条', 1),
('', 'yewj', 'stopped', '2012-07-01',
 '{"developed_share_below": "1/3", "invested_share_below": "1/4", "stopped_months": 12}',
 '动工后中止开发建设满一年', '闲置土地处置办法（国土资源部令第53号）', '第二条第二款', 1),
('', 'yewj', 'vacant', '2012-07-01',
 '{"min_vacant_m2": 2000, "min_vacant_share": "1/10", "require": "both"}',
 '空置面积达到 3 亩且占一成', '系统建议值，国家没有统一标准，由县（区）按本地文件确定', NULL, 1),
('', 'jewt', 'not_producing', '2012-07-01',
 '{"late_months": 6, "unagreed_months": 12}',
 '超过约定投产日期满六个月未投产', '系统建议值，国家没有统一标准，由县（区）按本地文件确定', NULL, 1),
('', 'tewdb', 'below_commitment', '2012-07-01',
 '{"initial_months": 24, "indicators": ["tax", "output"], "least_share": "1", "standard": {}}',
 '投产初始运行期满未达到承诺',
 '土地出让合同与“标准地”履约监管协议的承诺值（浙政办发〔2018〕73号）；初始运行期两年为系统建议值，由县（区）确定', NULL, 1),
('3305', 'tewdb', 'below_commitment', '2017-01-01',
 '{"initial_months": 24, "indicators": ["tax", "output"], "least_share": "1",
   "standard": {"tax": 30, "output": 500, "investment": 400}}',
 '湖州“345+1.5”：投产初始运行期满亩均税收 30 万元、亩均产出 500 万元',
 '湖州“345+1.5”标准（亩均税收 30 万元、投资强度 400 万元/亩、亩均产出 500 万元、容积率 1.5）；湖州市土地出让公告按投产初始运行期满的亩均产值、亩均税收考核',
 NULL, 1);

CREATE FUNCTION refuse_rule_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'classification_rules are added to, never changed';
END $$;

CREATE TRIGGER classification_rules_stay BEFORE UPDATE OR DELETE ON classification_rules
    FOR EACH ROW EXECUTE FUNCTION refuse_rule_change();

CREATE TABLE disposal_scans (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    as_of DATE NOT NULL,
    region_code TEXT DEFAULT '' NOT NULL,
    actor TEXT NOT NULL,
    counts JSONB NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_disposal_scans PRIMARY KEY (id)
);
CREATE INDEX ix_disposal_scans_day ON disposal_scans (as_of);

CREATE TABLE disposal_warnings (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    site_id BIGINT NOT NULL,
    region_code TEXT NOT NULL,
    class TEXT NOT NULL,
    sub_kind TEXT NOT NULL,
    line TEXT NOT NULL,
    line_on DATE NOT NULL,
    days_before INTEGER NOT NULL,
    area_m2 NUMERIC(18, 2) NOT NULL,
    rule_id BIGINT NOT NULL,
    inputs JSONB NOT NULL,
    raised_on DATE NOT NULL,
    cleared_on DATE,
    CONSTRAINT pk_disposal_warnings PRIMARY KEY (id),
    CONSTRAINT fk_disposal_warnings_site_id FOREIGN KEY (site_id) REFERENCES parcels (id),
    CONSTRAINT fk_disposal_warnings_rule_id
        FOREIGN KEY (rule_id) REFERENCES classification_rules (id),
    CONSTRAINT ck_disposal_warnings_class
        CHECK (class IN ('pewg', 'gewy', 'yewj', 'jewt', 'tewdb')),
    CONSTRAINT ck_disposal_warnings_line CHECK (line IN ('enters', 'recovery')),
    CONSTRAINT uq_disposal_warnings_step UNIQUE (site_id, sub_kind, line, line_on, days_before)
);
CREATE INDEX ix_disposal_warnings_current ON disposal_warnings (region_code, line_on)
    WHERE cleared_on IS NULL;
