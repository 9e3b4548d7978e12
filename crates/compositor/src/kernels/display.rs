//! The kernel that converts a composited frame for a display; see `shaders/display.wgsl`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::include::shader;
use crate::device::GpuContext;

pub(crate) const SHADER: &str = shader!("display");

mod gpu_data {
    /// `Params` of `display.wgsl`.
    #[repr(C)]
    #[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
    pub(crate) struct DisplayParams {
        pub(crate) size: [u32; 2],
        pub(crate) stride: u32,
        pub(crate) tile: u32,
        pub(crate) shown: [f32; 2],
        pub(crate) shrink: [f32; 2],
    }
}

pub(crate) use gpu_data::DisplayParams;

/// Samples per pixel in each direction; `None` at the size of the frame.
pub(crate) type Sampling = Option<u32>;

type Pipelines = HashMap<(wgpu::TextureFormat, Sampling), Arc<OnceLock<wgpu::RenderPipeline>>>;

/// The kernel, which all displays of a device share.
pub(crate) struct DisplayKernel {
    module: wgpu::ShaderModule,
    pub(crate) layout: wgpu::BindGroupLayout,
    pipeline_layout: wgpu::PipelineLayout,
    /// The lock is not held while a pipeline is compiled.
    pipelines: Mutex<Pipelines>,
}

impl DisplayKernel {
    pub(crate) fn new(context: &GpuContext) -> Self {
        let device = &context.device;
        let label = Some("display");
        let source = wgpu::ShaderSource::Wgsl(SHADER.into());
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor { label, source });
        let entry = |binding, visibility, ty| wgpu::BindGroupLayoutEntry {
            binding,
            visibility,
            ty: wgpu::BindingType::Buffer { ty, has_dynamic_offset: false, min_binding_size: None },
            count: None,
        };
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label,
            entries: &[
                entry(0, wgpu::ShaderStages::VERTEX_FRAGMENT, wgpu::BufferBindingType::Uniform),
                entry(1, wgpu::ShaderStages::FRAGMENT, wgpu::BufferBindingType::Storage { read_only: true }),
            ],
        });
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label,
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        Self { module, layout, pipeline_layout, pipelines: Mutex::default() }
    }

    /// The pipeline for a target format and a sampling, compiled now if necessary.
    pub(crate) fn pipeline(
        &self,
        context: &GpuContext,
        format: wgpu::TextureFormat,
        sampling: Sampling,
    ) -> wgpu::RenderPipeline {
        let compiled = {
            // A panic while the lock is held leaves complete entries.
            let mut pipelines = self.pipelines.lock().unwrap_or_else(PoisonError::into_inner);
            pipelines.entry((format, sampling)).or_default().clone()
        };
        compiled.get_or_init(|| self.compile(&context.device, format, sampling)).clone()
    }

    fn compile(&self, device: &wgpu::Device, format: wgpu::TextureFormat, sampling: Sampling) -> wgpu::RenderPipeline {
        // The number of samples is a constant, so that no loop remains: Mesa's llvmpipe leaks memory in loops.
        let constants =
            [("IS_EXACT", f64::from(u8::from(sampling.is_none()))), ("TAPS", f64::from(sampling.unwrap_or(1)))];
        let compilation_options = wgpu::PipelineCompilationOptions { constants: &constants, ..Default::default() };
        let tiles = wgpu::VertexBufferLayout {
            array_stride: 4,
            step_mode: wgpu::VertexStepMode::Instance,
            attributes: &wgpu::vertex_attr_array![0 => Uint32],
        };
        device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
            label: Some("display"),
            layout: Some(&self.pipeline_layout),
            vertex: wgpu::VertexState {
                module: &self.module,
                entry_point: Some("corner"),
                compilation_options: compilation_options.clone(),
                buffers: &[Some(tiles)],
            },
            primitive: wgpu::PrimitiveState {
                topology: wgpu::PrimitiveTopology::TriangleStrip,
                ..wgpu::PrimitiveState::default()
            },
            depth_stencil: None,
            multisample: wgpu::MultisampleState::default(),
            fragment: Some(wgpu::FragmentState {
                module: &self.module,
                entry_point: Some("main"),
                compilation_options,
                targets: &[Some(format.into())],
            }),
            multiview_mask: None,
            cache: None,
        })
    }
}
