//! Pixels on the GPU: surfaces that are read, canvases that are blended in place.

use crate::device::Gpu;
use repcast_media::{ClipFrame, ColorModel, PixelRect};
use repcast_model::clip::AlphaMode;
use repcast_model::color::Colorimetry;
use repcast_model::geometry::Size;

/// Order of the components in a texel; the numbers are those of the shaders.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Order {
    Rgba = 0,
    Argb = 1,
    Bgra = 2,
    Abgr = 3,
}

/// What a texel's alpha means; the numbers are those of the shaders.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Alpha {
    Premultiplied = 0,
    Straight = 1,
    Absent = 2,
}

/// What the texels of a surface are, so that packed frames need not be rewritten before they are read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Texels {
    order: Order,
    alpha: Alpha,
}

impl Texels {
    /// Premultiplied RGBA: what the kernels and the text engine write.
    pub(crate) const PREMULTIPLIED: Self = Self { order: Order::Rgba, alpha: Alpha::Premultiplied };

    /// The texels of a frame whose pixels are four bytes in some order, or `None` for any other layout.
    pub(crate) fn of_packed(frame: &ClipFrame, alpha: AlphaMode) -> Option<Self> {
        let layout = &frame.layout;
        let is_of_canvas = layout.model == ColorModel::Rgb && layout.colorimetry == Colorimetry::CANVAS;
        let packed = is_of_canvas && layout.depth == 8 && frame.planes.len() == 1;
        if !packed || layout.components[..3].iter().any(|component| component.step != 4) {
            return None;
        }
        // Where there is no alpha its byte is the one that the colors leave.
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

    /// What a surface holds of a frame: its own texels where they are packed, and what they are unpacked to otherwise.
    pub(crate) fn of(frame: &ClipFrame, alpha: AlphaMode) -> Self {
        Self::of_packed(frame, alpha).unwrap_or(Self::PREMULTIPLIED)
    }

    /// The number that the shaders take.
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
    pub(crate) fn new(device: &wgpu::Device, size: Size, label: &str) -> Self {
        let usage =
            wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::STORAGE_BINDING | wgpu::TextureUsages::COPY_DST;
        Self::with_usage(device, size, label, usage)
    }

    /// A packed frame, all of it that is seen. It is there for whatever is submitted from now on.
    pub(crate) fn of_packed(gpu: &Gpu, frame: &ClipFrame, label: &str) -> Self {
        let surface = Self::new(&gpu.device, frame.size, label);
        let PixelRect { x, y, width, height } = frame.upload_rect();
        if width > 0 {
            let rows = frame.rows(0, frame.upload_rect());
            let mut bytes = Vec::with_capacity(rows.row_bytes * rows.count);
            rows.iter().for_each(|row| bytes.extend_from_slice(row));
            let row_bytes = Some(rows.row_bytes as u32);
            let layout = wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: row_bytes, rows_per_image: None };
            let place =
                wgpu::TexelCopyTextureInfo { origin: wgpu::Origin3d { x, y, z: 0 }, ..surface.texture.as_image_copy() };
            gpu.queue.write_texture(place, &bytes, layout, wgpu::Extent3d { width, height, depth_or_array_layers: 1 });
        }
        surface
    }

    pub(crate) fn with_usage(device: &wgpu::Device, size: Size, label: &str, usage: wgpu::TextureUsages) -> Self {
        let texture = texture(device, size, label, wgpu::TextureFormat::Rgba8Unorm, usage);
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        Self { size, texture, view }
    }
}

/// A canvas that layers are blended over in place, as packed integers: WebGPU lets a kernel read and write no other
/// texture, and WGSL defines their packing to the bit. Composites read the surface it is resolved to.
#[derive(Clone, Debug)]
pub(crate) struct Layered {
    pub(crate) packed: wgpu::TextureView,
    pub(crate) resolved: Surface,
}

impl Layered {
    /// A canvas that is blended in `scratch`, which several may have in common: what is blended there is resolved before
    /// anything else is.
    pub(crate) fn new(device: &wgpu::Device, scratch: &wgpu::TextureView, size: Size, label: &str) -> Self {
        Self { packed: scratch.clone(), resolved: Surface::new(device, size, label) }
    }

    /// Where canvases of this size are blended.
    pub(crate) fn scratch(device: &wgpu::Device, size: Size) -> wgpu::TextureView {
        let usage = wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::STORAGE_BINDING;
        let packed = texture(device, size, "scratch", wgpu::TextureFormat::R32Uint, usage);
        packed.create_view(&wgpu::TextureViewDescriptor::default())
    }
}

fn texture(
    device: &wgpu::Device,
    size: Size,
    label: &str,
    format: wgpu::TextureFormat,
    usage: wgpu::TextureUsages,
) -> wgpu::Texture {
    device.create_texture(&wgpu::TextureDescriptor {
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

/// What a kernel reads of a [`Surface`].
pub(crate) const SURFACE: wgpu::TextureSampleType = wgpu::TextureSampleType::Float { filterable: false };

/// The layout entry of a texture that is read.
pub(crate) fn read_entry(binding: u32, sample_type: wgpu::TextureSampleType) -> wgpu::BindGroupLayoutEntry {
    let view_dimension = wgpu::TextureViewDimension::D2;
    entry(binding, wgpu::BindingType::Texture { sample_type, view_dimension, multisampled: false })
}

/// The layout entry of a texture that is written.
pub(crate) fn write_entry(
    binding: u32,
    format: wgpu::TextureFormat,
    access: wgpu::StorageTextureAccess,
) -> wgpu::BindGroupLayoutEntry {
    entry(binding, wgpu::BindingType::StorageTexture { access, format, view_dimension: wgpu::TextureViewDimension::D2 })
}

/// The layout entry of a buffer.
pub(crate) fn buffer_entry(binding: u32, ty: wgpu::BufferBindingType) -> wgpu::BindGroupLayoutEntry {
    entry(binding, wgpu::BindingType::Buffer { ty, has_dynamic_offset: false, min_binding_size: None })
}

fn entry(binding: u32, ty: wgpu::BindingType) -> wgpu::BindGroupLayoutEntry {
    wgpu::BindGroupLayoutEntry { binding, visibility: wgpu::ShaderStages::COMPUTE, ty, count: None }
}
