//! Where a window's pixels go: a GPU swapchain, or shared memory when the CPU draws.
//!
//! A software driver presents while it holds the queue that the compositors need, so a display that is slow, remote or
//! hung would block them. Therefore the window reads its pixels back and hands them to the display itself.

mod shared_memory;
mod swapchain;

use std::sync::Arc;

use winit::dpi::PhysicalSize;
use winit::window::Window;

use repcast_compositor::{Gpu, GpuError};

use shared_memory::SharedMemory;
use swapchain::Swapchain;

/// The format of shared memory, and the preferred one of swapchains. Not an sRGB format: its bytes are sRGB values already.
const PREFERRED_FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Bgra8Unorm;

/// Why a frame was not presented.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum PresentError {
    /// A retry may succeed.
    Retry,
    /// The target has to be created again.
    Lost,
}

/// Presents textures in a window.
pub(crate) enum PresentTarget {
    Swapchain(Swapchain),
    SharedMemory(Box<SharedMemory>),
}

/// The texture to draw the next frame into.
pub(crate) enum TargetTexture {
    Swapchain(wgpu::SurfaceTexture),
    SharedMemory(wgpu::Texture),
}

impl TargetTexture {
    pub(crate) fn texture(&self) -> &wgpu::Texture {
        match self {
            Self::Swapchain(surface) => &surface.texture,
            Self::SharedMemory(texture) => texture,
        }
    }
}

impl PresentTarget {
    pub(crate) fn new(gpu: &Arc<Gpu>, window: &Arc<Window>) -> Result<Self, GpuError> {
        if gpu.is_software() {
            return SharedMemory::new(window).map(|memory| Self::SharedMemory(Box::new(memory)));
        }
        Swapchain::new(gpu, window).map(Self::Swapchain)
    }

    pub(crate) fn format(&self) -> wgpu::TextureFormat {
        match self {
            Self::Swapchain(swapchain) => swapchain.format(),
            Self::SharedMemory(_) => PREFERRED_FORMAT,
        }
    }

    /// The texture for the next frame, of the window's size in pixels.
    pub(crate) fn acquire(&mut self, gpu: &Arc<Gpu>, size: PhysicalSize<u32>) -> Result<TargetTexture, PresentError> {
        if size.width == 0 || size.height == 0 {
            return Err(PresentError::Retry);
        }
        match self {
            Self::Swapchain(swapchain) => swapchain.acquire(gpu, size).map(TargetTexture::Swapchain),
            Self::SharedMemory(memory) => Ok(TargetTexture::SharedMemory(memory.acquire(gpu, size))),
        }
    }

    /// Encodes what must follow the drawing in the same submission.
    pub(crate) fn encode(&self, encoder: &mut wgpu::CommandEncoder) {
        if let Self::SharedMemory(memory) = self {
            memory.encode(encoder);
        }
    }

    /// Presents a texture whose drawing has been submitted.
    pub(crate) fn present(
        &mut self,
        gpu: &Arc<Gpu>,
        texture: TargetTexture,
        submission: wgpu::SubmissionIndex,
    ) -> Result<(), PresentError> {
        match (self, texture) {
            (Self::SharedMemory(memory), _) => memory.present(gpu, submission),
            (_, TargetTexture::Swapchain(surface)) => {
                gpu.queue().present(surface);
                let _ = gpu.device().poll(wgpu::PollType::Poll);
                Ok(())
            }
            _ => Err(PresentError::Lost),
        }
    }
}
