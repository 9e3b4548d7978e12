//! One track in the terms of boxes.

use mp4_atom::{
    Audio, Avc1, Avcc, Codec, Colr, Dinf, Dref, Edts, Elst, ElstEntry, Esds, FourCC, Hdlr, Hvc1, Hvcc, Mdhd, Mdia,
    Minf, Mp4a, Pasp, Smhd, Stbl, Stsd, Tkhd, Trak, Trex, Url, Visual, Vmhd,
    esds::{DecoderConfig, DecoderSpecific, EsDescriptor, SLConfig},
};

use super::MuxError;
use super::codec::{check_aac, parse_avcc, parse_hvcc};
use repcast_media::{AAC_FRAME_SAMPLES, AacConfig, CodecConfig, Timebase, Track, TrackId, TrackKind};
use repcast_model::geometry::Size;
use repcast_model::time::FrameRate;

/// Code point of BT.709 for primaries, transfer and matrix alike (ITU-T H.273, tables 2, 3 and 4).
const BT709: u16 = 1;

/// `objectTypeIndication` of AAC (ISO/IEC 14496-1, table 5) and `streamType` of audio (table 6).
const AAC_OBJECT_TYPE: u8 = 0x40;
const AUDIO_STREAM: u8 = 5;

/// Sample flags of ISO/IEC 14496-12, 8.8.3.1: `sample_depends_on` = 2, it depends on no other.
pub(crate) const SYNC_FLAGS: u32 = 0x0200_0000;
/// `sample_depends_on` = 1, it depends on others, and `sample_is_non_sync_sample`.
pub(crate) const DELTA_FLAGS: u32 = 0x0101_0000;

/// A track whose configuration can be written, checked once.
#[derive(Clone, Debug)]
pub(crate) struct TrackBox {
    pub(crate) id: TrackId,
    pub(crate) timescale: u32,
    /// Ticks of a usual sample.
    pub(crate) sample_ticks: u32,
    entry: SampleEntry,
}

#[derive(Clone, Debug)]
enum SampleEntry {
    Video { width: u16, height: u16, decoder: Decoder },
    Audio { sample_rate: u16, config: AacConfig },
}

/// What a video decoder has to know.
#[derive(Clone, Debug)]
enum Decoder {
    H264(Avcc),
    H265(Hvcc),
}

/// How long a track is shown, and from where in its media.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Presentation {
    /// Ticks before the first sample is shown.
    pub(crate) delay: u64,
    /// Ticks shown after that; 0 in fragmented files, whose fragments carry it.
    pub(crate) duration: u64,
    /// Ticks of composition time before the first sample shown.
    pub(crate) media_start: u64,
    /// Ticks of all samples, shown or not.
    pub(crate) media_duration: u64,
}

impl TrackBox {
    /// Checks a track.
    pub(crate) fn new(track: &Track) -> Result<Self, MuxError> {
        let (sample_ticks, entry) = match &track.codec {
            CodecConfig::H264(config) => (
                frame_ticks(track, config.rate)?,
                SampleEntry::video(config.size, Decoder::H264(parse_avcc(&config.avcc)?))?,
            ),
            CodecConfig::H265(config) => (
                frame_ticks(track, config.rate)?,
                SampleEntry::video(config.size, Decoder::H265(parse_hvcc(&config.hvcc)?))?,
            ),
            CodecConfig::Aac(config) => (AAC_FRAME_SAMPLES, SampleEntry::audio(config)?),
            CodecConfig::WebVtt => return Err(MuxError::Tracks("text is not written into media files")),
        };
        Ok(Self { id: track.id, timescale: track.timescale, sample_ticks, entry })
    }

    /// What its samples are shown or played as.
    pub(crate) const fn kind(&self) -> TrackKind {
        match self.entry {
            SampleEntry::Video { .. } => TrackKind::Video,
            SampleEntry::Audio { .. } => TrackKind::Audio,
        }
    }

    /// Flags of a sample that states none.
    pub(crate) const fn default_flags(&self) -> u32 {
        match self.entry {
            SampleEntry::Video { .. } => DELTA_FLAGS,
            SampleEntry::Audio { .. } => SYNC_FLAGS,
        }
    }

