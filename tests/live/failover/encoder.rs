//! A GStreamer element that encodes with x264 and then falls ill. It is registered under the names of encoders that this
//! machine does not have.

use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};

use gst::glib;
use gst::prelude::*;
use gst::subclass::prelude::*;
use gstreamer as gst;

/// How long an encoder hangs: longer than a test takes.
const HANGING: std::time::Duration = std::time::Duration::from_secs(3600);

/// What it does then.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Ill {
    /// Posts an error.
    Fails,
    /// Takes pictures and delivers nothing.
    Stalls,
    /// Delivers buffers of noise.
    ReturnsGarbage,
    /// Never comes back from a picture, as a driver does that waits for its card.
    Hangs,
    /// Says that there will be no more frames.
    Ends,
}

impl Ill {
    /// Frames that it delivers in good health: more than a trial asks for. One of them falls ill on a border of parts
    /// that is none of segments.
    fn healthy_frames(self) -> u64 {
        if self == Self::Fails { 105 } else { 100 }
    }
}

/// Registers one element for each name.
pub(crate) fn register_all(encoders: &[(&str, Ill)]) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        gst::init().unwrap();
        for (name, ill) in encoders {
            assert!(gst::ElementFactory::find(name).is_none(), "this machine has a {name}; choose another name");
            let kind = match ill {
                Ill::Fails => Failing::static_type(),
                Ill::Stalls => Stalling::static_type(),
                Ill::ReturnsGarbage => Garbling::static_type(),
                Ill::Hangs => Hanging::static_type(),
                Ill::Ends => Ending::static_type(),
            };
            gst::Element::register(None, name, gst::Rank::NONE, kind).unwrap();
        }
    });
}

/// Puts x264 into a bin whose source pad falls ill.
fn build(bin: &gst::Bin, ill: Ill) {
    let encoder = gst::ElementFactory::make("x264enc")
        .property("key-int-max", 60_u32)
        .property("bframes", 0_u32)
        .property_from_str("speed-preset", "veryfast")
        .property_from_str("tune", "zerolatency")
        .build()
        .unwrap();
    bin.add(&encoder).unwrap();
    for name in ["sink", "src"] {
        let pad = gst::GhostPad::with_target(&encoder.static_pad(name).unwrap()).unwrap();
        pad.set_active(true).unwrap();
        bin.add_pad(&pad).unwrap();
    }
    let delivered = AtomicU64::new(0);
    let bin = bin.downgrade();
    encoder.static_pad("src").unwrap().add_probe(gst::PadProbeType::BUFFER, move |pad, info| {
        if delivered.fetch_add(1, Ordering::Relaxed) < ill.healthy_frames() {
            return gst::PadProbeReturn::Ok;
        }
        match ill {
            Ill::Fails => {
                if let Some(bin) = bin.upgrade() {
                    gst::element_error!(bin, gst::StreamError::Encode, ["the driver is gone"]);
                }
                gst::PadProbeReturn::Drop
            }
            Ill::Stalls => gst::PadProbeReturn::Drop,
            Ill::Hangs => {
                std::thread::sleep(HANGING);
                gst::PadProbeReturn::Drop
            }
            Ill::Ends => {
                pad.push_event(gst::event::Eos::new());
                gst::PadProbeReturn::Drop
            }
            Ill::ReturnsGarbage => {
                if let Some(buffer) = info.buffer_mut() {
                    let mut noise = buffer.copy_deep().unwrap();
                    let writable = noise.get_mut().unwrap();
                    let mut map = writable.map_writable().unwrap();
                    // A sequence that repeats late and holds no start code.
                    let mut state = 1_u32;
                    for byte in map.iter_mut() {
                        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                        *byte = (state >> 24) as u8 | 1;
                    }
                    drop(map);
                    *buffer = noise;
                }
                gst::PadProbeReturn::Ok
            }
        }
    });
}

macro_rules! ill_encoder {
    ($wrapper:ident, $module:ident, $ill:expr) => {
        mod $module {
            use super::*;

            #[derive(Default)]
            pub struct Inner;

            #[glib::object_subclass]
            impl ObjectSubclass for Inner {
                const NAME: &'static str = concat!("Repcast", stringify!($wrapper));
                type Type = super::$wrapper;
                type ParentType = gst::Bin;
            }

            impl ObjectImpl for Inner {
                fn constructed(&self) {
                    self.parent_constructed();
                    build(self.obj().upcast_ref(), $ill);
                }
            }
            impl GstObjectImpl for Inner {}
            impl ElementImpl for Inner {
                fn metadata() -> Option<&'static gst::subclass::ElementMetadata> {
                    static METADATA: std::sync::LazyLock<gst::subclass::ElementMetadata> =
                        std::sync::LazyLock::new(|| {
                            gst::subclass::ElementMetadata::new(
                                "Ill encoder",
                                "Codec/Encoder/Video",
                                "Falls ill",
                                "repcast",
                            )
                        });
                    Some(&METADATA)
                }
            }
            impl BinImpl for Inner {}
        }
        glib::wrapper! {
            pub struct $wrapper(ObjectSubclass<$module::Inner>) @extends gst::Bin, gst::Element, gst::Object;
        }
    };
}

ill_encoder!(Failing, failing, Ill::Fails);
ill_encoder!(Stalling, stalling, Ill::Stalls);
ill_encoder!(Garbling, garbling, Ill::ReturnsGarbage);
ill_encoder!(Hanging, hanging, Ill::Hangs);
ill_encoder!(Ending, ending, Ill::Ends);
