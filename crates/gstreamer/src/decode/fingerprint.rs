//! A description of the installed decoders, for the keys of cached segments.

use gst::glib::translate::IntoGlib;
use gst::prelude::*;
use gstreamer as gst;

use super::audio::ELEMENTS;
use crate::plugin::plugin_of;

/// Elements that every pipeline of [`Stream`](super::stream::Stream) contains, in addition to a decoder.
const FIXED_ELEMENTS: [&str; 4] = ["decodebin", "matroskademux", "qtdemux", "videoconvertscale"];

/// Describes everything installed on this machine that determines decoded pixels: GStreamer, the elements that are
/// always used, and the video decoders that can be selected. Two machines with the same GStreamer plugins and ranks
/// return the same text. Call [`init`](super::init) first.
///
/// The format is one fact per line, each ended by a line feed, in this order:
///
/// ```text
/// gstreamer MAJOR.MINOR.MICRO.NANO
/// element NAME plugin PLUGIN VERSION          for each fixed element that is installed, by name
/// decoder NAME rank RANK plugin PLUGIN VERSION   for each video decoder of rank marginal (64) or higher, by name
/// ```
///
/// Ranks are the numbers by which `decodebin` orders its candidates, and include `GST_PLUGIN_FEATURE_RANK`. Versions of
/// libraries behind a plugin, such as FFmpeg, are not included: GStreamer does not report them.
#[must_use]
pub fn fingerprint() -> String {
    let (major, minor, micro, nano) = gst::version();
    let mut lines = vec![format!("gstreamer {major}.{minor}.{micro}.{nano}")];
    let fixed = FIXED_ELEMENTS.iter().filter_map(|name| gst::ElementFactory::find(name));
    lines.extend(fixed.map(|factory| format!("element {} plugin {}", factory.name(), plugin_of(&factory))));
    let types = gst::ElementFactoryType::DECODER | gst::ElementFactoryType::MEDIA_VIDEO;
    let decoders = gst::ElementFactory::factories_with_type(types, gst::Rank::MARGINAL);
    let mut decoders: Vec<String> = decoders
        .iter()
        .map(|factory| {
            let rank = factory.rank().into_glib();
            format!("decoder {} rank {rank} plugin {}", factory.name(), plugin_of(factory))
        })
        .collect();
    decoders.sort_unstable();
    lines.append(&mut decoders);
    lines.into_iter().flat_map(|line| [line, "\n".to_owned()]).collect()
}

/// Describes everything installed on this machine that determines decoded audio, as [`fingerprint`] does for pixels: the
/// line of GStreamer, then `element NAME plugin PLUGIN VERSION` for each installed element of the pipelines of audio.
/// Decoders of audio are chosen by name, so that ranks do not matter. Call [`init`](super::init) first.
#[must_use]
pub fn audio_fingerprint() -> String {
    let (major, minor, micro, nano) = gst::version();
    let installed = ELEMENTS.iter().filter_map(|name| gst::ElementFactory::find(name));
    let lines = installed.map(|factory| format!("element {} plugin {}\n", factory.name(), plugin_of(&factory)));
    std::iter::once(format!("gstreamer {major}.{minor}.{micro}.{nano}\n")).chain(lines).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_description_is_stable_and_has_one_fact_per_line() {
        crate::decode::init().unwrap();
        let text = fingerprint();
        assert_eq!(text, fingerprint());
        assert!(text.starts_with("gstreamer 1.") && text.ends_with('\n'));
        let known = |line: &str| ["gstreamer ", "element ", "decoder "].iter().any(|start| line.starts_with(start));
        assert!(text.lines().all(known), "{text}");
        let decoders: Vec<&str> = text.lines().filter(|line| line.starts_with("decoder ")).collect();
        assert!(!decoders.is_empty() && decoders.is_sorted(), "{text}");
    }

    #[test]
    fn the_description_of_audio_lists_every_element() {
        crate::decode::init().unwrap();
        let text = audio_fingerprint();
        assert_eq!(text.lines().count(), 1 + ELEMENTS.len());
        assert!(text.contains("\nelement avdec_aac plugin libav 1."), "{text}");
    }
}
