//! HLS playlists (RFC 8216): lists of segments in, text out. Pure.
//!
//! ```text
//! master    one line of attributes and a URI per rendition, and lines for their common audio and captions
//!   media   a complete stream: the init segment, then a duration and a URI per segment
//!   LivePlaylist    a stream that goes on: the same, and the parts of its newest segments; Reload decides when to answer
//! ```

mod bandwidth;
mod live;
mod reload;
mod text;

pub use bandwidth::Bandwidth;
pub use live::{LivePlaylist, LivePlaylistKind, LiveSegment, OpenSegment, PART_HOLD_BACK_PARTS, Part, RenditionReport};
pub use reload::{Decision, Directive, PlaylistEdge, Reload, ReloadError};
pub use text::{date_time, escape};

use std::fmt::Write;

use repcast_model::geometry::Size;
use repcast_model::time::{FrameRate, Rational, round};
use text::decimal;

/// The protocol version written: EXT-X-MAP for any segment needs 6, and players of fragmented MP4 know 7 (RFC 8216,
/// section 7).
const VERSION: u32 = 7;

/// One media segment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Segment {
    /// Its URI relative to the playlist; see [`escape`].
    pub uri: String,
    /// Seconds it lasts.
    pub duration: Rational,
    /// Its size in bytes.
    pub bytes: u64,
}

/// One encoded size and shape of a stream, as a master playlist lists it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VariantStream {
    /// The URI of its media playlist relative to the master playlist; see [`escape`].
    pub uri: String,
    /// Its codecs as RFC 6381 writes them, separated by commas.
    pub codecs: String,
    /// Size in pixels.
    pub size: Size,
    /// Frames per second.
    pub rate: FrameRate,
    /// Bits per second of the video alone.
    pub bandwidth: Bandwidth,
}

/// The audio that accompanies all video renditions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AudioRendition {
    /// The URI of its media playlist relative to the master playlist; see [`escape`].
    pub uri: String,
    /// Its codec as RFC 6381 writes it.
    pub codec: String,
    /// Number of channels.
    pub channels: u16,
    /// Bits per second.
    pub bandwidth: Bandwidth,
}

/// The group of the audio rendition, and its name in players' menus.
const AUDIO_GROUP: &str = "audio";
const AUDIO_NAME: &str = "Audio";

/// The captions of all video renditions in one language.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SubtitlesRendition {
    /// The URI of its media playlist relative to the master playlist; see [`escape`].
    pub uri: String,
    /// Its language as RFC 5646 writes it.
    pub language: String,
    /// Its name in players' menus, without quotation marks and line ends.
    pub name: String,
    /// Bits per second.
    pub bandwidth: Bandwidth,
}

/// The group of the renditions of captions.
const SUBTITLES_GROUP: &str = "captions";

/// The text of a master playlist without audio (RFC 8216, 4.3.4). It states that there are no captions, so that players
/// do not search the video for them.
#[must_use]
pub fn master(renditions: &[VariantStream]) -> String {
    master_with_renditions(renditions, None, &[])
}

