//! Each function can do its job in its own role (all other stories show that) and nothing else.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use insta::assert_snapshot;
use shared::domain::keys::Keys;
use world::{KEY, World};

/// Everything that is granted, to any role but the owner: tables, columns, views, schemas, functions.
const GRANTS: &str = "
    WITH ours AS (
        SELECT oid, nspname, nspowner, nspacl FROM pg_namespace
         WHERE nspname = 'public' OR nspname LIKE 'functions\\_%'
    ), acl AS (
        SELECT c.relname AS what, a.* FROM pg_class c JOIN ours ON ours.oid = c.relnamespace,
               aclexplode(c.relacl) a WHERE a.grantee <> c.relowner
         UNION ALL
        SELECT c.relname || '.' || t.attname, a.* FROM pg_class c JOIN ours ON ours.oid = c.relnamespace
          JOIN pg_attribute t ON t.attrelid = c.oid, aclexplode(t.attacl) a
         UNION ALL
        SELECT 'schema ' || split_part(nspname, '_', 1), a.* FROM ours, aclexplode(nspacl) a
         WHERE a.grantee <> nspowner
         UNION ALL
        -- Without an entry of its own, a function may be called by PUBLIC.
        SELECT p.proname, a.* FROM pg_proc p JOIN ours ON ours.oid = p.pronamespace,
               aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
         WHERE a.grantee <> p.proowner
    ), line AS (
        SELECT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END || ': '
               || lower(privilege_type) || ' ' || string_agg(what, ', ' ORDER BY what COLLATE \"C\")
               || CASE WHEN bool_or(is_grantable) THEN ', and may grant it' ELSE '' END AS text
          FROM acl
         GROUP BY grantee, privilege_type, what LIKE 'schema%'
    )
    SELECT string_agg(text, E'\\n' ORDER BY text COLLATE \"C\") FROM line";

#[tokio::test]
async fn a_role_may_call_its_functions_and_nothing_else() {
    let world = World::new().await;
    let grants: String = world.database.row(GRANTS).await.get(0);
    assert_snapshot!(grants, @r"
    account: execute account_of_session, change_account, delete_account, disable_account, end_session, find_link, find_named, find_unnamed, give_back, open_link, ready, sign_in, take, use_link, user_with_id, users_after, void_link
    account: usage schema functions
    activate: execute find_by_code, find_named, give_back, guess, ready
    activate: usage schema functions
    maintain: execute grant_role, import_accounts, pages_of_limits, purge_accounts, purge_audit_log, purge_codes, purge_ended_sessions, purge_idempotency_keys, purge_limits, purge_password_resets, ready
    maintain: usage schema functions
    register: execute claim_key, find_named, find_not_me, find_unnamed, give_back, not_me, ready, record_failed_hand_off, record_hand_off, release_key, resend, sign_up, take
    register: usage schema functions
    ");
}

/// They run with the rights of the owner of the data, so each must say where names are looked up.
/// Otherwise a caller could put tables and functions of its own before them.
#[tokio::test]
async fn no_function_of_the_owner_looks_where_its_caller_says() {
    let world = World::new().await;
    let unfixed = "SELECT count(*) FROM pg_proc
         WHERE pronamespace = (SELECT schema FROM builds)::regnamespace AND prosecdef
           AND NOT coalesce(proconfig::text LIKE '%search_path=functions\\_%public, pg_temp%', false)";
    assert_eq!(world.database.number(unfixed).await, 0);
    let lent = "SELECT count(*) FROM pg_proc
         WHERE pronamespace = (SELECT schema FROM builds)::regnamespace AND prosecdef";
    assert!(world.database.number(lent).await > 20);
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

#[tokio::test]
async fn a_role_that_was_taken_over_touches_no_table() {
    let world = World::new().await;
    let ada = world.has_account("ada@example.com").await;
    let (rows, tables) = (world.all_rows().await, world.database.tables().await);
    let schema: String = world.database.row("SELECT schema FROM builds").await.get(0);
    for role in ["register", "activate", "account", "maintain"] {
        let database = world.database.as_role(role).await;
        let mut statements: Vec<String> = tables
            .iter()
            .flat_map(|table| {
                [
                    format!("SELECT FROM public.{table}"),
                    format!("DELETE FROM public.{table}"),
                    format!("INSERT INTO public.{table} DEFAULT VALUES"),
                    format!("TRUNCATE public.{table}"),
                ]
            })
            .collect();
        statements.extend(
            [
                "UPDATE public.accounts SET activated_at = now()",
                "SELECT ctid FROM public.codes FOR UPDATE",
                "CREATE TABLE mine ()",
                "CREATE SCHEMA mine",
                "CREATE ROLE mine",
                "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
                "ALTER TABLE public.accounts ADD COLUMN mine text",
                "DROP TABLE public.audit_log",
            ]
            .map(str::to_owned),
        );
        // The views and helpers behind the functions.
        for helper in [
            "SELECT FROM $.attempts",
            "SELECT FROM $.users",
            "SELECT FROM $.candidates",
            "SELECT $.charge('', 1, '{}', 1)",
            "SELECT $.refund('', now())",
            "SELECT $.use_choice(NULL, now())",
            "SELECT $.activate(NULL, NULL)",
            "SELECT $.note('forged', NULL)",
            "SELECT FROM $.codes_of(NULL, NULL, NULL, 1)",
            "CREATE OR REPLACE FUNCTION $.is_alive(a public.accounts) RETURNS boolean
             LANGUAGE sql AS 'SELECT true'",
            "DROP FUNCTION $.guess",
            "CREATE FUNCTION $.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        ] {
            statements.push(helper.replace('$', &schema));
        }
        for statement in &statements {
            let why = database.refuses(statement).await;
            let refused = ["permission denied", "must be owner", "no schema has been selected"];
            let said = refused.iter().any(|text| why.contains(text));
            assert!(said, "{role}: {statement}: {why}");
        }
    }
    assert_eq!(world.all_rows().await, rows, "nothing has changed");
    ada.resends().await.is_problem(409, "already-active");
}

/// What one role does, another cannot: a guess is judged for `activate` alone.
#[tokio::test]
async fn a_role_cannot_call_what_its_neighbours_may() {
    let world = World::new().await;
    let schema: String = world.database.row("SELECT schema FROM builds").await.get(0);
    let calls = [
        (
            "activate",
            "SELECT FROM $.guess(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
        ),
        ("activate", "SELECT FROM $.find_by_code('{}', '{}', '{}', NULL, '{}', '{}')"),
        (
            "register",
            "SELECT FROM $.resend(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
        ),
        ("register", "SELECT $.not_me(NULL, NULL, NULL, NULL)"),
        ("account", "SELECT FROM $.use_link(NULL, NULL)"),
        ("account", "SELECT FROM $.user_with_id(NULL)"),
        ("account", "SELECT FROM $.delete_account(NULL, NULL, NULL)"),
        ("maintain", "SELECT FROM $.grant_role(NULL, NULL)"),
        ("maintain", "SELECT $.purge_accounts(1)"),
    ];
    for role in ["register", "activate", "account", "maintain"] {
        let database = world.database.as_role(role).await;
        for (owner, call) in &calls {
            let call = call.replace('$', &schema);
            if role == *owner {
                database.execute(&call).await;
            } else {
                let why = database.refuses(&call).await;
                assert!(why.contains("permission denied for function"), "{role}: {call}: {why}");
            }
        }
    }
}

/// `activate` has the key that signs codes, and may say of a call what it likes. Still it can do
/// nothing but guess, and what it commits counts under the limits that were stored with the attempt.
/// (`docs/security.md` tells what it gains by not committing.)
#[tokio::test]
async fn what_a_taken_over_activate_commits_counts_under_every_limit() {
    let world = World::with(&[("CODE_GUESSES", "100"), ("ATTEMPT_MAILS", "0")]).await;
    let ada = world.signs_up("ada@example.com").await;
    let bea = world.signs_up("ada@example.com").await;
    let schema: String = world.database.row("SELECT schema FROM builds").await.get(0);
    let activate = world.database.as_role("activate").await;
    let key = Keys::try_from(KEY).expect("a key");
    let hex = |limit: &str, subject: &[&[u8]]| {
        let bytes = key.limit_key(limit, subject);
        format!("decode('{}', 'base64')", STANDARD.encode(bytes))
    };
    let budget = hex("ADDRESS_GUESSES_PER_DAY", &[b"ada@example.com"]);
    // The attacker sends many MACs, claims a choice without having paid for it, turns limits off, and
    // passes the address's budget as the network's limit and as a place to give back.
    let guess = |id: &str, is_chosen: bool, network: &str, place: &str, at: &str| {
        format!(
            "SELECT count(*) FROM {schema}.guess('{id}', ARRAY['first', 'first'],
                 ARRAY['\\x00', '\\x01']::bytea[], {is_chosen}, 0, {network}, {place}, {at})
              WHERE outcome = 'activated'"
        )
    };
    let (no_limit, no_place) = ("'\\x00', 0, 3600", "'{}'");
    let as_network = format!("{budget}, 1, 1");
    let as_place = format!("ARRAY[{budget}]");
    let charged = "(SELECT '2000-01-01'::timestamptz)";
    for person in [&ada, &bea] {
        let id = person.registration.as_deref().expect("an id");
        for n in 0..20 {
            for (network, place) in
                [(no_limit, no_place), (&as_network, no_place), (no_limit, &as_place)]
            {
                let guess = guess(id, true, network, place, charged);
                assert_eq!(activate.number(&guess).await, 0);
            }
            let at: Option<String> = world
                .database
                .row("SELECT max(t)::text FROM limits, unnest(taken) AS t WHERE kind = 'address'")
                .await
                .get(0);
            let at = format!("'{}'", at.unwrap_or_default());
            let guess = guess(id, n % 2 == 0, no_limit, &as_place, &at);
            assert_eq!(activate.number(&guess).await, 0);
            let give_back = format!("SELECT 1::int8 FROM {schema}.give_back({as_place}, {at})");
            activate.number(&give_back).await;
        }
    }

    // It learns nothing of the budget by asking for a place under it.
    let wait = format!(
        "SELECT retry_after::int8
           FROM {schema}.find_named(ARRAY[{budget}], '{{1}}', '{{86400}}', NULL, NULL)"
    );
    assert_eq!(activate.number(&wait).await, 1);

    // A limit of another kind is not its network's either.
    let id = ada.registration.as_deref().expect("an id");
    let sign_ups = hex("ADDRESS_SIGNUPS_PER_DAY", &[b"ada@example.com"]);
    let limit = format!("SELECT l::text FROM limits l WHERE key = {sign_ups}");
    let before: String = world.database.row(&limit).await.get(0);
    let guess = guess(id, false, &format!("{sign_ups}, 1, 2000000000"), no_place, charged);
    assert_eq!(activate.number(&guess).await, 0);
    assert_eq!(world.database.row(&limit).await.get::<_, String>(0), before);

    // Ten that the address has paid, and one of each attempt's own.
    assert_eq!(world.paid_by("ada@example.com").await, 10);
    assert_eq!(world.counted_on_codes().await, 10 + 2);
    let own = "SELECT count(*) FROM accounts WHERE own_guess_used";
    assert_eq!((world.database.number(own).await, world.active_accounts().await), (2, 0));
}

/// A call of `guess` is one guess, however many MACs it carries.
#[tokio::test]
async fn a_function_that_was_taken_over_compares_one_mac_with_each_code() {
    let world = World::new().await;
    let ada = world.signs_up("ada@example.com").await;
    let id = ada.registration.as_deref().expect("an id");
    let schema: String = world.database.row("SELECT schema FROM builds").await.get(0);
    let mac = "(SELECT mac FROM public.codes)";
    let guess = |keys: &str, macs: &str| {
        format!(
            "SELECT count(*) FROM {schema}.guess('{id}', {keys}, {macs}, false, 4,
                 'n', 30, 3600, '{{}}', now()) WHERE outcome = 'activated'"
        )
    };
    let many =
        guess("ARRAY['first', 'first', 'first']", &format!("ARRAY['\\x00', '\\x01', {mac}]"));
    assert_eq!(world.database.number(&many).await, 0);
    assert_eq!(world.counted_on_codes().await, 1);
    let right = guess("ARRAY['first']", &format!("ARRAY[{mac}]"));
    assert_eq!(world.database.number(&right).await, 1);
}
