//! A shader and the pipelines made of it, one for each set of constants it has been needed with.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Names and values of a shader's `override` constants.
pub(super) type Constants = Vec<(&'static str, u32)>;

/// One shader. Its pipelines are made when they are first needed; a software driver takes a tenth of a second for one.
pub(super) struct Kernel {
    pub(super) layout: wgpu::BindGroupLayout,
    shared: Arc<Shared>,
}

/// A pipeline that somebody has had a use for.
enum Pipeline {
    /// Tiles that it could have drawn so far.
    Missed(u64),
    /// It is being made beside.
    Coming,
    Ready(wgpu::ComputePipeline),
}

impl Pipeline {
    fn ready(&self) -> Option<&wgpu::ComputePipeline> {
        match self {
            Self::Ready(pipeline) => Some(pipeline),
            Self::Missed(_) | Self::Coming => None,
        }
    }
}

/// Tiles for which it pays to make a pipeline of their own, which takes a software driver as long as drawing them.
const WORTH_TILES: u64 = 6000;

/// What the threads that make pipelines need.
struct Shared {
    device: wgpu::Device,
    label: &'static str,
    module: wgpu::ShaderModule,
    pipeline_layout: wgpu::PipelineLayout,
    pipelines: Mutex<HashMap<Constants, Pipeline>>,
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
        let known = self.shared.lock().get(constants).and_then(Pipeline::ready).cloned();
        // Two threads may make the same one; that costs time, and nothing else.
        known.unwrap_or_else(|| self.shared.make(constants))
    }

    /// Whether there is a pipeline for these constants, to draw so many tiles. Otherwise it is made beside, for the next
    /// time, once there have been enough of them.
    pub(super) fn is_ready(&self, constants: &Constants, tiles: u64) -> bool {
        {
            let mut pipelines = self.shared.lock();
            let known = pipelines.entry(constants.clone()).or_insert(Pipeline::Missed(0));
            match known {
                Pipeline::Ready(_) => return true,
                Pipeline::Coming => return false,
                Pipeline::Missed(missed) => {
                    *missed += tiles;
                    if *missed < WORTH_TILES {
                        return false;
                    }
                }
            }
            *known = Pipeline::Coming;
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
    fn lock(&self) -> MutexGuard<'_, HashMap<Constants, Pipeline>> {
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
        self.lock().insert(constants.clone(), Pipeline::Ready(pipeline.clone()));
        pipeline
    }
}
