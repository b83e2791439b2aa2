-- Parts that are called otherwise than before.

-- Where a part stood before. Runs that began then go on to name it so, and a part of that name that is made
-- later is another one.
CREATE TABLE project_part_before (
    project_id BIGINT NOT NULL,
    path TEXT NOT NULL,
    part_id BIGINT NOT NULL,
    PRIMARY KEY (project_id, path)
);
