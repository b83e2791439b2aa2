-- What happens inside a stage: what models are sent, documents, runs that others started, money and
-- places that are limited.

-- The first message of a conversation: who the agent is and what it can do. It says nothing of a
-- run's data and is the same for many runs, so it is kept once, as definitions are.
CREATE TABLE run_prompt (
    hash TEXT PRIMARY KEY,
    body TEXT NOT NULL
);

-- The messages after it, each under the hash of itself and of all before it. They go with their run.
CREATE TABLE run_message (
    run_id BIGINT NOT NULL,
    hash TEXT NOT NULL,
    -- The message before it.
    before TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (run_id, hash)
);

-- The texts of a run's documents, which its history knows by their hashes.
CREATE TABLE run_document (
    run_id BIGINT NOT NULL,
    hash TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (run_id, hash)
);

-- Runs that carry a workflow out for another: one for each call, however often it is asked for.
CREATE TABLE run_child (
    parent_id BIGINT NOT NULL,
    call BIGINT NOT NULL,
    run_id BIGINT NOT NULL,
    PRIMARY KEY (parent_id, call)
);
CREATE INDEX run_child_by_run ON run_child (run_id);

-- What the runs of a project spent on a day of its zone, and what is set aside for calls under way, in
-- billionths of a US dollar.
CREATE TABLE run_day (
    project_id BIGINT NOT NULL,
    day TEXT NOT NULL,
    spent BIGINT NOT NULL,
    reserved BIGINT NOT NULL,
    PRIMARY KEY (project_id, day)
);

-- What is set aside, call by call, so that each is settled once.
CREATE TABLE run_reservation (
    run_id BIGINT NOT NULL,
    call BIGINT NOT NULL,
    attempt BIGINT NOT NULL,
    project_id BIGINT NOT NULL,
    day TEXT NOT NULL,
    nanos BIGINT NOT NULL,
    PRIMARY KEY (run_id, call, attempt)
);

-- How the processes that a store's tools start are known from those of another.
CREATE TABLE run_store (
    id BIGINT PRIMARY KEY,
    mark TEXT NOT NULL
);

-- What all runs of a project together may use, as its document says: claims read it.
ALTER TABLE project ADD COLUMN max_running BIGINT;
ALTER TABLE project ADD COLUMN day_limit BIGINT;
ALTER TABLE project ADD COLUMN timezone TEXT NOT NULL DEFAULT 'UTC';

-- Runs of its workflow at once, as its definition says: the next one that there is a place for is found
-- without reading definitions.
ALTER TABLE run ADD COLUMN max_running BIGINT;
