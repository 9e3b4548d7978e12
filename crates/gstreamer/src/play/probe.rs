//! Finds the sink of the best sound device, as `autoaudiosink` does, which however plays into nothing without an error where
//! there is none.

use gst::prelude::*;
use gstreamer as gst;

use repcast_media::AudioOutputError;

/// Samples that a device buffers, in microseconds: so few that sound which is mixed a tenth of a second ahead is in time,
/// so many that a busy machine does not interrupt it.
const BUFFER_MICROS: i64 = 50_000;

/// Samples that a device takes at a time, in microseconds.
const PERIOD_MICROS: i64 = 10_000;

/// Sinks that are not tried: they start a server of their own, or reach the devices of others in a further way.
const SKIPPED: [&str; 3] = ["autoaudiosink", "jackaudiosink", "openalsink"];

/// An opened sink: of those installed, in the order of their ranks, the first that opens.
pub(super) fn best() -> Result<gst::Element, AudioOutputError> {
    let types = gst::ElementFactoryType::SINK | gst::ElementFactoryType::MEDIA_AUDIO;
    let mut factories: Vec<_> =
        gst::ElementFactory::factories_with_type(types, gst::Rank::MARGINAL).into_iter().collect();
    factories.sort_by(|a, b| b.rank().cmp(&a.rank()).then_with(|| a.name().cmp(&b.name())));
    let names = factories.iter().map(|factory| factory.name()).filter(|name| !SKIPPED.contains(&name.as_str()));
    names.into_iter().find_map(|name| open(&name)).ok_or(AudioOutputError::Missing)
}

/// The sink of this name, if its device opens.
pub(super) fn open(name: &str) -> Option<gst::Element> {
    let sink = gst::ElementFactory::make(name).build().ok()?;
    configure(&sink);
    // A device is opened by the step to READY.
    if sink.set_state(gst::State::Ready).is_ok() {
        return Some(sink);
    }
    let _ = sink.set_state(gst::State::Null);
    None
}

/// Sets what sinks of audio have in common.
fn configure(sink: &gst::Element) {
    let set = |name: &str, value: &dyn Fn() -> gst::glib::Value| {
        let spec = sink.find_property(name);
        let value = value();
        if spec.is_some_and(|spec| spec.value_type() == value.type_()) {
            sink.set_property_from_value(name, &value);
        }
    };
    set("buffer-time", &|| BUFFER_MICROS.to_value());
    set("latency-time", &|| PERIOD_MICROS.to_value());
    // The clock of the system paces the frames; the sink follows it.
    set("provide-clock", &|| false.to_value());
    set("sync", &|| true.to_value());
    set("client-name", &|| "repcast".to_value());
}
