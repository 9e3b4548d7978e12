//! What a run found: figures, latencies, and whether what was checked holds.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use crate::proc;
use crate::samples::{Samples, Sorted};

/// The outcome of one run, in the order in which it was added.
pub(crate) struct Report {
    command: &'static str,
    figures: Vec<(String, Value)>,
    latencies: Vec<(String, Sorted)>,
    checks: Vec<(String, bool)>,
}

impl Report {
    pub(crate) fn new(command: &'static str) -> Self {
        Self { command, figures: Vec::new(), latencies: Vec::new(), checks: Vec::new() }
    }

    pub(crate) fn figure(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        self.figures.push((name.into(), value.into()));
    }

    /// A figure that is no whole number, rounded to what is worth reading.
    pub(crate) fn measure(&mut self, name: impl Into<String>, value: f64) {
        self.figure(name, (value * 1000.0).round() / 1000.0);
    }

    /// Adds latencies; with a limit, 99 of 100 must stay within it, and there must be some.
    pub(crate) fn latencies(&mut self, name: &str, samples: Samples, p99_limit_ms: Option<f64>) {
        let sorted = samples.sorted();
        if let Some(limit) = p99_limit_ms {
            let holds = sorted.count() > 0 && sorted.percentile_ms(99) < limit;
            self.check(format!("{name}: p99 below {limit} ms"), holds);
        }
        self.latencies.push((name.to_owned(), sorted));
    }

    pub(crate) fn check(&mut self, what: impl Into<String>, holds: bool) {
        self.checks.push((what.into(), holds));
    }

    pub(crate) fn holds(&self) -> bool {
        self.checks.iter().all(|(_, holds)| *holds)
    }

    /// What this program itself took of the machine.
    pub(crate) fn add_generator(&mut self) {
        let usage = proc::Usage::of(std::process::id()).unwrap_or_default();
        self.measure("generator_cpu_secs", usage.cpu_secs);
        self.figure("generator_peak_rss_bytes", usage.peak_rss_bytes);
    }

    /// One JSON object.
    pub(crate) fn json(&self) -> String {
        let figures: Map<String, Value> = self.figures.iter().cloned().collect();
        let latencies: Map<String, Value> =
            self.latencies.iter().map(|(name, sorted)| (name.clone(), sorted.json())).collect();
        let checks: Vec<Value> =
            self.checks.iter().map(|(what, holds)| json!({"check": what, "holds": holds})).collect();
        let report = json!({
            "command": self.command, "holds": self.holds(), "figures": figures, "latencies_ms": latencies,
            "checks": checks,
        });
        format!("{report}\n")
    }

    /// The same for people.
    pub(crate) fn table(&self) -> String {
        let mut text = format!("soak {}\n\n", self.command);
        let names = self.figures.iter().map(|(name, _)| name).chain(self.latencies.iter().map(|(name, _)| name));
        let width = names.map(|name| name.chars().count()).max().unwrap_or(0);
        // Writing to a string cannot fail.
        for (name, value) in &self.figures {
            let _ = match value {
                Value::String(words) => writeln!(text, "{name:<width$}  {words}"),
                value => writeln!(text, "{name:<width$}  {value}"),
            };
        }
        if !self.latencies.is_empty() {
            let heads = ["count", "p50 ms", "p95 ms", "p99 ms", "max ms"].map(|head| format!("{head:>10}")).concat();
            let _ = writeln!(text, "\n{:width$}{heads}", "");
        }
        for (name, sorted) in &self.latencies {
            let cells = [50, 95, 99, 100].map(|percent| format!("{:>10.1}", sorted.percentile_ms(percent))).concat();
            let _ = writeln!(text, "{name:<width$}{:>10}{cells}", sorted.count());
        }
        text.push('\n');
        for (what, holds) in &self.checks {
            let _ = writeln!(text, "{}  {what}", if *holds { "holds" } else { "FAILS" });
        }
        text
    }
}
