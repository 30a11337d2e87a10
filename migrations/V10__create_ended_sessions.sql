-- Sessions whose owner has signed out. All others are told by their token alone, and by the
-- account's generation.
CREATE TABLE ended_sessions (
    id         uuid PRIMARY KEY,
    -- When its token would have ended by itself: then the row is needed no more.
    expires_at timestamptz NOT NULL
);

CREATE INDEX ended_sessions_by_expiry ON ended_sessions (expires_at);