    /// The track box in a movie of that many ticks a second. The sample description of `tables` is filled in here.
    pub(crate) fn trak(&self, presentation: Presentation, movie_timescale: u32, tables: Stbl) -> Trak {
        let Presentation { delay, duration, media_start, media_duration } = presentation;
        let movie_duration = self.in_movie(duration, movie_timescale);
        let movie_delay = self.in_movie(delay, movie_timescale);
        let mut tkhd = Tkhd {
            track_id: self.id.get(),
            duration: movie_delay + movie_duration,
            enabled: true,
            in_movie: true,
            ..Tkhd::default()
        };
        let mut minf = Minf::default();
        let (codec, handler, name): (Codec, _, _) = match &self.entry {
            SampleEntry::Video { width, height, decoder } => {
                (tkhd.width, tkhd.height) = ((*width).into(), (*height).into());
                minf.vmhd = Some(Vmhd::default());
                (visual_entry(*width, *height, decoder), b"vide", "repcast video")
            }
            SampleEntry::Audio { sample_rate, config } => {
                (tkhd.volume, minf.smhd) = (1.into(), Some(Smhd::default()));
                (mp4a(*sample_rate, config).into(), b"soun", "repcast audio")
            }
        };
        // An empty location means that the media are in this file.
        minf.dinf = Dinf { dref: Dref { entries: vec![Url::default().into()] } };
        minf.stbl = Stbl { stsd: Stsd { codecs: vec![codec] }, ..tables };
        let mdhd =
            Mdhd { timescale: self.timescale, duration: media_duration, language: "und".to_owned(), ..Mdhd::default() };
        let hdlr = Hdlr { handler: FourCC::new(handler), name: name.to_owned() };
        // The edits wait for the first sample, and skip the composition time before it (8.6.6), where there is any.
        let edts = (media_start > 0 || movie_delay > 0).then(|| {
            let entry = |segment_duration, media_time| ElstEntry { segment_duration, media_time, media_rate: 1.into() };
            let empty = (movie_delay > 0).then(|| entry(movie_delay, None));
            let entries = empty.into_iter().chain([entry(movie_duration, Some(media_start))]).collect();
            Edts { elst: Some(Elst { entries }) }
        });
        Trak { tkhd, edts, mdia: Mdia { mdhd, hdlr, minf }, ..Trak::default() }
    }

    /// What the fragments of the track take for granted.
    pub(crate) fn trex(&self) -> Trex {
        Trex {
            track_id: self.id.get(),
            default_sample_description_index: 1,
            default_sample_duration: self.sample_ticks,
            default_sample_size: 0,
            default_sample_flags: self.default_flags(),
        }
    }

    /// Ticks of this track in ticks of the movie, rounded to nearest where the movie's are coarser.
    pub(crate) fn in_movie(&self, ticks: u64, movie_timescale: u32) -> u64 {
        let (own, movie) = (u128::from(self.timescale.max(1)), u128::from(movie_timescale));
        u64::try_from((u128::from(ticks) * movie + own / 2) / own).unwrap_or(u64::MAX)
    }
}

impl SampleEntry {
    fn video(size: Size, decoder: Decoder) -> Result<Self, MuxError> {
        let side = |what, pixels: u32| {
            let side = u16::try_from(pixels).ok().filter(|&side| side > 0);
            side.ok_or_else(|| MuxError::Unrepresentable { what, value: pixels.to_string() })
        };
        let (width, height) = (side("the width", size.width)?, side("the height", size.height)?);
        Ok(Self::Video { width, height, decoder })
    }

    fn audio(config: &AacConfig) -> Result<Self, MuxError> {
        check_aac(config)?;
        let too_high = |_| MuxError::Unrepresentable { what: "the sample rate", value: config.sample_rate.to_string() };
        Ok(Self::Audio { sample_rate: u16::try_from(config.sample_rate).map_err(too_high)?, config: config.clone() })
    }
}

/// Ticks of a frame at the usual rate: those of the timebase where the track counts in it, else the nearest.
fn frame_ticks(track: &Track, rate: FrameRate) -> Result<u32, MuxError> {
    let timebase = Timebase::new(rate)?;
    if timebase.timescale == track.timescale {
        return Ok(timebase.frame_ticks);
    }
    let ticks = u64::from(timebase.frame_ticks) * u64::from(track.timescale) / u64::from(timebase.timescale.max(1));
    Ok(u32::try_from(ticks).unwrap_or(u32::MAX))
}

fn visual_entry(width: u16, height: u16, decoder: &Decoder) -> Codec {
    let visual = Visual { data_reference_index: 1, width, height, ..Visual::default() };
    // Players read color and pixel shape here where the stream's own VUI has none.
    let colr = Colr::Nclx {
        colour_primaries: BT709,
        transfer_characteristics: BT709,
        matrix_coefficients: BT709,
        full_range_flag: false,
    };
    let pasp = Pasp { h_spacing: 1, v_spacing: 1 };
    let (colr, pasp) = (Some(colr), Some(pasp));
    match decoder.clone() {
        Decoder::H264(avcc) => Avc1 { visual, avcc, colr, pasp, ..Avc1::default() }.into(),
        Decoder::H265(hvcc) => Hvc1 { visual, hvcc, colr, pasp, ..Hvc1::default() }.into(),
    }
}

/// The sample entry of ISO/IEC 14496-14, 5.6. Bit rates and the decoder's buffer are left unknown, as 0.
fn mp4a(sample_rate: u16, config: &AacConfig) -> Mp4a {
    let audio = Audio {
        data_reference_index: 1,
        channel_count: config.channels,
        sample_size: 16,
        sample_rate: sample_rate.into(),
    };
    let dec_config = DecoderConfig {
        object_type_indication: AAC_OBJECT_TYPE,
        stream_type: AUDIO_STREAM,
        dec_specific: Some(DecoderSpecific { raw: config.audio_specific_config.clone(), ..DecoderSpecific::default() }),
        ..DecoderConfig::default()
    };
    // The id is 0 in files (ISO/IEC 14496-14, 3.1.2).
    let es_desc = EsDescriptor {
        es_id: 0,
        depends_on_es_id: None,
        url: None,
        ocr_es_id: None,
        stream_priority: 0,
        dec_config,
        sl_config: SLConfig::default(),
    };
    Mp4a { audio, esds: Esds { es_desc }, btrt: None, taic: None }
}
