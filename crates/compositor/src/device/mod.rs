//! The device that every session of a process shares.

pub(crate) mod compile_queue;
pub(crate) mod driver_memory;
pub(crate) mod open_devices;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use glyphon::FontSystem;

use super::error::GpuError;
use super::text::{TextEngine, find_fonts};
use crate::device::open_devices::OpenDevice;
use crate::kernels::blend::BlendKernel;
use crate::kernels::composite::CompositeKernel;
use crate::kernels::kernel::Compiles;
use crate::kernels::resolve::ResolveKernel;
use crate::kernels::unpack::UnpackKernel;
use crate::layers::surface::Surface;
use crate::layers::weak_cache::Shared;
use crate::output::display::DisplayKernel;
use crate::tiles::shared_cache::Memories;
use crate::tiles::tile_cache::STORE_BYTES;
use repcast_media::FrameId;
use repcast_model::geometry::Size;

/// One graphics device with every kernel compiled.
pub struct Gpu {
    /// The first to be dropped: no thread is inside the driver when the device goes.
    pub(crate) compiles: Compiles,
    instance: wgpu::Instance,
    adapter: wgpu::Adapter,
    pub(crate) device: wgpu::Device,
    pub(crate) queue: wgpu::Queue,
    pub(crate) unpack: UnpackKernel,
    pub(crate) blend: BlendKernel,
    pub(crate) resolve: ResolveKernel,
    pub(crate) composite: CompositeKernel,
    /// Made when somebody looks for the first time.
    display: OnceLock<DisplayKernel>,
    /// Fonts and glyphs; shaping is rare, so that sessions can share them behind a lock.
    pub(crate) text: Mutex<TextEngine>,
    /// Bytes that compositors may still keep drawn tiles in.
    pub(crate) tile_budget: Arc<AtomicUsize>,
    pub(crate) memories: Memories,
    /// Where compositors blend, by the size of their canvas. The device does what is submitted one after the other, and
    /// whatever is submitted resolves all that it blends.
    pub(crate) scratches: Shared<Size, wgpu::TextureView>,
    /// Still pictures.
    pub(crate) images: Shared<FrameId, Surface>,
    /// What the driver reported as wrong since the last look.
    faults: Arc<Mutex<Option<String>>>,
    /// Set when the driver has taken the device away for good.
    lost: Arc<AtomicBool>,
    name: String,
    /// The last to be dropped.
    _open: OpenDevice,
}

/// An adapter as `doctor` shows it.
#[derive(Clone, Debug)]
pub struct AdapterSummary {
    /// Its name.
    pub name: String,
    /// Discrete, integrated, virtual or CPU.
    pub kind: String,
    /// Vulkan, Metal or Direct3D 12.
    pub backend: String,
    /// Driver and version.
    pub driver: String,
}

/// Every adapter of this machine, the best first.
#[must_use]
pub fn list_adapters() -> Vec<AdapterSummary> {
    sorted_adapters(&instance())
        .iter()
        .map(|adapter| {
            let info = adapter.get_info();
            AdapterSummary {
                name: info.name,
                kind: format!("{:?}", info.device_type),
                backend: info.backend.to_string(),
                driver: format!("{} {}", info.driver, info.driver_info).trim().to_owned(),
            }
        })
        .collect()
}

const BACKENDS: wgpu::Backends = wgpu::Backends::PRIMARY;

fn instance() -> wgpu::Instance {
    let backends = BACKENDS;
    wgpu::Instance::new(wgpu::InstanceDescriptor { backends, ..wgpu::InstanceDescriptor::new_without_display_handle() })
}

fn sorted_adapters(instance: &wgpu::Instance) -> Vec<wgpu::Adapter> {
    let mut adapters = pollster::block_on(instance.enumerate_adapters(BACKENDS));
    adapters.sort_by_key(|adapter| match adapter.get_info().device_type {
        wgpu::DeviceType::DiscreteGpu => 0,
        wgpu::DeviceType::IntegratedGpu => 1,
        wgpu::DeviceType::VirtualGpu => 2,
        wgpu::DeviceType::Other => 3,
        wgpu::DeviceType::Cpu => 4,
    });
    adapters
}

impl Gpu {
    /// Opens the best adapter, or the first whose name contains `wanted`, without regard to case.
    ///
    /// # Errors
    /// When there is none, or its driver refuses.
    pub fn open(wanted: Option<&str>) -> Result<Arc<Self>, GpuError> {
        std::thread::scope(|scope| {
            // Reading all fonts of the system takes as long as starting the driver.
            let fonts = scope.spawn(find_fonts);
            Self::with_fonts(wanted, || fonts.join().unwrap_or_else(|_| find_fonts()))
        })
    }

