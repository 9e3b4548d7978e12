//! One open graphics device with its queue and its faults.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::adapters::{instance, sorted_adapters};
use super::open_devices::OpenDevice;
use crate::error::GpuError;

/// The device that all sessions of a process share.
pub(crate) struct GpuContext {
    instance: wgpu::Instance,
    adapter: wgpu::Adapter,
    name: String,
    pub(crate) device: wgpu::Device,
    pub(crate) queue: wgpu::Queue,
    /// The first fault that the driver reported since the last [`Self::check`].
    fault: Arc<Mutex<Option<String>>>,
    /// Set when the driver has lost the device, which is final.
    is_lost: Arc<AtomicBool>,
    /// Dropped last.
    _open: OpenDevice,
}

impl GpuContext {
    /// Opens the preferred adapter, or the first whose name contains `requested`, ignoring case.
    ///
    /// # Errors
    /// When there is no such adapter, or its driver refuses to open it.
    pub(crate) fn open(requested: Option<&str>) -> Result<Self, GpuError> {
        let open = OpenDevice::count();
        let instance = instance();
        let adapter = choose_adapter(&instance, requested)?;
        let info = adapter.get_info();
        let name = info.name;
        let descriptor = wgpu::DeviceDescriptor {
            label: Some("repcast"),
            // Canvases and clips reach 7680 pixels a side, more than every adapter guarantees.
            required_limits: adapter.limits(),
            memory_hints: wgpu::MemoryHints::MemoryUsage,
            ..wgpu::DeviceDescriptor::default()
        };
        let (device, queue) = pollster::block_on(adapter.request_device(&descriptor))
            .map_err(|reason| GpuError::Unusable { name: name.clone(), reason })?;
        let fault = Arc::new(Mutex::new(None));
        let first_fault = fault.clone();
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            lock(&first_fault).get_or_insert(error.to_string());
        }));
        let is_lost = Arc::new(AtomicBool::new(false));
        let lost = is_lost.clone();
        device.set_device_lost_callback(move |reason, message| {
            // Dropping the device is reported here too.
            if reason != wgpu::DeviceLostReason::Destroyed {
                tracing::error!("the graphics device is lost: {message}");
                lost.store(true, Ordering::Relaxed);
            }
        });
        let driver = format!("{} {}", info.driver, info.driver_info);
        tracing::info!(adapter = name, driver = %driver.trim(), "the graphics device is open");
        Ok(Self { instance, adapter, name, device, queue, fault, is_lost, _open: open })
    }

    /// Whether the driver has lost the device; nothing can be drawn any more.
    pub(crate) fn is_lost(&self) -> bool {
        self.is_lost.load(Ordering::Relaxed)
    }

    /// The adapter's name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn adapter_info(&self) -> wgpu::AdapterInfo {
        self.adapter.get_info()
    }

    /// Creates a window's surface and returns its capabilities.
    pub(crate) fn surface<'window>(
        &self,
        window: impl Into<wgpu::SurfaceTarget<'window>>,
    ) -> Result<(wgpu::Surface<'window>, wgpu::SurfaceCapabilities), GpuError> {
        let surface = self.instance.create_surface(window)?;
        let capabilities = surface.get_capabilities(&self.adapter);
        Ok((surface, capabilities))
    }

    /// Runs `work` in error scopes of its own: its faults are returned here and are not seen by [`Self::check`].
    ///
    /// # Errors
    /// The first fault that the driver reported meanwhile.
    pub(crate) fn with_error_scope<T>(&self, work: impl FnOnce() -> T) -> Result<T, GpuError> {
        let filters = [wgpu::ErrorFilter::Internal, wgpu::ErrorFilter::OutOfMemory, wgpu::ErrorFilter::Validation];
        let scopes = filters.map(|filter| self.device.push_error_scope(filter));
        let result = work();
        let faults = scopes.into_iter().rev().map(|scope| pollster::block_on(scope.pop()));
        // Collected first, because every scope must be popped.
        match faults.collect::<Vec<_>>().into_iter().flatten().next() {
            None => Ok(result),
            Some(fault) => Err(GpuError::Device(fault.to_string())),
        }
    }

    /// Fails with the first fault that the driver has reported since the last call.
    pub(crate) fn check(&self) -> Result<(), GpuError> {
        lock(&self.fault).take().map_or(Ok(()), |fault| Err(GpuError::Device(fault)))
    }

    /// Injects a fault, as a driver would report one.
    #[cfg(test)]
    pub(crate) fn inject_fault(&self, fault: &str) {
        lock(&self.fault).get_or_insert(fault.to_owned());
    }
}

fn choose_adapter(instance: &wgpu::Instance, requested: Option<&str>) -> Result<wgpu::Adapter, GpuError> {
    let mut adapters = sorted_adapters(instance);
    let matches = |adapter: &wgpu::Adapter| {
        requested.is_none_or(|requested| adapter.get_info().name.to_lowercase().contains(&requested.to_lowercase()))
    };
    match (adapters.iter().position(matches), requested) {
        (Some(position), _) => Ok(adapters.swap_remove(position)),
        (None, Some(requested)) if !adapters.is_empty() => Err(GpuError::UnknownAdapter {
            requested: requested.to_owned(),
            available: adapters.iter().map(|adapter| adapter.get_info().name).collect(),
        }),
        _ => Err(GpuError::NoAdapter),
    }
}

fn lock(fault: &Mutex<Option<String>>) -> std::sync::MutexGuard<'_, Option<String>> {
    // A panic cannot leave an option half written.
    fault.lock().unwrap_or_else(PoisonError::into_inner)
}
