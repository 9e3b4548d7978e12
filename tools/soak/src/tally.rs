//! What all viewers together have seen.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::time::Instant;

use crate::http::Answer;
use crate::report::Report;
use crate::samples::Samples;

/// Different errors that are told apart; the rest is only counted.
const MOST_KINDS: usize = 12;

/// A tally that several tasks share. It is never held while anything is waited for.
#[derive(Default)]
pub(crate) struct Shared<T>(Arc<Mutex<T>>);

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Shared<T> {
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        // A task that panicked has left counts that are still true.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Errors by what they say.
#[derive(Default)]
pub(crate) struct Errors {
    kinds: BTreeMap<String, u64>,
    pub(crate) count: u64,
}

impl Errors {
    pub(crate) fn add(&mut self, error: impl ToString) {
        self.count += 1;
        let error = error.to_string();
        if self.kinds.len() < MOST_KINDS || self.kinds.contains_key(&error) {
            *self.kinds.entry(error).or_default() += 1;
        }
    }

    /// What they say, without how often.
    pub(crate) fn into_kinds(self) -> impl Iterator<Item = String> {
        self.kinds.into_keys()
    }

    /// The count, examples, and the check that there are none.
    pub(crate) fn report(&self, of: &str, report: &mut Report) {
        report.figure(format!("{of}: errors"), self.count);
        for (error, count) in &self.kinds {
            report.figure(format!("{of}: {error}"), *count);
        }
        report.check(format!("{of}: no errors"), self.count == 0);
    }
}

/// A kind of answer that is timed by itself.
#[derive(Clone, Copy)]
pub(crate) enum Whole {
    Playlist,
    Segment,
    Part,
}

/// A kind of answer for which many wait, until the same event lets all of them go.
#[derive(Clone, Copy)]
pub(crate) enum Awaited {
    Playlist,
    Part,
}

/// All viewers' answers.
#[derive(Default)]
pub(crate) struct Tally {
    whole: [Samples; 3],
    /// When each viewer asked for, and had, what is called so.
    awaited: [HashMap<String, Vec<(Instant, Instant)>>; 2],
    pub(crate) errors: Errors,
    pub(crate) requests: u64,
    pub(crate) bytes: u64,
    pub(crate) connections: u64,
    pub(crate) hints_not_kept: u64,
    pub(crate) ended: u64,
}

impl Tally {
    pub(crate) fn add_whole(&mut self, kind: Whole, answer: &Answer) {
        self.whole[kind as usize].add(answer.took());
    }

    pub(crate) fn add_awaited(&mut self, kind: Awaited, name: &str, answer: &Answer) {
        let times = (answer.sent, answer.done);
        match self.awaited[kind as usize].get_mut(name) {
            Some(all) => all.push(times),
            None => drop(self.awaited[kind as usize].insert(name.to_owned(), vec![times])),
        }
    }

    /// Adds everything. The two flags say which kinds of viewers there were: each must have had answers.
    pub(crate) fn report(&mut self, report: &mut Report, limit_ms: f64, ordinary: bool, low_latency: bool) {
        report.figure("requests", self.requests);
        report.figure("bytes", self.bytes);
        report.figure("connections", self.connections);
        report.figure("hints_not_kept", self.hints_not_kept);
        report.figure("viewers_whose_stream_ended", self.ended);
        self.errors.report("viewers", report);
        let [playlists, segments, parts] = std::mem::take(&mut self.whole);
        let [awaited_playlists, awaited_parts] = std::mem::take(&mut self.awaited).map(|all| fan_out(&all));
        report.latencies("playlists, at once", playlists, Some(limit_ms));
        report.latencies("segments, at once", segments, ordinary.then_some(limit_ms));
        report.latencies("parts, at once", parts, low_latency.then_some(limit_ms));
        report.latencies("playlists, fan-out", awaited_playlists, low_latency.then_some(limit_ms));
        report.latencies("parts, fan-out", awaited_parts, low_latency.then_some(limit_ms));
    }
}

/// How long after the first viewer each other one had the same. The first one's answer is the nearest that a client
/// comes to know when a thing was published; who asked later than that waits from its own request on.
fn fan_out(all: &HashMap<String, Vec<(Instant, Instant)>>) -> Samples {
    let mut samples = Samples::default();
    for times in all.values() {
        let first = times.iter().enumerate().min_by_key(|(_, (_, done))| *done);
        let Some((winner, &(_, first))) = first else { continue };
        for (_, (sent, done)) in times.iter().enumerate().filter(|(index, _)| *index != winner) {
            samples.add(*done - first.max(*sent));
        }
    }
    samples
}

/// Words or figures as they were told, for a report.
pub(crate) fn told(state: &Value, field: &str) -> Value {
    state.get(field).cloned().unwrap_or(Value::Null)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn fan_out_counts_from_the_first_answer_or_the_own_request() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        // The third asks after the event and is served in 3 ms.
        let all = HashMap::from([("a".to_owned(), vec![(at(0), at(120)), (at(5), at(100)), (at(200), at(203))])]);
        let sorted = fan_out(&all).sorted();
        assert_eq!((sorted.count(), sorted.percentile_ms(50), sorted.percentile_ms(100)), (2, 3.0, 20.0));
    }
}
