//! The ladder: the sizes of a stream's renditions, such as `1080p,720p,480p`. Pure.

use repcast_model::geometry::Size;

/// The largest number of renditions of one stream.
const MAX_RUNGS: usize = 6;

/// The allowed lengths of a rung's shorter side.
const SIDES: std::ops::RangeInclusive<u32> = 144..=2160;

/// One size of a stream.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rung {
    /// Its name, which is also its folder in the stream's URLs: `720p`.
    pub name: String,
    /// Size in pixels.
    pub size: Size,
}

/// The shorter sides of a ladder, from the largest.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ladder(Vec<u32>);

impl Ladder {
    /// Reads names such as `1080p`, separated by commas.
    ///
    /// # Errors
    /// A message about the invalid name.
    pub fn parse(text: &str) -> Result<Self, String> {
        let side = |name: &str| {
            let side = name.trim().strip_suffix('p').and_then(|digits| digits.parse::<u32>().ok());
            side.filter(|side| SIDES.contains(side) && side % 2 == 0).ok_or_else(|| {
                format!("`{name}` is not a size; write the shorter side, even, from 144p to 2160p, such as 720p")
            })
        };
        let mut sides = text.split(',').map(side).collect::<Result<Vec<_>, _>>()?;
        sides.sort_unstable_by(|a, b| b.cmp(a));
        sides.dedup();
        if sides.len() > MAX_RUNGS {
            return Err(format!("a ladder has at most {MAX_RUNGS} sizes"));
        }
        Ok(Self(sides))
    }

    /// The rungs for a canvas: those not above its own size, or its own size alone when there are none.
    #[must_use]
    pub fn rungs(&self, canvas: Size) -> Vec<Rung> {
        let short = canvas.width.min(canvas.height);
        let rung = |side: u32| {
            // The other side is rounded to even, which 4:2:0 needs.
            let scaled = |length: u32| {
                let doubled = u64::from(length) * u64::from(side) + u64::from(short);
                (doubled / (2 * u64::from(short)) * 2) as u32
            };
            let size = if side == short {
                canvas
            } else {
                Size { width: scaled(canvas.width).max(2), height: scaled(canvas.height).max(2) }
            };
            Rung { name: format!("{side}p"), size }
        };
        let fitting: Vec<Rung> = self.0.iter().filter(|side| **side <= short).map(|side| rung(*side)).collect();
        if fitting.is_empty() { vec![rung(short)] } else { fitting }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(ladder: &str, width: u32, height: u32) -> Vec<(String, u32, u32)> {
        let rungs = Ladder::parse(ladder).unwrap().rungs(Size { width, height });
        rungs.into_iter().map(|rung| (rung.name, rung.size.width, rung.size.height)).collect()
    }

    #[test]
    fn rungs_keep_the_aspect_ratio_and_never_enlarge() {
        let expected = [("1080p", 1920, 1080), ("720p", 1280, 720), ("480p", 854, 480)];
        let expected = expected.map(|(name, width, height)| (name.to_owned(), width, height));
        assert_eq!(sizes("720p,1080p,480p,2160p,720p", 1920, 1080), expected);
        assert_eq!(sizes("360p", 1080, 1920), [("360p".to_owned(), 360, 640)]);
        assert_eq!(sizes("720p", 320, 180), [("180p".to_owned(), 320, 180)]);
        assert_eq!(
            Ladder::default().rungs(Size { width: 1281, height: 721 })[0].size,
            Size { width: 1281, height: 721 }
        );
    }

    #[test]
    fn invalid_sizes_are_rejected() {
        for text in ["", "720", "p", "721p", "100p", "4320p", "-2p", "720p,,480p", "2p,4p", "1p"] {
            assert!(Ladder::parse(text).is_err(), "{text}");
        }
        assert!(Ladder::parse("1080p,900p,720p,540p,480p,360p,240p").is_err());
    }
}
