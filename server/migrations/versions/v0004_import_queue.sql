ALTER TABLE import_progress ADD COLUMN attempts INTEGER DEFAULT 0 NOT NULL;
ALTER TABLE import_runs ADD COLUMN idempotency_key TEXT;
CREATE UNIQUE INDEX uq_import_runs_idempotency_key ON import_runs (idempotency_key);
