CREATE TABLE investors (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    openid BYTEA,
    openid_digest BYTEA,
    phone BYTEA,
    phone_digest BYTEA,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    erased_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_investors PRIMARY KEY (id)
);
CREATE INDEX ix_investors_phone_digest ON investors (phone_digest);
CREATE UNIQUE INDEX uq_investors_openid_digest ON investors (openid_digest);

CREATE TABLE investor_sessions (
    token_digest BYTEA NOT NULL,
    investor_id BIGINT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_investor_sessions PRIMARY KEY (token_digest),
    CONSTRAINT fk_investor_sessions_investor_id FOREIGN KEY(investor_id) REFERENCES investors (id) ON DELETE CASCADE
);
CREATE INDEX ix_investor_sessions_expires_at ON investor_sessions (expires_at);
CREATE INDEX ix_investor_sessions_investor_id ON investor_sessions (investor_id);

CREATE TABLE wechat_codes (
    digest BYTEA NOT NULL,
    claimed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    settled_at TIMESTAMP WITH TIME ZONE,
    investor_id BIGINT,
    errcode INTEGER,
    CONSTRAINT pk_wechat_codes PRIMARY KEY (digest),
    CONSTRAINT fk_wechat_codes_investor_id FOREIGN KEY(investor_id) REFERENCES investors (id) ON DELETE CASCADE
);
CREATE INDEX ix_wechat_codes_claimed_at ON wechat_codes (claimed_at);
CREATE INDEX ix_wechat_codes_investor_id ON wechat_codes (investor_id);

CREATE TABLE login_counts (
    subject BYTEA NOT NULL,
    minute TIMESTAMP WITH TIME ZONE NOT NULL,
    count INTEGER NOT NULL,
    CONSTRAINT pk_login_counts PRIMARY KEY (subject, minute)
);
CREATE INDEX ix_login_counts_minute ON login_counts (minute);

CREATE TABLE privacy_notices (
    version TEXT NOT NULL,
    effective_from DATE NOT NULL,
    text TEXT NOT NULL,
    source TEXT NOT NULL,
    CONSTRAINT pk_privacy_notices PRIMARY KEY (version)
);

CREATE TABLE consents (
    investor_id BIGINT NOT NULL,
    version TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_consents PRIMARY KEY (investor_id, version),
    CONSTRAINT fk_consents_investor_id FOREIGN KEY(investor_id) REFERENCES investors (id) ON DELETE CASCADE,
    CONSTRAINT fk_consents_version FOREIGN KEY(version) REFERENCES privacy_notices (version)
);

CREATE TABLE periods (
    kind TEXT NOT NULL,
    region_code TEXT NOT NULL,
    effective_from DATE NOT NULL,
    days INTEGER NOT NULL,
    working_days BOOLEAN NOT NULL,
    source TEXT NOT NULL,
    CONSTRAINT pk_periods PRIMARY KEY (kind, region_code, effective_from),
    CONSTRAINT ck_periods_days CHECK (days >= 0),
    CONSTRAINT ck_periods_region_code CHECK (region_code ~ '^(\d{2}(\d{2}(\d{2}(\d{3})?)?)?)?$')
);

CREATE TABLE favourites (
    investor_id BIGINT NOT NULL,
    layer TEXT NOT NULL,
    site_id BIGINT NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    added_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_favourites PRIMARY KEY (investor_id, layer, site_id),
    CONSTRAINT ck_favourites_layer CHECK (layer IN ('parks', 'parcels', 'plants')),
    CONSTRAINT fk_favourites_investor_id FOREIGN KEY(investor_id) REFERENCES investors (id) ON DELETE CASCADE
);

CREATE TABLE searches (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    investor_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    path TEXT NOT NULL,
    notify BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    evaluated TEXT NOT NULL,
    CONSTRAINT pk_searches PRIMARY KEY (id),
    CONSTRAINT fk_searches_investor_id FOREIGN KEY(investor_id) REFERENCES investors (id) ON DELETE CASCADE
);
CREATE INDEX ix_searches_evaluated ON searches (evaluated);
CREATE INDEX ix_searches_investor_id ON searches (investor_id);

CREATE TABLE search_matches (
    search_id BIGINT NOT NULL,
    layer TEXT NOT NULL,
    site_id BIGINT NOT NULL,
    found_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    seen_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_search_matches PRIMARY KEY (search_id, layer, site_id),
    CONSTRAINT fk_search_matches_search_id FOREIGN KEY(search_id) REFERENCES searches (id) ON DELETE CASCADE
);

CREATE TABLE subscriptions (
    investor_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_subscriptions PRIMARY KEY (investor_id, kind),
    CONSTRAINT ck_subscriptions_kind CHECK (kind IN ('match', 'reply')),
    CONSTRAINT fk_subscriptions_investor_id FOREIGN KEY(investor_id) REFERENCES investors (id) ON DELETE CASCADE
);

CREATE TABLE shares (
    code TEXT NOT NULL,
    path TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_shares PRIMARY KEY (code),
    CONSTRAINT ck_shares_code CHECK (code ~ '^[0-9A-Za-z]{8,12}$')
);
CREATE UNIQUE INDEX uq_shares_path ON shares (path);

