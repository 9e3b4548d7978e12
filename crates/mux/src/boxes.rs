//! The boxes that files and fragments share (ISO/IEC 14496-12, sample entries by ISO/IEC 14496-14 and 14496-15).
//!
//! ```text
//! moov
//!   mvhd             timescale in which the durations of all tracks are exact
//!   mvex trex        fragments only, one per track
//!   udta meta ilst   title
//!   trak             one per track
//!     tkhd
//!     mdia  mdhd, hdlr, minf
//!                         dinf, vmhd or smhd
//!                         stbl  stsd avc1  avcC, colr, pasp
//!                                    mp4a  esds
//!                               tables (empty in fragments)
//!     edts elst      files only: where the first sample shown is not the first of the media, because frames are
//!                    reordered or the audio encoder has a delay, or where it is shown after the movie's start
//! ```

use mp4_atom::{Any, Encode, FourCC, Hdlr, Meta, Moov, Mvhd, Stbl, Udta};

use super::MuxError;
use super::track_box::{Presentation, TrackBox};

/// The movie box.
pub(crate) fn movie<'a>(
    tracks: impl Iterator<Item = (&'a TrackBox, Presentation, Stbl)> + Clone,
    title: Option<&str>,
) -> Result<Moov, MuxError> {
    let timescale = movie_timescale(tracks.clone().map(|(track, ..)| track.timescale));
    let durations =
        tracks.clone().map(|(track, shown, _)| track.in_movie(shown.delay.saturating_add(shown.duration), timescale));
    let next_track_id = tracks.clone().map(|(track, ..)| track.id.get()).max().unwrap_or(0).saturating_add(1);
    let mvhd = Mvhd {
        timescale,
        duration: durations.max().unwrap_or(0),
        rate: 1.into(),
        volume: 1.into(),
        next_track_id,
        ..Mvhd::default()
    };
    let udta = title.map(title_box).transpose()?;
    let trak = tracks.map(|(track, shown, tables)| track.trak(shown, timescale, tables)).collect();
    Ok(Moov { mvhd, trak, udta, ..Moov::default() })
}

/// The least common multiple of the tracks' timescales, so that an edit list ends at an exact audio sample; the finest of
/// them where that needs more than 32 bits.
fn movie_timescale(timescales: impl Iterator<Item = u32> + Clone) -> u32 {
    let common = timescales.clone().try_fold(1_u32, |common, timescale| {
        let mut divisors = (common, timescale.max(1));
        while divisors.1 > 0 {
            divisors = (divisors.1, divisors.0 % divisors.1);
        }
        common.checked_mul(timescale.max(1) / divisors.0)
    });
    common.or(timescales.max()).unwrap_or(1)
}

/// The title as players read it: an iTunes item list inside a `meta` box of handler `mdir`.
///
/// The box library has no `©nam` item, so the list is built from generic boxes. The item's value is a `data` box: four
/// bytes of type (1 is UTF-8), four of locale (0 is any), then the text.
fn title_box(title: &str) -> Result<Udta, MuxError> {
    let mut value = vec![0, 0, 0, 1, 0, 0, 0, 0];
    value.extend_from_slice(title.as_bytes());
    let data = encode(&Any::Unknown(FourCC::new(b"data"), value))?;
    let name = encode(&Any::Unknown(FourCC::new(b"\xa9nam"), data))?;
    let hdlr = Hdlr { handler: FourCC::new(b"mdir"), name: String::new() };
    let meta = Meta { hdlr, items: vec![Any::Unknown(FourCC::new(b"ilst"), name)] };
    Ok(Udta { meta: Some(meta), ..Udta::default() })
}

/// The bytes of a box.
pub(crate) fn encode(atom: &impl Encode) -> Result<Vec<u8>, MuxError> {
    let mut bytes = Vec::new();
    atom.encode(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_movie_counts_in_ticks_of_all_tracks() {
        let timescale = |tracks: &[u32]| movie_timescale(tracks.iter().copied());
        assert_eq!(timescale(&[15360]), 15360);
        assert_eq!(timescale(&[15360, 48_000]), 384_000);
        assert_eq!(timescale(&[30_000, 44_100]), 4_410_000);
        assert_eq!(timescale(&[4_294_967_291, 48_000]), 4_294_967_291);
    }
}
