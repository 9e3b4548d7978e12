//! What the errors of the sinks mean.

use gstreamer as gst;

use repcast_media::PushError;

/// The meaning of the next error on a bus, if there is one.
pub(super) fn bus_failure(bus: &gst::Bus, is_connected: bool) -> Option<PushError> {
    let message = bus.pop_filtered(&[gst::MessageType::Error])?;
    let gst::MessageView::Error(error) = message.view() else { return None };
    let text = error.error().to_string().to_lowercase();
    let failure = meaning(&error.error(), &text, is_connected);
    tracing::debug!("a push failed: {failure}");
    Some(failure)
}

/// The elements state little in their codes: what they failed at is in their texts alone.
fn meaning(error: &gst::glib::Error, text: &str, is_connected: bool) -> PushError {
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if has(&["certificate", "tls"]) {
        return PushError::Certificate;
    }
    if error.matches(gst::ResourceError::NotAuthorized) || has(&["authoriz", "authent", "publish", "reject", "denied"])
    {
        return PushError::Rejected;
    }
    if is_connected { PushError::Lost } else { PushError::Unreachable }
}
