//! Imports the accounts of another system, from the event or from an object in S3.

mod object;
mod person;
mod rows;

use std::time::Instant;

use serde::{Deserialize, Serialize, de::IgnoredAny};
use serde_json::Value;
use shared::{
    aws::SdkConfig,
    process::metrics::{self, Count},
    storage::{Import, KnownPerson, Pool, StorageError},
    web::sentence,
};

use object::ObjectError;
use person::Refusal;
use rows::{Origin, Rows};

/// People per statement: about 300 KB and 30 ms.
const BATCH: usize = 1000;

/// Lambda limits a response to 6 MB. This many refusals take 2 MB.
const MAX_REFUSED: usize = 10_000;

/// Unknown members are refused, because a misspelt member would otherwise be ignored.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Event {
    #[serde(rename = "command")]
    _command: IgnoredAny,
    users: Option<Vec<Value>>,
    from: Option<String>,
    /// Import nothing if one row is refused.
    #[serde(default)]
    all_or_nothing: bool,
    /// The first row to import: the `next` of an import that ran out of time.
    #[serde(default)]
    start: u64,
}

/// The result of an import.
#[derive(Debug, Default, Serialize)]
pub(super) struct ImportOutcome {
    /// New accounts.
    pub(super) imported: u64,
    refused: Vec<Refused>,
    /// The number of refused rows, if they do not all fit into the response.
    #[serde(skip_serializing_if = "Option::is_none")]
    refused_total: Option<u64>,
    /// The first row that was not read, if the time ran out.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<u64>,
}

#[derive(Debug, Serialize)]
struct Refused {
    /// The row of the event or the line of the object, counted from 0.
    index: u64,
    code: &'static str,
    detail: String,
}

/// Why an import did not complete.
#[derive(Debug, thiserror::Error)]
pub(super) enum ImportError {
    #[error(
        "the event must have either `users`, an array, or `from`, such as s3://bucket/key. It may \
         also have `all_or_nothing`, true or false, and `start`, a row, and nothing else"
    )]
    Event,
    #[error(
        "stopped before row {next}, with {imported} imported and {refused} refused. Run the same \
         import again: it refuses imported people as already-active"
    )]
    Stopped { next: u64, imported: u64, refused: u64, source: StopReason },
    #[error("stopped before row {next}, and nothing is imported")]
    Nothing { next: u64, source: StopReason },
    #[error(
        "it is unknown whether everything is imported or nothing. Run the same import again: if it \
         refuses all as already-active, everything was imported"
    )]
    Unknown(#[source] StorageError),
}

