//! The report of a run: values, latencies, and checks.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use crate::latency_samples::{LatencySamples, SortedLatencies};
use crate::process_usage;

/// The results of one run, in the order in which they were added.
pub(crate) struct LoadReport {
    command: &'static str,
    values: Vec<(String, Value)>,
    latencies: Vec<(String, SortedLatencies)>,
    checks: Vec<(String, bool)>,
}

impl LoadReport {
    pub(crate) fn new(command: &'static str) -> Self {
        Self { command, values: Vec::new(), latencies: Vec::new(), checks: Vec::new() }
    }

    pub(crate) fn add(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        self.values.push((name.into(), value.into()));
    }

    /// Adds a value, rounded to three decimals.
    pub(crate) fn measure(&mut self, name: impl Into<String>, value: f64) {
        self.add(name, (value * 1000.0).round() / 1000.0);
    }

    /// Adds latencies. With a limit, there must be samples, and their 99th percentile must be below it.
    pub(crate) fn latencies(&mut self, name: &str, samples: LatencySamples, p99_limit_ms: Option<f64>) {
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

    /// Adds the usage of this program.
    pub(crate) fn add_generator(&mut self) {
        let usage = process_usage::ProcessUsage::of(std::process::id()).unwrap_or_default();
        self.measure("generator_cpu_secs", usage.cpu_secs);
        self.add("generator_peak_rss_bytes", usage.peak_rss_bytes);
    }

    /// The report as one JSON object.
    pub(crate) fn to_json(&self) -> String {
        let values: Map<String, Value> = self.values.iter().cloned().collect();
        let latencies: Map<String, Value> =
            self.latencies.iter().map(|(name, sorted)| (name.clone(), sorted.to_json())).collect();
        let checks: Vec<Value> =
            self.checks.iter().map(|(what, holds)| json!({"check": what, "holds": holds})).collect();
        let report = json!({
            "command": self.command, "holds": self.holds(), "values": values, "latencies_ms": latencies,
            "checks": checks,
        });
        format!("{report}\n")
    }

    /// The report as a table.
    pub(crate) fn to_table(&self) -> String {
        let mut text = format!("soak {}\n\n", self.command);
        let names = self.values.iter().map(|(name, _)| name).chain(self.latencies.iter().map(|(name, _)| name));
        let width = names.map(|name| name.chars().count()).max().unwrap_or(0);
        // Writing to a string cannot fail.
        for (name, value) in &self.values {
            let _ = match value {
                Value::String(string) => writeln!(text, "{name:<width$}  {string}"),
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
