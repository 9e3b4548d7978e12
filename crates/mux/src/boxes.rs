//! The boxes that files and fragments share (ISO/IEC 14496-12, sample entry by ISO/IEC 14496-15).
//!
//! ```text
//! moov
//!   mvhd             timescale of the video, so that movie and track durations are exact
//!   mvex trex        fragments only
//!   udta meta ilst   title
//!   trak
//!     tkhd
//!     mdia  mdhd, hdlr, minf
//!                         dinf, vmhd
//!                         stbl  stsd avc1  avcC, colr, pasp
//!                               tables (empty in fragments)
//!     edts elst      where decode order differs from presentation order (files only)
//! ```

use mp4_atom::{
    Any, Avc1, Avcc, Colr, Dinf, Dref, Edts, Elst, ElstEntry, Encode, FourCC, Hdlr, Mdhd, Mdia, Meta, Minf, Moov, Mvhd,
    Pasp, Stbl, Stsd, Tkhd, Trak, Udta, Url, Visual, Vmhd,
};

use super::PackageError;
use super::codec::parse_avcc;
use super::timebase::Timebase;
use repcast_media::StreamConfig;

/// The only track.
pub(crate) const TRACK_ID: u32 = 1;

/// Name of the track's handler, for people who look into the file.
const HANDLER_NAME: &str = "repcast video";

/// Code point of BT.709 for primaries, transfer and matrix alike (ITU-T H.273, tables 2, 3 and 4).
const BT709: u16 = 1;

/// A stream configuration in the terms of boxes, checked once.
#[derive(Clone, Debug)]
pub(crate) struct Video {
    /// Frames to ticks.
    pub(crate) timebase: Timebase,
    width: u16,
    height: u16,
    avcc: Avcc,
}

/// How long the track is shown, and from where in its media.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Presentation {
    /// Ticks shown; 0 where fragments will say.
    pub(crate) duration: u64,
    /// Ticks of composition time that lie before the first frame shown.
    pub(crate) media_start: u64,
}

impl Video {
    /// Checks a configuration.
    pub(crate) fn new(config: &StreamConfig) -> Result<Self, PackageError> {
        let side = |what, pixels: u32| {
            let side = u16::try_from(pixels).ok().filter(|&side| side > 0);
            side.ok_or_else(|| PackageError::Unrepresentable { what, value: pixels.to_string() })
        };
        Ok(Self {
            timebase: Timebase::new(config.rate)?,
            width: side("the width", config.size.width)?,
            height: side("the height", config.size.height)?,
            avcc: parse_avcc(&config.avcc)?,
        })
    }

    /// The movie box with one video track. The sample description of `tables` is filled in here.
    pub(crate) fn movie(
        &self,
        presentation: Presentation,
        tables: Stbl,
        title: Option<&str>,
    ) -> Result<Moov, PackageError> {
        let mvhd = Mvhd {
            timescale: self.timebase.timescale,
            duration: presentation.duration,
            rate: 1.into(),
            volume: 1.into(),
            next_track_id: TRACK_ID + 1,
            ..Mvhd::default()
        };
        let udta = title.map(title_box).transpose()?;
        Ok(Moov { mvhd, trak: vec![self.track(presentation, tables)], udta, ..Moov::default() })
    }

    fn track(&self, presentation: Presentation, tables: Stbl) -> Trak {
        let tkhd = Tkhd {
            track_id: TRACK_ID,
            duration: presentation.duration,
            enabled: true,
            in_movie: true,
            width: self.width.into(),
            height: self.height.into(),
            ..Tkhd::default()
        };
        let mdhd = Mdhd {
            timescale: self.timebase.timescale,
            duration: presentation.duration,
            language: "und".to_owned(),
            ..Mdhd::default()
        };
        let hdlr = Hdlr { handler: FourCC::new(b"vide"), name: HANDLER_NAME.to_owned() };
        // An empty location means that the media lie in this very file.
        let dinf = Dinf { dref: Dref { entries: vec![Url::default().into()] } };
        let stbl = Stbl { stsd: Stsd { codecs: vec![self.sample_entry().into()] }, ..tables };
        let minf = Minf { vmhd: Some(Vmhd::default()), dinf, stbl, ..Minf::default() };
        Trak { tkhd, edts: edit(presentation), mdia: Mdia { mdhd, hdlr, minf }, ..Trak::default() }
    }

    fn sample_entry(&self) -> Avc1 {
        let visual = Visual { data_reference_index: 1, width: self.width, height: self.height, ..Visual::default() };
        // Players take color and pixel shape from here where the stream's own VUI is silent.
        let colr = Colr::Nclx {
            colour_primaries: BT709,
            transfer_characteristics: BT709,
            matrix_coefficients: BT709,
            full_range_flag: false,
        };
        let pasp = Pasp { h_spacing: 1, v_spacing: 1 };
        Avc1 { visual, avcc: self.avcc.clone(), colr: Some(colr), pasp: Some(pasp), ..Avc1::default() }
    }
}

/// The edit that skips the composition time before the first frame (8.6.6), where there is any.
fn edit(presentation: Presentation) -> Option<Edts> {
    let Presentation { duration, media_start } = presentation;
    (media_start > 0).then(|| {
        let entry = ElstEntry { segment_duration: duration, media_time: Some(media_start), media_rate: 1.into() };
        Edts { elst: Some(Elst { entries: vec![entry] }) }
    })
}

/// The title as players read it: an iTunes item list inside a `meta` box of handler `mdir`.
///
/// The box library has no `©nam` item, so the list is built from plain boxes. The item's value is a `data` box: four
/// bytes of type (1 is UTF-8), four of locale (0 is any), then the text.
fn title_box(title: &str) -> Result<Udta, PackageError> {
    let mut value = vec![0, 0, 0, 1, 0, 0, 0, 0];
    value.extend_from_slice(title.as_bytes());
    let data = encode(&Any::Unknown(FourCC::new(b"data"), value))?;
    let name = encode(&Any::Unknown(FourCC::new(b"\xa9nam"), data))?;
    let hdlr = Hdlr { handler: FourCC::new(b"mdir"), name: String::new() };
    let meta = Meta { hdlr, items: vec![Any::Unknown(FourCC::new(b"ilst"), name)] };
    Ok(Udta { meta: Some(meta), ..Udta::default() })
}

/// The bytes of a box.
pub(crate) fn encode(atom: &impl Encode) -> Result<Vec<u8>, PackageError> {
    let mut bytes = Vec::new();
    atom.encode(&mut bytes)?;
    Ok(bytes)
}
