//! Reads QR codes with zbar, through the element of GStreamer.

use std::path::Path;
use std::process::{Command, Stdio};

use super::process::{Exit, LIMIT, run};

/// The text of the QR code in an image, which an element such as `pngdec` decodes.
pub(crate) fn read_qr_code(image: &Path, decoder: &str) -> String {
    find_qr_code(image, decoder).unwrap_or_else(|| panic!("no QR code in {}", image.display()))
}

/// Like [`read_qr_code`]; `None` if there is no code in the image.
pub(crate) fn find_qr_code(image: &Path, decoder: &str) -> Option<String> {
    let mut command = Command::new("gst-launch-1.0");
    command.args(["-m", "filesrc"]).arg(format!("location={}", image.display())).stdin(Stdio::null());
    command.args(["!", decoder, "!", "videoconvert", "!", "zbar", "!", "fakesink"]);
    let output = run(command, LIMIT, |_| ());
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.exit, Exit::Code(0), "{text}{}", output.stderr);
    let symbol = text.split_once("type=(string)QR-Code, symbol=(string)");
    symbol.map(|(_, symbol)| symbol.split(", quality").next().unwrap().trim_matches('"').to_owned())
}

/// The text of the QR code that lines of a terminal show, two modules to a character.
pub(crate) fn read_terminal_qr_code(lines: &[String]) -> String {
    const SCALE: usize = 8;
    let rows: Vec<Vec<char>> = lines
        .iter()
        .filter_map(|line| line.trim_end_matches('\r').strip_prefix("\u{1b}[38;5;16;48;5;231m"))
        .map(|line| line.strip_suffix("\u{1b}[0m").unwrap().chars().collect())
        .collect();
    let width = rows.first().expect("no QR code").len();
    let is_dark = |x: usize, y: usize| match rows[y / 2][x] {
        ' ' => false,
        '█' => true,
        '▀' => y.is_multiple_of(2),
        '▄' => !y.is_multiple_of(2),
        other => panic!("{other:?} in a QR code"),
    };
    let (wide, high) = (width * SCALE, rows.len() * 2 * SCALE);
    let mut image = format!("P5\n{wide} {high}\n255\n").into_bytes();
    let pixels = (0..high).flat_map(|y| (0..wide).map(move |x| (x, y)));
    image.extend(pixels.map(|(x, y)| if is_dark(x / SCALE, y / SCALE) { 0 } else { 255 }));
    let file = tempfile::Builder::new().suffix(".pgm").tempfile().unwrap();
    std::fs::write(file.path(), image).unwrap();
    read_qr_code(file.path(), "pnmdec")
}
