//! The master playlist of a session.

use repcast_mux::hls;

use super::{Rendition, Stream};
use crate::live::audio::AUDIO_NAME;
use crate::live::captions::CaptionRendition;

impl Stream {
    /// The master playlist, once each rendition has a part.
    #[must_use]
    pub fn master(&self) -> Option<String> {
        let rendition = |rendition: &Rendition| {
            Some(hls::VariantStream {
                uri: format!("{}/media.m3u8", rendition.name),
                codecs: rendition.window.codecs()?,
                size: rendition.size,
                rate: self.rate,
                bandwidth: rendition.window.bandwidth(),
            })
        };
        let audio = match &self.audio {
            None => None,
            Some(window) => Some(hls::AudioRendition {
                uri: format!("{AUDIO_NAME}/media.m3u8"),
                codec: window.codecs()?,
                channels: 2,
                bandwidth: window.bandwidth(),
            }),
        };
        let subtitles = |captions: &CaptionRendition| hls::SubtitlesRendition {
            uri: format!("{}/media.m3u8", captions.name),
            language: captions.language.clone(),
            name: captions.label.clone(),
            bandwidth: captions.window.bandwidth(),
        };
        Some(hls::master_with_renditions(
            &self.renditions.iter().map(rendition).collect::<Option<Vec<_>>>()?,
            audio.as_ref(),
            &self.captions.iter().map(subtitles).collect::<Vec<_>>(),
        ))
    }
}
