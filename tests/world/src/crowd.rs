//! Many requests at once, on many function instances.

use std::sync::Arc;

use shared::testing::{Answer, Event};
use tokio::{sync::Barrier, task::JoinSet};

use crate::{
    World,
    function::{Function, function_of},
};

/// More than any lock can hide, and few enough for one PostgreSQL.
const INSTANCES: usize = 16;

impl World {
    /// Sends these requests at once, to instances of the function that the first is for. Each has
    /// its own connection and serves one request at a time, as under Lambda. All start together.
    pub async fn at_once(&self, events: Vec<Event>) -> Vec<Answer> {
        let instances = events.len().min(INSTANCES);
        let starts = Arc::new(Barrier::new(instances));
        let (events, payload) = (Arc::new(events), self.payload);
        let mut tasks = JoinSet::new();
        for number in 0..instances {
            let name = function_of(&events[0].path);
            let function = Function::start(name, &self.variables, &self.ses).await;
            let (events, starts) = (Arc::clone(&events), Arc::clone(&starts));
            tasks.spawn(async move {
                starts.wait().await;
                let mut answers = Vec::new();
                for event in events.iter().skip(number).step_by(instances) {
                    let response = function.handle(event, payload).await;
                    answers.push(Answer::to(event, &response));
                }
                answers
            });
        }
        tasks.join_all().await.into_iter().flatten().collect()
    }
}

/// How many of these answers have this status.
pub fn count(answers: &[Answer], status: u16) -> usize {
    answers.iter().filter(|answer| answer.status == status).count()
}
