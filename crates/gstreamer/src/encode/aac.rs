//! AAC-LC from PCM, on the caller's thread: what is pushed comes back encoded from the same call.

use std::collections::VecDeque;
use std::ops::RangeInclusive;
use std::time::Duration;

use gst::prelude::*;
use gstreamer as gst;
use gstreamer_app as gst_app;

use super::EncodeError;
use super::element::make;
use super::pipeline::{RunningPipeline, bus_error};
use crate::pcm::stereo_caps;
use crate::plugin::plugin_of;
use crate::stall::StallTimer;
use repcast_media::{AAC_FRAME_SAMPLES, AacConfig, Sample, Stereo, Track, TrackId};
use repcast_model::audio::SAMPLE_RATE;

/// The name of the encoder's element.
pub const AAC_ENCODER: &str = "avenc_aac";

/// Bit rates that the encoder is given, in bit/s. Others are moved to the nearest: below, speech cannot be understood;
/// above, an access unit of stereo at 48 kHz would exceed its 6144 bits a channel (ISO/IEC 14496-3, 4.5.3.3).
pub const AAC_BIT_RATES: RangeInclusive<u32> = 16_000..=512_000;

/// Samples in an access unit.
const UNIT: usize = AAC_FRAME_SAMPLES as usize;

/// Access units that the encoder keeps until more is pushed: it looks one ahead.
const HELD_UNITS: u64 = 1;

/// Blocks that wait for the encoder. It is waited for after each, so that there is never more than one.
const QUEUED_BLOCKS: u64 = 2;

/// Encoded access units that wait to be received: those of one block, and what comes out at the end.
const QUEUED_UNITS: u32 = 8;

/// The AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1) of AAC-LC (object type 2) at 48 kHz (index 3) in stereo
/// (configuration 2): 00010 0011 0010 000.
const SPECIFIC_CONFIG: [u8; 2] = [0x11, 0x90];

/// Settings of an [`AacEncoder`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AacSettings {
    /// Bits per second of both channels together, in [`AAC_BIT_RATES`].
    pub bit_rate: u32,
    /// How long the encoder may deliver nothing before it counts as failed.
    pub stall_timeout: Duration,
}

impl Default for AacSettings {
    /// 192 kbit/s, and ten seconds: an access unit takes less than a millisecond, and the machine may be busy.
    fn default() -> Self {
        Self { bit_rate: 192_000, stall_timeout: Duration::from_secs(10) }
    }
}

/// Encodes stereo at 48 kHz as AAC-LC.
///
/// Access units have no header (no ADTS). Their bytes depend on the samples and the bit rate alone, not on how many samples
/// are pushed at a time. The encoder's delay of 1024 samples is before time 0.
pub struct AacEncoder {
    pipeline: RunningPipeline,
    settings: AacSettings,
    /// Samples that do not fill an access unit yet.
    partial: VecDeque<Stereo>,
    /// Samples pushed.
    samples: u64,
    /// Blocks given to the encoder.
    sent: u64,
    /// Access units received.
    received: u64,
}

