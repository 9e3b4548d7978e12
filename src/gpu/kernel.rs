//! A shader and the pipelines made of it, one for each set of constants it has been needed with.

use std::collections::HashMap;
use std::sync::Mutex;

/// Names and values of a shader's `override` constants.
pub(super) type Constants = Vec<(&'static str, u32)>;

/// One shader. Its pipelines are made when they are first needed, which on a software driver takes a while.
pub(super) struct Kernel {
    label: &'static str,
    module: wgpu::ShaderModule,
    pipeline_layout: wgpu::PipelineLayout,
    pub(super) layout: wgpu::BindGroupLayout,
    pipelines: Mutex<HashMap<Constants, wgpu::ComputePipeline>>,
}

impl Kernel {
    pub(super) fn new(
        device: &wgpu::Device,
        label: &'static str,
        shader: &str,
        entries: &[wgpu::BindGroupLayoutEntry],
    ) -> Self {
        let source = wgpu::ShaderSource::Wgsl(shader.into());
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor { label: Some(label), source });
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: Some(label), entries });
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some(label),
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        Self { label, module, pipeline_layout, layout, pipelines: Mutex::default() }
    }

    /// The pipeline for these constants.
    pub(super) fn pipeline(&self, device: &wgpu::Device, constants: &Constants) -> wgpu::ComputePipeline {
        // A map that was left by a panicking thread holds whole pipelines all the same.
        let mut pipelines = self.pipelines.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(pipeline) = pipelines.get(constants) {
            return pipeline.clone();
        }
        let values: Vec<(&str, f64)> = constants.iter().map(|(name, value)| (*name, f64::from(*value))).collect();
        let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(self.label),
            layout: Some(&self.pipeline_layout),
            module: &self.module,
            entry_point: Some("main"),
            compilation_options: wgpu::PipelineCompilationOptions { constants: &values, ..Default::default() },
            cache: None,
        });
        pipelines.insert(constants.clone(), pipeline.clone());
        pipeline
    }
}
