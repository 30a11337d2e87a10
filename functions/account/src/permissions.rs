//! The table of permissions: what an account may do, by its role.

use shared::{
    domain::role::Role,
    storage::Account,
    web::{Kind, Problem},
};

/// What a signed-in user wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    ReadOwn,
    ChangeOwn,
    DeleteOwn,
    List,
    ReadOther,
    /// Also enabling an account again.
    Disable,
    DeleteOther,
}

enum Verdict {
    Allowed,
    NotActivated,
    Forbidden,
}

/// Refuses what this account may not do. Callers who are signed out or disabled are refused
/// earlier: they have no session.
pub(crate) fn permit(account: &Account, action: Action) -> Result<(), Problem> {
    use Verdict::{Allowed, Forbidden, NotActivated};

    #[rustfmt::skip]
    #[expect(clippy::match_same_arms, reason = "this is a table with a line for each action")]
    let [attempt, member, admin] = match action {
        //                      attempt       member     admin
        Action::ReadOwn =>     [Allowed,      Allowed,   Allowed],
        Action::ChangeOwn =>   [NotActivated, Allowed,   Allowed],
        Action::DeleteOwn =>   [NotActivated, Allowed,   Allowed],
        Action::List =>        [NotActivated, Forbidden, Allowed],
        Action::ReadOther =>   [NotActivated, Forbidden, Allowed],
        Action::Disable =>     [NotActivated, Forbidden, Allowed],
        Action::DeleteOther => [NotActivated, Forbidden, Allowed],
    };
    let verdict = match (account.activated_at, account.role) {
        (None, _) => attempt,
        (Some(_), Role::Member) => member,
        (Some(_), Role::Admin) => admin,
    };
    match verdict {
        Allowed => Ok(()),
        NotActivated => Err(Problem::new(
            Kind::NotActivated,
            "Activate this account with the code from the email, then sign in again.",
        )),
        Forbidden => Err(Problem::new(Kind::Forbidden, "Only an admin may do this.")),
    }
}
