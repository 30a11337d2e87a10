//! Accounts, as their owners and admins see and change them.

use chrono::{DateTime, Utc};
use tokio_postgres::{Row, types::Type};
use uuid::Uuid;

use super::{
    connection::{Parameter, Session, StorageError},
    limits::{Taken, give_back},
    sign_up::given_back,
};
use crate::domain::{
    email::Email, locale::Locale, password::PasswordHash, role::Role, session::Claims,
};

/// An account, or an attempt that is not activated yet.
#[derive(Debug)]
pub struct Account {
    /// Its id, the same as the attempt's.
    pub id: Uuid,
    /// Its address, as normalised.
    pub email: Email,
    /// The language of its mails.
    pub locale: Locale,
    /// What it may do beyond itself.
    pub role: Role,
    /// When somebody signed up, or was imported.
    pub created_at: DateTime<Utc>,
    /// Nothing while the attempt is pending.
    pub activated_at: Option<DateTime<Utc>>,
    /// Nobody may sign in.
    pub is_disabled: bool,
}

/// What its owner changes.
pub struct Change<'a> {
    /// The language of its mails.
    pub locale: Option<Locale>,
    /// A new password. Every session ends.
    pub password_hash: Option<&'a PasswordHash>,
}

/// An account that is no more, and the last who can be told.
#[derive(Debug)]
pub struct Gone {
    /// Its address.
    pub email: Email,
    /// The language of its mails.
    pub locale: Locale,
}

/// The columns of an [`Account`].
macro_rules! account {
    () => {
        "id, email, locale, role, created_at, activated_at, disabled_at IS NOT NULL AS is_disabled"
    };
}

/// Whose session this is, if it has not ended: by its time, by signing out, by a new password, by
/// disabling or deleting the account. A session of an attempt ends when that is activated: whoever
/// may do more signs in anew (OWASP Session Management, "Renew the Session ID After Any Privilege
/// Level Change").
///
/// `$1` id, `$2` generation, `$3` whether it was active, `$4` the token's end, `$5` the session's id.
const BY_SESSION: &str = concat!(
    "
    SELECT ",
    account!(),
    "
      FROM accounts
     WHERE id = $1
       AND generation = $2
       AND (activated_at IS NOT NULL) = $3
       AND disabled_at IS NULL
       AND $4 > now()
       AND NOT EXISTS (SELECT FROM ended_sessions WHERE id = $5)
"
);

/// Somebody signs out. The row is forgotten when the token would have ended by itself.
const END_SESSION: &str =
    "INSERT INTO ended_sessions (id, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING";

/// Attempts are nobody's account yet.
const BY_ID: &str =
    concat!("SELECT ", account!(), " FROM accounts WHERE id = $1 AND activated_at IS NOT NULL");

/// A page: those after `$1`, by the index of active accounts.
const PAGE: &str = concat!(
    "SELECT ",
    account!(),
    "
      FROM accounts
     WHERE activated_at IS NOT NULL
       AND id > $1
     ORDER BY id
     LIMIT $2
"
);

/// By whoever is signed in, under the generation of the session: of two new passwords at once the
/// second finds that its session has ended.
///
/// `$1` and `$2` give back the places that checking the password had taken.
const CHANGE: &str = concat!(
    "
    WITH ",
    give_back!(),
    ", changed AS (
        UPDATE accounts
           SET locale = coalesce($5, locale),
               password_hash = coalesce($6, password_hash),
               generation = generation + ($6 IS NOT NULL)::int4
         WHERE id = $3
           AND generation = $4
     RETURNING ",
    account!(),
    "
    ), logged AS (
        INSERT INTO audit_log (action, account_id)
        SELECT 'password changed', id FROM changed WHERE $6 IS NOT NULL
    )
    SELECT * FROM changed
"
);

/// By an admin, `$3`. Disabling ends every session, also for the day when the account is enabled
/// again.
const DISABLE: &str = concat!(
    "
    WITH account AS MATERIALIZED (
        SELECT id AS account_id, (disabled_at IS NOT NULL) <> $2 AS differs
          FROM accounts
         WHERE id = $1
           AND activated_at IS NOT NULL
           FOR UPDATE
    ), changed AS (
        UPDATE accounts
           SET disabled_at = CASE WHEN $2 THEN coalesce(disabled_at, now()) END,
               generation = generation + ($2 AND differs)::int4
          FROM account
         WHERE id = account_id
     RETURNING ",
    account!(),
    "
    ), logged AS (
        INSERT INTO audit_log (action, account_id, actor_id)
        SELECT CASE WHEN $2 THEN 'disabled' ELSE 'enabled' END, account_id, $3
          FROM account
         WHERE differs
    )
    SELECT * FROM changed
"
);

/// Every row that holds the address, whoever opened it; codes and links go with their account.
/// `$2` the generation of the session by which an owner deletes, `$3` the admin who does.
///
/// Rows are locked first, in one order, and read in their newest version: of two who delete at once
/// one finds nothing left.
const DELETE: &str = "
    WITH doomed AS MATERIALIZED (
        SELECT id, email, locale, generation, activated_at
          FROM accounts
         WHERE email = (SELECT email FROM accounts WHERE id = $1)
         ORDER BY id
           FOR UPDATE
    ), account AS MATERIALIZED (
        SELECT id, email, locale
          FROM doomed
         WHERE id = $1
           AND activated_at IS NOT NULL
           AND ($2 IS NULL OR generation = $2)
    ), deleted AS (
        DELETE FROM accounts
         WHERE id IN (SELECT id FROM doomed)
           AND EXISTS (SELECT FROM account)
    ), forgotten AS (
        DELETE FROM idempotency_keys WHERE email = (SELECT email FROM account)
    ), logged AS (
        INSERT INTO audit_log (action, account_id, actor_id) SELECT 'deleted', id, $3 FROM account
    )
    SELECT email, locale FROM account
