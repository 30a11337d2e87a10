//! Installs the SQL functions of this build, and removes those of old builds.
//!
//! Old and new code share one database during a deployment and after a rollback. So the functions
//! of each build have a schema of their own, named after the hash of their text, and are never
//! replaced.

use std::sync::LazyLock;

use sha2::{Digest as _, Sha256};
use tokio_postgres::{Client, Error};

/// Every `.sql` file of this folder: first those that others need, then the rest by name.
const FILES: [(&str, &str); 28] = [
    ("rules", include_str!("rules.sql")),
    ("limits", include_str!("limits.sql")),
    ("budgets", include_str!("budgets.sql")),
    ("codes", include_str!("codes.sql")),
    ("accounts", include_str!("accounts.sql")),
    ("change_account", include_str!("change_account.sql")),
    ("choose", include_str!("choose.sql")),
    ("claim_key", include_str!("claim_key.sql")),
    ("delete_account", include_str!("delete_account.sql")),
    ("find_named", include_str!("find_named.sql")),
    ("find_unnamed", include_str!("find_unnamed.sql")),
    ("give_back", include_str!("give_back.sql")),
    ("grant", include_str!("grant.sql")),
    ("guess", include_str!("guess.sql")),
    ("record_hand_off", include_str!("record_hand_off.sql")),
    ("record_failed_hand_off", include_str!("record_failed_hand_off.sql")),
    ("import", include_str!("import.sql")),
    ("not_me", include_str!("not_me.sql")),
    ("password_reset", include_str!("password_reset.sql")),
    ("purge", include_str!("purge.sql")),
    ("purge_limits", include_str!("purge_limits.sql")),
    ("ready", include_str!("ready.sql")),
    ("record_guess", include_str!("record_guess.sql")),
    ("release_key", include_str!("release_key.sql")),
    ("resend", include_str!("resend.sql")),
    ("sign_in", include_str!("sign_in.sql")),
    ("sign_up", include_str!("sign_up.sql")),
    ("take", include_str!("take.sql")),
];

static SCHEMA: LazyLock<String> = LazyLock::new(|| {
    let hash = FILES.iter().fold(Sha256::new(), |hash, (_, text)| hash.chain_update(text));
    let hash = hash.finalize();
    let (first, _) = hash.split_first_chunk().expect("SHA-256 has 32 bytes");
    format!("functions_{:016x}", u64::from_be_bytes(*first))
});

/// Functions stay for 30 days after their build was last used: longer than any rollback reaches
/// back.
const UNUSED: &str = "SELECT schema FROM builds WHERE used_at < now() - interval '30 days'";

const IN_USE: &str = "
    INSERT INTO builds (schema) VALUES ($1)
        ON CONFLICT (schema) DO UPDATE SET used_at = now()";

const FORGET: &str = "DELETE FROM builds WHERE schema = $1";

/// Revokes every right that a file does not grant. Then makes PostgreSQL plan each statement of a
/// function once per connection: the statements find rows by a key or by a range of one index, so
/// the same plan suits every value. By default PostgreSQL plans each of the first five calls, which
/// takes longer than the calls themselves.
const FINISH: &str = "
    DO $$
    DECLARE
        name regprocedure;
    BEGIN
        EXECUTE format('REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA %I FROM PUBLIC', current_schema());
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO register, activate, account, maintain',
                       current_schema());
        FOR name IN SELECT oid FROM pg_proc
                     WHERE pronamespace = current_schema()::regnamespace AND prosecdef LOOP
            EXECUTE format('ALTER FUNCTION %s SET plan_cache_mode = force_generic_plan', name);
        END LOOP;
    END $$;";

const IS_THERE: &str = "SELECT to_regnamespace($1) IS NOT NULL";

/// The statement as sent: replaces `build.` with the schema of this build.
pub(super) fn in_this_build(statement: &str) -> String {
    statement.replace("build.", &format!("{}.", *SCHEMA))
}

/// Installs the functions of this build. Returns the name of their schema if they were missing.
pub(super) async fn install(client: &Client) -> Result<Option<String>, Error> {
    let schema = SCHEMA.as_str();
    let is_there: bool = client.query_one(IS_THERE, &[&schema]).await?.get(0);
    if !is_there {
        let files: String = FILES.iter().map(|(_, text)| *text).collect();
        client
            .batch_execute(&format!(
                "BEGIN;
                 CREATE SCHEMA {schema};
                 SET LOCAL search_path = {schema}, public, pg_temp;
                 {files}
                 {FINISH}
                 COMMIT"
            ))
            .await?;
    }
    client.execute(IN_USE, &[&schema]).await?;
    Ok((!is_there).then(|| schema.to_owned()))
}

/// Removes the functions of builds unused for 30 days, and returns the names of their schemas.
pub(super) async fn remove_unused(client: &Client) -> Result<Vec<String>, Error> {
    let rows = client.query(UNUSED, &[]).await?;
    let schemas: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    for schema in &schemas {
        client.batch_execute(&format!("DROP SCHEMA IF EXISTS {schema} CASCADE")).await?;
        client.execute(FORGET, &[schema]).await?;
    }
    Ok(schemas)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_folder_is_installed_and_short() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/storage");
        let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
        let mut names: Vec<_> = files
            .filter(|file| file.extension().is_some_and(|extension| extension == "sql"))
            .map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned())
            .collect();
        names.sort();
        let mut installed = FILES.map(|(name, _)| name);
        installed.sort_unstable();
        assert_eq!(names, installed);
        for (name, text) in FILES {
            assert!(text.lines().count() < 60, "{name}.sql is long");
        }
    }
}
