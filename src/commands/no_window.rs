//! Stands in for the window in builds without the feature `preview`.

use std::sync::Arc;

use repcast_compositor::Gpu;

use repcast_server::SessionLinks;
use repcast_service::{LiveSession, Service};

use super::Failure;

const MISSING: &str = "this build has no preview window: it was compiled without the feature `preview`";

/// A session, for its window.
pub(super) struct WindowSession;

impl WindowSession {
    pub(super) fn new(_: &Arc<Service>, _: LiveSession, _: &SessionLinks) -> Self {
        Self
    }
}

/// There is none in this build.
pub(super) enum LiveWindow {}

impl LiveWindow {
    /// Fails: there is no window in this build.
    pub(super) fn prepare(_: &Arc<Gpu>) -> Result<Self, Failure> {
        Err(unavailable())
    }

    pub(super) fn run(
        self,
        _: &Arc<Gpu>,
        _: WindowSession,
        _: impl FnOnce() -> Result<(), Failure> + Send + 'static,
    ) -> Result<(), Failure> {
        match self {}
    }
}

/// Why commands that need the window fail.
pub(super) fn unavailable() -> Failure {
    Failure::wrong(MISSING)
}