/// The text of a master playlist whose video renditions share one audio rendition, if any, and captions in some languages. The
/// bandwidth of a variant counts one of each, and its codecs those of the audio (4.3.4.2).
///
/// Captions are not shown by default: they repeat what is heard. Players select them by the preferences of their user.
#[must_use]
pub fn master_with_renditions(
    renditions: &[VariantStream],
    audio: Option<&AudioRendition>,
    subtitles: &[SubtitlesRendition],
) -> String {
    let mut text = head(VERSION);
    if let Some(AudioRendition { uri, channels, .. }) = audio {
        line(
            &mut text,
            format_args!(
                "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"{AUDIO_GROUP}\",NAME=\"{AUDIO_NAME}\",DEFAULT=YES,AUTOSELECT=YES,\
                 CHANNELS=\"{channels}\",URI=\"{uri}\""
            ),
        );
    }
    for SubtitlesRendition { uri, language, name, .. } in subtitles {
        line(
            &mut text,
            format_args!(
                "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"{SUBTITLES_GROUP}\",NAME=\"{name}\",LANGUAGE=\"{language}\",\
                 DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,URI=\"{uri}\""
            ),
        );
    }
    let largest =
        |of: fn(Bandwidth) -> u64| subtitles.iter().map(|subtitles| of(subtitles.bandwidth)).max().unwrap_or(0);
    let text_bandwidth = Bandwidth { peak: largest(|rate| rate.peak), average: largest(|rate| rate.average) };
    let audio_bandwidth = audio.map(|audio| audio.bandwidth).unwrap_or_default();
    let audio_codec = audio.map_or(String::new(), |audio| format!(",{}", audio.codec));
    let mut groups = audio.map_or(String::new(), |_| format!(",AUDIO=\"{AUDIO_GROUP}\""));
    if !subtitles.is_empty() {
        groups += &format!(",SUBTITLES=\"{SUBTITLES_GROUP}\"");
    }
    for VariantStream { uri, codecs, size, rate, bandwidth } in renditions {
        let Bandwidth { peak, average } = *bandwidth + audio_bandwidth + text_bandwidth;
        let (width, height, rate) = (size.width, size.height, decimal(rate.per_second(), 3));
        line(
            &mut text,
            format_args!(
                "#EXT-X-STREAM-INF:BANDWIDTH={peak},AVERAGE-BANDWIDTH={average},CODECS=\"{codecs}{audio_codec}\",\
                 RESOLUTION={width}x{height},FRAME-RATE={rate},CLOSED-CAPTIONS=NONE{groups}"
            ),
        );
        line(&mut text, format_args!("{uri}"));
    }
    text
}

/// The text of the media playlist of a stream that is complete (RFC 8216, 4.3.1 to 4.3.3). Each segment begins with a
/// sync sample, and none is rounded to more than `target_secs`; see [`target_duration`]. Text has no init segment.
#[must_use]
pub fn media(init_uri: Option<&str>, segments: &[Segment], target_secs: u64) -> String {
    let mut text = head(VERSION);
    line(&mut text, format_args!("#EXT-X-TARGETDURATION:{target_secs}"));
    line(&mut text, format_args!("#EXT-X-MEDIA-SEQUENCE:0"));
    line(&mut text, format_args!("#EXT-X-PLAYLIST-TYPE:VOD"));
    if let Some(init_uri) = init_uri {
        line(&mut text, format_args!("#EXT-X-MAP:URI=\"{init_uri}\""));
    }
    for Segment { uri, duration, .. } in segments {
        line(&mut text, format_args!("#EXTINF:{},", decimal(*duration, 6)));
        line(&mut text, format_args!("{uri}"));
    }
    line(&mut text, format_args!("#EXT-X-ENDLIST"));
    text
}

/// The smallest whole number of seconds that no segment's rounded duration exceeds (RFC 8216, 4.3.3.1). All media
/// playlists of a master playlist state the same (6.2.4).
#[must_use]
pub fn target_duration<'a>(segments: impl IntoIterator<Item = &'a Segment>) -> u64 {
    let longest = segments.into_iter().map(|segment| round(segment.duration)).max().unwrap_or(0);
    u64::try_from(longest).unwrap_or(0).max(1)
}

/// The first lines of every playlist.
fn head(version: u32) -> String {
    format!("#EXTM3U\n#EXT-X-VERSION:{version}\n#EXT-X-INDEPENDENT-SEGMENTS\n")
}

