//! One client that behaves, while others do not.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use crate::http::{Connection, Protocol};
use crate::place::Place;
use crate::samples::Samples;
use crate::tally::{Errors, Shared};

/// From one request to the next.
const EVERY: Duration = Duration::from_millis(100);

/// So many requests go over one connection; the next is that of a visitor who has just come.
const PER_CONNECTION: u64 = 10;

/// What it has met.
#[derive(Default)]
pub(crate) struct Health {
    pub(crate) samples: Samples,
    pub(crate) errors: Errors,
}

/// Fetches a resource again and again, until it is aborted.
pub(crate) async fn poll(place: Place, health: Shared<Health>) {
    let mut tick = interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut connection = Connection::new(Protocol::Http1);
    for number in 0_u64.. {
        tick.tick().await;
        if number % PER_CONNECTION == 0 {
            connection = Connection::new(Protocol::Http1);
        }
        let outcome = connection.get(&place).await.and_then(|answer| answer.success(&place));
        let mut health = health.lock();
        match outcome {
            Ok(answer) => health.samples.add(answer.took()),
            Err(error) => health.errors.add(error),
        }
    }
}
