//! Textures: surfaces that kernels read, and targets that layers are blended into.

use super::GpuContext;
use crate::tiles::content_id::ClipColors;
use repcast_media::{ClipFrame, ColorModel, PixelRect};
use repcast_model::clip::AlphaMode;
use repcast_model::color::Colorimetry;
use repcast_model::geometry::Size;

/// Order of the components in a texel; the values are those of `shaders/shared/texels.wgsl`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Order {
    Rgba = 0,
    Argb = 1,
    Bgra = 2,
    Abgr = 3,
}

/// Meaning of a texel's alpha; the values are those of `shaders/shared/texels.wgsl`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Alpha {
    Premultiplied = 0,
    Straight = 1,
    Absent = 2,
}

/// Format of a surface's texels. Packed frames are uploaded as they are, and kernels convert what they read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Texels {
    order: Order,
    alpha: Alpha,
}

impl Texels {
    /// Premultiplied RGBA: the output of kernels and of the text engine.
    pub(crate) const PREMULTIPLIED: Self = Self { order: Order::Rgba, alpha: Alpha::Premultiplied };

    /// The texels of a frame with four bytes a pixel in the colors of the canvas; `None` for any other layout, and for a clip
    /// with a chroma key, which is unpacked whatever its layout.
    pub(crate) fn of_packed(frame: &ClipFrame, (alpha, key): ClipColors) -> Option<Self> {
        if key.is_some() {
            return None;
        }
        let layout = &frame.layout;
        let has_canvas_color = layout.model == ColorModel::Rgb && layout.colorimetry == Colorimetry::CANVAS;
        let is_packed = has_canvas_color && layout.depth == 8 && frame.planes.len() == 1;
        if !is_packed || layout.components[..3].iter().any(|component| component.step != 4) {
            return None;
        }
        // A layout without alpha has an unused byte in its place.
        let order = match [0, 1, 2].map(|index| layout.components[index].offset) {
            [0, 1, 2] => Order::Rgba,
            [1, 2, 3] => Order::Argb,
            [2, 1, 0] => Order::Bgra,
            [3, 2, 1] => Order::Abgr,
            _ => return None,
        };
        let alpha = match alpha {
            _ if !layout.has_alpha => Alpha::Absent,
            AlphaMode::Straight => Alpha::Straight,
            AlphaMode::Premultiplied => Alpha::Premultiplied,
        };
        Some(Self { order, alpha })
    }

    /// The texels of a frame's surface: its own if it is packed, those of the unpack kernel otherwise.
    pub(crate) fn of(frame: &ClipFrame, colors: ClipColors) -> Self {
        Self::of_packed(frame, colors).unwrap_or(Self::PREMULTIPLIED)
    }

    /// The value of the shaders' `TEXELS` constants.
    pub(crate) const fn code(self) -> u32 {
        self.order as u32 | (self.alpha as u32) << 2
    }
}

/// A texture of four bytes a pixel that kernels read.
#[derive(Clone, Debug)]
pub(crate) struct Surface {
    pub(crate) size: Size,
    pub(crate) texture: wgpu::Texture,
    pub(crate) view: wgpu::TextureView,
}

impl Surface {
    pub(crate) fn new(context: &GpuContext, size: Size, label: &str) -> Self {
        let usage =
            wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::STORAGE_BINDING | wgpu::TextureUsages::COPY_DST;
        Self::with_usage(context, size, label, usage)
    }

    /// A surface that text is rendered into.
    pub(crate) fn for_rendering(context: &GpuContext, size: Size, label: &str) -> Self {
        let usage = wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::TEXTURE_BINDING;
        Self::with_usage(context, size, label, usage)
    }

    /// Uploads the visible part of a packed frame. The upload precedes every later submission.
    pub(crate) fn of_packed(context: &GpuContext, frame: &ClipFrame, label: &str) -> Self {
        let surface = Self::new(context, frame.size, label);
        let PixelRect { x, y, width, height } = frame.upload_rect();
        if width > 0 {
            let rows = frame.rows(0, frame.upload_rect());
            let mut bytes = Vec::with_capacity(rows.row_bytes * rows.count);
            rows.iter().for_each(|row| bytes.extend_from_slice(row));
            let row_bytes = Some(rows.row_bytes as u32);
            let layout = wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: row_bytes, rows_per_image: None };
            let target =
                wgpu::TexelCopyTextureInfo { origin: wgpu::Origin3d { x, y, z: 0 }, ..surface.texture.as_image_copy() };
            let extent = wgpu::Extent3d { width, height, depth_or_array_layers: 1 };
            context.queue.write_texture(target, &bytes, layout, extent);
        }
        surface
    }

    fn with_usage(context: &GpuContext, size: Size, label: &str, usage: wgpu::TextureUsages) -> Self {
        let texture = texture(context, size, label, wgpu::TextureFormat::Rgba8Unorm, usage);
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        Self { size, texture, view }
    }
}

/// A canvas that layers are blended into. They are blended in place as packed integers, the only format that a WebGPU
/// kernel both reads and writes, with packing that WGSL defines to the bit; composites read the resolved surface.
#[derive(Clone, Debug)]
pub(crate) struct BlendTarget {
    pub(crate) packed: wgpu::TextureView,
    pub(crate) resolved: Surface,
}

impl BlendTarget {
    /// A canvas that is blended in `scratch`. Several can share it: tiles are resolved before another canvas is
    /// blended.
    pub(crate) fn new(context: &GpuContext, scratch: &wgpu::TextureView, size: Size, label: &str) -> Self {
        Self { packed: scratch.clone(), resolved: Surface::new(context, size, label) }
    }

    /// A texture that canvases of this size are blended in.
    pub(crate) fn scratch(context: &GpuContext, size: Size) -> wgpu::TextureView {
        let usage = wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::STORAGE_BINDING;
        let packed = texture(context, size, "scratch", wgpu::TextureFormat::R32Uint, usage);
        packed.create_view(&wgpu::TextureViewDescriptor::default())
    }
}

fn texture(
    context: &GpuContext,
    size: Size,
    label: &str,
    format: wgpu::TextureFormat,
    usage: wgpu::TextureUsages,
) -> wgpu::Texture {
    context.device.create_texture(&wgpu::TextureDescriptor {
        label: Some(label),
        size: wgpu::Extent3d { width: size.width, height: size.height, depth_or_array_layers: 1 },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format,
        usage,
        view_formats: &[],
    })
}
