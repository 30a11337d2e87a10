//! Time that passes at once.

use crate::World;

/// A moment that the database knows.
#[derive(Clone, Copy)]
pub enum Moment {
    /// The only attempt may be mailed again.
    NextMail,
    /// The only code ends.
    CodeEnds,
    /// The only attempt ends.
    AttemptEnds,
    /// The only idempotency key is forgotten.
    KeyEnds,
    /// The request that works with the only idempotency key counts as crashed.
    ClaimEnds,
    /// The oldest place of the limit with this capacity is free again, after this interval.
    PlaceIsFree(u32, &'static str),
}

impl Moment {
    fn query(self) -> String {
        let text = match self {
            Self::NextMail => "SELECT next_mail_at FROM accounts",
            Self::CodeEnds => "SELECT expires_at FROM codes",
            Self::AttemptEnds => "SELECT created_at + interval '24 hours' FROM accounts",
            Self::KeyEnds => "SELECT claimed_at + interval '24 hours' FROM idempotency_keys",
            Self::ClaimEnds => "SELECT running_until FROM idempotency_keys",
            Self::PlaceIsFree(capacity, interval) => {
                return format!(
                    "SELECT min(taken[1]) + interval '{interval}' FROM limits
                      WHERE places = {capacity} AND taken <> '{{}}'"
                );
            }
        };
        text.to_owned()
    }
}

impl World {
    /// Lets time pass.
    pub async fn time_passes(&self, seconds: f64) {
        self.database.time_passes(seconds).await;
    }

    /// Lets time pass until this many seconds after a moment.
    pub async fn time_passes_until(&self, moment: Moment, seconds: f64) {
        let moment = moment.query();
        let query = format!("SELECT extract(epoch FROM ({moment}) - now())::float8");
        let left: f64 = self.database.row(&query).await.get(0);
        self.time_passes(left + seconds).await;
    }
}
