-- Password reset links. Each is bound to its account's generation, so a new password ends them all.

-- Creates a link for the active account of an address. For any other address it stores a row without an
-- account, so that the work is the same. Takes the lock that the foreign key needs anyway: an account
-- that is being deleted gets no link.
CREATE FUNCTION open_link(address text, link_digest bytea) RETURNS TABLE (locale text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    owner accounts;
BEGIN
    SELECT * INTO owner FROM accounts a
     WHERE a.email = address AND a.activated_at IS NOT NULL AND a.disabled_at IS NULL FOR KEY SHARE;
    INSERT INTO password_resets (digest, account_id, generation, expires_at)
    VALUES (link_digest, owner.id, owner.generation, now() + interval '15 minutes');
    RETURN QUERY SELECT owner.locale WHERE owner.id IS NOT NULL;
END $$;
GRANT EXECUTE ON FUNCTION open_link TO account;

-- SES refused the email: deletes the link and gives its places back.
CREATE FUNCTION void_link(link_digest bytea, limit_keys bytea[], places_taken_at timestamptz)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    DELETE FROM password_resets r WHERE r.digest = link_digest;
    PERFORM give_back(limit_keys, places_taken_at);
END $$;
GRANT EXECUTE ON FUNCTION void_link TO account;

-- The account whose password a link can change.
CREATE FUNCTION find_link(link_digest bytea)
RETURNS TABLE (account uuid, generation int, email text, locale text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    RETURN QUERY SELECT a.id, a.generation, a.email, a.locale
      FROM password_resets r JOIN accounts a ON a.id = r.account_id AND a.generation = r.generation
     WHERE r.digest = link_digest AND r.expires_at > now()
       AND a.activated_at IS NOT NULL AND a.disabled_at IS NULL;
END $$;
GRANT EXECUTE ON FUNCTION find_link TO account;

-- Uses the link and changes the password, or does neither: of two concurrent calls, the second finds
-- the account in its next generation. Deletes every link of the account.
CREATE FUNCTION use_link(link_digest bytea, new_hash text) RETURNS TABLE (account uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    link record;
BEGIN
    SELECT * INTO link FROM find_link(link_digest);
    UPDATE accounts a SET password_hash = new_hash, generation = a.generation + 1
     WHERE a.id = link.account AND a.generation = link.generation
    RETURNING a.id INTO account;
    IF NOT FOUND THEN RETURN; END IF;
    DELETE FROM password_resets r WHERE r.account_id = use_link.account;
    PERFORM note('password reset', account);
    RETURN NEXT;
END $$;
GRANT EXECUTE ON FUNCTION use_link TO account;
