//! A shader and the pipelines made of it, one for each set of constants it has been needed with.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Names and values of a shader's `override` constants.
pub(super) type Constants = Vec<(&'static str, u32)>;

/// One shader. Its pipelines are made when they are first needed; a software driver takes a tenth of a second for one.
pub(super) struct Kernel {
    pub(super) layout: wgpu::BindGroupLayout,
    shared: Arc<Shared>,
}

/// What the threads that make pipelines need.
struct Shared {
    device: wgpu::Device,
    label: &'static str,
    module: wgpu::ShaderModule,
    pipeline_layout: wgpu::PipelineLayout,
    /// Nothing stands for one that is being made beside.
    pipelines: Mutex<HashMap<Constants, Option<wgpu::ComputePipeline>>>,
    /// One at a time is made beside: whoever draws needs the machine too.
    making: Mutex<()>,
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
        let device = device.clone();
        let (pipelines, making) = (Mutex::default(), Mutex::default());
        Self { layout, shared: Arc::new(Shared { device, label, module, pipeline_layout, pipelines, making }) }
    }

    /// The pipeline for these constants. Waits for it to be made.
    pub(super) fn pipeline(&self, constants: &Constants) -> wgpu::ComputePipeline {
        let known = self.shared.lock().get(constants).cloned().flatten();
        // Two threads may make the same one; that costs time, and nothing else.
        known.unwrap_or_else(|| self.shared.make(constants))
    }

    /// Whether there is a pipeline for these constants. Otherwise it is made beside, for the next time.
    pub(super) fn is_ready(&self, constants: &Constants) -> bool {
        match self.shared.lock().entry(constants.clone()) {
            Entry::Occupied(known) => return known.get().is_some(),
            Entry::Vacant(unknown) => drop(unknown.insert(None)),
        }
        let (shared, wanted) = (self.shared.clone(), constants.clone());
        let make = move || {
            let _turn = shared.making.lock();
            shared.make(&wanted);
        };
        let made = std::thread::Builder::new().name("compile".to_owned()).spawn(make);
        if made.is_err() {
            self.shared.make(constants);
        }
        made.is_err()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, HashMap<Constants, Option<wgpu::ComputePipeline>>> {
        // A map that was left by a panicking thread holds whole pipelines all the same.
        self.pipelines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn make(&self, constants: &Constants) -> wgpu::ComputePipeline {
        let values: Vec<(&str, f64)> = constants.iter().map(|(name, value)| (*name, f64::from(*value))).collect();
        let pipeline = self.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(self.label),
            layout: Some(&self.pipeline_layout),
            module: &self.module,
            entry_point: Some("main"),
            compilation_options: wgpu::PipelineCompilationOptions { constants: &values, ..Default::default() },
            cache: None,
        });
        self.lock().insert(constants.clone(), Some(pipeline.clone()));
        pipeline
    }
}
