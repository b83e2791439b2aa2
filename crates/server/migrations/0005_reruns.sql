-- Runs that go on from others.

-- What a visit left behind, as JSON: enough to go on before or after it without reading what happened in
-- it. Runs of earlier versions have no such rows, and are read from their events. The table from before
-- lacked documents and the words of people, and nothing read it.
DROP TABLE visit;
CREATE TABLE run_visit (
    run_id BIGINT NOT NULL,
    visit BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (run_id, visit)
);

-- What a run goes on from. It stays when that run is deleted, so that a family holds together.
CREATE TABLE run_origin (
    run_id BIGINT PRIMARY KEY,
    source_id BIGINT NOT NULL,
    -- The run from which the whole family comes.
    root_id BIGINT NOT NULL,
    -- The first of the runs that one call started, and which of its variants this is, where it started
    -- several.
    group_id BIGINT,
    variant BIGINT NOT NULL,
    -- JSON: where it went on, and what was changed.
    descent TEXT NOT NULL
);
CREATE INDEX run_origin_by_root ON run_origin (root_id, run_id);
CREATE INDEX run_origin_by_source ON run_origin (source_id);
CREATE INDEX run_origin_by_group ON run_origin (group_id, run_id) WHERE group_id IS NOT NULL;