#[derive(Debug, thiserror::Error)]
pub(super) enum StopReason {
    #[error(transparent)]
    Object(#[from] ObjectError),
    #[error(transparent)]
    Storage(#[from] StorageError),
    #[error("the time is over: import fewer people at once, or without all_or_nothing")]
    TimeOver,
}

/// Runs an import. Starts no batch after `until`.
pub(super) async fn import(
    pool: &Pool,
    sdk_config: &SdkConfig,
    event: Value,
    until: Instant,
) -> Result<ImportOutcome, ImportError> {
    // Serde's message may quote the event.
    let event: Event = serde_json::from_value(event).map_err(|_| ImportError::Event)?;
    let origin = Origin::of(event.users, event.from).ok_or(ImportError::Event)?;
    let mut progress = Progress { next: event.start, ..Progress::default() };
    let outcome = async {
        let import = pool.import(event.all_or_nothing).await?;
        let mut rows = origin.open(sdk_config).await?;
        let is_complete = progress.add_all(&mut rows, &import, until).await?;
        Ok((import, is_complete))
    };
    match outcome.await {
        Ok((import, true)) if event.all_or_nothing => progress.commit_unless_refused(import).await,
        Ok((_, false)) if event.all_or_nothing => {
            Err(progress.nothing_imported(StopReason::TimeOver))
        }
        Ok((_, is_complete)) => Ok(progress.into_result(is_complete)),
        Err(reason) if event.all_or_nothing => Err(progress.nothing_imported(reason)),
        Err(reason) => Err(progress.stopped(reason)),
    }
}

#[derive(Default)]
struct Progress {
    /// The first row that is not done yet.
    next: u64,
    imported: u64,
    refused_total: u64,
    refused: Vec<Refused>,
}

impl Progress {
    /// Adds all rows, or as many as the time allows. Returns whether it added all.
    async fn add_all(
        &mut self,
        rows: &mut Rows,
        import: &Import<'_>,
        until: Instant,
    ) -> Result<bool, StopReason> {
        loop {
            let mut batch = Batch::default();
            let outcome = batch.fill(rows, self.next, until).await;
            // Rows that were read before the object broke off are not lost.
            self.add(batch, import, until).await?;
            self.next = self.next.max(rows.read);
            match outcome? {
                Fill::Full => {}
                Fill::EndOfRows => return Ok(true),
                Fill::TimeOver => return Ok(false),
            }
        }
    }

    async fn add(
        &mut self,
        batch: Batch,
        import: &Import<'_>,
        until: Instant,
    ) -> Result<(), StopReason> {
        let Batch { people, indices, mut refused } = batch;
        let taken = if people.is_empty() { vec![] } else { import.add(&people, until).await? };
        for (index, is_taken) in indices.into_iter().zip(taken) {
            if is_taken {
                self.imported += 1;
            } else {
                refused.push(Refused::of(index, person::already_active()));
            }
        }
        refused.sort_by_key(|refused| refused.index);
        self.refused_total += refused.len() as u64;
        let room = MAX_REFUSED - self.refused.len();
        self.refused.extend(refused.into_iter().take(room));
        Ok(())
    }

    fn into_result(self, is_complete: bool) -> ImportOutcome {
        metrics::count_many(Count::ImportedAccounts, self.imported);
        let is_cut = self.refused_total > self.refused.len() as u64;
        ImportOutcome {
            imported: self.imported,
            refused_total: is_cut.then_some(self.refused_total),
            refused: self.refused,
            next: (!is_complete).then_some(self.next),
        }
    }

    /// Ends an all-or-nothing import.
    async fn commit_unless_refused(
        mut self,
        import: Import<'_>,
    ) -> Result<ImportOutcome, ImportError> {
        if self.refused_total == 0 {
            import.commit().await.map_err(ImportError::Unknown)?;
        } else {
            self.imported = 0;
        }
        Ok(self.into_result(true))
    }

    fn nothing_imported(&self, source: StopReason) -> ImportError {
        ImportError::Nothing { next: self.next, source }
    }

    fn stopped(&self, source: StopReason) -> ImportError {
        metrics::count_many(Count::ImportedAccounts, self.imported);
        let Self { next, imported, refused_total, .. } = *self;
        ImportError::Stopped { next, imported, refused: refused_total, source }
    }
}

#[derive(Default)]
struct Batch {
    people: Vec<KnownPerson>,
    /// The row of each of them.
    indices: Vec<u64>,
    refused: Vec<Refused>,
}

/// Why a batch takes no more rows.
enum Fill {
    Full,
    EndOfRows,
    TimeOver,
}

impl Batch {
    async fn fill(
        &mut self,
        rows: &mut Rows,
        start: u64,
        until: Instant,
    ) -> Result<Fill, ObjectError> {
        while self.people.len() + self.refused.len() < BATCH {
            if Instant::now() >= until {
                return Ok(Fill::TimeOver);
            }
            let Some((index, row)) = rows.next().await? else { return Ok(Fill::EndOfRows) };
            // An empty line has no person.
            let person = if index < start { None } else { row.person() };
            match person {
                None => {}
                Some(Ok(person)) => {
                    self.people.push(person);
                    self.indices.push(index);
                }
                Some(Err(refusal)) => self.refused.push(Refused::of(index, refusal)),
            }
        }
        Ok(Fill::Full)
    }
}

impl Refused {
    fn of(index: u64, Refusal(code, detail): Refusal) -> Self {
        Self { index, code, detail: sentence(&detail) }
    }
}
