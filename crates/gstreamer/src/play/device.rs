//! The pipeline of one device.

use std::time::Duration;

use gst::prelude::*;
use gstreamer as gst;
use gstreamer_app as gst_app;

use crate::pcm::stereo_caps;
use crate::stopper::{PipelineOwner, stop};
use repcast_media::{AudioOutput, AudioOutputError, Stereo};
use repcast_model::audio::SAMPLE_RATE;

/// Sound that waits for the device, in nanoseconds: more than is given to it ahead of its time. Of a device that stalls, the
/// oldest is dropped.
const QUEUED_NANOS: u64 = 500_000_000;

/// Bytes of a sample of both channels.
const SAMPLE_BYTES: usize = 8;

/// The latency until the sink has stated its own: what it is asked to buffer.
const ASSUMED_LATENCY: Duration = Duration::from_millis(50);

/// Nanoseconds by which samples may be off the end of those before and still follow them: what a busy machine takes from the
/// caller's look at the clock to the one here.
const CONTIGUOUS_NANOS: u64 = 10_000_000;

/// A device that plays.
pub(super) struct Device {
    pipeline: gst::Pipeline,
    source: gst_app::AppSrc,
    bus: gst::Bus,
    owner: PipelineOwner,
    latency: Duration,
    /// Running time at which the samples so far end, in nanoseconds.
    end: Option<u64>,
}

impl Device {
    /// Starts the pipeline of an opened sink.
    pub(super) fn start(sink: gst::Element) -> Result<Self, AudioOutputError> {
        let failed = |error: &dyn std::fmt::Display| AudioOutputError::Failed(error.to_string());
        let make = |name: &str| gst::ElementFactory::make(name).build().map_err(|error| failed(&error));
        let caps = stereo_caps(Some(SAMPLE_RATE));
        let source = gst_app::AppSrc::builder().caps(&caps).format(gst::Format::Time).is_live(true).build();
        source.set_property("max-bytes", 0_u64);
        source.set_property("max-time", QUEUED_NANOS);
        source.set_property_from_str("leaky-type", "downstream");
        let (convert, resample) = (make("audioconvert")?, make("audioresample")?);
        let pipeline = gst::Pipeline::new();
        let elements = [source.upcast_ref(), &convert, &resample, &sink];
        pipeline.add_many(elements).map_err(|error| failed(&error))?;
        gst::Element::link_many(elements).map_err(|error| failed(&error))?;
        pipeline.use_clock(Some(&gst::SystemClock::obtain()));
        let bus = pipeline.bus().ok_or_else(|| failed(&"a pipeline without a bus"))?;
        let owner = PipelineOwner::new();
        let device = Self { pipeline, source, bus, owner, latency: ASSUMED_LATENCY, end: None };
        device.pipeline.set_state(gst::State::Playing).map_err(|error| failed(&error))?;
        Ok(device)
    }

    /// Handles the messages of the pipeline.
    fn poll(&mut self) -> Result<(), AudioOutputError> {
        let types = [gst::MessageType::Error, gst::MessageType::Latency, gst::MessageType::AsyncDone];
        while let Some(message) = self.bus.pop_filtered(&types) {
            match message.view() {
                gst::MessageView::Error(error) => return Err(AudioOutputError::Failed(error.error().to_string())),
                _ => self.read_latency(),
            }
        }
        Ok(())
    }

    /// The sink states its latency once it knows the device's buffer.
    fn read_latency(&mut self) {
        let _ = self.pipeline.recalculate_latency();
        let mut query = gst::query::Latency::new();
        if self.pipeline.query(&mut query) {
            self.latency = query.result().1.into();
        }
    }
}

impl AudioOutput for Device {
    fn latency(&self) -> Duration {
        self.latency
    }

    fn play(&mut self, samples: &[Stereo], heard_in: Duration) -> Result<(), AudioOutputError> {
        self.poll()?;
        let Some(now) = self.pipeline.current_running_time() else { return Ok(()) };
        let wanted = (now.nseconds() + heard_in.as_nanos() as u64).checked_sub(self.latency.as_nanos() as u64);
        let Some(wanted) = wanted else { return Ok(()) };
        // The time stamps of samples that follow each other add up exactly.
        let start = self.end.filter(|end| end.abs_diff(wanted) < CONTIGUOUS_NANOS);
        let nanos = samples.len() as u64 * 1_000_000_000 / u64::from(SAMPLE_RATE);
        let mut bytes = Vec::with_capacity(samples.len() * SAMPLE_BYTES);
        samples.iter().flatten().for_each(|value| bytes.extend_from_slice(&value.to_le_bytes()));
        let mut buffer = gst::Buffer::from_mut_slice(bytes);
        if let Some(buffer) = buffer.get_mut() {
            buffer.set_pts(gst::ClockTime::from_nseconds(start.unwrap_or(wanted)));
            buffer.set_duration(gst::ClockTime::from_nseconds(nanos));
            if start.is_none() {
                buffer.set_flags(gst::BufferFlags::DISCONT | gst::BufferFlags::RESYNC);
            }
        }
        self.end = Some(start.unwrap_or(wanted) + nanos);
        match self.source.push_buffer(buffer) {
            Ok(_) => Ok(()),
            Err(error) => {
                self.poll()?;
                Err(AudioOutputError::Failed(error.to_string()))
            }
        }
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        stop(&self.pipeline, &[], self.owner, Duration::ZERO);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Condvar, Mutex};
    use std::time::Instant;

