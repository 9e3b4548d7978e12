//! The metrics of the server in OpenMetrics text format.

use std::collections::{BTreeMap, HashMap};

use serde_json::json;

use super::server::Server;
use super::session::{Session, small};
use super::support::process::{LIMIT, until};

/// All series at one moment: names with labels, and values.
struct Metrics(HashMap<String, f64>);

impl Metrics {
    /// Parses the text; a line that is not valid OpenMetrics fails the test.
    fn read(text: &str) -> Self {
        let body = text.strip_suffix("# EOF\n").unwrap_or_else(|| panic!("no `# EOF`: {text}"));
        let (mut kinds, mut values) = (BTreeMap::new(), HashMap::new());
        for line in body.lines() {
            if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').unwrap();
                assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
                assert_eq!(kinds.insert(name.to_owned(), kind.to_owned()), None, "{line}");
            } else if let Some(rest) = line.strip_prefix("# HELP ") {
                assert!(rest.split_once(' ').is_some_and(|(_, help)| !help.is_empty()), "{line}");
            } else {
                let (series, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("no value: {line}"));
                let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
                let labels = labels.strip_suffix('}').unwrap_or_else(|| panic!("open labels: {line}"));
                let is_label = |label: &str| label.split_once("=\"").is_some_and(|(_, value)| value.ends_with('"'));
                assert!(
                    labels.is_empty()
                        || labels.split("\",").all(|label| is_label(&format!("{}\"", label.trim_end_matches('"')))),
                    "{line}"
                );
                let endings: &[&str] = match family(&kinds, name).as_str() {
                    "counter" => &["_total"],
                    "gauge" => &[""],
                    _ => &["_bucket", "_sum", "_count"],
                };
                assert!(endings.iter().any(|ending| name.ends_with(ending)), "{line}");
                let value: f64 = value.parse().unwrap_or_else(|_| panic!("no number: {line}"));
                assert_eq!(values.insert(series.to_owned(), value), None, "twice: {line}");
            }
        }
        Self(values)
    }

    fn get(&self, series: &str) -> f64 {
        *self.0.get(series).unwrap_or_else(|| panic!("{series} is missing: {:?}", self.0.keys()))
    }

    /// Asserts that buckets are cumulative and that the last one equals the count.
    fn check_histogram(&self, name: &str, label: &str) {
        let prefix = format!("{name}_bucket{{le=\"");
        let bucket = |(series, value): (&String, &f64)| {
            let (bound, rest) = series.strip_prefix(&prefix)?.split_once('"')?;
            let bound = if bound == "+Inf" { f64::INFINITY } else { bound.parse().unwrap() };
            rest.contains(label).then_some((bound, *value))
        };
        let mut buckets: Vec<(f64, f64)> = self.0.iter().filter_map(bucket).collect();
        buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
        assert!(buckets.is_sorted_by(|a, b| a.1 <= b.1), "{name} {label}: {buckets:?}");
        let (bound, all) = *buckets.last().unwrap_or_else(|| panic!("{name} {label} has no buckets"));
        assert_eq!((bound, all), (f64::INFINITY, self.get(&format!("{name}_count{{{label}}}"))), "{name} {label}");
    }
}

/// The type of the metric family of a series.
fn family(kinds: &BTreeMap<String, String>, name: &str) -> String {
    let found = kinds.iter().rev().find(|(family, _)| {
        name.strip_prefix(family.as_str())
            .is_some_and(|rest| ["", "_total", "_bucket", "_sum", "_count"].contains(&rest))
    });
    found.unwrap_or_else(|| panic!("{name} has no type")).1.clone()
}

fn metrics(server: &Server) -> Metrics {
    let answer = server.get("/metrics").assert_status(200);
    assert!(answer.header("content-type").starts_with("application/openmetrics-text"));
    Metrics::read(&answer.text())
}

#[test]
fn sessions_and_requests_are_counted() {
    // A shared server would count the requests of other tests.
    let server = Server::start(&[]);
    let before = metrics(&server);
    for (series, value) in [("repcast_sessions", 0.0), ("repcast_frames_total", 0.0), ("repcast_generations", 0.0)] {
        assert_eq!(before.get(series), value, "{series}");
    }
    let session = Session::start(&server, &small(600));
    session.file("master.m3u8").assert_status(200);
    let during = metrics(&server);
    assert_eq!(during.get("repcast_sessions"), 1.0);
    assert_eq!(during.get("repcast_encoder_sessions{encoder=\"x264enc\"}"), 1.0);
    assert!(during.get("repcast_capacity_used") > 0.0);
    session.end();
    let status = session.wait_for_end();
    let workout = json!({"exercises": [{"id": "pushups", "duration": 1}], "resolution": "720p"});
    server.post("/api/generate-workout-video", &workout).assert_status(200);
    let after = until("the session is no longer counted", LIMIT, || {
        let series = ["repcast_sessions", "repcast_generations", "repcast_capacity_used"];
        Some(metrics(&server)).filter(|after| series.iter().all(|name| after.get(name) == 0.0))
    });
    for (series, field) in [
        ("repcast_frames_total", "frames"),
        ("repcast_late_frames_total", "late_frames"),
        ("repcast_failovers_total", "failovers"),
        ("repcast_video_bytes_total", "bytes"),
    ] {
        assert_eq!(after.get(series), status[field].as_f64().unwrap(), "{series}");
    }
    assert_eq!(after.get("repcast_broken_clips_total"), 0.0);
    assert_eq!(after.get("repcast_generations_begun_total"), 1.0);
    assert_eq!(after.get("repcast_generations_failed_total"), 0.0);
    let drawn = status["frames"].as_f64().unwrap() - status["late_frames"].as_f64().unwrap();
    for stage in ["decode", "composite", "read_back", "encode", "package"] {
        after.check_histogram("repcast_stage_seconds", &format!("stage=\"{stage}\""));
        if stage != "package" {
            assert_eq!(after.get(&format!("repcast_stage_seconds_count{{stage=\"{stage}\"}}")), drawn, "{stage}");
        }
    }
    after.check_histogram("http_response_seconds", "route=\"/live/{id}/master.m3u8\"");
    assert_eq!(after.get("http_requests_total{route=\"/api/live\",method=\"POST\",status=\"201\"}"), 1.0);
    assert!(after.get("http_response_bytes_total") > before.get("http_response_bytes_total"));
    assert!(after.get("http_connections") >= 1.0);
    // Paths and methods that clients choose do not create series.
    server.get("/chosen/by/a/client").assert_problem(404);
    server.request("INVENTED", "/healthz", &[]).assert_problem(405);
    let names = metrics(&server);
    assert!(!names.0.keys().any(|series| series.contains("chosen") || series.contains("INVENTED")));
    assert_eq!(names.get("http_requests_total{route=\"none\",method=\"GET\",status=\"404\"}"), 1.0);
}
