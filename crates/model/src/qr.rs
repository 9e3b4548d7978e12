//! QR codes (ISO/IEC 18004) of short texts, such as the address at which viewers join a session.

use std::fmt::Write;

use qrcodegen::{QrCode as Encoder, QrCodeEcc};

/// The light modules that a code needs on each side (ISO/IEC 18004, 6.3.8).
pub const QUIET_ZONE: usize = 4;

/// A QR code with error correction of level M or better.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QrCode {
    /// Modules of a side, without the quiet zone: 21 to 177.
    pub size: usize,
    /// `size` x `size` modules in rows from the top, true where they are dark.
    pub modules: Vec<bool>,
}

/// A text that does not fit into the largest QR code: more than 2,331 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the text is too long for a QR code")]
pub struct QrTooLong;

impl QrCode {
    /// Encodes a text in the smallest code that holds it.
    ///
    /// # Errors
    /// When the text is too long.
    pub fn new(text: &str) -> Result<Self, QrTooLong> {
        let code = Encoder::encode_text(text, QrCodeEcc::Medium).map_err(|_| QrTooLong)?;
        let side = code.size();
        let modules = (0..side).flat_map(|y| (0..side).map(move |x| (x, y))).map(|(x, y)| code.get_module(x, y));
        let modules: Vec<bool> = modules.collect();
        Ok(Self { size: usize::try_from(side).unwrap_or_default(), modules })
    }

    /// Whether a module is dark. Coordinates start at the corner of the quiet zone; all that is outside of the code is light.
    #[must_use]
    pub fn is_dark(&self, x: usize, y: usize) -> bool {
        let inside = |at: usize| at.checked_sub(QUIET_ZONE).filter(|at| *at < self.size);
        let index = inside(x).zip(inside(y)).map(|(x, y)| y * self.size + x);
        index.and_then(|index| self.modules.get(index)).copied().unwrap_or(false)
    }

    /// Modules of a side with the quiet zone.
    #[must_use]
    pub fn full_size(&self) -> usize {
        self.size + 2 * QUIET_ZONE
    }

    /// The runs of dark modules in each row: where they begin, in coordinates of [`is_dark`](Self::is_dark), and their length.
    pub fn runs(&self) -> impl Iterator<Item = (usize, usize, usize)> {
        let side = self.full_size();
        let begins = move |x: usize, y: usize| self.is_dark(x, y) && !self.is_dark(x - 1, y);
        let starts = (0..side).flat_map(move |y| (1..side).filter(move |x| begins(*x, y)).map(move |x| (x, y)));
        starts.map(move |(x, y)| (x, y, (x..side).take_while(|x| self.is_dark(*x, y)).count()))
    }

    /// The code as an SVG image, dark on white whatever is behind it. One unit is one module.
    #[must_use]
    pub fn to_svg(&self) -> String {
        let side = self.full_size();
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
             <path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path d=\""
        );
        for (x, y, run) in self.runs() {
            // Writing to a string cannot fail.
            let _ = write!(svg, "M{x} {y}h{run}v1h-{run}z");
        }
        svg.push_str("\"/></svg>\n");
        svg
    }

    /// The code for a terminal, two modules to a character of a line. Colors are set, because scanners expect dark on light
    /// and terminals may be the reverse; they are entries of the color cube, which themes do not change.
    #[must_use]
    pub fn to_terminal(&self) -> String {
        const BLACK_ON_WHITE: &str = "\u{1b}[38;5;16;48;5;231m";
        const RESET: &str = "\u{1b}[0m";
        let mut text = String::new();
        for y in (0..self.full_size()).step_by(2) {
            text.push_str(BLACK_ON_WHITE);
            text.extend((0..self.full_size()).map(|x| match (self.is_dark(x, y), self.is_dark(x, y + 1)) {
                (false, false) => ' ',
                (true, false) => '▀',
                (false, true) => '▄',
                (true, true) => '█',
            }));
            text.push_str(RESET);
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: &str = "http://192.168.1.20:8080/j/KXTR";

    /// The rows of a code with its quiet zone, as a scanner sees them.
    fn rows(code: &QrCode) -> Vec<Vec<bool>> {
        let side = code.full_size();
        (0..side).map(|y| (0..side).map(|x| code.is_dark(x, y)).collect()).collect()
    }

    #[test]
    fn a_code_has_finder_patterns_and_a_quiet_zone() {
        let code = QrCode::new(ADDRESS).unwrap();
        // 31 bytes at level M need version 3 (ISO/IEC 18004, table 7), whose side is 17 + 4 x 3.
        assert_eq!((code.size, code.modules.len()), (29, 29 * 29));
        let rows = rows(&code);
        let [first, last] = [QUIET_ZONE, QUIET_ZONE + code.size - 7];
        for (left, top) in [(first, first), (last, first), (first, last)] {
            let across: Vec<bool> = (left..left + 7).map(|x| rows[top + 3][x]).collect();
            assert_eq!(across, [true, false, true, true, true, false, true]);
        }
        let is_border = |at: usize| !(QUIET_ZONE..QUIET_ZONE + code.size).contains(&at);
        let dark = rows.iter().enumerate().flat_map(|(y, row)| {
            row.iter().enumerate().filter(move |(x, dark)| **dark && (is_border(*x) || is_border(y)))
        });
        assert_eq!(dark.count(), 0);
    }

    #[test]
    fn a_text_that_no_code_holds_is_an_error() {
        assert_eq!(QrCode::new(&"x".repeat(2331)).map(|code| code.size), Ok(177));
        assert_eq!(QrCode::new(&"x".repeat(2332)), Err(QrTooLong));
    }

    #[test]
    fn a_terminal_shows_each_module() {
        let code = QrCode::new(ADDRESS).unwrap();
        let text = code.to_terminal();
        let lines: Vec<Vec<char>> = text
            .lines()
            .map(|line| {
                let line = line.strip_prefix("\u{1b}[38;5;16;48;5;231m").unwrap();
                line.strip_suffix("\u{1b}[0m").unwrap().chars().collect()
            })
            .collect();
        let is_dark = |x: usize, y: usize| {
            let shown: char = lines[y / 2][x];
            shown == '█' || shown == (if y.is_multiple_of(2) { '▀' } else { '▄' })
        };
        let side = code.full_size();
        let shown: Vec<Vec<bool>> = (0..side).map(|y| (0..side).map(|x| is_dark(x, y)).collect()).collect();
        assert_eq!(shown, rows(&code));
        assert!(lines.iter().all(|line| line.len() == side));
    }

    #[test]
    fn an_svg_image_draws_each_dark_module() {
        let code = QrCode::new(ADDRESS).unwrap();
        let svg = code.to_svg();
        let runs = svg.split(" d=\"").nth(2).unwrap().split('"').next().unwrap();
        let mut dark = vec![vec![false; code.full_size()]; code.full_size()];
        for run in runs.split_terminator('z') {
            let numbers: Vec<usize> =
                run.split(|char: char| !char.is_ascii_digit()).filter_map(|number| number.parse().ok()).collect();
            let [x, y, length, 1, back] = numbers[..] else { panic!("{run}") };
            assert_eq!(length, back);
            dark[y][x..x + length].fill(true);
        }
        assert_eq!(dark, rows(&code));
    }
}
