-- Checks that this build can work on this database: fails on a read-only connection. Records once a
-- day that the build is in use, so that `migrate` keeps its functions.
CREATE FUNCTION ready() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF current_setting('transaction_read_only')::boolean THEN
        RAISE read_only_sql_transaction USING MESSAGE = 'this connection is read-only';
    END IF;
    UPDATE builds b SET used_at = now()
     WHERE b.schema = current_schema() AND b.used_at < now() - interval '1 day';
END $$;
GRANT EXECUTE ON FUNCTION ready TO register, activate, account, maintain;
