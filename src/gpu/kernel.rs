//! A shader and the pipelines made of it, one for each set of constants it has been needed with.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// Names and values of a shader's `override` constants.
pub(super) type Constants = Vec<(&'static str, u32)>;

/// One shader. Its pipelines are made when they are first needed; a software driver takes a tenth of a second for one.
pub(super) struct Kernel {
    pub(super) layout: wgpu::BindGroupLayout,
    shared: Arc<Shared>,
}

/// A pipeline that somebody has had a use for.
#[derive(Default)]
struct Pipeline {
    /// Tiles that it could have drawn so far.
    missed: u64,
    /// Whoever makes it, others wait for the same.
    made: Arc<OnceLock<wgpu::ComputePipeline>>,
}

/// Tiles for which it pays to make a pipeline of their own, which takes a software driver as long as drawing them.
const WORTH_TILES: u64 = 2000;

/// What the threads that make pipelines need.
struct Shared {
    device: wgpu::Device,
    label: &'static str,
    source: fn(&Constants) -> Cow<'static, str>,
    /// What has been read of the source, by its text.
    modules: Mutex<HashMap<Cow<'static, str>, wgpu::ShaderModule>>,
    pipeline_layout: wgpu::PipelineLayout,
    pipelines: Mutex<HashMap<Constants, Pipeline>>,
    /// One at a time is made beside: whoever draws needs the machine too.
    making: Mutex<()>,
}

impl Kernel {
    /// A kernel of so many bindings, whose source may leave out what some constants do not need.
    pub(super) fn new(
        device: &wgpu::Device,
        label: &'static str,
        source: fn(&Constants) -> Cow<'static, str>,
        entries: &[wgpu::BindGroupLayoutEntry],
    ) -> Self {
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: Some(label), entries });
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some(label),
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        let device = device.clone();
        let (modules, pipelines, making) = (Mutex::default(), Mutex::default(), Mutex::default());
        let shared = Shared { device, label, source, modules, pipeline_layout, pipelines, making };
        Self { layout, shared: Arc::new(shared) }
    }

    /// The pipeline for these constants. Waits for it to be made.
    pub(super) fn pipeline(&self, constants: &Constants) -> wgpu::ComputePipeline {
        self.shared.make(constants)
    }

    /// Whether there is a pipeline for these constants, to draw so many tiles. Otherwise it is made beside, for the next
    /// time, once there have been enough of them.
    pub(super) fn is_ready(&self, constants: &Constants, tiles: u64) -> bool {
        {
            let mut pipelines = self.shared.lock();
            let Pipeline { missed, made } = pipelines.entry(constants.clone()).or_default();
            if made.get().is_some() {
                return true;
            }
            let was_worth = *missed >= WORTH_TILES;
            *missed = missed.saturating_add(tiles);
            if was_worth || *missed < WORTH_TILES {
                // It is being made by now, or not worth it yet.
                return false;
            }
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

/// Makes those of these pipelines that are missing, all cores at work: the first picture needs several.
pub(super) fn prepare<'a>(wanted: impl Iterator<Item = (&'a Kernel, &'a Constants)>) {
    let mut missing: Vec<(&Shared, &Constants)> = Vec::new();
    for (Kernel { shared, .. }, constants) in wanted {
        let is_known = missing.iter().any(|(known, its)| std::ptr::eq(*known, &**shared) && *its == constants);
        let is_made = || shared.lock().get(constants).is_some_and(|known| known.made.get().is_some());
        if !is_known && !is_made() {
            missing.push((shared, constants));
        }
    }
    if missing.is_empty() {
        return;
    }
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        let mut shares = missing.chunks(missing.len().div_ceil(cores).max(1));
        let own = shares.next();
        let make = |share: &[(&Shared, &Constants)]| {
            share.iter().for_each(|(shared, constants)| drop(shared.make(constants)));
        };
        for share in shares {
            // What cannot be made beside is made when it is used.
            let _ = std::thread::Builder::new().name("compile".to_owned()).spawn_scoped(scope, move || make(share));
        }
        own.into_iter().for_each(make);
    });
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, HashMap<Constants, Pipeline>> {
        // A map that was left by a panicking thread holds whole pipelines all the same.
        self.pipelines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn module(&self, constants: &Constants) -> wgpu::ShaderModule {
        let text = (self.source)(constants);
        let mut modules = self.modules.lock().unwrap_or_else(PoisonError::into_inner);
        let read = || {
            let source = wgpu::ShaderSource::Wgsl(text.clone());
            self.device.create_shader_module(wgpu::ShaderModuleDescriptor { label: Some(self.label), source })
        };
        modules.entry(text.clone()).or_insert_with(read).clone()
    }

    fn make(&self, constants: &Constants) -> wgpu::ComputePipeline {
        // It is nearly always known, and its name need not be copied then.
        let known = self.lock().get(constants).map(|known| known.made.clone());
        let made = known.unwrap_or_else(|| self.lock().entry(constants.clone()).or_default().made.clone());
        made.get_or_init(|| self.compile(constants)).clone()
    }

    fn compile(&self, constants: &Constants) -> wgpu::ComputePipeline {
        let values: Vec<(&str, f64)> = constants.iter().map(|(name, value)| (*name, f64::from(*value))).collect();
        self.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(self.label),
            layout: Some(&self.pipeline_layout),
            module: &self.module(constants),
            entry_point: Some("main"),
            compilation_options: wgpu::PipelineCompilationOptions { constants: &values, ..Default::default() },
            cache: None,
        })
    }
}
