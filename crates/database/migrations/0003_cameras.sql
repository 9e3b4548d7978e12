-- Courts. Ids are numbers that people read; that of a deleted court is not given again.
CREATE TABLE terrains (
    id BIGINT PRIMARY KEY,
    club_id TEXT NOT NULL REFERENCES clubs (id),
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    deleted_at BIGINT
);
CREATE INDEX terrains_by_club ON terrains (club_id);

-- The cameras of a court, each an angle. `login` is encrypted with the secret of the server.
CREATE TABLE cameras (
    terrain_id BIGINT NOT NULL REFERENCES terrains (id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    kind TEXT NOT NULL,
    login TEXT,
    PRIMARY KEY (terrain_id, position)
);

-- Times at which someone uses a court, and the recording of each. `server` is the folder that the file lies in;
-- `started_clock` the time of its machine's clock since its start, and `started_boot` which start that is.
CREATE TABLE camera_sessions (
    id TEXT PRIMARY KEY,
    terrain_id BIGINT NOT NULL REFERENCES terrains (id),
    club_id TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    server TEXT NOT NULL,
    camera_url TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    closed_at BIGINT,
    recording TEXT NOT NULL,
    started_at BIGINT,
    started_boot TEXT,
    started_clock BIGINT,
    limit_ms BIGINT NOT NULL,
    elapsed_ms BIGINT NOT NULL,
    length_ms BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    lost_ms BIGINT NOT NULL,
    gaps TEXT NOT NULL,
    failure TEXT,
    deleted_at BIGINT
);
CREATE INDEX camera_sessions_by_owner ON camera_sessions (owner_id, created_at);
CREATE INDEX camera_sessions_by_club ON camera_sessions (club_id, created_at);

-- Moments of a recording, in milliseconds from its start.
CREATE TABLE markers (
    id TEXT PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES camera_sessions (id) ON DELETE CASCADE,
    at_ms BIGINT NOT NULL,
    label TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX markers_by_session ON markers (session_id, at_ms);
