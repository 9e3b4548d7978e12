//! An encoder that keeps every picture that it is given: x264 in a bin, registered under the name of one that this machine
//! does not have.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gst::glib;
use gst::prelude::*;
use gst::subclass::prelude::*;
use gstreamer as gst;

/// The name under which it is registered.
pub(crate) const NAME: &str = "nvh264enc";

static PICTURES: Mutex<Vec<Arc<[u8]>>> = Mutex::new(Vec::new());

fn lock() -> MutexGuard<'static, Vec<Arc<[u8]>>> {
    PICTURES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How many pictures there are so far.
pub(crate) fn count() -> usize {
    lock().len()
}

/// The pictures behind the first `known`, in NV12 as they came. The encoder does not wait while they are looked at.
pub(crate) fn pictures_behind(known: usize) -> Vec<Arc<[u8]>> {
    lock()[known..].to_vec()
}

/// Registers it.
pub(crate) fn register() {
    gst::init().unwrap();
    assert!(gst::ElementFactory::find(NAME).is_none(), "this machine has a {NAME}; choose another name");
    gst::Element::register(None, NAME, gst::Rank::NONE, Recorder::static_type()).unwrap();
}

fn build(bin: &gst::Bin) {
    let encoder = gst::ElementFactory::make("x264enc")
        .property("key-int-max", 60_u32)
        .property("bframes", 0_u32)
        .property_from_str("speed-preset", "ultrafast")
        .property_from_str("tune", "zerolatency")
        .build()
        .unwrap();
    bin.add(&encoder).unwrap();
    for name in ["sink", "src"] {
        let pad = gst::GhostPad::with_target(&encoder.static_pad(name).unwrap()).unwrap();
        pad.set_active(true).unwrap();
        bin.add_pad(&pad).unwrap();
    }
    encoder.static_pad("sink").unwrap().add_probe(gst::PadProbeType::BUFFER, |_, info| {
        if let Some(buffer) = info.buffer() {
            let picture: Arc<[u8]> = Arc::from(&*buffer.map_readable().unwrap());
            lock().push(picture);
        }
        gst::PadProbeReturn::Ok
    });
}

mod inner {
    use super::*;

    #[derive(Default)]
    pub struct Inner;

    #[glib::object_subclass]
    impl ObjectSubclass for Inner {
        const NAME: &'static str = "RepcastRecorder";
        type Type = super::Recorder;
        type ParentType = gst::Bin;
    }

    impl ObjectImpl for Inner {
        fn constructed(&self) {
            self.parent_constructed();
            build(self.obj().upcast_ref());
        }
    }
    impl GstObjectImpl for Inner {}
    impl ElementImpl for Inner {
        fn metadata() -> Option<&'static gst::subclass::ElementMetadata> {
            static METADATA: std::sync::LazyLock<gst::subclass::ElementMetadata> = std::sync::LazyLock::new(|| {
                gst::subclass::ElementMetadata::new("Recorder", "Codec/Encoder/Video", "Keeps pictures", "repcast")
            });
            Some(&METADATA)
        }
    }
    impl BinImpl for Inner {}
}

glib::wrapper! {
    pub struct Recorder(ObjectSubclass<inner::Inner>) @extends gst::Bin, gst::Element, gst::Object;
}
