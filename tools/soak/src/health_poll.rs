//! A well-behaved client, while others misbehave.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use crate::endpoint::Endpoint;
use crate::http::{Connection, Protocol};
use crate::latency_samples::LatencySamples;
use crate::viewer_stats::{ErrorCounts, SharedStats};

/// Time between two requests.
const INTERVAL: Duration = Duration::from_millis(100);

/// Requests per connection; then a new connection is opened, as by a new client.
const PER_CONNECTION: u64 = 10;

/// Latencies and errors.
#[derive(Default)]
pub(crate) struct PollStats {
    pub(crate) samples: LatencySamples,
    pub(crate) errors: ErrorCounts,
}

/// Fetches a resource repeatedly until the task is aborted.
pub(crate) async fn poll(endpoint: Endpoint, health: SharedStats<PollStats>) {
    let mut tick = interval(INTERVAL);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut connection = Connection::new(Protocol::Http1);
    for number in 0_u64.. {
        tick.tick().await;
        if number % PER_CONNECTION == 0 {
            connection = Connection::new(Protocol::Http1);
        }
        let outcome = connection.get(&endpoint).await.and_then(|answer| answer.success(&endpoint));
        let mut health = health.lock();
        match outcome {
            Ok(answer) => health.samples.add(answer.duration()),
            Err(error) => health.errors.add(error),
        }
    }
}
