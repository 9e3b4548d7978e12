//! Conversion of GStreamer's raw video formats to [`PixelLayout`]s.

use gst_video::VideoFormat;
use gstreamer_video as gst_video;

use super::color::VideoColor;
use repcast_media::{ColorModel, Component, PixelLayout};
use repcast_model::color::Matrix;

/// The raw formats that the compositor reads directly; GStreamer converts all others to one of these.
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

/// The layout of a frame in one of [`FORMATS`], whose samples have this color.
pub(super) fn pixel_layout(info: &gst_video::VideoInfo, color: &VideoColor) -> PixelLayout {
    let format = info.format_info();
    let count = format.n_components() as usize;
    let mut components = [Component::default(); 4];
    // GStreamer orders components as red, green, blue, alpha or luma, Cb, Cr, alpha, whatever their order in memory.
    for (index, component) in components.iter_mut().enumerate().take(count) {
        *component = Component {
            plane: format.plane()[index] as u8,
            offset: format.poffset()[index] as u8,
            step: format.pixel_stride()[index] as u8,
            x_sub: format.w_sub()[index] as u8,
            y_sub: format.h_sub()[index] as u8,
        };
    }
    let is_unsubsampled = components[..3].iter().all(|component| component.x_sub + component.y_sub == 0);
    let model = match color.matrix {
        _ if format.is_rgb() => ColorModel::Rgb,
        _ if format.is_gray() => ColorModel::Gray(color.range),
        None if is_unsubsampled => {
            // ITU-T H.273: the identity matrix codes green as luma, blue as Cb and red as Cr.
            components[..3].rotate_right(1);
            ColorModel::Rgb
        }
        matrix => ColorModel::Yuv(matrix.unwrap_or(Matrix::Bt709), color.range),
    };
    PixelLayout {
        components,
        model,
        colorimetry: color.colorimetry,
        has_alpha: format.has_alpha(),
        depth: format.depth()[0] as u8,
        chroma_left: !matches!(info.chroma_site(), gst_video::VideoChromaSite::JPEG),
    }
}
