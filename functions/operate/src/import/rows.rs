//! The rows of an import: those of the event, or the lines of an object.

use std::vec;

use serde_json::Value;
use shared::aws::SdkConfig;

use super::{
    object::{Line, Lines, Location, ObjectError},
    person::{self, Person},
};

/// Where the rows come from.
pub(super) enum Origin {
    Event(Vec<Value>),
    Object(Location),
}

pub(super) struct Rows {
    source: Source,
    /// The number of rows read.
    pub(super) read: u64,
}

enum Source {
    Event(vec::IntoIter<Value>),
    Object(Lines),
}

/// A row that is not parsed yet.
pub(super) enum Row {
    Value(Value),
    Line(Line),
}

impl Origin {
    /// Exactly one of the two must be given.
    pub(super) fn of(users: Option<Vec<Value>>, from: Option<String>) -> Option<Self> {
        match (users, from) {
            (Some(users), None) => Some(Self::Event(users)),
            (None, Some(from)) => Location::parse(&from).map(Self::Object),
            _ => None,
        }
    }

    pub(super) async fn open(self, sdk_config: &SdkConfig) -> Result<Rows, ObjectError> {
        let source = match self {
            Self::Event(users) => Source::Event(users.into_iter()),
            Self::Object(location) => Source::Object(Lines::open(sdk_config, &location).await?),
        };
        Ok(Rows { source, read: 0 })
    }
}

impl Rows {
    /// The next row with its number; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<(u64, Row)>, ObjectError> {
        let row = match &mut self.source {
            Source::Event(users) => users.next().map(Row::Value),
            Source::Object(lines) => lines.next().await?.map(Row::Line),
        };
        let index = self.read;
        self.read += u64::from(row.is_some());
        Ok(row.map(|row| (index, row)))
    }
}

impl Row {
    /// Parses the row; `None` for a blank line.
    pub(super) fn person(self) -> Option<Person> {
        match self {
            Self::Value(row) => Some(person::from_row(row)),
            Self::Line(line) => person::from_line(line),
        }
    }
}
