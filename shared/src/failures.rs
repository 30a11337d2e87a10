//! What the database could not do, as the answer that a caller gets.

use web::Problem;

use crate::storage::{StorageError, causes};

impl From<StorageError> for Problem {
    fn from(error: StorageError) -> Self {
        Self::database_unavailable(causes(&error))
    }
}