    fn with_fonts(wanted: Option<&str>, fonts: impl FnOnce() -> FontSystem) -> Result<Arc<Self>, GpuError> {
        let open = OpenDevice::count();
        let instance = instance();
        let adapters = sorted_adapters(&instance);
        let matches = |adapter: &&wgpu::Adapter| {
            wanted.is_none_or(|wanted| adapter.get_info().name.to_lowercase().contains(&wanted.to_lowercase()))
        };
        let Some(adapter) = adapters.iter().find(matches) else {
            return Err(match wanted {
                Some(wanted) if !adapters.is_empty() => GpuError::UnknownAdapter {
                    wanted: wanted.to_owned(),
                    available: adapters.iter().map(|adapter| adapter.get_info().name).collect(),
                },
                _ => GpuError::NoAdapter,
            });
        };
        let name = adapter.get_info().name;
        let descriptor = wgpu::DeviceDescriptor {
            label: Some("repcast"),
            // Canvases and clips reach 7680 pixels a side, beyond what is guaranteed everywhere.
            required_limits: adapter.limits(),
            memory_hints: wgpu::MemoryHints::MemoryUsage,
            ..wgpu::DeviceDescriptor::default()
        };
        let (device, queue) = pollster::block_on(adapter.request_device(&descriptor))
            .map_err(|error| GpuError::Unusable { name: name.clone(), reason: error.to_string() })?;
        let faults = Arc::new(Mutex::new(None));
        let heard = faults.clone();
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            if let Ok(mut fault) = heard.lock() {
                fault.get_or_insert(error.to_string());
            }
        }));
        let lost = Arc::new(AtomicBool::new(false));
        let taken = lost.clone();
        device.set_device_lost_callback(move |reason, message| {
            // Letting go of it ourselves is no loss.
            if reason != wgpu::DeviceLostReason::Destroyed {
                tracing::error!("the graphics device is lost: {message}");
                taken.store(true, Ordering::Relaxed);
            }
        });
        Ok(Arc::new(Self {
            unpack: UnpackKernel::new(&device),
            blend: BlendKernel::new(&device),
            resolve: ResolveKernel::new(&device),
            composite: CompositeKernel::new(&device),
            display: OnceLock::new(),
            text: Mutex::new(TextEngine::new(&device, &queue, fonts())),
            tile_budget: Arc::new(AtomicUsize::new(STORE_BYTES)),
            memories: Memories::default(),
            scratches: Shared::default(),
            images: Shared::default(),
            instance,
            adapter: adapter.clone(),
            device,
            queue,
            faults,
            lost,
            name,
            compiles: Compiles::new(),
            _open: open,
        }))
    }

    /// Whether the driver has taken the device away; nothing can be drawn any more.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Relaxed)
    }

    /// The adapter's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn display(&self) -> &DisplayKernel {
        self.display.get_or_init(|| DisplayKernel::new(&self.device))
    }

    /// Does something whose faults are its own: they are told to the caller, and no compositor hears of them.
    ///
    /// # Errors
    /// What the driver said against it.
    pub fn beside<T>(&self, work: impl FnOnce() -> T) -> Result<T, GpuError> {
        let filters = [wgpu::ErrorFilter::Internal, wgpu::ErrorFilter::OutOfMemory, wgpu::ErrorFilter::Validation];
        let scopes = filters.map(|filter| self.device.push_error_scope(filter));
        let result = work();
        let faults = scopes.into_iter().rev().map(|scope| pollster::block_on(scope.pop()));
        // All of them are taken back, whichever is told.
        match faults.collect::<Vec<_>>().into_iter().flatten().next() {
            None => Ok(result),
            Some(fault) => Err(GpuError::Device(fault.to_string())),
        }
    }

    /// Whether it draws on the CPU, whose time others want too.
    #[must_use]
    pub fn is_software(&self) -> bool {
        self.adapter.get_info().device_type == wgpu::DeviceType::Cpu
    }

    /// The device, for whoever draws beside the compositors.
    #[must_use]
    pub fn device(&self) -> &wgpu::Device {
        &self.device
    }

    /// The queue that all of them share.
    #[must_use]
    pub fn queue(&self) -> &wgpu::Queue {
        &self.queue
    }

    /// Makes a window's surface, and says what it can be.
    ///
    /// # Errors
    /// When the driver cannot draw into that window.
    pub fn surface<'window>(
        &self,
        window: impl Into<wgpu::SurfaceTarget<'window>>,
    ) -> Result<(wgpu::Surface<'window>, wgpu::SurfaceCapabilities), GpuError> {
        let surface = self.instance.create_surface(window).map_err(|error| GpuError::Device(error.to_string()))?;
        let capabilities = surface.get_capabilities(&self.adapter);
        Ok((surface, capabilities))
    }

    /// All of this machine that pictures depend on: the adapter with its driver, and the fonts.
    #[must_use]
    pub fn identity(&self) -> String {
        let info = self.adapter.get_info();
        let fonts = self.text.lock().map(|engine| engine.font_faces().collect::<Vec<_>>()).unwrap_or_default();
        format!("{} {} {} {:?} {fonts:?}", info.name, info.driver, info.driver_info, info.backend)
    }

    /// Names of the font families that text can be set in: ours and the system's.
    #[must_use]
    pub fn font_families(&self) -> Vec<String> {
        self.text.lock().map(|engine| engine.font_families()).unwrap_or_default()
    }

    /// Fails with what the driver has reported since the last call.
    pub(crate) fn check(&self) -> Result<(), GpuError> {
        match self.faults.lock().ok().and_then(|mut fault| fault.take()) {
            Some(fault) => Err(GpuError::Device(fault)),
            None => Ok(()),
        }
    }
}
