//! JPEG images in a stream of bytes, by their markers (ITU-T T.81, B.1). What is between them is skipped: cameras write the
//! boundaries of their multipart streams in every way there is, wrong ones included, and all write whole images.

use bytes::{Buf, Bytes, BytesMut};

/// Most bytes of an image: a frame of 8K at the best quality.
const MAX_IMAGE: usize = 16 << 20;

/// Markers.
const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;

/// Finds images.
#[derive(Debug, Default)]
pub(crate) struct JpegScanner {
    buffer: BytesMut,
    /// How far the image at the start of the buffer has been read; 0 before there is one.
    at: usize,
    /// Whether that is in entropy-coded data.
    in_scan: bool,
}

/// An image.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct JpegImage {
    pub(crate) data: Bytes,
    pub(crate) width: u16,
    pub(crate) height: u16,
}

/// What to do next.
enum Step {
    /// The image is this long.
    Complete(usize),
    NeedsMore,
    /// It is none: these bytes are skipped.
    Broken,
}

impl JpegScanner {
    /// Adds bytes that have arrived.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole image.
    pub(crate) fn next(&mut self) -> Option<JpegImage> {
        loop {
            if self.at == 0 && !self.find_start() {
                return None;
            }
            match self.step() {
                Step::Complete(length) => {
                    let data = self.buffer.split_to(length).freeze();
                    (self.at, self.in_scan) = (0, false);
                    // An image without a size cannot be shown.
                    if let Some((width, height)) = size(&data) {
                        return Some(JpegImage { data, width, height });
                    }
                }
                Step::NeedsMore if self.buffer.len() <= MAX_IMAGE => return None,
                Step::NeedsMore | Step::Broken => {
                    self.buffer.advance(2);
                    (self.at, self.in_scan) = (0, false);
                }
            }
        }
    }

    /// Moves the start of an image to the start of the buffer.
    fn find_start(&mut self) -> bool {
        let found = self.buffer.windows(3).position(|window| window == [0xff, SOI, 0xff]);
        // The start of a start may be at the end.
        self.buffer.advance(found.unwrap_or(self.buffer.len().saturating_sub(2)));
        self.at = if found.is_some() { 2 } else { 0 };
        found.is_some()
    }

    /// Reads markers from where reading stopped.
    fn step(&mut self) -> Step {
        loop {
            if self.in_scan && !self.skip_scan() {
                return Step::NeedsMore;
            }
            let Some(&[prefix, marker]) = self.buffer.get(self.at..self.at + 2) else { return Step::NeedsMore };
            match (prefix, marker) {
                (0xff, EOI) => return Step::Complete(self.at + 2),
                // A fill byte.
                (0xff, 0xff) => self.at += 1,
                // Another start: what was before was cut off.
                (0xff, SOI) => return Step::Broken,
                (0xff, 0xc0..=0xfe) => {
                    let Some(&[high, low]) = self.buffer.get(self.at + 2..self.at + 4) else { return Step::NeedsMore };
                    let length = usize::from(u16::from_be_bytes([high, low]));
                    if length < 2 {
                        return Step::Broken;
                    }
                    self.at += 2 + length;
                    self.in_scan = marker == SOS;
                }
                _ => return Step::Broken,
            }
        }
    }

    /// Moves to the marker after entropy-coded data, in which `ff` is followed by 0 or a restart marker.
    fn skip_scan(&mut self) -> bool {
        while let Some(&[first, second]) = self.buffer.get(self.at..self.at + 2) {
            if first == 0xff && second != 0 && !(0xd0..=0xd7).contains(&second) {
                self.in_scan = false;
                return true;
            }
            self.at += 1;
        }
        false
    }
}

