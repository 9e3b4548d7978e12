//! Premultiplied RGBA pixels on the GPU, packed into one 32-bit integer each.
//!
//! Integers, because WebGPU lets a kernel read and write such a texture in place, and because WGSL defines their packing
//! to the bit, so that every driver draws the same.

use crate::geometry::Size;

/// A texture of packed pixels.
#[derive(Clone, Debug)]
pub(super) struct Surface {
    pub(super) size: Size,
    pub(super) view: wgpu::TextureView,
}

impl Surface {
    pub(super) fn new(device: &wgpu::Device, size: Size, label: &str) -> Self {
        let texture = device.create_texture(&wgpu::TextureDescriptor {
            label: Some(label),
            size: wgpu::Extent3d { width: size.width, height: size.height, depth_or_array_layers: 1 },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: wgpu::TextureFormat::R32Uint,
            usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::STORAGE_BINDING,
            view_formats: &[],
        });
        Self { size, view: texture.create_view(&wgpu::TextureViewDescriptor::default()) }
    }
}

/// The layout entry of a surface that is read.
pub(super) fn read_entry(binding: u32) -> wgpu::BindGroupLayoutEntry {
    entry(
        binding,
        wgpu::BindingType::Texture {
            sample_type: wgpu::TextureSampleType::Uint,
            view_dimension: wgpu::TextureViewDimension::D2,
            multisampled: false,
        },
    )
}

/// The layout entry of a surface that is written.
pub(super) fn write_entry(binding: u32, access: wgpu::StorageTextureAccess) -> wgpu::BindGroupLayoutEntry {
    let format = wgpu::TextureFormat::R32Uint;
    entry(binding, wgpu::BindingType::StorageTexture { access, format, view_dimension: wgpu::TextureViewDimension::D2 })
}

/// The layout entry of a buffer.
pub(super) fn buffer_entry(binding: u32, ty: wgpu::BufferBindingType) -> wgpu::BindGroupLayoutEntry {
    entry(binding, wgpu::BindingType::Buffer { ty, has_dynamic_offset: false, min_binding_size: None })
}

fn entry(binding: u32, ty: wgpu::BindingType) -> wgpu::BindGroupLayoutEntry {
    wgpu::BindGroupLayoutEntry { binding, visibility: wgpu::ShaderStages::COMPUTE, ty, count: None }
}
