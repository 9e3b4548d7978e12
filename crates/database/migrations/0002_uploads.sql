-- Files of clips that are being received and checked. They lie in a folder of the server that received them.
CREATE TABLE uploads (
    id TEXT PRIMARY KEY,
    owner_id TEXT NOT NULL,
    filename TEXT NOT NULL,
    length BIGINT NOT NULL,
    state TEXT NOT NULL,
    report TEXT,
    error TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX uploads_by_owner ON uploads (owner_id, created_at);
CREATE INDEX uploads_by_end ON uploads (expires_at);

-- The name of the clip in the store of the library; none if it lies in the folder of a catalogue.
ALTER TABLE exercises ADD COLUMN clip TEXT;
CREATE INDEX exercises_by_clip ON exercises (clip);

-- Finished videos in the store, by what they show.
CREATE TABLE videos (
    key TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    used_at BIGINT NOT NULL
);
CREATE INDEX videos_by_use ON videos (used_at);
