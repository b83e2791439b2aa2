-- The journal. Entries have no foreign key to their stream: the journal alone writes both, in one
-- transaction, and the check would be paid at every append.

CREATE TABLE journal_stream (
    id {{identity}},
    -- The number of its last event.
    seq BIGINT NOT NULL,
    -- The owner whose appends are let through.
    epoch BIGINT NOT NULL
);

-- One row is one append. The key is an index beside the rows, not the place of the rows: appends of
-- many streams then fill the same pages, which is what makes a commit of many of them cheap.
CREATE TABLE journal_entry (
    stream_id BIGINT NOT NULL,
    -- The number of its first event.
    first BIGINT NOT NULL,
    -- How many events it holds.
    count BIGINT NOT NULL,
    -- The events: a JSON array, byte for byte as it is served.
    events TEXT NOT NULL,
    PRIMARY KEY (stream_id, first)
);
