//! Accounts: a user's own, and all of them for admins.

use serde::Serialize;
use serde_json::json;
use shared::{
    domain::locale::Locale,
    hashing,
    mailer::Mail,
    process::metrics::{self, Count},
    storage::{self, Change, Database, DeletedAccount},
    web::{Call, Problem, Reply, Timestamp, id, nothing_here},
};
use uuid::Uuid;

use crate::{
    AccountApp, SignedIn,
    password::parse_new_password,
    permissions::{Action, permit},
};

/// Accounts per page.
const MAX_PAGE: u32 = 100;

/// An account as sent to clients.
#[derive(Serialize)]
struct User<'a> {
    id: Uuid,
    email: &'a str,
    locale: &'static str,
    role: &'static str,
    created_at: Timestamp,
    activated_at: Option<Timestamp>,
    disabled: bool,
}

impl AccountApp {
    pub(crate) async fn read_own(&self, call: &Call) -> Result<Reply, Problem> {
        let signed_in = self.authenticate(call, &mut self.backend.database()).await?;
        permit(&signed_in.account, Action::ReadOwn)?;
        Ok(Reply::ok(&User::of(&signed_in.account)))
    }

    /// Changes the language or the password. A new password ends every session, including this one.
    pub(crate) async fn change_own(&self, call: &Call) -> Result<Reply, Problem> {
        let OwnChange { locale, passwords } = self.parse_own_change(call)?;
        let mut database = self.backend.database();
        let signed_in = self.authenticate(call, &mut database).await?;
        permit(&signed_in.account, Action::ChangeOwn)?;
        let email = &signed_in.account.email;

        let Some((new, current)) = passwords else {
            let change = Change { locale, password_hash: None };
            let account = database.change(&signed_in.claims, &change, None).await?;
            return Ok(Reply::ok(&User::of(&account.ok_or_else(Problem::invalid_session)?)));
        };
        let new = parse_new_password(&new, email, self.settings.password_min_length)?;
        let proven = self.prove_current(&mut database, &signed_in, &current).await?;
        let hash = hashing::hash(new).await?;
        let change = Change { locale, password_hash: Some(&hash) };
        let account = database.change(&signed_in.claims, &change, Some(&proven.taken)).await?;
        let account = account.ok_or_else(Problem::invalid_session)?;
        metrics::count(Count::PasswordsChanged);
        self.notify(
            email,
            Mail::password_changed(account.locale, &self.settings.letterhead, email),
        )
        .await;
        Ok(Reply::ok(&User::of(&account)).without_session(signed_in.is_from_cookie))
    }

    /// Deletes the caller's account and every row that holds its address.
    pub(crate) async fn delete_own(&self, call: &Call) -> Result<Reply, Problem> {
        let mut database = self.backend.database();
        let signed_in = self.authenticate(call, &mut database).await?;
        self.delete_signed_in(&mut database, &signed_in).await
    }

    /// Every account, page by page. No total: counting would cost more with each account.
    pub(crate) async fn list(&self, call: &Call) -> Result<Reply, Problem> {
        let (limit, after) = parse_page(call)?;
        let mut database = self.backend.database();
        let signed_in = self.authenticate(call, &mut database).await?;
        permit(&signed_in.account, Action::List)?;
        // One more account than the page holds shows whether there is a next page.
        let mut accounts = database.accounts_after(after, limit + 1).await?;
        let has_next = accounts.len() > limit as usize;
        accounts.truncate(limit as usize);
        let next = accounts.last().filter(|_| has_next);
        let next = next.map(|last| format!("/users?limit={limit}&after={}", last.id));
        let users: Vec<_> = accounts.iter().map(User::of).collect();
        Ok(Reply::ok(&json!({ "users": users, "next": next })))
    }

    pub(crate) async fn read(&self, call: &Call) -> Result<Reply, Problem> {
        let id = call.id();
        let mut database = self.backend.database();
        let own = self.authenticate(call, &mut database).await?.account;
        if own.id == id {
            permit(&own, Action::ReadOwn)?;
            return Ok(Reply::ok(&User::of(&own)));
        }
        permit(&own, Action::ReadOther)?;
        let account = database.account(id).await?.ok_or_else(nothing_here)?;
        Ok(Reply::ok(&User::of(&account)))
    }

