//! What the server counts: OpenMetrics text, read line by line.

use std::collections::{BTreeMap, HashMap};

use serde_json::json;

use super::server::{Server, until};
use super::session::{LIMIT, Session, small};

/// All that was counted at one moment: names with labels, as they are written, and values.
struct Metrics(HashMap<String, f64>);

impl Metrics {
    /// Reads the text; a line that OpenMetrics does not know fails the test.
    fn read(text: &str) -> Self {
        let body = text.strip_suffix("# EOF\n").unwrap_or_else(|| panic!("the end is missing: {text}"));
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
        *self.0.get(series).unwrap_or_else(|| panic!("{series} is not counted: {:?}", self.0.keys()))
    }

    /// Buckets count everything up to their bound, and the last one everything.
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

/// The kind of the family that a series belongs to.
fn family(kinds: &BTreeMap<String, String>, name: &str) -> String {
    let found = kinds.iter().rev().find(|(family, _)| {
        name.strip_prefix(family.as_str())
            .is_some_and(|rest| ["", "_total", "_bucket", "_sum", "_count"].contains(&rest))
    });
    found.unwrap_or_else(|| panic!("{name} has no type")).1.clone()
}

fn metrics(server: &Server) -> Metrics {
    let answer = server.get("/metrics").with(200);
    assert!(answer.header("content-type").starts_with("application/openmetrics-text"));
    Metrics::read(&answer.text())
}

#[test]
fn a_session_and_its_requests_are_counted() {
    // Others would count along on a shared server.
    let server = Server::start(&[]);
    let before = metrics(&server);
    for (series, value) in [("repcast_sessions", 0.0), ("repcast_frames_total", 0.0), ("repcast_generations", 0.0)] {
        assert_eq!(before.get(series), value, "{series}");
    }
    let session = Session::begin(&server, &small(600));
    session.file("master.m3u8").with(200);
    let during = metrics(&server);
    assert_eq!(during.get("repcast_sessions"), 1.0);
    assert_eq!(during.get("repcast_encoder_sessions{encoder=\"x264enc\"}"), 1.0);
    assert!(during.get("repcast_capacity_used") > 0.0);
    session.end();
    let told = session.ended();
    let workout = json!({"exercises": [{"id": "pushups", "duration": 1}], "resolution": "720p"});
    server.post("/api/generate-workout-video", &workout).with(200);
    let after = until("the session counts no more", LIMIT, || {
        let series = ["repcast_sessions", "repcast_generations", "repcast_capacity_used"];
        Some(metrics(&server)).filter(|after| series.iter().all(|name| after.get(name) == 0.0))
    });
    for (series, field) in [
        ("repcast_frames_total", "frames"),
        ("repcast_late_frames_total", "late_frames"),
        ("repcast_failovers_total", "failovers"),
        ("repcast_video_bytes_total", "bytes"),
    ] {
        assert_eq!(after.get(series), told[field].as_f64().unwrap(), "{series}");
    }
    assert_eq!(after.get("repcast_broken_clips_total"), 0.0);
    assert_eq!(after.get("repcast_generations_begun_total"), 1.0);
    assert_eq!(after.get("repcast_generations_failed_total"), 0.0);
    let drawn = told["frames"].as_f64().unwrap() - told["late_frames"].as_f64().unwrap();
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
    // A client chooses its paths and methods, and makes no series with them.
    server.get("/chosen/by/a/client").problem(404);
    server.ask("INVENTED", "/healthz", &[]).problem(405);
    let names = metrics(&server);
    assert!(!names.0.keys().any(|series| series.contains("chosen") || series.contains("INVENTED")));
    assert_eq!(names.get("http_requests_total{route=\"none\",method=\"GET\",status=\"404\"}"), 1.0);
}
