//! Takes over people who are known already, from the event or from an object in S3.

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
};

use object::ObjectError;
use person::Refusal;
use rows::{Origin, Rows};

/// People per statement: some 300 KB and 30 ms.
const BATCH: usize = 1000;

/// Lambda carries no answer beyond 6 MB. So many refusals are two.
const MOST_REFUSED: usize = 10_000;

/// What an operator asks for. A member that is misspelt must not be taken for one left out.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Event {
    #[serde(rename = "command")]
    _command: IgnoredAny,
    users: Option<Vec<Value>>,
    from: Option<String>,
    /// Refuse everything as soon as one row is refused.
    #[serde(default)]
    all_or_nothing: bool,
    /// The first row to read: an import that was short of time goes on there.
    #[serde(default)]
    start: u64,
}

/// What became of an import.
#[derive(Debug, Default, Serialize)]
pub(super) struct Answer {
    /// How many people have an account now that had none.
    pub(super) imported: u64,
    /// The others, by row or line.
    refused: Vec<Refused>,
    /// How many they are, when they do not all fit into the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    refused_total: Option<u64>,
    /// The first row that was not read, when the time was over.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<u64>,
}

#[derive(Debug, Serialize)]
struct Refused {
    /// Rows of the event, or lines of the object, are counted from 0.
    index: u64,
    code: &'static str,
    detail: String,
}

/// Why an import has not come to its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum ImportError {
    #[error(
        "the event must have either `users`, an array, or `from`, such as s3://bucket/key, and \
         beyond them nothing but `all_or_nothing`, true or false, and `start`, a row"
    )]
    Event,
    #[error(
        "stopped before row {next}, with {imported} imported and {refused} refused. Run the same \
         import again: who is imported is refused as already-active then"
    )]
    Stopped { next: u64, imported: u64, refused: u64, source: Cause },
    #[error("stopped before row {next}, and nothing is imported")]
    Nothing { next: u64, source: Cause },
    #[error(
        "nobody knows whether everything is imported or nothing. Run the same import again: if all \
         are refused as already-active, everything was"
    )]
    Unknown(#[source] StorageError),
}

#[derive(Debug, thiserror::Error)]
pub(super) enum Cause {
    #[error(transparent)]
    Object(#[from] ObjectError),
    #[error(transparent)]
    Pool(#[from] StorageError),
    #[error("the time is over: import fewer at once, or without all_or_nothing")]
    TimeOver,
}

/// Carries out an event, and begins nothing after that moment.
pub(super) async fn import(
    pool: &Pool,
    sdk_config: &SdkConfig,
    event: Value,
    until: Instant,
) -> Result<Answer, ImportError> {
    // What serde says may quote the event.
    let event: Event = serde_json::from_value(event).map_err(|_| ImportError::Event)?;
    let origin = Origin::of(event.users, event.from).ok_or(ImportError::Event)?;
    let mut progress = Progress { next: event.start, ..Progress::default() };
    let outcome = async {
        let import = pool.import(event.all_or_nothing).await?;
        let mut rows = origin.open(sdk_config).await?;
        let is_complete = progress.goes_on(&mut rows, &import, until).await?;
        Ok((import, is_complete))
    };
    match outcome.await {
        Ok((import, true)) if event.all_or_nothing => progress.keeps_all_or_nothing(import).await,
        Ok((_, false)) if event.all_or_nothing => Err(progress.is_taken_back(Cause::TimeOver)),
        Ok((_, is_complete)) => Ok(progress.answers(is_complete)),
        Err(cause) if event.all_or_nothing => Err(progress.is_taken_back(cause)),
        Err(cause) => Err(progress.stops(cause)),
    }
}

/// How far an import has come.
#[derive(Default)]
struct Progress {
    /// The first row that is not done.
    next: u64,
    imported: u64,
    refused_total: u64,
    refused: Vec<Refused>,
}

impl Progress {
    /// Goes on to the end, or until the time is over. Says which.
    async fn goes_on(
        &mut self,
        rows: &mut Rows,
        import: &Import<'_>,
        until: Instant,
    ) -> Result<bool, Cause> {
        loop {
            let mut batch = Batch::default();
            let outcome = batch.fill(rows, self.next, until).await;
            // What was read before the object broke off is not lost.
            self.adds(batch, import, until).await?;
            self.next = self.next.max(rows.read);
            match outcome? {
                Filled::Up => {}
                Filled::ToTheEnd => return Ok(true),
                Filled::WhileThereWasTime => return Ok(false),
            }
        }
    }

    async fn adds(
        &mut self,
        batch: Batch,
        import: &Import<'_>,
        until: Instant,
    ) -> Result<(), Cause> {
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
        let room = MOST_REFUSED - self.refused.len();
        self.refused.extend(refused.into_iter().take(room));
        Ok(())
    }

    fn answers(self, is_complete: bool) -> Answer {
        metrics::count_many(Count::ImportedAccounts, self.imported);
        let is_cut = self.refused_total > self.refused.len() as u64;
        Answer {
            imported: self.imported,
            refused_total: is_cut.then_some(self.refused_total),
            refused: self.refused,
            next: (!is_complete).then_some(self.next),
        }
    }

    async fn keeps_all_or_nothing(mut self, import: Import<'_>) -> Result<Answer, ImportError> {
        if self.refused_total == 0 {
            import.keep().await.map_err(ImportError::Unknown)?;
        } else {
            self.imported = 0;
        }
        Ok(self.answers(true))
    }

    fn is_taken_back(&self, source: Cause) -> ImportError {
        ImportError::Nothing { next: self.next, source }
    }

    fn stops(&self, source: Cause) -> ImportError {
        metrics::count_many(Count::ImportedAccounts, self.imported);
        let Self { next, imported, refused_total, .. } = *self;
        ImportError::Stopped { next, imported, refused: refused_total, source }
    }
}

/// Some rows, good and bad.
#[derive(Default)]
struct Batch {
    people: Vec<KnownPerson>,
    /// Where each of them stands.
    indices: Vec<u64>,
    refused: Vec<Refused>,
}

/// How far a batch was filled.
enum Filled {
    Up,
    ToTheEnd,
    WhileThereWasTime,
}

impl Batch {
    async fn fill(
        &mut self,
        rows: &mut Rows,
        start: u64,
        until: Instant,
    ) -> Result<Filled, ObjectError> {
        while self.people.len() + self.refused.len() < BATCH {
            if Instant::now() >= until {
                return Ok(Filled::WhileThereWasTime);
            }
            let Some((index, row)) = rows.next().await? else { return Ok(Filled::ToTheEnd) };
            // A line may be empty.
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
        Ok(Filled::Up)
    }
}

impl Refused {
    fn of(index: u64, Refusal(code, detail): Refusal) -> Self {
        Self { index, code, detail }
    }
}
