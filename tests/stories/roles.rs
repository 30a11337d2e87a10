//! Each function can do its job in its own role (all other stories show that) and nothing else.

use insta::assert_snapshot;
use world::{TABLES, World};

/// Everything that is granted, to anybody but the owner.
const GRANTS: &str = "
    WITH acl AS (
        SELECT c.oid AS relation, NULL AS attribute, 0 AS number, a.*
          FROM pg_class c, aclexplode(c.relacl) a
         WHERE c.relnamespace = 'public'::regnamespace AND a.grantee <> c.relowner
         UNION ALL
        SELECT c.oid, t.attname, t.attnum, a.*
          FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid, aclexplode(t.attacl) a
         WHERE c.relnamespace = 'public'::regnamespace
         UNION ALL
        SELECT 0, nspname, 0, a.*
          FROM pg_namespace n, aclexplode(n.nspacl) a
         WHERE nspname = 'public' AND a.grantee <> n.nspowner
    ), line AS (
        SELECT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END || ': '
               || privilege_type
               || coalesce(' (' || string_agg(attribute, ', ' ORDER BY number) || ')', '')
               || CASE relation WHEN 0 THEN '' ELSE ' ON ' || relation::regclass END
               || CASE WHEN bool_or(is_grantable) THEN ', and may grant it' ELSE '' END AS text
          FROM acl
         GROUP BY grantee, relation, privilege_type
    )
    SELECT string_agg(text, E'\\n' ORDER BY text COLLATE \"C\") FROM line";

#[tokio::test]
async fn the_grants_are_these_and_no_more() {
    let world = World::new().await;
    let grants: String = world.database.row(GRANTS).await.get(0);
    assert_snapshot!(grants, @r"
    account: DELETE ON accounts
    account: DELETE ON idempotency_keys
    account: DELETE ON password_resets
    account: INSERT (action, account_id, actor_id) ON audit_log
    account: INSERT (key, places, seconds, taken) ON limits
    account: INSERT ON ended_sessions
    account: INSERT ON password_resets
    account: SELECT (account_id, mac, key_id, expires_at, wrong_guesses) ON codes
    account: SELECT (email) ON idempotency_keys
    account: SELECT (id) ON ended_sessions
    account: SELECT (id, email, password_hash, locale, created_at, activated_at, disabled_at, role, generation) ON accounts
    account: SELECT ON limits
    account: SELECT ON password_resets
    account: UPDATE (password_hash, locale, disabled_at, generation) ON accounts
    account: UPDATE (places, seconds, taken) ON limits
    account: USAGE (public)
    activate: INSERT (action, account_id) ON audit_log
    activate: INSERT (key, places, seconds, taken) ON limits
    activate: SELECT (id, account_id, mac, key_id, created_at, expires_at, wrong_guesses, used_at) ON codes
    activate: SELECT (id, email, password_hash, created_at, activated_at, mailed_at, next_mail_at, own_guess_used, voided_at, generation) ON accounts
    activate: SELECT ON limits
    activate: UPDATE (activated_at, own_guess_used) ON accounts
    activate: UPDATE (places, seconds, taken) ON limits
    activate: UPDATE (wrong_guesses, used_at) ON codes
    activate: USAGE (public)
    maintain: DELETE ON accounts
    maintain: DELETE ON audit_log
    maintain: DELETE ON codes
    maintain: DELETE ON ended_sessions
    maintain: DELETE ON idempotency_keys
    maintain: DELETE ON limits
    maintain: DELETE ON password_resets
    maintain: INSERT (action, account_id) ON audit_log
    maintain: INSERT (id, email, password_hash, locale, activated_at, mailed_at, next_mail_at, activated_by) ON accounts
    maintain: SELECT (ctid, at) ON audit_log
    maintain: SELECT (ctid, claimed_at, running_until) ON idempotency_keys
    maintain: SELECT (ctid, expires_at) ON codes
    maintain: SELECT (ctid, expires_at) ON ended_sessions
    maintain: SELECT (ctid, expires_at) ON password_resets
    maintain: SELECT (ctid, id, email, created_at, activated_at, next_mail_at, disabled_at, role) ON accounts
    maintain: SELECT (ctid, key, seconds, taken) ON limits
    maintain: UPDATE (role) ON accounts
    maintain: USAGE (public)
    register: INSERT (action, account_id) ON audit_log
    register: INSERT (email, key, payload_mac, running_until) ON idempotency_keys
    register: INSERT (id, account_id, mac, key_id, not_me_digest, expires_at) ON codes
    register: INSERT (id, email, password_hash, locale, mailed_at, next_mail_at) ON accounts
    register: INSERT (key, places, seconds, taken) ON limits
    register: SELECT (id, account_id, mac, key_id, not_me_digest, created_at, expires_at, wrong_guesses, not_me_at) ON codes
    register: SELECT (id, email, password_hash, locale, created_at, activated_at, mailed_at, next_mail_at, voided_at, disabled_at, generation) ON accounts
    register: SELECT ON idempotency_keys
    register: SELECT ON limits
    register: UPDATE (expires_at, not_me_at) ON codes
    register: UPDATE (mailed_at, next_mail_at, voided_at, disabled_at, generation) ON accounts
    register: UPDATE (payload_mac, claimed_at, running_until, account_id, expires_at) ON idempotency_keys
    register: UPDATE (places, seconds, taken) ON limits
    register: USAGE (public)
    ");
}

#[tokio::test]
async fn the_roles_can_do_nothing_by_themselves() {
    let world = World::new().await;
    let roles = "SELECT count(*) FROM pg_roles
                  WHERE rolname IN ('register', 'activate', 'account', 'maintain')
                    AND rolcanlogin AND NOT rolinherit AND NOT rolsuper AND NOT rolcreatedb
                    AND NOT rolcreaterole AND NOT rolreplication AND NOT rolbypassrls";
    assert_eq!(world.database.number(roles).await, 4);
    let passwords = "SELECT count(*) FROM pg_authid WHERE rolpassword IS NOT NULL
                        AND rolname IN ('register', 'activate', 'account', 'maintain')";
    assert_eq!(world.database.number(passwords).await, 0);
    let memberships = "SELECT count(*) FROM pg_auth_members
                        WHERE member IN (SELECT oid FROM pg_roles WHERE rolname
                                         IN ('register', 'activate', 'account', 'maintain'))";
    assert_eq!(world.database.number(memberships).await, 0);
    let owned = "SELECT count(*) FROM pg_class
                  WHERE relowner IN (SELECT oid FROM pg_roles WHERE rolname
                                     IN ('register', 'activate', 'account', 'maintain'))";
    assert_eq!(world.database.number(owned).await, 0);
}

/// What a role must not do, beyond what none of them may.
const REFUSED: [(&str, &[&str]); 4] = [
    (
        "register",
        &[
            "UPDATE accounts SET activated_at = now()",
            "UPDATE accounts SET password_hash = ''",
            "UPDATE accounts SET own_guess_used = false",
            "UPDATE codes SET used_at = now()",
            "UPDATE codes SET wrong_guesses = 0",
            "UPDATE codes SET mac = ''",
            "INSERT INTO accounts (activated_at) VALUES (now())",
            "SELECT account_id FROM audit_log",
        ],
    ),
    (
        "activate",
        &[
            "INSERT INTO accounts DEFAULT VALUES",
            "INSERT INTO codes DEFAULT VALUES",
            "UPDATE accounts SET password_hash = ''",
            "UPDATE accounts SET mailed_at = '{}'",
            "UPDATE codes SET expires_at = now()",
            "UPDATE codes SET mac = ''",
            "SELECT not_me_digest FROM codes",
            "SELECT FROM idempotency_keys",
            "SELECT account_id FROM audit_log",
        ],
    ),
    (
        "account",
        &[
            "INSERT INTO accounts DEFAULT VALUES",
            "UPDATE accounts SET activated_at = now()",
            "UPDATE accounts SET role = 'admin'",
            "UPDATE accounts SET email = ''",
            "UPDATE codes SET used_at = now()",
            "SELECT not_me_digest FROM codes",
            "INSERT INTO codes DEFAULT VALUES",
            "UPDATE password_resets SET expires_at = now()",
            "UPDATE ended_sessions SET expires_at = now()",
            "SELECT key FROM idempotency_keys",
            "SELECT account_id FROM audit_log",
        ],
    ),
    (
        "maintain",
        &[
            "INSERT INTO accounts (created_at) VALUES (now())",
            "INSERT INTO audit_log (at) VALUES (now())",
            "UPDATE accounts SET created_at = now()",
            "UPDATE codes SET expires_at = now()",
            "UPDATE limits SET taken = '{}'",
            "SELECT ctid FROM codes FOR UPDATE",
            "UPDATE accounts SET email = ''",
            "UPDATE accounts SET password_hash = ''",
            "UPDATE accounts SET activated_at = now()",
            "UPDATE accounts SET disabled_at = NULL",
            "UPDATE accounts SET generation = 0",
            "INSERT INTO accounts (role) VALUES ('admin')",
            "INSERT INTO audit_log (actor_id) VALUES (gen_random_uuid())",
            "SELECT digest FROM password_resets",
            "SELECT id FROM ended_sessions",
            "SELECT password_hash FROM accounts",
            "SELECT mac FROM codes",
            "SELECT email FROM idempotency_keys",
            "SELECT account_id FROM audit_log",
        ],
    ),
];

#[tokio::test]
async fn a_role_is_refused_what_its_neighbours_do() {
    let world = World::new().await;
    let ada = world.has_account("ada@example.com").await;
    let rows = world.all_rows().await;
    for (role, statements) in REFUSED {
        let database = world.database.as_role(role).await;
        let nobody = [
            "CREATE TABLE mine ()",
            "CREATE SCHEMA mine",
            "CREATE ROLE mine",
            "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "CREATE INDEX mine ON accounts (email)",
            "ALTER TABLE accounts ADD COLUMN mine text",
            "ALTER TABLE codes DISABLE TRIGGER ALL",
            "DROP TABLE audit_log",
            "TRUNCATE limits",
            "UPDATE audit_log SET action = ''",
            "SELECT FROM refinery_schema_history",
        ];
        for statement in statements.iter().chain(&nobody) {
            let why = database.refuses(statement).await;
            let refused = ["permission denied", "must be owner", "must be able to"];
            let said = refused.iter().any(|text| why.contains(text));
            assert!(said, "{role}: {statement}: {why}");
        }
        if role != "maintain" {
            // Who signs people in deletes accounts, and what hangs on them.
            let deletes: &[&str] = match role {
                "account" => &["accounts", "idempotency_keys", "password_resets"],
                _ => &[],
            };
            let others = TABLES.iter().filter(|table| !deletes.contains(table));
            for table in others {
                let why = database.refuses(&format!("DELETE FROM {table}")).await;
                assert!(why.contains("permission denied"), "{role}: {table}: {why}");
            }
        }
    }
    assert_eq!(world.all_rows().await, rows, "nothing has changed");
    ada.resends().await.is_problem(409, "already-active");
}