CREATE TABLE enquiries (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    investor_id BIGINT,
    layer TEXT NOT NULL,
    site_id BIGINT NOT NULL,
    site_code TEXT NOT NULL,
    site_name TEXT NOT NULL,
    region_code TEXT,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    contact_name BYTEA,
    phone BYTEA,
    phone_digest BYTEA,
    visit_on DATE,
    scheduled_for TIMESTAMP WITH TIME ZONE,
    officer_id BIGINT,
    first_response_due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    first_responded_at TIMESTAMP WITH TIME ZONE,
    escalation SMALLINT DEFAULT 0 NOT NULL,
    escalate_at TIMESTAMP WITH TIME ZONE,
    closed_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_enquiries PRIMARY KEY (id),
    CONSTRAINT ck_enquiries_kind CHECK (kind IN ('enquiry', 'appointment')),
    CONSTRAINT ck_enquiries_state CHECK (state IN ('waiting', 'answered', 'scheduled', 'closed', 'cancelled')),
    CONSTRAINT ck_enquiries_layer CHECK (layer IN ('parks', 'parcels', 'plants')),
    CONSTRAINT ck_enquiries_escalation CHECK (escalation BETWEEN 0 AND 2),
    CONSTRAINT fk_enquiries_investor_id FOREIGN KEY(investor_id) REFERENCES investors (id) ON DELETE SET NULL,
    CONSTRAINT fk_enquiries_officer_id FOREIGN KEY(officer_id) REFERENCES users (id)
);
CREATE INDEX ix_enquiries_escalate_at ON enquiries (escalate_at) WHERE escalate_at IS NOT NULL;
CREATE INDEX ix_enquiries_investor_id ON enquiries (investor_id);
CREATE INDEX ix_enquiries_officer_id ON enquiries (officer_id);
CREATE INDEX ix_enquiries_phone_digest ON enquiries (phone_digest);
CREATE INDEX ix_enquiries_region_code ON enquiries (region_code, id);

CREATE TABLE enquiry_messages (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    enquiry_id BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    side TEXT NOT NULL,
    user_id BIGINT,
    body BYTEA,
    verdict TEXT NOT NULL,
    CONSTRAINT pk_enquiry_messages PRIMARY KEY (id),
    CONSTRAINT ck_enquiry_messages_side CHECK (side IN ('investor', 'staff')),
    CONSTRAINT ck_enquiry_messages_verdict CHECK (verdict IN ('passed', 'unchecked', 'held', 'risky')),
    CONSTRAINT fk_enquiry_messages_enquiry_id FOREIGN KEY(enquiry_id) REFERENCES enquiries (id) ON DELETE CASCADE,
    CONSTRAINT fk_enquiry_messages_user_id FOREIGN KEY(user_id) REFERENCES users (id)
);
CREATE INDEX ix_enquiry_messages_enquiry_id ON enquiry_messages (enquiry_id, id);
CREATE INDEX ix_enquiry_messages_user_id ON enquiry_messages (user_id);

CREATE TABLE outbox (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    kind TEXT NOT NULL,
    payload JSONB NOT NULL,
    dedupe TEXT,
    attempts INTEGER DEFAULT 0 NOT NULL,
    next_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    done_at TIMESTAMP WITH TIME ZONE,
    error TEXT,
    CONSTRAINT pk_outbox PRIMARY KEY (id)
);
CREATE INDEX ix_outbox_waiting ON outbox (next_at) WHERE done_at IS NULL;
CREATE UNIQUE INDEX uq_outbox_dedupe ON outbox (dedupe);

CREATE TABLE attachments (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    layer TEXT NOT NULL,
    site_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    public BOOLEAN NOT NULL,
    sha256 TEXT,
    mime TEXT,
    size BIGINT,
    width INTEGER,
    height INTEGER,
    taken_at TIMESTAMP WITH TIME ZONE,
    longitude DOUBLE PRECISION,
    latitude DOUBLE PRECISION,
    link TEXT,
    actor TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    removed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_attachments PRIMARY KEY (id),
    CONSTRAINT ck_attachments_layer CHECK (layer IN ('parks', 'parcels', 'plants')),
    CONSTRAINT ck_attachments_kind CHECK (kind IN ('photo', 'document', 'panorama')),
    CONSTRAINT ck_attachments_link CHECK ((kind = 'panorama') = (link IS NOT NULL)),
    CONSTRAINT ck_attachments_sha256 CHECK ((kind = 'panorama') = (sha256 IS NULL))
);
CREATE INDEX ix_attachments_site ON attachments (layer, site_id, id);

CREATE TABLE wechat_tokens (
    appid TEXT NOT NULL,
    token BYTEA,
    expires_at TIMESTAMP WITH TIME ZONE,
    forced_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_wechat_tokens PRIMARY KEY (appid)
);

INSERT INTO privacy_notices (version, effective_from, text, source) VALUES ('2026-11', '2026-11-01',
'看地为您提供工业用地、厂房和园区信息。您浏览时无需提供个人信息。您登录微信时，我们保存微信给出的用户标识（加密），用于识别您的收藏、订阅和咨询；您咨询或预约时，我们保存您的称呼、手机号和留言（加密），只供该地块所在辖区的经办人员与您联系，不用于其他目的，不提供给第三方。您可以随时查看、导出或删除您的全部信息；咨询办结满一年后，我们删除其中的个人信息，只保留不含个人信息的统计。',
'产品默认文本，依据《个人信息保护法》第七条、第十七条、第十九条、第四十四条至第四十七条；使用单位应按本地情况修订并换版本号');

INSERT INTO periods (kind, region_code, effective_from, days, working_days, source) VALUES
    ('enquiry_first_response', '', '2026-01-01', 2, true, '产品默认值；各县按本地首问负责制文件修订'),
    ('enquiry_escalation', '', '2026-01-01', 1, true, '产品默认值：逾期一个工作日后再上报领导小组'),
    ('keep_closed_enquiry', '', '2026-01-01', 365, false, '产品默认值；《个人信息保护法》第十九条：为实现处理目的所必要的最短时间'),
    ('keep_idle_investor', '', '2026-01-01', 365, false, '产品默认值；同上'),
    ('keep_sent_message', '', '2026-01-01', 30, false, '产品默认值；同上');
