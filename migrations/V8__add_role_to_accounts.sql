-- What somebody who signs in needs. No row that is there is rewritten or read.
ALTER TABLE accounts
    -- What the account may do beyond itself: `member` nothing, `admin` everything.
    ADD COLUMN role text NOT NULL DEFAULT 'member',
    -- 'import' when somebody vouched for the address; NULL when a mailed code has proven it.
    ADD COLUMN activated_by text,
    -- One more with every new password and whenever the account is disabled. Sessions and links
    -- to a new password carry the number that they were made under, and end with it: whatever
    -- runs at the same moment, none outlives the password that it was made by.
    ADD COLUMN generation integer NOT NULL DEFAULT 0,
    -- Somebody who was imported without one asks for a link and chooses it. Functions of before
    -- take such an account for nobody's.
    -- squawk-ignore ban-drop-not-null
    ALTER COLUMN password_hash DROP NOT NULL;

-- Not compared with the rows that are there: all of them have just become members.
ALTER TABLE accounts
    ADD CONSTRAINT accounts_role CHECK (role IN ('member', 'admin')) NOT VALID;

ALTER TABLE audit_log
    -- The account that did it, unless it is the account itself or an operator.
    ADD COLUMN actor_id uuid;
