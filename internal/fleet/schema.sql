-- The tables in which processes share audit logs, for a database of PostgreSQL 12 or later, or of
-- what speaks its protocol. These statements may run again, and change nothing then.

CREATE SCHEMA IF NOT EXISTS confluence_audit;

-- One row for all.
CREATE TABLE IF NOT EXISTS confluence_audit.fleet (
    one     int PRIMARY KEY CHECK (one = 1),
    version int NOT NULL,          -- of these tables
    server  text NOT NULL,         -- which start of the server was seen last
    quiet   timestamptz NOT NULL,  -- no log is given to another member before
    lease   bigint NOT NULL        -- the longest ever used, in milliseconds
);

-- A row for each process. As long as it is there, the logs of the member are its own.
CREATE TABLE IF NOT EXISTS confluence_audit.member (
    id      text PRIMARY KEY,      -- never used again
    name    text NOT NULL,
    most    int NOT NULL,          -- how many logs it takes at most, 0: any number, -1: a tool, which comes first
    joined  timestamptz NOT NULL,
    expires timestamptz NOT NULL,  -- others may remove the row then
    logs    bigint[] NOT NULL      -- hashes of the names of the logs that it can read
);

-- A row for each audit log.
CREATE TABLE IF NOT EXISTS confluence_audit.log (
    name       text PRIMARY KEY,
    id         bigint NOT NULL UNIQUE,
    member     text NOT NULL,      -- the id of the holder, or of the last one
    holder     text NOT NULL,      -- its name
    token      text NOT NULL,      -- a new one each time the log is taken; '' when it is free
    epoch      bigint NOT NULL,    -- rises each time the log is taken
    sequence   bigint NOT NULL,    -- rises with each commit
    checkpoint text NOT NULL,      -- JSON; '' before the first commit
    committed  timestamptz,
    kept       text NOT NULL DEFAULT '' -- what the holder wants to know again after a restart
);

-- How many records with a time and a fingerprint were delivered.
CREATE TABLE IF NOT EXISTS confluence_audit.seen (
    log         bigint NOT NULL,
    time        bigint NOT NULL,   -- Unix milliseconds
    fingerprint uuid NOT NULL,
    count       bigint NOT NULL,
    PRIMARY KEY (log, time, fingerprint)
);

-- The same for records without a time.
CREATE TABLE IF NOT EXISTS confluence_audit.untimed (
    log         bigint NOT NULL,
    fingerprint uuid NOT NULL,
    count       bigint NOT NULL,
    delivered   bigint NOT NULL,   -- when the last of them was, Unix milliseconds
    PRIMARY KEY (log, fingerprint)
);

INSERT INTO confluence_audit.fleet (one, version, server, quiet, lease)
VALUES (1, 1, '', now(), 0) ON CONFLICT (one) DO NOTHING;

-- All that the members need, if another user than the owner runs them:
-- GRANT USAGE ON SCHEMA confluence_audit TO fluentbit;
-- GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA confluence_audit TO fluentbit;
