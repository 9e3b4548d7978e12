//! Bind group layout entries of compute kernels.

/// How kernels sample a [`Surface`](crate::device::surface::Surface).
pub(crate) const SURFACE: wgpu::TextureSampleType = wgpu::TextureSampleType::Float { filterable: false };

/// A texture that is read.
pub(crate) fn read_entry(binding: u32, sample_type: wgpu::TextureSampleType) -> wgpu::BindGroupLayoutEntry {
    let view_dimension = wgpu::TextureViewDimension::D2;
    entry(binding, wgpu::BindingType::Texture { sample_type, view_dimension, multisampled: false })
}

/// A texture that is written.
pub(crate) fn write_entry(
    binding: u32,
    format: wgpu::TextureFormat,
    access: wgpu::StorageTextureAccess,
) -> wgpu::BindGroupLayoutEntry {
    entry(binding, wgpu::BindingType::StorageTexture { access, format, view_dimension: wgpu::TextureViewDimension::D2 })
}

/// A buffer.
pub(crate) fn buffer_entry(binding: u32, ty: wgpu::BufferBindingType) -> wgpu::BindGroupLayoutEntry {
    entry(binding, wgpu::BindingType::Buffer { ty, has_dynamic_offset: false, min_binding_size: None })
}

fn entry(binding: u32, ty: wgpu::BindingType) -> wgpu::BindGroupLayoutEntry {
    wgpu::BindGroupLayoutEntry { binding, visibility: wgpu::ShaderStages::COMPUTE, ty, count: None }
}
