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
    rows: Vec<(String, Vec<(&'static str, Value)>)>,
    checks: Vec<(String, bool)>,
}

impl LoadReport {
    pub(crate) fn new(command: &'static str) -> Self {
        Self { command, values: Vec::new(), latencies: Vec::new(), rows: Vec::new(), checks: Vec::new() }
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

    /// Adds a row with named cells; all rows of a report have the same cells.
    pub(crate) fn row(&mut self, name: impl Into<String>, cells: Vec<(&'static str, Value)>) {
        self.rows.push((name.into(), cells));
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
        let rows: Map<String, Value> = self
            .rows
            .iter()
            .map(|(name, cells)| (name.clone(), cells.iter().map(|(head, cell)| (*head, cell.clone())).collect()))
            .collect();
        let checks: Vec<Value> =
            self.checks.iter().map(|(what, holds)| json!({"check": what, "holds": holds})).collect();
        let report = json!({
            "command": self.command, "holds": self.holds(), "values": values, "latencies_ms": latencies,
            "rows": rows, "checks": checks,
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
        text.push_str(&self.rows_as_table());
        text.push('\n');
        for (what, holds) in &self.checks {
            let _ = writeln!(text, "{}  {what}", if *holds { "holds" } else { "FAILS" });
        }
        text
    }

    /// The rows with a line of heads, in columns.
    fn rows_as_table(&self) -> String {
        let Some((_, first)) = self.rows.first() else { return String::new() };
        let heads = std::iter::once(String::new()).chain(first.iter().map(|(head, _)| (*head).to_owned()));
        let mut lines = vec![heads.collect::<Vec<String>>()];
        for (name, cells) in &self.rows {
            let cells = cells.iter().map(|(_, cell)| cell.as_str().map_or_else(|| cell.to_string(), str::to_owned));
            lines.push(std::iter::once(name.clone()).chain(cells).collect());
        }
        let width =
            |column: usize| lines.iter().filter_map(|line| line.get(column)).map(|cell| cell.chars().count()).max();
        let widths: Vec<usize> = (0..=first.len()).map(|column| width(column).unwrap_or(0)).collect();
        let mut text = String::from("\n");
        for line in &lines {
            let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
            let _ = writeln!(text, "{}", cells.collect::<Vec<_>>().join("  ").trim_end());
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_columns_in_the_table_and_objects_in_json() {
        let mut report = LoadReport::new("x");
        report.row("first", vec![("count", 7.into()), ("answer", "503".into())]);
        report.row("b", vec![("count", 1234.into()), ("answer", "201".into())]);
        let table = report.to_table();
        assert!(table.contains("       count  answer\nfirst  7      503\nb      1234   201\n"), "{table}");
        let json: Value = serde_json::from_str(&report.to_json()).unwrap();
        assert_eq!(json["rows"]["b"], json!({"count": 1234, "answer": "201"}));
    }
}
