-- Schedules, and what became of each of their slots.

-- An era is a time in which the rules of a schedule stay the same; a change ends one and begins the next.
-- It holds what firing needs, so that no project is read in order to know that nothing is due.
CREATE TABLE trigger_era (
    -- The number of the trigger among the parts of its project.
    trigger_id BIGINT NOT NULL,
    -- The revision of the project that it began with.
    era BIGINT NOT NULL,
    schedule TEXT NOT NULL,
    timezone TEXT NOT NULL,
    start_at BIGINT,
    end_at BIGINT,
    overlap TEXT NOT NULL,
    missed TEXT NOT NULL,
    clock_gap TEXT NOT NULL,
    clock_repeat TEXT NOT NULL,
    spread_s BIGINT NOT NULL,
    -- Since when the trigger is paused, where it is, and why.
    paused_at BIGINT,
    pause_reason TEXT,
    -- The last moment that belongs to it; nothing while it lasts.
    until BIGINT,
    -- Slots up to this moment have been seen to, or belong to another era.
    reached BIGINT NOT NULL,
    -- The next slot after that, and when to see to it.
    next_at BIGINT,
    look_at BIGINT,
    PRIMARY KEY (trigger_id, era)
);
CREATE INDEX trigger_era_by_look ON trigger_era (look_at) WHERE look_at IS NOT NULL;

-- A slot that fired, or a stretch of slots that did not. The key is what keeps a slot from starting two
-- runs.
CREATE TABLE trigger_slot (
    trigger_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    -- The last slot of a stretch, and how many there are.
    until BIGINT NOT NULL,
    count BIGINT NOT NULL,
    status TEXT NOT NULL,
    reason TEXT,
    run_id BIGINT,
    PRIMARY KEY (trigger_id, at)
);
CREATE INDEX trigger_slot_by_end ON trigger_slot (trigger_id, until);
CREATE INDEX trigger_slot_waiting ON trigger_slot (trigger_id) WHERE status = 'waiting';

-- Projects whose triggers an earlier version kept without firing them: their first eras are still to begin.
CREATE TABLE trigger_unbegun (
    project_id BIGINT PRIMARY KEY
);
INSERT INTO trigger_unbegun (project_id) SELECT DISTINCT project_id FROM part WHERE path LIKE 'triggers/%';
