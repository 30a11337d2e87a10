-- One row per sign-up attempt. It is pending until its code is spent, then it is the account.
-- Several attempts for one address may exist side by side: each has its own password and codes,
-- so nobody can squat an address and nobody's code activates somebody else's password.
CREATE TABLE accounts (
    id             uuid PRIMARY KEY,
    -- Normalised: lower case, domain as A-label.
    email          text NOT NULL,
    -- An Argon2id PHC string.
    password_hash  text NOT NULL,
    locale         text NOT NULL,
    created_at     timestamptz NOT NULL DEFAULT now(),
    -- NULL while the attempt is pending.
    activated_at   timestamptz,
    -- When its mails of the last 24 hours were taken out of ATTEMPT_MAILS, oldest first.
    mailed_at      timestamptz[] NOT NULL,
    -- The cooldown: no mail of this attempt before then.
    next_mail_at   timestamptz NOT NULL,
    -- The one guess beyond the address's budget, so that strangers cannot use up the owner's chance.
    own_guess_used boolean NOT NULL DEFAULT false
);

-- At most one active account per address, whatever runs in parallel.
CREATE UNIQUE INDEX accounts_one_active_per_email ON accounts (email) WHERE activated_at IS NOT NULL;

-- The newest attempt of an address.
CREATE INDEX accounts_by_email ON accounts (email, created_at DESC);

-- One row per mail. Several codes of one attempt may be alive at once: each lives out its own minute.
CREATE TABLE codes (
    id            uuid PRIMARY KEY,
    account_id    uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- Never the code itself: HMAC-SHA-256 of address and code, under the key named by key_id.
    mac           bytea NOT NULL,
    key_id        text NOT NULL,
    -- SHA-256 of the token in the mail's "this wasn't me" link.
    not_me_digest bytea NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    -- Alive until then. A code that SES refused to send is void: its deadline is moved to the past.
    expires_at    timestamptz NOT NULL,
    wrong_guesses integer NOT NULL DEFAULT 0,
    -- When it activated the attempt.
    used_at       timestamptz
);

CREATE INDEX codes_by_account ON codes (account_id, expires_at);
