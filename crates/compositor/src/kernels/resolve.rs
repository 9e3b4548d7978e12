//! The kernel that converts a blend target to the surface that composites read; see `shaders/resolve.wgsl`.

use super::bindings::{buffer_entry, read_entry, write_entry};
use super::include::shader;
use super::kernel::{Constants, Kernel};
use crate::device::GpuContext;

pub(crate) const SHADER: &str = shader!("resolve");

/// The shader has no constants.
pub(crate) static NO_CONSTANTS: Constants = Vec::new();

pub(crate) struct ResolveKernel {
    pub(crate) kernel: Kernel,
}

impl ResolveKernel {
    pub(crate) fn new(context: &GpuContext) -> Self {
        let entries = [
            buffer_entry(0, wgpu::BufferBindingType::Storage { read_only: true }),
            read_entry(1, wgpu::TextureSampleType::Uint),
            write_entry(2, wgpu::TextureFormat::Rgba8Unorm, wgpu::StorageTextureAccess::WriteOnly),
        ];
        Self { kernel: Kernel::new(context, "resolve", |_| SHADER.into(), &entries) }
    }

    pub(crate) fn encode(
        &self,
        context: &GpuContext,
        pass: &mut wgpu::ComputePass<'_>,
        tiles: wgpu::BindingResource<'_>,
        source: &wgpu::TextureView,
        target: &wgpu::TextureView,
        tile_count: u32,
    ) {
        let group = context.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("resolve"),
            layout: &self.kernel.layout,
            entries: &[
                wgpu::BindGroupEntry { binding: 0, resource: tiles },
                wgpu::BindGroupEntry { binding: 1, resource: wgpu::BindingResource::TextureView(source) },
                wgpu::BindGroupEntry { binding: 2, resource: wgpu::BindingResource::TextureView(target) },
            ],
        });
        pass.set_pipeline(&self.kernel.pipeline(&NO_CONSTANTS));
        pass.set_bind_group(0, &group, &[]);
        pass.dispatch_workgroups(tile_count, 1, 1);
    }
}
