//! Turns a failure of the database into the response to the caller.

use web::Problem;

use crate::storage::{StorageError, causes_without_detail};

impl From<StorageError> for Problem {
    fn from(error: StorageError) -> Self {
        Self::database_unavailable(causes_without_detail(&error))
    }
}
