-- Creates accounts that are active from the start, each with an audit entry, and returns the ids that
-- now exist. An address that has an account keeps it; of several rows for one address, the first is
-- used. Attempts are not changed: they can no longer win (see `guess`), and their callers must not
-- notice.
--
-- The caller chooses the ids, so it can send a batch again if the response was lost.
CREATE FUNCTION import_accounts(ids uuid[], emails text[], password_hashes text[], locales text[])
RETURNS TABLE (account uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    WITH imported AS (
        INSERT INTO accounts (id, email, password_hash, locale, activated_at, activated_by,
                              mailed_at, next_mail_at)
        SELECT p.id, p.email, p.password_hash, p.locale, now(), 'import', '{}', now()
          FROM unnest(ids, emails, password_hashes, locales) AS p (id, email, password_hash, locale)
            ON CONFLICT (email) WHERE activated_at IS NOT NULL DO NOTHING
        RETURNING id)
    INSERT INTO audit_log (id, action, account_id) SELECT uuid_v7(), 'imported', id FROM imported;
    RETURN QUERY SELECT a.id FROM accounts a WHERE a.id = ANY (ids);
END $$;
GRANT EXECUTE ON FUNCTION import_accounts TO maintain;
