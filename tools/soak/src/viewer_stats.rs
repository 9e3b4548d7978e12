//! Statistics of all viewers, shared between their tasks.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::time::Instant;

use crate::http::HttpResponse;
use crate::latency_samples::LatencySamples;
use crate::report::LoadReport;

/// Distinct error messages that are kept; further ones are only counted.
const MAX_MESSAGES: usize = 12;

/// Statistics that several tasks share. The lock is never held across an await.
#[derive(Default)]
pub(crate) struct SharedStats<T>(Arc<Mutex<T>>);

impl<T> Clone for SharedStats<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> SharedStats<T> {
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        // The counters of a task that panicked are still valid.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts of errors by message.
#[derive(Default)]
pub(crate) struct ErrorCounts {
    messages: BTreeMap<String, u64>,
    pub(crate) count: u64,
}

impl ErrorCounts {
    pub(crate) fn add(&mut self, error: impl ToString) {
        self.count += 1;
        let error = error.to_string();
        if self.messages.len() < MAX_MESSAGES || self.messages.contains_key(&error) {
            *self.messages.entry(error).or_default() += 1;
        }
    }

    /// The messages without their counts.
    pub(crate) fn into_messages(self) -> impl Iterator<Item = String> {
        self.messages.into_keys()
    }

    /// Adds the count, the messages, and a check that there are none.
    pub(crate) fn report(&self, of: &str, report: &mut LoadReport) {
        report.add(format!("{of}: errors"), self.count);
        for (error, count) in &self.messages {
            report.add(format!("{of}: {error}"), *count);
        }
        report.check(format!("{of}: no errors"), self.count == 0);
    }
}

/// Responses that are sent at once; each is measured on its own.
#[derive(Clone, Copy)]
pub(crate) enum Immediate {
    Playlist,
    Segment,
    Part,
}

/// Responses for which many viewers wait until the same event.
#[derive(Clone, Copy)]
pub(crate) enum Blocking {
    Playlist,
    Part,
}

/// The responses of all viewers.
#[derive(Default)]
pub(crate) struct ViewerStats {
    immediate: [LatencySamples; 3],
    /// Times of request and response of each viewer, by path.
    blocking: [HashMap<String, Vec<(Instant, Instant)>>; 2],
    pub(crate) errors: ErrorCounts,
    pub(crate) requests: u64,
    pub(crate) bytes: u64,
    pub(crate) connections: u64,
    pub(crate) unfulfilled_hints: u64,
    pub(crate) ended: u64,
}

impl ViewerStats {
    pub(crate) fn add_immediate(&mut self, kind: Immediate, answer: &HttpResponse) {
        self.immediate[kind as usize].add(answer.duration());
    }

    pub(crate) fn add_blocking(&mut self, kind: Blocking, name: &str, answer: &HttpResponse) {
        let times = (answer.sent, answer.done);
        match self.blocking[kind as usize].get_mut(name) {
            Some(all) => all.push(times),
            None => drop(self.blocking[kind as usize].insert(name.to_owned(), vec![times])),
        }
    }

    /// Adds all statistics. The flags tell which kinds of viewers there were: each must have received responses.
    pub(crate) fn report(&mut self, report: &mut LoadReport, limit_ms: f64, ordinary: bool, low_latency: bool) {
        report.add("requests", self.requests);
        report.add("bytes", self.bytes);
        report.add("connections", self.connections);
        report.add("unfulfilled_hints", self.unfulfilled_hints);
        report.add("viewers_whose_stream_ended", self.ended);
        self.errors.report("viewers", report);
        let [playlists, segments, parts] = std::mem::take(&mut self.immediate);
        let [awaited_playlists, awaited_parts] = std::mem::take(&mut self.blocking).map(|all| fan_out(&all));
        report.latencies("playlists, at once", playlists, Some(limit_ms));
        report.latencies("segments, at once", segments, ordinary.then_some(limit_ms));
        report.latencies("parts, at once", parts, low_latency.then_some(limit_ms));
        report.latencies("playlists, fan-out", awaited_playlists, low_latency.then_some(limit_ms));
        report.latencies("parts, fan-out", awaited_parts, low_latency.then_some(limit_ms));
    }
}

/// For each viewer but the first, the time from the first response, or from its own request if that was later. The first
/// response is the closest estimate of the publication that a client has.
fn fan_out(all: &HashMap<String, Vec<(Instant, Instant)>>) -> LatencySamples {
    let mut samples = LatencySamples::default();
    for times in all.values() {
        let first = times.iter().enumerate().min_by_key(|(_, (_, done))| *done);
        let Some((first_index, &(_, first))) = first else { continue };
        for (_, (sent, done)) in times.iter().enumerate().filter(|(index, _)| *index != first_index) {
            samples.add(*done - first.max(*sent));
        }
    }
    samples
}

/// A field of a status, or null.
pub(crate) fn field_of(state: &Value, field: &str) -> Value {
    state.get(field).cloned().unwrap_or(Value::Null)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn fan_out_is_measured_from_the_first_response_or_the_own_request() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        // The third requests after the event and receives the response in 3 ms.
        let all = HashMap::from([("a".to_owned(), vec![(at(0), at(120)), (at(5), at(100)), (at(200), at(203))])]);
        let sorted = fan_out(&all).sorted();
        assert_eq!((sorted.count(), sorted.percentile_ms(50), sorted.percentile_ms(100)), (2, 3.0, 20.0));
    }
}
