//! The shape of a sound, for people to see.

use repcast_media::Stereo;

/// Peaks of a whole sound at most.
const MAX_PEAKS: usize = 512;

/// The highest sample of each part of a sound. The parts grow with the sound, so that their number stays between half of
/// [`MAX_PEAKS`] and all of it.
#[derive(Debug)]
pub(super) struct Waveform {
    peaks: Vec<f32>,
    /// Samples of a part.
    part: usize,
    /// Samples of the last part so far.
    filled: usize,
}

impl Default for Waveform {
    fn default() -> Self {
        Self { peaks: Vec::new(), part: 256, filled: 0 }
    }
}

impl Waveform {
    /// Adds the samples that follow.
    pub(super) fn add(&mut self, samples: &[Stereo]) {
        for [left, right] in samples {
            if self.filled == self.part || self.peaks.is_empty() {
                self.begin_part();
            }
            let level = left.abs().max(right.abs());
            if let Some(peak) = self.peaks.last_mut() {
                *peak = peak.max(level);
            }
            self.filled += 1;
        }
    }

    fn begin_part(&mut self) {
        self.filled = 0;
        if self.peaks.len() == MAX_PEAKS {
            self.peaks = self.peaks.chunks(2).map(|pair| pair.iter().copied().fold(0.0, f32::max)).collect();
            self.part *= 2;
        }
        self.peaks.push(0.0);
    }

    /// The peaks from 0 to 255, which is full scale.
    pub(super) fn peaks(&self) -> Vec<u8> {
        self.peaks.iter().map(|peak| (peak.clamp(0.0, 1.0) * 255.0).round() as u8).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_grow_with_the_sound_and_keep_its_peaks() {
        let mut waveform = Waveform::default();
        assert!(waveform.peaks().is_empty());
        let click = |at: usize| {
            let mut samples = vec![[0.0, 0.0]; 100_000];
            samples[at] = [0.1, -1.5];
            samples
        };
        waveform.add(&click(0));
        assert_eq!(waveform.peaks().len(), 391);
        (0..9).for_each(|_| waveform.add(&click(50_000)));
        let peaks = waveform.peaks();
        assert!((256..=512).contains(&peaks.len()), "{}", peaks.len());
        assert_eq!(peaks.iter().filter(|peak| **peak == 255).count(), 10);
        assert_eq!(peaks[0], 255);
    }
}
