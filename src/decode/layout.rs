//! From GStreamer's description of a raw frame to a [`PixelLayout`].

use gst_video::{VideoColorMatrix, VideoColorRange, VideoFormat};
use gstreamer_video as gst_video;

use crate::color::{Matrix, Range};
use crate::media::{ColorModel, Component, PixelLayout};

/// The raw formats that are uploaded as they are; anything else is converted to one of them by GStreamer.
pub(super) const FORMATS: [VideoFormat; 40] = [
    VideoFormat::Argb,
    VideoFormat::Bgra,
    VideoFormat::Rgba,
    VideoFormat::Abgr,
    VideoFormat::Xrgb,
    VideoFormat::Rgbx,
    VideoFormat::Bgrx,
    VideoFormat::Xbgr,
    VideoFormat::Rgb,
    VideoFormat::Bgr,
    VideoFormat::A420,
    VideoFormat::A42010le,
    VideoFormat::A42210le,
    VideoFormat::A44410le,
    VideoFormat::Ayuv,
    VideoFormat::I420,
    VideoFormat::Yv12,
    VideoFormat::Nv12,
    VideoFormat::Nv21,
    VideoFormat::Nv16,
    VideoFormat::Y41b,
    VideoFormat::Y42b,
    VideoFormat::Y444,
    VideoFormat::I42010le,
    VideoFormat::I42210le,
    VideoFormat::Y44410le,
    VideoFormat::I42012le,
    VideoFormat::I42212le,
    VideoFormat::Y44412le,
    VideoFormat::Y44416le,
    VideoFormat::Gray8,
    VideoFormat::Gray16Le,
    VideoFormat::Gbr,
    VideoFormat::Gbra,
    VideoFormat::Gbr10le,
    VideoFormat::Gbra10le,
    VideoFormat::Gbr12le,
    VideoFormat::Gbra12le,
    VideoFormat::Argb64Le,
    VideoFormat::Rgba64Le,
];

/// The layout of a frame in one of [`FORMATS`]; `is_full_range` is what its container says.
pub(super) fn pixel_layout(info: &gst_video::VideoInfo, is_full_range: bool) -> PixelLayout {
    let format = info.format_info();
    let count = format.n_components() as usize;
    let mut components = [Component::default(); 4];
    // GStreamer counts components as red, green, blue, alpha or luma, Cb, Cr, alpha, wherever they lie in memory.
    for (index, component) in components.iter_mut().enumerate().take(count) {
        *component = Component {
            plane: format.plane()[index] as u8,
            offset: format.poffset()[index] as u8,
            step: format.pixel_stride()[index] as u8,
            x_sub: format.w_sub()[index] as u8,
            y_sub: format.h_sub()[index] as u8,
        };
    }
    let range = match info.colorimetry().range() {
        VideoColorRange::Range0_255 => Range::Full,
        _ if is_full_range => Range::Full,
        _ => Range::Limited,
    };
    let model = if format.is_rgb() {
        ColorModel::Rgb
    } else if format.is_gray() {
        ColorModel::Gray(range)
    } else {
        ColorModel::Yuv(matrix(info), range)
    };
    PixelLayout {
        components,
        model,
        has_alpha: format.has_alpha(),
        depth: format.depth()[0] as u8,
        chroma_left: !matches!(info.chroma_site(), gst_video::VideoChromaSite::JPEG),
    }
}

fn matrix(info: &gst_video::VideoInfo) -> Matrix {
    match info.colorimetry().matrix() {
        VideoColorMatrix::Bt601 | VideoColorMatrix::Fcc => Matrix::Bt601,
        VideoColorMatrix::Bt709 => Matrix::Bt709,
        VideoColorMatrix::Bt2020 => Matrix::Bt2020,
        VideoColorMatrix::Smpte240m => Matrix::Smpte240m,
        // An untagged stream is taken as players take it: standard definition is BT.601, anything larger BT.709.
        _ if info.height() <= 576 => Matrix::Bt601,
        _ => Matrix::Bt709,
    }
}
