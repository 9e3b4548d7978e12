//! Standard error: log lines, and messages for people.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::sync::OnceLock;
use std::time::SystemTime;

use clap::{Args, ValueEnum};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields, MakeWriter};
#[cfg(feature = "sentry")]
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

use super::status_line;
use repcast_mux::hls::date_time;

/// The target of messages for people, and of a server's start, stop and reloads, which are logged at any level.
pub(super) const ALWAYS: &str = "repcast::log";

/// What third parties log: warnings, unless they repeat what is reported otherwise, or are of no use to anyone but their
/// authors.
const THIRD_PARTIES: &str = "warn,wgpu_hal=off,wgpu_core=error,naga=error,winit=error,cosmic_text=error";

/// Logging.
#[derive(Debug, Args)]
pub(super) struct LogArgs {
    /// Format of log lines and messages on standard error.
    #[arg(long, value_name = "FORMAT", default_value = "text", global = true, help_heading = "Logging")]
    pub(super) log_format: LogFormat,
    /// Log more; twice for everything.
    #[arg(short, long, action = clap::ArgAction::Count, global = true, help_heading = "Logging")]
    pub(super) verbose: u8,
}

/// The format of log lines.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

/// The format of this process; text until it is known.
static FORMAT: OnceLock<LogFormat> = OnceLock::new();

/// Starts logging.
pub(super) fn start(args: &LogArgs) {
    let own = match args.verbose {
        0 => "repcast=warn",
        1 => "repcast=info",
        _ => "repcast=debug",
    };
    let filter = EnvFilter::new(format!("{THIRD_PARTIES},{own},{ALWAYS}=info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(StandardError)
        .with_timer(Utc)
        .with_ansi(io::stderr().is_terminal());
    match args.log_format {
        LogFormat::Text => install(builder.event_format(TextLine).finish()),
        LogFormat::Json => install(builder.json().finish()),
    }
    let _ = FORMAT.set(args.log_format);
}

/// Makes a subscriber that of the process. Errors are reported as well, in a build that can.
fn install<S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync + 'static>(subscriber: S) {
    #[cfg(feature = "sentry")]
    let subscriber = subscriber.with(super::error_reports::ReportLayer);
    subscriber.init();
}

fn is_json() -> bool {
    FORMAT.get() == Some(&LogFormat::Json)
}

/// Tells people, and programs that read standard error, something that is not a fault: a line of text, or a log line where
/// logs are JSON.
pub(super) fn message(text: &str) {
    if is_json() {
        tracing::info!(target: ALWAYS, "{text}");
    } else {
        status_line::suspended(|| eprintln!("{text}"));
    }
}

/// Reports why the command failed, or what of its result is incomplete.
pub(super) fn fault(text: &str) {
    if is_json() {
        tracing::error!(target: ALWAYS, "{text}");
    } else {
        status_line::suspended(|| eprintln!("repcast: {text}"));
    }
}

/// Writes whole lines to standard error, above the status line if there is one.
struct StandardError;

impl<'a> MakeWriter<'a> for StandardError {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        Self
    }
}

impl Write for StandardError {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        status_line::suspended(|| io::stderr().write_all(bytes)).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// The time in UTC as in RFC 3339, with milliseconds.
struct Utc;

impl FormatTime for Utc {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        writer.write_str(&date_time(i128::try_from(since_1970.as_nanos()).unwrap_or_default()))
    }
}

/// `TIME LEVEL part: span{fields}: message fields`.
struct TextLine;

impl<S, N> FormatEvent<S, N> for TextLine
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let metadata = event.metadata();
        Utc.format_time(&mut writer)?;
        let level = metadata.level();
        match color(*level).filter(|_| writer.has_ansi_escapes()) {
            Some(color) => write!(writer, " \x1b[{color}m{level:5}\x1b[0m {}: ", part(metadata.target()))?,
            None => write!(writer, " {level:5} {}: ", part(metadata.target()))?,
        }
        for span in context.event_scope().into_iter().flat_map(tracing_subscriber::registry::Scope::from_root) {
            let extensions = span.extensions();
            let fields = extensions.get::<FormattedFields<N>>().map_or("", |fields| fields.fields.as_str());
            write!(writer, "{}{{{fields}}}: ", span.name())?;
        }
        context.field_format().format_fields(writer.by_ref(), event)?;
        writeln!(writer)
    }
}

/// The part of the program that a target belongs to: `engine` for `repcast_engine::live::stages`, `log` for the program's
/// own.
fn part(target: &str) -> &str {
    let first = target.split("::").next().unwrap_or(target);
    match first.strip_prefix("repcast_") {
        Some(name) => name,
        None => first,
    }
}

/// The escape sequence of a level.
fn color(level: Level) -> Option<u8> {
    match level {
        Level::ERROR => Some(31),
        Level::WARN => Some(33),
        Level::INFO => Some(32),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_has_its_time_in_utc_level_and_part() {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new(format!("{THIRD_PARTIES},repcast=info,{ALWAYS}=info")))
            .with_writer(move || writer.clone())
            .with_ansi(false)
            .with_timer(Utc)
            .event_format(TextLine);
        tracing::subscriber::with_default(subscriber.finish(), || {
            let span = tracing::error_span!("request", id = 7).entered();
            tracing::warn!(target: "repcast_engine::live", frame = 3, "a frame is late");
            drop(span);
            tracing::info!(target: "wgpu_core::device", "internals");
            tracing::debug!(target: "repcast_engine::live", "details");
            tracing::info!(target: "repcast_http::access_log", "answered");
        });
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        let lines: Vec<(&str, &str)> =
            text.lines().map(|line| line.split_at("2026-11-28T04:21:22.000Z".len())).collect();
        let rests: Vec<&str> = lines.iter().map(|(_, rest)| *rest).collect();
        assert_eq!(rests, [" WARN  engine: request{id=7}: a frame is late frame=3", " INFO  http: answered"]);
        let pattern =
            |time: &str| time.chars().map(|letter| if letter.is_ascii_digit() { '0' } else { letter }).collect();
        let shapes: Vec<String> = lines.iter().map(|(time, _)| pattern(time)).collect();
        assert_eq!(shapes, ["0000-00-00T00:00:00.000Z"; 2]);
    }

    #[test]
    fn the_part_is_the_crate() {
        for (target, expected) in [("repcast_engine::live", "engine"), ("repcast::log", "repcast"), ("log", "log")] {
            assert_eq!(part(target), expected);
        }
    }
}