";

impl Session<'_> {
    /// Whose session this is, if it has not ended.
    pub async fn account_by_session(
        &mut self,
        claims: &Claims,
    ) -> Result<Option<Account>, StorageError> {
        let parameters: [Parameter<'_>; 5] = [
            (&claims.account, Type::UUID),
            (&claims.generation, Type::INT4),
            (&claims.activated, Type::BOOL),
            (&claims.expires_at, Type::TIMESTAMPTZ),
            (&claims.id, Type::UUID),
        ];
        read_first(&self.query(BY_SESSION, &parameters).await?)
    }

    /// Ends one session.
    pub async fn end_session(&mut self, claims: &Claims) -> Result<(), StorageError> {
        let parameters: [Parameter<'_>; 2] =
            [(&claims.id, Type::UUID), (&claims.expires_at, Type::TIMESTAMPTZ)];
        self.query(END_SESSION, &parameters).await.map(drop)
    }

    /// The account with this id.
    pub async fn account(&mut self, id: Uuid) -> Result<Option<Account>, StorageError> {
        read_first(&self.query(BY_ID, &[(&id, Type::UUID)]).await?)
    }

    /// Accounts in the order of their ids, after this one.
    pub async fn accounts_after(
        &mut self,
        after: Uuid,
        limit: u32,
    ) -> Result<Vec<Account>, StorageError> {
        let parameters: [Parameter<'_>; 2] =
            [(&after, Type::UUID), (&i64::from(limit), Type::INT8)];
        self.query(PAGE, &parameters).await?.iter().map(read).collect()
    }

    /// Changes the account of a session; nothing when the session has ended.
    pub async fn change(
        &mut self,
        claims: &Claims,
        change: &Change<'_>,
        taken: Option<&Taken>,
    ) -> Result<Option<Account>, StorageError> {
        let (keys, at) = given_back(taken);
        let parameters: [Parameter<'_>; 6] = [
            (&keys, Type::BYTEA_ARRAY),
            (&at, Type::TIMESTAMPTZ),
            (&claims.account, Type::UUID),
            (&claims.generation, Type::INT4),
            (&change.locale.map(Locale::as_str), Type::TEXT),
            (&change.password_hash.map(PasswordHash::as_phc), Type::TEXT),
        ];
        read_first(&self.query(CHANGE, &parameters).await?)
    }

    /// Keeps everybody from signing in, or lets them again; nothing when there is no such account.
    pub async fn disable(
        &mut self,
        id: Uuid,
        is_disabled: bool,
        admin: Uuid,
    ) -> Result<Option<Account>, StorageError> {
        let parameters: [Parameter<'_>; 3] =
            [(&id, Type::UUID), (&is_disabled, Type::BOOL), (&admin, Type::UUID)];
        read_first(&self.query(DISABLE, &parameters).await?)
    }

    /// Deletes the account of a session, and all that holds its address; nothing when the session
    /// has ended.
    pub async fn delete_own(&mut self, claims: &Claims) -> Result<Option<Gone>, StorageError> {
        self.delete(claims.account, Some(claims.generation), None).await
    }

    /// The same by an admin; nothing when there is no such account.
    pub async fn delete_by(&mut self, admin: Uuid, id: Uuid) -> Result<Option<Gone>, StorageError> {
        self.delete(id, None, Some(admin)).await
    }

    async fn delete(
        &mut self,
        id: Uuid,
        generation: Option<i32>,
        actor: Option<Uuid>,
    ) -> Result<Option<Gone>, StorageError> {
        let parameters: [Parameter<'_>; 3] =
            [(&id, Type::UUID), (&generation, Type::INT4), (&actor, Type::UUID)];
        let rows = self.query(DELETE, &parameters).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        Ok(Some(Gone { email: email(row)?, locale: locale(row)? }))
    }
}

fn read_first(rows: &[Row]) -> Result<Option<Account>, StorageError> {
    rows.first().map(read).transpose()
}

fn read(row: &Row) -> Result<Account, StorageError> {
    Ok(Account {
        id: row.try_get("id")?,
        email: email(row)?,
        locale: locale(row)?,
        // A role that only a newer function knows may do nothing here.
        role: Role::from_name(row.try_get("role")?).unwrap_or(Role::Member),
        created_at: row.try_get("created_at")?,
        activated_at: row.try_get("activated_at")?,
        is_disabled: row.try_get("is_disabled")?,
    })
}

pub(super) fn locale(row: &Row) -> Result<Locale, StorageError> {
    let locale: &str = row.try_get("locale")?;
    Ok(Locale::from_tag(locale).unwrap_or_default())
}

pub(super) fn email(row: &Row) -> Result<Email, StorageError> {
    Ok(Email::from_stored(row.try_get("email")?))
}
