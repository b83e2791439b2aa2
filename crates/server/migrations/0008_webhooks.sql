-- Webhooks: the tokens in their addresses, and what became of their calls.

CREATE TABLE trigger_token (
    -- SHA-256 of the token: who reads the database calls nobody.
    hash TEXT PRIMARY KEY,
    trigger_id BIGINT NOT NULL,
    -- The token under the server's key, so that the address can be shown again.
    sealed {{bytes}} NOT NULL,
    -- Until when one answers that another has replaced.
    until BIGINT
);
-- A webhook has one token in force.
CREATE UNIQUE INDEX trigger_token_in_force ON trigger_token (trigger_id) WHERE until IS NULL;
CREATE INDEX trigger_token_by_trigger ON trigger_token (trigger_id);

-- The newest calls of each webhook.
CREATE TABLE trigger_call (
    id {{identity}},
    trigger_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    -- The status that it was answered with, and why, where there is something to say.
    status BIGINT NOT NULL,
    code TEXT,
    reason TEXT,
    run_id BIGINT,
    bytes BIGINT NOT NULL,
    -- JSON: the headers that say what it was, and none that could be a secret.
    headers TEXT NOT NULL
);
CREATE INDEX trigger_call_by_trigger ON trigger_call (trigger_id, id);

-- Of the runs of a trigger with one key, one goes at a time: the trigger and the key. Nothing for a run that
-- waits for no other.
ALTER TABLE run ADD COLUMN line TEXT;
CREATE INDEX run_by_line ON run (line, id) WHERE line IS NOT NULL;

-- Calls that senders name by ids of their own, and the run of each: sent again, it starts no other.
CREATE TABLE trigger_message (
    trigger_id BIGINT NOT NULL,
    -- SHA-256 of the id.
    message TEXT NOT NULL,
    run_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (trigger_id, message)
);
CREATE INDEX trigger_message_by_age ON trigger_message (at);