    use super::*;
    use crate::play::SoundDevices;
    use repcast_media::AudioOutputs as _;

    /// Samples whose values are their numbers.
    fn numbered(from: usize, count: usize) -> Vec<Stereo> {
        (from..from + count).map(|index| [index as f32 / 1e6, -(index as f32) / 1e6]).collect()
    }

    #[test]
    fn samples_reach_the_sink_unchanged_and_with_their_times() {
        gst::init().unwrap();
        let sink = gst_app::AppSink::builder().sync(false).build();
        let mut device = Device::start(sink.clone().upcast()).unwrap();
        let start = Instant::now() + device.latency() + Duration::from_millis(100);
        for index in 0..10 {
            let at = start + Duration::from_millis(10) * index;
            device.play(&numbered(index as usize * 480, 480), at.saturating_duration_since(Instant::now())).unwrap();
        }
        let mut found = Vec::new();
        let mut times = Vec::new();
        while found.len() < 4800 {
            let sample = sink.try_pull_sample(gst::ClockTime::from_seconds(60)).unwrap();
            let buffer = sample.buffer().unwrap();
            times.push(buffer.pts().unwrap().nseconds());
            let bytes = buffer.map_readable().unwrap();
            let values = bytes.chunks_exact(4).map(|value| f32::from_le_bytes(value.try_into().unwrap()));
            found.extend(values.collect::<Vec<_>>().chunks_exact(2).map(|pair| [pair[0], pair[1]]));
        }
        assert_eq!(found, numbered(0, 4800));
        // In one piece, unless the machine was too busy between two calls.
        assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= 10_000_000), "{times:?}");
        // The first is heard at least 100 ms after the pipeline has started.
        assert!(times[0] >= 100_000_000, "{times:?}");
    }

    #[test]
    fn a_sink_that_never_returns_blocks_no_call() {
        gst::init().unwrap();
        let gate = Arc::new((Mutex::new(false), Condvar::new()));
        let sink = gst::ElementFactory::make("fakesink").build().unwrap();
        let held = gate.clone();
        sink.static_pad("sink").unwrap().add_probe(gst::PadProbeType::BUFFER, move |_, _| {
            drop(held.1.wait_while(held.0.lock().unwrap(), |is_open| !*is_open));
            gst::PadProbeReturn::Ok
        });
        let mut device = Device::start(sink).unwrap();
        // More than a minute of sound, of which half a second is kept.
        (0..8000).for_each(|_| device.play(&[[0.0; 2]; 480], Duration::from_millis(100)).unwrap());
        assert!(device.source.property::<u64>("current-level-time") <= QUEUED_NANOS + 10_000_000);
        let owner = device.owner;
        drop(device);
        *gate.0.lock().unwrap() = true;
        gate.1.notify_all();
        while owner.has_stopping_for(Duration::ZERO) {
            assert!(!owner.has_stopping_for(Duration::from_secs(60)), "it does not stop");
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_sink_that_fails_in_the_middle_is_an_error() {
        gst::init().unwrap();
        let bin = gst::parse::bin_from_description("identity error-after=3 ! fakesink", true).unwrap();
        let mut device = Device::start(bin.upcast()).unwrap();
        let failed = (0..100_000).find_map(|_| {
            std::thread::yield_now();
            device.play(&[[0.0; 2]; 48], Duration::from_millis(100)).err()
        });
        assert!(matches!(failed, Some(AudioOutputError::Failed(_))), "{failed:?}");
    }

    #[test]
    fn an_element_that_does_not_exist_is_no_device() {
        let opened = SoundDevices::element("nosuchsink").open();
        assert!(matches!(opened.err(), Some(AudioOutputError::Missing)));
        assert!(SoundDevices::element("fakesink").open().is_ok());
    }
}