/// Width and height of an image, from its frame header.
fn size(image: &[u8]) -> Option<(u16, u16)> {
    let mut at = 2;
    loop {
        let &[prefix, marker] = image.get(at..at + 2)? else { return None };
        match (prefix, marker) {
            (0xff, 0xff) => at += 1,
            // All frame headers, without the tables that share their range.
            (0xff, 0xc0..=0xcf) if ![0xc4, 0xc8, 0xcc].contains(&marker) => {
                let &[a, b, c, d] = image.get(at + 5..at + 9)? else { return None };
                let (height, width) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
                return (width > 0 && height > 0).then_some((width, height));
            }
            (0xff, SOS | EOI) => return None,
            _ => {
                let &[high, low] = image.get(at + 2..at + 4)? else { return None };
                at += 2 + usize::from(u16::from_be_bytes([high, low]));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// An image of this size: a comment that holds the start and the end of another, and data with what looks like markers.
    fn image(width: u16, content: u8) -> Vec<u8> {
        let [high, low] = width.to_be_bytes();
        let mut bytes = vec![0xff, SOI, 0xff, 0xfe, 0, 8, 0xff, SOI, 0xff, 0xff, EOI, 0xff, 0xff];
        bytes.extend([0xff, 0xc0, 0, 11, 8, 0, 9, high, low, 1, 1, 0x11, 0]);
        bytes.extend([0xff, SOS, 0, 8, 1, 1, 0, 0, 63, 0, content, 0xff, 0, 0xff, 0xd3, content, 0xff, EOI]);
        bytes
    }

    fn widths(scanner: &mut JpegScanner) -> Vec<u16> {
        std::iter::from_fn(|| scanner.next()).map(|image| image.width).collect()
    }

    #[test]
    fn images_are_found_whatever_is_between_them() {
        let between: [&[u8]; 7] = [
            b"",
            b"\r\n--boundary\r\nContent-Type: image/jpeg\r\nContent-Length: 7\r\n\r\n",
            b"--boundary--boundary\n\n",
            b"\xff\xd8",
            b"\xff\xd8\xff\xe0\x00\x00",
            b"\xff\xd8\xff\xc0\x00\x20",
            b"HTTP/1.1 200 OK\r\n\r\n\xff",
        ];
        for separator in between {
            let mut scanner = JpegScanner::default();
            let stream: Vec<u8> =
                [separator, &image(4, 1), separator, &image(5, 2), separator, &image(6, 3), &[0; 40]].concat();
            // As it may arrive: in one piece, and a byte at a time.
            scanner.push(&stream);
            let found = widths(&mut scanner);
            let mut slow = JpegScanner::default();
            let one_by_one: Vec<u16> = stream
                .iter()
                .flat_map(|byte| {
                    slow.push(&[*byte]);
                    widths(&mut slow)
                })
                .collect();
            assert_eq!(found, one_by_one);
            assert!(found.ends_with(&[6]) && found.len() >= 2, "{separator:?}: {found:?}");
        }
    }

    #[test]
    fn an_image_without_an_end_does_not_take_all_memory() {
        let mut scanner = JpegScanner::default();
        scanner.push(&image(4, 1)[..36]);
        for _ in 0..40 {
            scanner.push(&vec![7; 1 << 20]);
            assert_eq!(scanner.next(), None);
            assert!(scanner.buffer.len() <= MAX_IMAGE + (1 << 20));
        }
        scanner.push(&image(9, 1));
        scanner.push(&[0; 4]);
        assert_eq!(widths(&mut scanner), [9]);
    }

    proptest! {
        #[test]
        fn no_bytes_are_harmful(pieces in prop::collection::vec(prop::collection::vec(prop_oneof![Just(0xff), Just(SOI), Just(EOI), Just(SOS), Just(0), any::<u8>()], 0..40), 0..40)) {
            let mut scanner = JpegScanner::default();
            for piece in pieces {
                scanner.push(&piece);
                while let Some(image) = scanner.next() {
                    prop_assert!(image.data.starts_with(&[0xff, SOI]) && image.data.ends_with(&[0xff, EOI]));
                }
            }
        }
    }
}
