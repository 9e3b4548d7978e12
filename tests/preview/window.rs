//! The program's window from the outside: screenshots, keys, pointer, size.

use x11rb::protocol::xproto::{ConnectionExt, ImageFormat, MapState};

use super::display::Display;
use super::support::process::{LIMIT, until};

/// Height of the bar below the frame.
pub(crate) const BAR_HEIGHT: u16 = 152;

/// Background of the bar.
pub(crate) const BAR_COLOR: [u8; 3] = [15, 20, 31];

/// Background of dialogs and notices.
pub(crate) const DIALOG_COLOR: [u8; 3] = [30, 40, 62];

/// An open window of the program.
pub(crate) struct Window<'a> {
    display: &'a Display,
    pub(crate) id: u32,
}

impl<'a> Window<'a> {
    /// Waits for the program's window.
    pub(crate) fn of(display: &'a Display) -> Self {
        let id = until("a window is open", LIMIT, || display.find().filter(|id| is_visible(display, *id)));
        Self { display, id }
    }

    /// Gives it the keyboard focus.
    pub(crate) fn focus(&self) {
        self.display.xdotool(&["windowactivate", &self.id.to_string()]);
        let focus = || self.display.connection.get_input_focus().unwrap().reply().unwrap().focus;
        until("the window has the focus", LIMIT, || (focus() == self.id).then_some(()));
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

    /// Moves the pointer to a position in the window and performs xdotool actions there.
    pub(crate) fn point(&self, (x, y): (u16, u16), actions: &[&str]) {
        let id = self.id.to_string();
        let to = ["mousemove", "--window", &id, &x.to_string(), &y.to_string()];
        self.display.xdotool(&[&to, actions].concat());
    }

    /// Width and height in pixels.
    pub(crate) fn size(&self) -> (u16, u16) {
        let geometry = self.display.connection.get_geometry(self.id).unwrap().reply().unwrap();
        (geometry.width, geometry.height)
    }

    /// The position of its contents on the screen.
    pub(crate) fn position(&self) -> (i32, i32) {
        let (connection, root) = (&self.display.connection, self.display.root);
        let reply = connection.translate_coordinates(self.id, root, 0, 0).unwrap().reply().unwrap();
        (reply.dst_x.into(), reply.dst_y.into())
    }

    /// Waits until the window has a size.
    pub(crate) fn wait_for_size(&self, size: (u16, u16)) {
        until(&format!("the window has the size {size:?}, not {:?}", self.size()), LIMIT, || {
            (self.size() == size).then_some(())
        });
    }

    /// A screenshot of it; `None` while it is not completely on the screen.
    pub(crate) fn screenshot(&self) -> Option<Screenshot> {
        let (width, height) = self.size();
        let (format, planes) = (ImageFormat::Z_PIXMAP, u32::MAX);
        let image = self.display.connection.get_image(format, self.id, 0, 0, width, height, planes).unwrap();
        let bytes = image.reply().ok()?.data;
        assert_eq!(bytes.len(), usize::from(width) * usize::from(height) * 4);
        Some(Screenshot { width, height, bytes })
    }

    /// Waits for a screenshot that fulfils a condition.
    pub(crate) fn wait_for_screenshot(&self, what: &str, is_so: impl Fn(&Screenshot) -> bool) -> Screenshot {
        until(&format!("the window shows {what}"), LIMIT, || self.screenshot().filter(&is_so))
    }

    /// Waits for two different frames with this color on their left side, or next to a narrow letterbox.
    pub(crate) fn wait_for_moving_frames(&self, color: [u8; 3]) {
        let has_color = |screenshot: &Screenshot| {
            let y = (screenshot.height - BAR_HEIGHT) / 2;
            [50, 28].iter().any(|part| screenshot.has_color_at((screenshot.width / part, y), color))
        };
        let first = self.wait_for_screenshot("a frame", has_color);
        let is_new = |screenshot: &Screenshot| has_color(screenshot) && screenshot.bytes != first.bytes;
        self.wait_for_screenshot("another frame", is_new);
    }
}

/// Whether a window and its ancestors are mapped.
pub(crate) fn is_visible(display: &Display, id: u32) -> bool {
    let attributes = display.connection.get_window_attributes(id).unwrap().reply();
    attributes.is_ok_and(|attributes| attributes.map_state == MapState::VIEWABLE)
}

/// A screenshot of a window: blue, green, red and an unused byte per pixel.
pub(crate) struct Screenshot {
    pub(crate) width: u16,
    pub(crate) height: u16,
    bytes: Vec<u8>,
}

impl Screenshot {
    /// Whether a pixel has a color, up to two levels of rounding.
    pub(crate) fn has_color_at(&self, (x, y): (u16, u16), color: [u8; 3]) -> bool {
        let at = (usize::from(y) * usize::from(self.width) + usize::from(x)) * 4;
        is_color(&self.bytes[at..at + 4], color)
    }

    /// Red, green and blue of each pixel, row by row.
    pub(crate) fn pixels(&self) -> impl Iterator<Item = [u8; 3]> {
        self.bytes.chunks_exact(4).map(|pixel| [pixel[2], pixel[1], pixel[0]])
    }

    /// The fraction of pixels with a color, from 0 to 1.
    pub(crate) fn fraction_of(&self, color: [u8; 3]) -> f64 {
        let pixels = self.bytes.chunks(4);
        let all = pixels.len();
        pixels.filter(|pixel| is_color(pixel, color)).count() as f64 / all as f64
    }

    /// The RGB pixels of its first rows.
    pub(crate) fn top(&self, rows: u16) -> Vec<[u8; 3]> {
        let pixels = self.bytes.chunks(4).take(usize::from(rows) * usize::from(self.width));
        pixels.map(|pixel| [pixel[2], pixel[1], pixel[0]]).collect()
    }

    /// Whether a dialog or a notice is open.
    pub(crate) fn has_dialog(&self) -> bool {
        self.fraction_of(DIALOG_COLOR) > 0.03
    }
}

fn is_color(pixel: &[u8], [red, green, blue]: [u8; 3]) -> bool {
    pixel.iter().zip([blue, green, red]).all(|(found, expected)| found.abs_diff(expected) <= 2)
}
