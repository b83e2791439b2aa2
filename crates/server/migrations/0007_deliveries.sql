-- What other programs are told: that a run ended, and alerts of triggers.

CREATE TABLE delivery (
    id {{identity}},
    -- The webhook-id: the same at each try, so that who hears it twice knows.
    message TEXT NOT NULL,
    kind TEXT NOT NULL,
    project_id BIGINT NOT NULL,
    -- Nothing for what is about no run.
    run_id BIGINT,
    trigger_id BIGINT,
    url TEXT NOT NULL,
    -- What is sent; nothing where it is made from a run that has ended and never changes.
    body TEXT,
    -- `promised` until what it tells has happened, then `due`, then `delivered` or `given_up`.
    status TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- While it is due: when it is tried, and when that is given up. One that is being tried is put off for
    -- as long as a try can last, so that two processes do not try at once and none is lost with one.
    due_at BIGINT,
    give_up_at BIGINT,
    -- Tries since it became due, by which the waits grow.
    tries BIGINT NOT NULL,
    -- Of a promise that is kept more than once: since when the run waited that was last told of.
    told BIGINT
);
CREATE INDEX delivery_by_run ON delivery (run_id, id);
CREATE INDEX delivery_by_project ON delivery (project_id, id);
CREATE INDEX delivery_by_time ON delivery (due_at) WHERE status = 'due';
CREATE INDEX delivery_promised ON delivery (run_id) WHERE status = 'promised';

CREATE TABLE delivery_try (
    delivery_id BIGINT NOT NULL,
    nth BIGINT NOT NULL,
    at BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL,
    status BIGINT,
    answer TEXT,
    code TEXT,
    message TEXT,
    PRIMARY KEY (delivery_id, nth)
);
