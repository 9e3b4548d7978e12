//! Liveness and metrics.

use std::fmt;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use serde_json::{Value, json};

use super::answer::{NEVER, bytes};
use super::app::App;
use repcast_http::{Fault, Problem};
use repcast_gstreamer::decode;
use repcast_engine::live::{Count, Stage};

/// Upper bounds of the stage histograms: each twice the one before, around the 33 ms of a frame.
const BOUNDS_MICROS: [u64; 12] = [250, 500, 1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 128_000, 256_000, 512_000];

/// The content type of OpenMetrics text, which Prometheus reads.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Whether the server answers, and whether it takes on anything new.
#[utoipa::path(get, path = "/healthz", tag = "server",
    responses((status = 200, description = "It answers", body = Value), (status = 503, description = "It is about to end")))]
pub(super) async fn health(State(app): State<Arc<App>>) -> Result<Json<Value>, Problem> {
    if app.is_ending.load(Ordering::Relaxed) {
        return Err(Problem::new(Fault::Unavailable, "The server is about to end."));
    }
    if app.engine.gpu.is_lost() {
        return Err(Problem::new(
            Fault::Unavailable,
            "The graphics device is lost; the server has to be started again.",
        ));
    }
    Ok(Json(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION"), "adapter": app.engine.gpu.name(),
        "encoder": app.engine.encoders.current(), "capacity_used": app.engine.capacity.load() })))
}

/// Everything that is counted, for Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "server",
    responses((status = 200, description = "OpenMetrics text", content_type = "application/openmetrics-text")))]
pub(super) async fn metrics(State(app): State<Arc<App>>) -> Result<Response, Problem> {
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &app.registry)
        .map_err(|_| Problem::new(Fault::Internal, "The metrics could not be written."))?;
    Ok(bytes(OPEN_METRICS, NEVER, text))
}

/// What sessions and generations count, read when somebody asks.
pub(super) struct SessionMetrics(pub(super) Weak<App>);

impl fmt::Debug for SessionMetrics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SessionMetrics")
    }
}

impl Collector for SessionMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let Some(app) = self.0.upgrade() else { return Ok(()) };
        let entries = app.hub.all();
        let playing = entries.iter().filter(|entry| !*entry.stream.over().borrow());
        let viewers: u64 = entries.iter().map(|entry| entry.audience.size()).sum();
        let meters = &app.engine.meters;
        let generations = &app.generations;
        let running = generations.running.load(Ordering::Relaxed);
        gauge(&mut encoder, "repcast_sessions", "Live sessions that play", playing.clone().count() as f64)?;
        gauge(&mut encoder, "repcast_viewers", "Viewers of live sessions", viewers as f64)?;
        gauge(&mut encoder, "repcast_generations", "Videos being generated", running as f64)?;
        gauge(&mut encoder, "repcast_capacity_used", "Part of the machine that is taken", app.engine.capacity.load())?;
        let counters = [
            ("repcast_frames", "Frames of live sessions", meters.read(Count::Frames)),
            ("repcast_late_frames", "Frames left out because their time had passed", meters.read(Count::Late)),
            ("repcast_failovers", "Encoders replaced in mid-stream", meters.read(Count::Failovers)),
            ("repcast_concealed", "Damaged places of clips that were passed over", decode::concealed() as u64),
            ("repcast_broken_clips", "Clips replaced by a slate", meters.read(Count::BrokenClips)),
            ("repcast_video_bytes", "Bytes of encoded video of live sessions", meters.read(Count::Bytes)),
            ("repcast_generations_begun", "Videos begun", generations.begun.load(Ordering::Relaxed)),
            ("repcast_generations_failed", "Videos that failed", generations.failed.load(Ordering::Relaxed)),
        ];
        for (name, help, value) in counters {
            let metric = ConstCounter::new(value);
            metric.encode(encoder.encode_descriptor(name, help, None, MetricType::Counter)?)?;
        }
        let mut using = encoder.encode_descriptor(
            "repcast_encoder_sessions",
            "Live sessions by the encoder in use",
            None,
            MetricType::Gauge,
        )?;
        let mut encoders: Vec<&'static str> = playing.map(|entry| entry.stream.report().encoder).collect();
        encoders.sort_unstable();
        for same in encoders.chunk_by(|a, b| a == b) {
            let labels = [("encoder", same[0])];
            ConstGauge::new(same.len() as i64).encode(using.encode_family(&labels)?)?;
        }
        let mut stages = encoder.encode_descriptor(
            "repcast_stage_seconds",
            "Seconds that a frame of a live session spends in each stage",
            None,
            MetricType::Histogram,
        )?;
        let bounds = BOUNDS_MICROS.map(Duration::from_micros);
        for stage in Stage::ALL {
            let times = meters.times(stage);
            let (count, sum) = times.totals();
            let between = times.between(&bounds);
            let rest = count - between.iter().sum::<u64>();
            let buckets: Vec<(f64, u64)> = bounds
                .iter()
                .map(Duration::as_secs_f64)
                .chain([f64::INFINITY])
                .zip(between.into_iter().chain([rest]))
                .collect();
            let labels = [("stage", stage.name())];
            stages.encode_family(&labels)?.encode_histogram::<NoLabelSet>(sum.as_secs_f64(), count, &buckets, None)?;
        }
        Ok(())
    }
}

fn gauge(encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: f64) -> fmt::Result {
    ConstGauge::new(value).encode(encoder.encode_descriptor(name, help, None, MetricType::Gauge)?)
}