impl AacEncoder {
    /// Starts an encoder.
    ///
    /// # Errors
    /// When an element is missing or does not start.
    pub fn start(settings: AacSettings) -> Result<Self, EncodeError> {
        gst::init().map_err(|error| failed(&error.to_string()))?;
        let caps = stereo_caps(Some(SAMPLE_RATE));
        let source =
            gst_app::AppSrc::builder().caps(&caps).format(gst::Format::Time).is_live(false).block(true).build();
        source.set_property("max-buffers", QUEUED_BLOCKS);
        source.set_property("max-bytes", 0_u64);
        let encoder = make(AAC_ENCODER)?;
        let bit_rate = settings.bit_rate.clamp(*AAC_BIT_RATES.start(), *AAC_BIT_RATES.end());
        encoder.set_property("bitrate", bit_rate as i32);
        // On by default, it forces every band into mid and side, which FFmpeg 5.1 encodes as left and right: each channel
        // is then heard on both sides.
        if encoder.has_property("aac-ms") {
            encoder.set_property("aac-ms", false);
        }
        let caps = gst::Caps::builder("audio/mpeg").field("mpegversion", 4_i32).field("stream-format", "raw").build();
        let sink = gst_app::AppSink::builder().caps(&caps).sync(false).max_buffers(QUEUED_UNITS).build();
        sink.set_property("enable-last-sample", false);
        let pipeline = gst::Pipeline::new();
        let elements = [source.upcast_ref(), &encoder, sink.upcast_ref()];
        pipeline.add_many(elements).map_err(|error| failed(&error.to_string()))?;
        gst::Element::link_many(elements).map_err(|error| failed(&error.to_string()))?;
        let pipeline = RunningPipeline::start(pipeline, &source, &sink, AAC_ENCODER)?;
        Ok(Self { pipeline, settings, partial: VecDeque::new(), samples: 0, sent: 0, received: 0 })
    }

    /// The track of its access units, whose tick is one sample.
    #[must_use]
    pub fn track() -> Track {
        let audio_specific_config = SPECIFIC_CONFIG.to_vec();
        Track::aac(AacConfig { sample_rate: SAMPLE_RATE, channels: 2, audio_specific_config })
    }

    /// Describes everything that determines the access units except the samples, for the keys of cached audio:
    /// `encoder avenc_aac plugin NAME VERSION`, a line feed, `bit-rate BIT_PER_S`, a line feed. The version of the FFmpeg
    /// library is not included: GStreamer does not report it.
    ///
    /// # Errors
    /// When the encoder is not installed.
    pub fn fingerprint(settings: AacSettings) -> Result<String, EncodeError> {
        gst::init().map_err(|error| failed(&error.to_string()))?;
        let factory =
            gst::ElementFactory::find(AAC_ENCODER).ok_or_else(|| EncodeError::Missing(AAC_ENCODER.to_owned()))?;
        Ok(format!("encoder {AAC_ENCODER} plugin {}\nbit-rate {}\n", plugin_of(&factory), settings.bit_rate))
    }

    /// Encodes samples that follow those before, and returns the access units that are complete with them: all but the
    /// last whole one. Samples that are not finite are silence.
    ///
    /// # Errors
    /// When the encoder fails or stalls. It cannot be used after that.
    pub fn push(&mut self, samples: &[Stereo]) -> Result<Vec<Sample>, EncodeError> {
        let mut units = Vec::new();
        for block in samples.chunks(UNIT) {
            self.partial.extend(block);
            self.samples += block.len() as u64;
            if self.partial.len() >= UNIT {
                self.send()?;
                while self.sent - self.received > HELD_UNITS {
                    units.push(self.receive()?.ok_or_else(|| failed("it ended the stream before its input"))?);
                }
            }
        }
        Ok(units)
    }

    /// Encodes what is left, and returns the last access units. They end at or after the last sample; the duration of the
    /// last one ends with it.
    ///
    /// # Errors
    /// When the encoder fails or stalls.
    pub fn finish(mut self) -> Result<Vec<Sample>, EncodeError> {
        if self.samples == 0 {
            return Ok(Vec::new());
        }
        if !self.partial.is_empty() {
            self.partial.resize(UNIT, [0.0; 2]);
            self.send()?;
        }
        self.pipeline.source.end_of_stream().map_err(|_| EncodeError::Stopped)?;
        let mut units = Vec::new();
        while let Some(unit) = self.receive()? {
            units.push(unit);
        }
        let end = self.samples as i64;
        let end_of = |unit: &Sample| unit.pts + i64::from(unit.duration);
        // An encoder that flushes more than its delay must not make the track longer.
        while units.last().is_some_and(|unit| unit.pts >= end) {
            units.pop();
        }
        match units.last_mut() {
            Some(last) if end_of(last) >= end => {
                last.duration = u32::try_from(end - last.pts).unwrap_or(AAC_FRAME_SAMPLES);
                Ok(units)
            }
            _ => Err(failed("it ended the stream before its input")),
        }
    }

