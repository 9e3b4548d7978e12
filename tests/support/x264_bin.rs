//! GStreamer elements that encode with x264 and do something else besides, for registration under the names of hardware
//! encoders that this machine does not have.

use gst::prelude::*;
use gstreamer as gst;

/// Puts an x264 encoder with the pads of an encoder element into `bin`; returns the encoder.
pub(crate) fn add_x264(bin: &gst::Bin, preset: &str) -> gst::Element {
    let encoder = gst::ElementFactory::make("x264enc")
        .property("key-int-max", 60_u32)
        .property("bframes", 0_u32)
        .property_from_str("speed-preset", preset)
        .property_from_str("tune", "zerolatency")
        .build()
        .unwrap();
    bin.add(&encoder).unwrap();
    for name in ["sink", "src"] {
        let pad = gst::GhostPad::with_target(&encoder.static_pad(name).unwrap()).unwrap();
        pad.set_active(true).unwrap();
        bin.add_pad(&pad).unwrap();
    }
    encoder
}

/// Registers an element type under a name, which must not be that of an installed element.
pub(crate) fn register(name: &str, element: gst::glib::Type) {
    gst::init().unwrap();
    assert!(gst::ElementFactory::find(name).is_none(), "this machine has a {name}; choose another name");
    gst::Element::register(None, name, gst::Rank::NONE, element).unwrap();
}

/// Defines a bin that an encoder pipeline takes for an encoder; `$build` fills it.
macro_rules! encoder_bin {
    ($wrapper:ident, $module:ident, $description:expr, $build:expr) => {
        mod $module {
            use super::*;
            use gstreamer::glib;
            use gstreamer::subclass::prelude::*;

            #[derive(Default)]
            pub struct Inner;

            #[glib::object_subclass]
            impl ObjectSubclass for Inner {
                const NAME: &'static str = concat!("Repcast", stringify!($wrapper));
                type Type = super::$wrapper;
                type ParentType = gstreamer::Bin;
            }

            impl ObjectImpl for Inner {
                fn constructed(&self) {
                    self.parent_constructed();
                    let build: fn(&gstreamer::Bin) = $build;
                    build(self.obj().upcast_ref());
                }
            }
            impl GstObjectImpl for Inner {}
            impl ElementImpl for Inner {
                fn metadata() -> Option<&'static gstreamer::subclass::ElementMetadata> {
                    static METADATA: std::sync::LazyLock<gstreamer::subclass::ElementMetadata> =
                        std::sync::LazyLock::new(|| {
                            gstreamer::subclass::ElementMetadata::new(
                                stringify!($wrapper),
                                "Codec/Encoder/Video",
                                $description,
                                "repcast",
                            )
                        });
                    Some(&METADATA)
                }
            }
            impl BinImpl for Inner {}
        }
        gstreamer::glib::wrapper! {
            pub struct $wrapper(ObjectSubclass<$module::Inner>)
                @extends gstreamer::Bin, gstreamer::Element, gstreamer::Object;
        }
    };
}

pub(crate) use encoder_bin;
