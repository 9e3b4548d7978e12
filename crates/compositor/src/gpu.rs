//! The shared graphics device with its kernels, caches and text engine.

use std::sync::Arc;

use crate::caches::Caches;
use crate::device::GpuContext;
use crate::error::GpuError;
use crate::kernels::Kernels;
use crate::kernels::kernel::BackgroundCompiler;
use crate::text::{MissingGlyphs, ScriptCoverage, TextEngine, find_fonts};
use repcast_model::font::Font;

/// One graphics device for all sessions of a process.
pub struct Gpu {
    /// Dropped first: its thread is joined while the device is open.
    pub(crate) compiler: BackgroundCompiler,
    pub(crate) kernels: Kernels,
    pub(crate) caches: Caches,
    pub(crate) text: TextEngine,
    pub(crate) context: GpuContext,
}

impl Gpu {
    /// Opens the preferred adapter, or the first whose name contains `requested`, ignoring case.
    ///
    /// # Errors
    /// When there is no such adapter, or its driver refuses to open it.
    pub fn open(requested: Option<&str>) -> Result<Arc<Self>, GpuError> {
        std::thread::scope(|scope| {
            // Reading the fonts of the system takes as long as starting the driver.
            let fonts = scope.spawn(find_fonts);
            let context = GpuContext::open(requested)?;
            let kernels = Kernels::new(&context);
            let fonts = fonts.join().unwrap_or_else(|_| find_fonts());
            let (compiler, caches, text) =
                (BackgroundCompiler::new(), Caches::default(), TextEngine::new(&context, fonts));
            Ok(Arc::new(Self { compiler, kernels, caches, text, context }))
        })
    }

    /// Whether the driver has lost the device; nothing can be drawn any more.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.context.is_lost()
    }

    /// The adapter's name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.context.name()
    }

    /// Runs `work` in error scopes of its own: its faults are returned here and do not fail any compositor.
    ///
    /// # Errors
    /// The first fault that the driver reported meanwhile.
    pub fn with_error_scope<T>(&self, work: impl FnOnce() -> T) -> Result<T, GpuError> {
        self.context.with_error_scope(work)
    }

    /// Whether the adapter draws on the CPU, which competes with decoding and encoding.
    #[must_use]
    pub fn is_software(&self) -> bool {
        self.context.adapter_info().device_type == wgpu::DeviceType::Cpu
    }

    /// The device, for callers that draw a composited frame into a window.
    #[must_use]
    pub fn device(&self) -> &wgpu::Device {
        &self.context.device
    }

    /// The queue of the device.
    #[must_use]
    pub fn queue(&self) -> &wgpu::Queue {
        &self.context.queue
    }

    /// Creates a window's surface and returns its capabilities.
    ///
    /// # Errors
    /// When the driver cannot draw into that window.
    pub fn surface<'window>(
        &self,
        window: impl Into<wgpu::SurfaceTarget<'window>>,
    ) -> Result<(wgpu::Surface<'window>, wgpu::SurfaceCapabilities), GpuError> {
        self.context.surface(window)
    }

    /// Describes everything of this machine that frames depend on: the adapter with its driver, and the fonts. Two machines
    /// with the same adapter, driver and fonts return the same text.
    #[must_use]
    pub fn identity(&self) -> String {
        let info = self.context.adapter_info();
        let fonts = self.text.font_faces();
        let adapter = format!("{} {} {} {}", info.name, info.driver, info.driver_info, info.backend);
        [adapter].into_iter().chain(fonts).collect::<Vec<_>>().join("\n")
    }

    /// Names of the font families that text can be set in: the embedded ones and those of the system.
    #[must_use]
    pub fn font_families(&self) -> Vec<String> {
        self.text.font_families()
    }

    /// The characters of texts that neither the font of their document nor another has glyphs for, by script. They are drawn
    /// as a mark. The first call with a character that Inter lacks examines the fonts of the system, which takes as long as
    /// reading them.
    #[must_use]
    pub fn missing_glyphs<'a>(
        &self,
        texts: impl IntoIterator<Item = &'a str>,
        font: Option<&Font>,
    ) -> Vec<MissingGlyphs> {
        self.text.missing_glyphs(texts, font)
    }

    /// Whether texts in common scripts can be drawn.
    #[must_use]
    pub fn script_coverage(&self) -> Vec<ScriptCoverage> {
        self.text.script_coverage()
    }
}