    /// Gives the encoder the samples of one access unit.
    fn send(&mut self) -> Result<(), EncodeError> {
        let samples = self.partial.drain(..UNIT).flatten();
        let bytes = samples.flat_map(|sample| if sample.is_finite() { sample } else { 0.0 }.to_le_bytes());
        let mut buffer = gst::Buffer::from_slice(bytes.collect::<Vec<u8>>());
        if let Some(buffer) = buffer.get_mut() {
            let nanos = |unit: u64| {
                let nanos = u128::from(unit) * UNIT as u128 * 1_000_000_000 / u128::from(SAMPLE_RATE);
                gst::ClockTime::from_nseconds(nanos as u64)
            };
            buffer.set_pts(nanos(self.sent));
            buffer.set_duration(nanos(self.sent + 1) - nanos(self.sent));
        }
        if self.pipeline.source.push_buffer(buffer).is_err() {
            let reason = bus_error(&self.pipeline.bus);
            return Err(reason.map_or(EncodeError::Stopped, |reason| failed(&reason)));
        }
        self.sent += 1;
        Ok(())
    }

    /// The next access unit, or `None` at the end. Waits for the encoder.
    fn receive(&mut self) -> Result<Option<Sample>, EncodeError> {
        let result = self.next_unit();
        if result.is_err() {
            self.pipeline.stop_detached();
        }
        result
    }

    fn next_unit(&mut self) -> Result<Option<Sample>, EncodeError> {
        let mut stall = StallTimer::new(self.settings.stall_timeout);
        loop {
            if let Some(sample) = stall.poll(|timeout| self.pipeline.sink.try_pull_sample(timeout)) {
                return self.unit(&sample).map(Some);
            }
            if let Some(reason) = bus_error(&self.pipeline.bus) {
                return Err(failed(&reason));
            }
            if self.pipeline.sink.is_eos() {
                return Ok(None);
            }
            if stall.is_expired() {
                return Err(failed(&format!(
                    "nothing came out for {:.1} s",
                    self.settings.stall_timeout.as_secs_f32()
                )));
            }
        }
    }

    fn unit(&mut self, sample: &gst::Sample) -> Result<Sample, EncodeError> {
        if self.received == 0 && !sample.caps().is_some_and(has_expected_config) {
            return Err(failed("its stream is not AAC-LC in stereo at 48 kHz"));
        }
        let buffer = sample.buffer().ok_or_else(|| failed("an empty sample"))?;
        let data = buffer.map_readable().map_err(|_| failed("an access unit that cannot be read"))?.to_vec();
        if data.is_empty() {
            return Err(failed("it delivered an empty access unit"));
        }
        let dts = self.received * UNIT as u64;
        self.received += 1;
        let pts = dts as i64 - UNIT as i64;
        Ok(Sample { track: TrackId::AUDIO, dts, pts, duration: AAC_FRAME_SAMPLES, is_sync: true, data })
    }
}

/// Whether the AudioSpecificConfig in the caps of an encoded stream begins as expected. An extension that denies SBR may
/// follow.
fn has_expected_config(caps: &gst::CapsRef) -> bool {
    let buffer = caps.structure(0).and_then(|format| format.get::<gst::Buffer>("codec_data").ok());
    let config = buffer.as_ref().and_then(|buffer| buffer.map_readable().ok());
    // The last three bits of the second byte are flags that the encoder does not set.
    config.is_some_and(|config| config.starts_with(&SPECIFIC_CONFIG))
}

fn failed(reason: &str) -> EncodeError {
    EncodeError::Failed { encoder: AAC_ENCODER.to_owned(), reason: reason.to_owned() }
}

#[cfg(test)]
mod tests;
