//! The tracks of an output, checked once.

use super::MuxError;
use repcast_media::{CodecConfig, StreamConfig, Timebase, Track};

/// One video track and at most one audio track: what every output here can hold.
#[derive(Clone, Debug)]
pub struct OutputTracks {
    video: Track,
    config: StreamConfig,
    timebase: Timebase,
    audio: Option<Track>,
}

impl OutputTracks {
    /// Checks the tracks that a sink begins with.
    ///
    /// # Errors
    /// When there is not one H.264 track, more than one AAC track, a track of another codec, an id twice, or a timescale
    /// that is not the one of the frame rate or the sample rate.
    pub fn new(tracks: &[Track]) -> Result<Self, MuxError> {
        let (mut video, mut audio) = (None, None);
        for track in tracks {
            let is_second = match &track.codec {
                CodecConfig::H264(config) => video.replace((track.clone(), config.clone())).is_some(),
                CodecConfig::Aac(config) if config.sample_rate == track.timescale && track.timescale > 0 => {
                    audio.replace(track.clone()).is_some()
                }
                CodecConfig::Aac(_) => return Err(MuxError::Tracks("the ticks of the audio are not its samples")),
                CodecConfig::H265(_) => return Err(MuxError::Tracks("only cameras send H.265")),
                CodecConfig::WebVtt => return Err(MuxError::Tracks("text is not written into media files")),
            };
            if is_second {
                return Err(MuxError::Tracks("there are two tracks of one kind"));
            }
        }
        let (video, config) = video.ok_or(MuxError::Tracks("there is no video"))?;
        let timebase = Timebase::new(config.rate)?;
        if video.timescale != timebase.timescale {
            return Err(MuxError::Tracks("the ticks of the video are not those of its frame rate"));
        }
        if audio.as_ref().is_some_and(|audio| audio.id == video.id) {
            return Err(MuxError::Tracks("two tracks have one number"));
        }
        Ok(Self { video, config, timebase, audio })
    }

    /// The video track.
    #[must_use]
    pub const fn video(&self) -> &Track {
        &self.video
    }

    /// The configuration of the video track.
    #[must_use]
    pub const fn stream_config(&self) -> &StreamConfig {
        &self.config
    }

    /// The ticks of the video track.
    #[must_use]
    pub const fn timebase(&self) -> Timebase {
        self.timebase
    }

    /// The audio track.
    #[must_use]
    pub const fn audio(&self) -> Option<&Track> {
        self.audio.as_ref()
    }

    /// All tracks, video first.
    pub fn iter(&self) -> impl Iterator<Item = &Track> {
        std::iter::once(&self.video).chain(&self.audio)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_media::{aac_track, video_track};
    use repcast_media::TrackId;

    #[test]
    fn outputs_have_one_video_and_may_have_one_audio_track() {
        let (video, audio) = (video_track(), aac_track());
        assert!(OutputTracks::new(std::slice::from_ref(&video)).unwrap().audio().is_none());
        assert_eq!(OutputTracks::new(&[audio.clone(), video.clone()]).unwrap().iter().count(), 2);
        let text = Track { codec: CodecConfig::WebVtt, ..video.clone() };
        let same_id = Track { id: TrackId::VIDEO, ..audio.clone() };
        let other_ticks = Track { timescale: 90_000, ..audio.clone() };
        let cases: [&[Track]; 7] = [
            &[],
            std::slice::from_ref(&audio),
            &[video.clone(), video.clone()],
            &[video.clone(), audio.clone(), audio.clone()],
            &[video.clone(), text],
            &[video.clone(), same_id],
            &[video.clone(), other_ticks],
        ];
        for tracks in cases {
            assert!(matches!(OutputTracks::new(tracks), Err(MuxError::Tracks(_))), "{tracks:?}");
        }
    }
}
