//! Names and versions of plugins, for descriptions of an installation.

use gst::prelude::*;
use gstreamer as gst;

/// Name and version of the plugin that provides an element: `x264 1.22.0`.
pub(crate) fn plugin_of(factory: &gst::ElementFactory) -> String {
    factory
        .plugin()
        .map_or_else(|| "unknown".to_owned(), |plugin| format!("{} {}", plugin.plugin_name(), plugin.version()))
}
