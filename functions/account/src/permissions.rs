//! Who may do what.

use shared::{
    domain::role::Role,
    storage::Account,
    web::{Kind, Problem},
};

/// What somebody who is signed in wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    ReadOwn,
    ChangeOwn,
    DeleteOwn,
    List,
    ReadOther,
    /// Or enable again.
    Disable,
    DeleteOther,
}

enum Verdict {
    Allowed,
    NotActivated,
    Forbidden,
}

/// Refuses what this account may not do. Whoever is not signed in, or is disabled, has no account
/// here and never gets this far.
pub(crate) fn permit(account: &Account, action: Action) -> Result<(), Problem> {
    use Verdict::{Allowed, Forbidden, NotActivated};

    #[rustfmt::skip]
    #[expect(clippy::match_same_arms, reason = "it is a table, with a line for each action")]
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
            "Activate this account with the code from the mail, then sign in again.",
        )),
        Forbidden => Err(Problem::new(Kind::Forbidden, "Only an admin may do this.")),
    }
}