    /// Disables or enables an account.
    pub(crate) async fn disable(&self, call: &Call) -> Result<Reply, Problem> {
        let id = call.id();
        let mut fields = call.fields()?;
        let disabled = fields.boolean("/disabled");
        let disabled = fields.finish(disabled)?;
        let mut database = self.backend.database();
        let admin = self.authenticate(call, &mut database).await?.account;
        permit(&admin, Action::Disable)?;
        let account = database.disable(id, disabled, admin.id).await?.ok_or_else(nothing_here)?;
        Ok(Reply::ok(&User::of(&account)))
    }

    /// Deletes another account and every row that holds its address.
    pub(crate) async fn delete(&self, call: &Call) -> Result<Reply, Problem> {
        let id = call.id();
        let mut database = self.backend.database();
        let signed_in = self.authenticate(call, &mut database).await?;
        if signed_in.account.id == id {
            return self.delete_signed_in(&mut database, &signed_in).await;
        }
        permit(&signed_in.account, Action::DeleteOther)?;
        let gone = database.delete_by(signed_in.account.id, id).await?.ok_or_else(nothing_here)?;
        Ok(self.confirm_deletion(&gone).await)
    }

    async fn delete_signed_in(
        &self,
        database: &mut Database<'_>,
        signed_in: &SignedIn,
    ) -> Result<Reply, Problem> {
        permit(&signed_in.account, Action::DeleteOwn)?;
        let gone = database.delete_own(&signed_in.claims).await?;
        let gone = gone.ok_or_else(Problem::invalid_session)?;
        Ok(self.confirm_deletion(&gone).await.without_session(signed_in.is_from_cookie))
    }

    async fn confirm_deletion(&self, gone: &DeletedAccount) -> Reply {
        metrics::count(Count::AccountsDeleted);
        let mail = Mail::account_deleted(gone.locale, &self.settings.letterhead, &gone.email);
        self.notify(&gone.email, mail).await;
        Reply::no_content()
    }

    fn parse_own_change(&self, call: &Call) -> Result<OwnChange, Problem> {
        let mut fields = call.fields()?;
        let locale = fields.locale();
        let new = fields.optional_text("/password");
        let current = match &new {
            Some(new) => {
                fields.new_password(new, None, self.settings.password_min_length);
                fields.text("/current_password")
            }
            // Alone it changes nothing, but it must be a text.
            None => fields.optional_text("/current_password"),
        };
        fields.finish(Some(OwnChange { locale, passwords: new.zip(current) }))
    }
}

/// What a user changes about their own account.
struct OwnChange {
    locale: Option<Locale>,
    /// The new password and the current one.
    passwords: Option<(String, String)>,
}

/// The size of the page, and the id before its first account.
fn parse_page(call: &Call) -> Result<(u32, Uuid), Problem> {
    let mut fields = call.query();
    let limit = fields.optional_text("/limit").unwrap_or_else(|| MAX_PAGE.to_string());
    let limit = limit.parse().ok().filter(|limit| (1..=MAX_PAGE).contains(limit));
    if limit.is_none() {
        let detail = format!("`limit` must be a number from 1 to {MAX_PAGE}.");
        fields.refuse("/limit", "not-a-limit", detail);
    }
    let after = fields.optional_text("/after").map_or(Some(Uuid::nil()), |after| id(&after));
    if after.is_none() {
        fields.refuse("/after", "not-a-uuid", "Use the link `next` of the previous page.");
    }
    fields.finish(limit.zip(after))
}

impl<'a> User<'a> {
    fn of(account: &'a storage::Account) -> Self {
        Self {
            id: account.id,
            email: account.email.as_str(),
            locale: account.locale.as_str(),
            role: account.role.name(),
            created_at: Timestamp(account.created_at),
            activated_at: account.activated_at.map(Timestamp),
            disabled: account.is_disabled,
        }
    }
}
