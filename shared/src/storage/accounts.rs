//! Accounts as their owners and admins see and change them.

use chrono::{DateTime, Utc};
use tokio_postgres::{Row, types::Type};
use uuid::Uuid;

use super::{
    columns::{email, locale, number, place_parameters},
    connection::{Database, Parameter},
    error::StorageError,
    limits::Taken,
};
use domain::{
    email::Email, locale::Locale, password::PasswordHash, role::Role, session::SessionClaims,
};

/// An account, or an attempt that is not activated yet.
#[derive(Debug)]
pub struct Account {
    /// The same as the attempt's.
    pub id: Uuid,
    pub email: Email,
    pub locale: Locale,
    pub role: Role,
    /// When the owner signed up, or was imported.
    pub created_at: DateTime<Utc>,
    /// `None` while the attempt is pending.
    pub activated_at: Option<DateTime<Utc>>,
    pub is_disabled: bool,
}

/// What an owner changes.
pub struct Change<'a> {
    pub locale: Option<Locale>,
    /// A new password ends every session.
    pub password_hash: Option<&'a PasswordHash>,
}

/// A deleted account: what the email to its former owner needs.
#[derive(Debug)]
pub struct DeletedAccount {
    pub email: Email,
    pub locale: Locale,
}

const USER_OF_SESSION: &str = "
    SELECT *
      FROM build.account_of_session(
               account => $1, generation => $2, activated => $3, ends_at => $4, session => $5)";

const USER_WITH_ID: &str = "SELECT * FROM build.user_with_id(account => $1)";

const USERS_AFTER: &str = "SELECT * FROM build.users_after(last => $1, count => $2)";

const CHANGE_ACCOUNT: &str = "
    SELECT *
      FROM build.change_account(
               account => $1, generation => $2, locale => $3, password_hash => $4,
               limit_keys => $5, places_taken_at => $6)";

const DISABLE_ACCOUNT: &str = "
    SELECT * FROM build.disable_account(account => $1, disabled => $2, admin => $3)";

const DELETE_ACCOUNT: &str = "
    SELECT * FROM build.delete_account(account => $1, generation => $2, admin => $3)";

impl Database<'_> {
    /// The account of a session that has not ended.
    pub async fn account_of_session(
        &mut self,
        claims: &SessionClaims,
    ) -> Result<Option<Account>, StorageError> {
        let parameters: [Parameter<'_>; 5] = [
            (&claims.account, Type::UUID),
            (&claims.generation, Type::INT4),
            (&claims.activated, Type::BOOL),
            (&claims.expires_at, Type::TIMESTAMPTZ),
            (&claims.id, Type::UUID),
        ];
        read_first(&self.query(USER_OF_SESSION, &parameters).await?)
    }

    /// An active account; attempts are not found.
    pub async fn account(&mut self, id: Uuid) -> Result<Option<Account>, StorageError> {
        read_first(&self.query(USER_WITH_ID, &[(&id, Type::UUID)]).await?)
    }

    /// Active accounts with a greater id than `after`, ordered by id.
    pub async fn accounts_after(
        &mut self,
        after: Uuid,
        limit: u32,
    ) -> Result<Vec<Account>, StorageError> {
        let parameters: [Parameter<'_>; 2] = [(&after, Type::UUID), (&number(limit), Type::INT4)];
        self.query(USERS_AFTER, &parameters).await?.iter().map(read).collect()
    }

    /// Changes the account of a session; `None` if the session has ended.
    pub async fn change(
        &mut self,
        claims: &SessionClaims,
        change: &Change<'_>,
        taken: Option<&Taken>,
    ) -> Result<Option<Account>, StorageError> {
        let (limit_keys, taken_at) = place_parameters(taken);
        let parameters: [Parameter<'_>; 6] = [
            (&claims.account, Type::UUID),
            (&claims.generation, Type::INT4),
            (&change.locale.map(Locale::as_str), Type::TEXT),
            (&change.password_hash.map(PasswordHash::as_phc), Type::TEXT),
            (&limit_keys, Type::BYTEA_ARRAY),
            (&taken_at, Type::TIMESTAMPTZ),
        ];
        read_first(&self.query_with_places(CHANGE_ACCOUNT, &parameters, taken).await?)
    }

    /// Disables or enables an account; `None` if it does not exist.
    pub async fn disable(
        &mut self,
        id: Uuid,
        is_disabled: bool,
        admin: Uuid,
    ) -> Result<Option<Account>, StorageError> {
        let parameters: [Parameter<'_>; 3] =
            [(&id, Type::UUID), (&is_disabled, Type::BOOL), (&admin, Type::UUID)];
        read_first(&self.query(DISABLE_ACCOUNT, &parameters).await?)
    }

    /// Deletes the account of a session and every row that holds its address; `None` if the session
    /// has ended.
    pub async fn delete_own(
        &mut self,
        claims: &SessionClaims,
    ) -> Result<Option<DeletedAccount>, StorageError> {
        self.delete(claims.account, Some(claims.generation), None).await
    }

    /// The same by an admin; `None` if the account does not exist.
    pub async fn delete_by(
        &mut self,
        admin: Uuid,
        id: Uuid,
    ) -> Result<Option<DeletedAccount>, StorageError> {
        self.delete(id, None, Some(admin)).await
    }

    async fn delete(
        &mut self,
        id: Uuid,
        generation: Option<i32>,
        actor: Option<Uuid>,
    ) -> Result<Option<DeletedAccount>, StorageError> {
        let parameters: [Parameter<'_>; 3] =
            [(&id, Type::UUID), (&generation, Type::INT4), (&actor, Type::UUID)];
        let rows = self.query(DELETE_ACCOUNT, &parameters).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        Ok(Some(DeletedAccount { email: email(row)?, locale: locale(row, "locale")? }))
    }
}

fn read_first(rows: &[Row]) -> Result<Option<Account>, StorageError> {
    rows.first().map(read).transpose()
}

fn read(row: &Row) -> Result<Account, StorageError> {
    Ok(Account {
        id: row.try_get("id")?,
        email: email(row)?,
        locale: locale(row, "locale")?,
        // A role that only a newer release knows grants nothing here.
        role: row.try_get::<_, &str>("role")?.parse().unwrap_or(Role::Member),
        created_at: row.try_get("created_at")?,
        activated_at: row.try_get("activated_at")?,
        is_disabled: row.try_get("is_disabled")?,
    })
}
