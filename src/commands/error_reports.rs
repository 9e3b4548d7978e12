//! Reports of errors and panics to Sentry, for servers whose environment has SENTRY_DSN. A build without the feature `sentry`
//! has none, and says so.

use std::env;

/// The variable with the address of the project that gets the reports.
const DSN: &str = "SENTRY_DSN";

/// The address of the project, if there is one.
fn address() -> Option<String> {
    env::var(DSN).ok().filter(|address| !address.trim().is_empty())
}

/// Without the feature: nothing is reported.
#[cfg(not(feature = "sentry"))]
mod reports {
    /// Nothing that has to be sent.
    pub(crate) struct Reports;

    /// Warns if reports are wanted.
    pub(crate) fn start() -> Option<Reports> {
        let message = "SENTRY_DSN is set, but this build reports no errors: build it with `--features sentry`";
        super::address().map(|_| {
            tracing::warn!(target: crate::commands::log::ALWAYS, "{message}");
            Reports
        })
    }
}

/// With the feature.
#[cfg(feature = "sentry")]
mod reports {
    use std::borrow::Cow;
    use std::sync::Arc;
    use std::time::Duration;

    use sentry::protocol::{Event, Value};
    use sentry::types::Dsn;
    use sentry::{ClientInitGuard, ClientOptions, Level};
    use tracing::Subscriber;
    use tracing::field::{Field, Visit};
    use tracing_subscriber::layer::{Context, Layer};
    use tracing_subscriber::registry::LookupSpan;

    /// How long the last reports may take when the program ends, which it has to do within ten seconds.
    const SHUTDOWN_TIMEOUT: Duration = Duration::from_millis(500);

    /// Sends what is left when it is dropped.
    pub(crate) struct Reports(#[expect(dead_code, reason = "its drop sends what is left")] ClientInitGuard);

    /// Starts reporting, if the environment names a project.
    pub(crate) fn start() -> Option<Reports> {
        let dsn: Dsn = match super::address()?.parse() {
            Ok(dsn) => dsn,
            Err(error) => {
                // Without the address, which has a key.
                tracing::warn!(target: crate::commands::log::ALWAYS, "SENTRY_DSN: {error}; errors are not reported");
                return None;
            }
        };
        // Set before by those who use TLS first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut options = ClientOptions::default();
        options.dsn = Some(dsn);
        options.release = Some(Cow::Borrowed(concat!("repcast@", env!("CARGO_PKG_VERSION"))));
        options.send_default_pii = false;
        options.max_breadcrumbs = 0;
        options.shutdown_timeout = SHUTDOWN_TIMEOUT;
        options.before_send = Some(Arc::new(|event| Some(without_people(event))));
        Some(Reports(sentry::init(options)))
    }

    /// An event without what could say something of people: requests, users, the name of the machine, what happened before.
    fn without_people(mut event: Event<'static>) -> Event<'static> {
        (event.user, event.request, event.server_name) = (None, None, None);
        event.breadcrumbs.values.clear();
        event
    }

    /// Reports what is logged as an error: the message, the part of the program, and the id of the request. Fields are left
    /// out, because they can have the address of a client.
    pub(crate) struct ReportLayer;

    /// A message, and the id of a request.
    #[derive(Default)]
    struct Fields {
        message: String,
        id: Option<String>,
    }

    impl Visit for Fields {
        fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
            match field.name() {
                "message" => self.message = format!("{value:?}"),
                "id" => self.id = Some(format!("{value:?}").trim_matches('"').to_owned()),
                _ => {}
            }
        }
    }

    impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for ReportLayer {
        fn on_new_span(&self, attributes: &tracing::span::Attributes<'_>, id: &tracing::Id, context: Context<'_, S>) {
            let mut fields = Fields::default();
            attributes.record(&mut fields);
            if let (Some(span), Some(request)) = (context.span(id), fields.id) {
                span.extensions_mut().insert(RequestId(request));
            }
        }

        fn on_event(&self, event: &tracing::Event<'_>, context: Context<'_, S>) {
            if *event.metadata().level() != tracing::Level::ERROR {
                return;
            }
            let mut fields = Fields::default();
            event.record(&mut fields);
            let mut report = Event {
                message: Some(fields.message),
                level: Level::Error,
                logger: Some(event.metadata().target().to_owned()),
                ..Event::default()
            };
            let scope = context.event_scope(event).into_iter().flatten();
            if let Some(id) = scope.into_iter().find_map(|span| span.extensions().get::<RequestId>().cloned()) {
                report.extra.insert("request".to_owned(), Value::from(id.0));
            }
            sentry::capture_event(report);
        }
    }

    /// The id of the request that a span belongs to.
    #[derive(Clone)]
    struct RequestId(String);
}

#[cfg(feature = "sentry")]
pub(super) use reports::ReportLayer;
pub(super) use reports::start;
