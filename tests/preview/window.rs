//! The program's window as somebody before the screen knows it: looked at, typed into, pulled about.

use x11rb::protocol::xproto::{ConnectionExt, ImageFormat, MapState};

use super::display::Display;
use super::program::until;

/// Height of the bar below the picture.
pub(crate) const BAR: u16 = 116;

/// The bar's ground.
pub(crate) const PANEL: [u8; 3] = [15, 20, 31];

/// The ground of what lies over the picture for a while.
pub(crate) const CARD: [u8; 3] = [24, 31, 46];

/// A window.
pub(crate) struct Window<'a> {
    display: &'a Display,
    pub(crate) id: u32,
}

impl<'a> Window<'a> {
    /// Waits for the program's window.
    pub(crate) fn of(display: &'a Display) -> Self {
        let id = until("there is a window", || display.find().filter(|id| is_visible(display, *id)));
        Self { display, id }
    }

    /// Gives it the keyboard.
    pub(crate) fn focus(&self) {
        self.display.xdotool(&["windowactivate", &self.id.to_string()]);
        let focus = || self.display.connection.get_input_focus().unwrap().reply().unwrap().focus;
        until("the window has the keyboard", || (focus() == self.id).then_some(()));
    }

    /// Presses keys, one after the other.
    pub(crate) fn press(&self, keys: &[&str]) {
        self.focus();
        self.display.xdotool(&[&["key"], keys].concat());
    }

    /// Types a text.
    pub(crate) fn write(&self, text: &str) {
        self.focus();
        self.display.xdotool(&["type", "--delay", "5", text]);
    }

    /// Does something with the pointer at a place of the window.
    pub(crate) fn point(&self, (x, y): (u16, u16), actions: &[&str]) {
        let id = self.id.to_string();
        let to = ["mousemove", "--window", &id, &x.to_string(), &y.to_string()];
        self.display.xdotool(&[&to, actions].concat());
    }

    /// Width and height.
    pub(crate) fn size(&self) -> (u16, u16) {
        let geometry = self.display.connection.get_geometry(self.id).unwrap().reply().unwrap();
        (geometry.width, geometry.height)
    }

    /// Waits for a size.
    pub(crate) fn has_size(&self, size: (u16, u16)) {
        until(&format!("the window has the size {size:?}, not {:?}", self.size()), || {
            (self.size() == size).then_some(())
        });
    }

    /// What the screen shows of it; nothing while it is not wholly on the screen.
    pub(crate) fn picture(&self) -> Option<Picture> {
        let (width, height) = self.size();
        let (format, planes) = (ImageFormat::Z_PIXMAP, u32::MAX);
        let image = self.display.connection.get_image(format, self.id, 0, 0, width, height, planes).unwrap();
        let bytes = image.reply().ok()?.data;
        assert_eq!(bytes.len(), usize::from(width) * usize::from(height) * 4);
        Some(Picture { width, height, bytes })
    }

    /// Waits until the screen shows something of it.
    pub(crate) fn shows(&self, what: &str, is_so: impl Fn(&Picture) -> bool) -> Picture {
        until(&format!("the window shows {what}"), || self.picture().filter(&is_so))
    }

    /// Waits for pictures that change, of this color on their left side.
    pub(crate) fn mirrors(&self, color: [u8; 3]) {
        let shows = |picture: &Picture| picture.is_at((picture.width / 50, (picture.height - BAR) / 2), color);
        let first = self.shows("the picture", shows);
        let is_new = |picture: &Picture| shows(picture) && picture.bytes != first.bytes;
        self.shows("another picture", is_new);
    }
}

/// Whether a window is mapped, and all that it lies in.
pub(crate) fn is_visible(display: &Display, id: u32) -> bool {
    let attributes = display.connection.get_window_attributes(id).unwrap().reply();
    attributes.is_ok_and(|attributes| attributes.map_state == MapState::VIEWABLE)
}

/// What the screen shows of a window: blue, green, red, nothing.
pub(crate) struct Picture {
    pub(crate) width: u16,
    pub(crate) height: u16,
    bytes: Vec<u8>,
}

impl Picture {
    /// Whether a place has a color, to the rounding of a level or two.
    pub(crate) fn is_at(&self, (x, y): (u16, u16), color: [u8; 3]) -> bool {
        let at = (usize::from(y) * usize::from(self.width) + usize::from(x)) * 4;
        is_color(&self.bytes[at..at + 4], color)
    }

    /// Red, green and blue of each pixel, row by row.
    pub(crate) fn pixels(&self) -> impl Iterator<Item = [u8; 3]> {
        self.bytes.chunks_exact(4).map(|pixel| [pixel[2], pixel[1], pixel[0]])
    }

    /// The share of a color in it, from 0 to 1.
    pub(crate) fn share(&self, color: [u8; 3]) -> f64 {
        let pixels = self.bytes.chunks(4);
        let all = pixels.len();
        pixels.filter(|pixel| is_color(pixel, color)).count() as f64 / all as f64
    }

    /// The colors of its first rows: red, green and blue, pixel by pixel.
    pub(crate) fn top(&self, rows: u16) -> Vec<[u8; 3]> {
        let pixels = self.bytes.chunks(4).take(usize::from(rows) * usize::from(self.width));
        pixels.map(|pixel| [pixel[2], pixel[1], pixel[0]]).collect()
    }

    /// Whether something lies over the picture.
    pub(crate) fn has_card(&self) -> bool {
        self.share(CARD) > 0.03
    }
}

fn is_color(pixel: &[u8], [red, green, blue]: [u8; 3]) -> bool {
    pixel.iter().zip([blue, green, red]).all(|(is, wanted)| is.abs_diff(wanted) <= 2)
}
