CREATE TABLE users (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    username TEXT NOT NULL,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    totp_secret TEXT,
    totp_pending TEXT,
    totp_step BIGINT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    password_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    disabled_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_users PRIMARY KEY (id),
    CONSTRAINT ck_users_username CHECK (username ~ '^[a-z][a-z0-9._-]{1,39}$')
);
CREATE UNIQUE INDEX uq_users_username ON users (username);

CREATE TABLE user_grants (
    user_id BIGINT NOT NULL,
    role TEXT NOT NULL,
    region_code TEXT NOT NULL,
    granted_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_user_grants PRIMARY KEY (user_id, role, region_code),
    CONSTRAINT ck_user_grants_role CHECK (role IN ('officer', 'reviewer', 'leader', 'gis', 'viewer', 'admin')),
    CONSTRAINT ck_user_grants_region_code CHECK (region_code ~ '^(\d{2}(\d{2}(\d{2}(\d{3})?)?)?)?$'),
    CONSTRAINT fk_user_grants_user_id FOREIGN KEY(user_id) REFERENCES users (id)
);

CREATE TABLE sessions (
    token_hash TEXT NOT NULL,
    user_id BIGINT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    seen_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_sessions PRIMARY KEY (token_hash),
    CONSTRAINT fk_sessions_user_id FOREIGN KEY(user_id) REFERENCES users (id)
);
CREATE INDEX ix_sessions_user_id ON sessions (user_id);

CREATE TABLE login_failures (
    subject TEXT NOT NULL,
    failures INTEGER DEFAULT 0 NOT NULL,
    last_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    locked_until TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_login_failures PRIMARY KEY (subject)
);

CREATE TABLE idempotency_keys (
    actor TEXT NOT NULL,
    key TEXT NOT NULL,
    digest TEXT NOT NULL,
    status INTEGER,
    body TEXT,
    headers JSONB,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_idempotency_keys PRIMARY KEY (actor, key)
);
CREATE INDEX ix_idempotency_keys_at ON idempotency_keys (at);

ALTER TABLE audit ADD COLUMN seq BIGINT;
ALTER TABLE audit ADD COLUMN prev_hash TEXT;
ALTER TABLE audit ADD COLUMN hash TEXT;
CREATE UNIQUE INDEX uq_audit_seq ON audit (seq);
CREATE INDEX ix_audit_subject ON audit (subject);

CREATE TABLE audit_head (
    id INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL,
    CONSTRAINT pk_audit_head PRIMARY KEY (id),
    CONSTRAINT ck_audit_head_one CHECK (id = 1)
);
INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '');

-- The hash of a row: each field with its length before it, so that no two rows read alike.
CREATE FUNCTION audit_hash(the_row audit) RETURNS text
LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
    SELECT encode(sha256(convert_to(string_agg(octet_length(field) || ':' || field, '' ORDER BY n),
                                    'UTF8')), 'hex')
    FROM unnest(ARRAY[
        the_row.seq::text,
        the_row.prev_hash,
        the_row.id::text,
        to_char(the_row.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        the_row.actor,
        the_row.action,
        the_row.subject,
        the_row.details::text
    ]) WITH ORDINALITY AS fields (field, n)
$$;

-- Rows of before this revision, in the order in which they were written.
DO $$
DECLARE
    one audit;
    head audit_head;
BEGIN
    SELECT * INTO head FROM audit_head;
    FOR one IN SELECT * FROM audit ORDER BY id LOOP
        one.seq := head.seq + 1;
        one.prev_hash := head.hash;
        head.seq := one.seq;
        head.hash := audit_hash(one);
        UPDATE audit SET seq = one.seq, prev_hash = one.prev_hash, hash = head.hash WHERE id = one.id;
    END LOOP;
    UPDATE audit_head SET seq = head.seq, hash = head.hash;
END $$;

-- At the commit and with the rights of the owner: the head is locked for no longer than it takes,
-- and whoever may only add rows cannot write a place in the chain.
CREATE FUNCTION audit_chain() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    one audit;
    head audit_head;
BEGIN
    SELECT * INTO head FROM audit_head WHERE id = 1 FOR UPDATE;
    SELECT * INTO one FROM audit WHERE id = NEW.id;
    one.seq := head.seq + 1;
    one.prev_hash := head.hash;
    one.hash := audit_hash(one);
    UPDATE audit SET seq = one.seq, prev_hash = one.prev_hash, hash = one.hash WHERE id = one.id;
    UPDATE audit_head SET seq = one.seq, hash = one.hash WHERE id = 1;
    RETURN NULL;
END $$;

CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' AND NEW.seq IS NULL AND NEW.prev_hash IS NULL AND NEW.hash IS NULL THEN
        RETURN NEW;
    END IF;
    -- The chain itself, once for each row.
    IF TG_OP = 'UPDATE' AND OLD.hash IS NULL AND NEW.hash IS NOT NULL
       AND (NEW.id, NEW.at, NEW.actor, NEW.action, NEW.subject, NEW.details)
         = (OLD.id, OLD.at, OLD.actor, OLD.action, OLD.subject, OLD.details) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'audit is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER audit_append_only BEFORE INSERT OR UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE CONSTRAINT TRIGGER audit_chained AFTER INSERT ON audit
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_chain();
