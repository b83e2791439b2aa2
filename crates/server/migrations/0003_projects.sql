-- Projects as they are kept by a server.

-- The whole project in the form of its file, as JSON; nothing for a project that is only known
-- because a run of its file was kept here. A change writes the next revision, and only over the one
-- that it was made from.
ALTER TABLE project ADD COLUMN document TEXT;
ALTER TABLE project ADD COLUMN revision BIGINT NOT NULL DEFAULT 0;
ALTER TABLE project ADD COLUMN changed_at BIGINT NOT NULL DEFAULT 0;
UPDATE project SET changed_at = created_at;

-- The number of each thing of a project. What it says stands in the project's document; here it has
-- only its place in it (`models/main`, `teams/desk/agents/editor`, `workflows/digest`), under which it
-- keeps its number when it goes and comes back. Workflows had such a table to themselves before.
-- Nothing is deleted here: runs point to workflows that are gone.
ALTER TABLE workflow RENAME TO part;
ALTER TABLE part RENAME COLUMN name TO path;
UPDATE part SET path = 'workflows/' || path;

-- Values that models, tools and webhooks need and nobody is shown again.
CREATE TABLE secret (
    project_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    sealed {{bytes}} NOT NULL,
    set_at BIGINT NOT NULL,
    PRIMARY KEY (project_id, name)
);

-- Requests that must not be carried out twice, and what became of them.
CREATE TABLE idempotency_key (
    -- The method and path of the request.
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    -- The hash of the request's body.
    request TEXT NOT NULL,
    -- The number of what was made, and the answer where it cannot be made again from it.
    made BIGINT,
    answer TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (scope, key)
);
CREATE INDEX idempotency_key_by_age ON idempotency_key (created_at);

-- What a run waits for, as JSON; lists show it.
ALTER TABLE run ADD COLUMN waiting TEXT;

-- Lists of runs are merged from ranges of these, newest first: whatever they are filtered by, a page
-- reads no more entries than it has times the number of ranges.
DROP INDEX run_by_status;
DROP INDEX run_by_project_and_status;
CREATE INDEX run_by_state ON run (status, source_kind, id);
CREATE INDEX run_by_project_and_state ON run (project_id, status, source_kind, id);
CREATE INDEX run_by_workflow_and_state ON run (workflow_id, status, source_kind, id);
CREATE INDEX run_by_trigger ON run (trigger_id, status, source_kind, id) WHERE trigger_id IS NOT NULL;
