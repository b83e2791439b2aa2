-- Projects, workflows, definitions and runs.

CREATE TABLE project (
    id {{identity}},
    name TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);

CREATE TABLE workflow (
    id {{identity}},
    project_id BIGINT NOT NULL REFERENCES project (id),
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (project_id, name)
);

-- A definition is stored once, under the hash of its text; runs point to it.
CREATE TABLE definition (
    hash TEXT PRIMARY KEY,
    body TEXT NOT NULL
);

-- What lists of runs show: a projection of the journal, written in the same transaction.
CREATE TABLE run (
    -- The number of its stream in the journal.
    id BIGINT PRIMARY KEY,
    project_id BIGINT NOT NULL REFERENCES project (id),
    workflow_id BIGINT NOT NULL REFERENCES workflow (id),
    definition TEXT NOT NULL REFERENCES definition (hash),
    status TEXT NOT NULL,
    stop_requested BIGINT NOT NULL,
    -- JSON, as on every surface.
    source TEXT NOT NULL,
    source_kind TEXT NOT NULL,
    trigger_id BIGINT,
    input TEXT NOT NULL,
    metadata TEXT,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    ended_at BIGINT,
    model_calls BIGINT NOT NULL,
    input_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    -- Billionths of a US dollar.
    cost_nanos BIGINT NOT NULL,
    result TEXT,
    error TEXT
);

-- Newest first, over all, by project and by workflow, with and without a status.
CREATE INDEX run_by_project ON run (project_id, id);
CREATE INDEX run_by_workflow ON run (workflow_id, id);
CREATE INDEX run_by_status ON run (status, id);
CREATE INDEX run_by_project_and_status ON run (project_id, status, id);

-- What a visit left behind: enough to begin a re-run without reading the source's events.
CREATE TABLE visit (
    run_id BIGINT NOT NULL,
    visit BIGINT NOT NULL,
    stage TEXT NOT NULL,
    name TEXT NOT NULL,
    nth BIGINT NOT NULL,
    forced BIGINT NOT NULL,
    status TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    outcome TEXT,
    result TEXT,
    -- JSON: a list of agent and text.
    summaries TEXT NOT NULL,
    -- JSON: what the visit wrote to shared memory, by key.
    memory TEXT NOT NULL,
    model_calls BIGINT NOT NULL,
    input_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    cost_nanos BIGINT NOT NULL,
    PRIMARY KEY (run_id, visit)
);
