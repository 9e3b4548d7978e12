-- Times are milliseconds since 1970 in UTC; ids are made by the server; `search` is lower case.

CREATE TABLE users (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password TEXT NOT NULL,
    role TEXT NOT NULL,
    language TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    disabled_at BIGINT
);

CREATE TABLE clubs (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);

CREATE TABLE memberships (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    club_id TEXT NOT NULL REFERENCES clubs (id) ON DELETE CASCADE,
    PRIMARY KEY (user_id, club_id)
);
CREATE INDEX memberships_by_club ON memberships (club_id);

-- Signed-in devices. The hash is that of the one refresh token that is valid.
CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    refresh_hash TEXT NOT NULL,
    device TEXT NOT NULL,
    address TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    used_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id);

-- `definition` is the exercise as a table of a catalogue; `imported` the definition that an import has written last.
CREATE TABLE exercises (
    id TEXT PRIMARY KEY,
    owner_id TEXT,
    club_id TEXT REFERENCES clubs (id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    folder TEXT NOT NULL,
    definition TEXT NOT NULL,
    imported TEXT,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT
);
CREATE INDEX exercises_by_position ON exercises (position, id);

CREATE TABLE categories (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);

CREATE TABLE exercise_categories (
    exercise_id TEXT NOT NULL REFERENCES exercises (id) ON DELETE CASCADE,
    category_id TEXT NOT NULL REFERENCES categories (id) ON DELETE CASCADE,
    PRIMARY KEY (exercise_id, category_id)
);
CREATE INDEX exercise_categories_by_category ON exercise_categories (category_id);

CREATE TABLE workouts (
    id TEXT PRIMARY KEY,
    owner_id TEXT NOT NULL,
    title TEXT NOT NULL,
    search TEXT NOT NULL,
    document TEXT NOT NULL,
    duration_ms BIGINT NOT NULL,
    exercises BIGINT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX workouts_by_owner ON workouts (owner_id, updated_at);

CREATE TABLE audit_log (
    id TEXT PRIMARY KEY,
    at BIGINT NOT NULL,
    user_id TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX audit_log_by_time ON audit_log (at);