fn line(text: &mut String, content: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{content}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(number: u32, frames: i128, bytes: u64) -> Segment {
        let duration = Rational::new(frames * 1001, 30000);
        Segment { uri: format!("segment_{number:05}.m4s"), duration, bytes }
    }

    #[test]
    fn a_media_playlist_lists_every_segment() {
        let segments = [segment(1, 60, 1), segment(2, 60, 1), segment(3, 1, 1)];
        let expected = "\
#EXTM3U
#EXT-X-VERSION:7
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-TARGETDURATION:2
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-MAP:URI=\"init.mp4\"
#EXTINF:2.002000,
segment_00001.m4s
#EXTINF:2.002000,
segment_00002.m4s
#EXTINF:0.033367,
segment_00003.m4s
#EXT-X-ENDLIST
";
        assert_eq!(media(Some("init.mp4"), &segments, target_duration(&segments)), expected);
    }

    #[test]
    fn a_master_playlist_lists_every_rendition() {
        let rendition = |uri: &str, width, height, rate: FrameRate| VariantStream {
            uri: uri.to_owned(),
            codecs: "avc1.640028".to_owned(),
            size: Size { width, height },
            rate,
            bandwidth: Bandwidth { peak: 4_200_000, average: 3_100_000 },
        };
        let renditions = [
            rendition("wide/media.m3u8", 1920, 1080, FrameRate::new(30000, 1001).unwrap()),
            rendition("tall/media.m3u8", 1080, 1920, FrameRate::new(60, 1).unwrap()),
        ];
        let expected = "\
#EXTM3U
#EXT-X-VERSION:7
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-STREAM-INF:BANDWIDTH=4200000,AVERAGE-BANDWIDTH=3100000,CODECS=\"avc1.640028\",RESOLUTION=1920x1080,FRAME-RATE=29.970,CLOSED-CAPTIONS=NONE
wide/media.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=4200000,AVERAGE-BANDWIDTH=3100000,CODECS=\"avc1.640028\",RESOLUTION=1080x1920,FRAME-RATE=60.000,CLOSED-CAPTIONS=NONE
tall/media.m3u8
";
        assert_eq!(master(&renditions), expected);

        let audio = AudioRendition {
            uri: "sound/audio.m3u8".to_owned(),
            codec: "mp4a.40.2".to_owned(),
            channels: 2,
            bandwidth: Bandwidth { peak: 200_000, average: 128_000 },
        };
        let expected = "\
#EXTM3U
#EXT-X-VERSION:7
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"Audio\",DEFAULT=YES,AUTOSELECT=YES,CHANNELS=\"2\",URI=\"sound/audio.m3u8\"
#EXT-X-STREAM-INF:BANDWIDTH=4400000,AVERAGE-BANDWIDTH=3228000,CODECS=\"avc1.640028,mp4a.40.2\",RESOLUTION=1920x1080,FRAME-RATE=29.970,CLOSED-CAPTIONS=NONE,AUDIO=\"audio\"
wide/media.m3u8
";
        assert_eq!(master_with_renditions(&renditions[..1], Some(&audio), &[]), expected);

        let subtitles = |language: &str, name: &str, peak| SubtitlesRendition {
            uri: format!("captions-{language}/media.m3u8"),
            language: language.to_owned(),
            name: name.to_owned(),
            bandwidth: Bandwidth { peak, average: 100 },
        };
        let expected = "\
#EXTM3U
#EXT-X-VERSION:7
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"captions\",NAME=\"English\",LANGUAGE=\"en\",DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,URI=\"captions-en/media.m3u8\"
#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"captions\",NAME=\"Français\",LANGUAGE=\"fr\",DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,URI=\"captions-fr/media.m3u8\"
#EXT-X-STREAM-INF:BANDWIDTH=4200900,AVERAGE-BANDWIDTH=3100100,CODECS=\"avc1.640028\",RESOLUTION=1920x1080,FRAME-RATE=29.970,CLOSED-CAPTIONS=NONE,SUBTITLES=\"captions\"
wide/media.m3u8
";
        let subtitles = [subtitles("en", "English", 900), subtitles("fr", "Français", 800)];
        assert_eq!(master_with_renditions(&renditions[..1], None, &subtitles), expected);
    }

    #[test]
    fn the_target_duration_covers_every_rounded_segment() {
        let target = |duration| target_duration(&[Segment { duration, ..segment(1, 1, 1) }]);
        assert_eq!(target(Rational::new(1, 30)), 1);
        assert_eq!(target(Rational::new(249, 100)), 2);
        assert_eq!(target(Rational::new(5, 2)), 3);
    }
}
