//! Parses movies into boxes and writes them with another edit list or display matrix, which ffmpeg cannot write. The media
//! data must come before `moov`, so that chunk offsets stay valid.

use std::fs;
use std::path::Path;

/// Boxes that contain only boxes.
const CONTAINERS: [&[u8; 4]; 6] = [b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts"];

enum Content {
    Bytes(Vec<u8>),
    Boxes(Vec<Node>),
}

struct Node {
    kind: [u8; 4],
    content: Content,
}

/// One entry of an edit list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    /// Duration in milliseconds.
    pub(crate) millis: u32,
    /// Start in ticks of the track; -1 is an empty edit.
    pub(crate) media_time: i32,
    /// Playback rate in 16.16 fixed point.
    pub(crate) rate: u32,
}

/// Normal playback rate.
pub(crate) const ONE: u32 = 1 << 16;

/// Writes the edit list of the first track of a movie with a timescale of 1000.
pub(crate) fn set_edits(path: &Path, entries: &[Entry]) {
    change(path, |trak, total| {
        trak.retain(|node| &node.kind != b"edts");
        let mut list = [0, entries.len() as u32].map(u32::to_be_bytes).concat();
        for Entry { millis, media_time, rate } in entries {
            list.extend([millis.to_be_bytes(), media_time.to_be_bytes(), rate.to_be_bytes()].concat());
        }
        let list = Node { kind: *b"elst", content: Content::Bytes(list) };
        trak.insert(1, Node { kind: *b"edts", content: Content::Boxes(vec![list]) });
        *total = Some(entries.iter().map(|entry| entry.millis).sum());
    });
}

/// Writes the four numbers of the display matrix for rotation and scale, in 16.16 fixed point.
pub(crate) fn set_matrix(path: &Path, [a, b, c, d]: [i32; 4]) {
    change(path, |trak, _| {
        let Content::Bytes(header) = &mut find(trak, b"tkhd").content else { panic!("a track header of boxes") };
        let matrix = [a, b, 0, c, d, 0, 0, 0, 1 << 30];
        header[40..76].copy_from_slice(&matrix.map(i32::to_be_bytes).concat());
    });
}

/// Calls `change` with the boxes of the first track and an output for the duration of the movie.
fn change(path: &Path, change: impl FnOnce(&mut Vec<Node>, &mut Option<u32>)) {
    let mut boxes = parse(&fs::read(path).unwrap());
    let moov = inner(find(&mut boxes, b"moov"));
    let mut total = None;
    change(inner(find(moov, b"trak")), &mut total);
    if let Some(total) = total {
        let Content::Bytes(header) = &mut find(moov, b"mvhd").content else { panic!("a movie header of boxes") };
        header[16..20].copy_from_slice(&total.to_be_bytes());
    }
    fs::write(path, serialised(&boxes)).unwrap();
}

fn find<'a>(boxes: &'a mut [Node], kind: &[u8; 4]) -> &'a mut Node {
    boxes.iter_mut().find(|node| &node.kind == kind).unwrap_or_else(|| panic!("no {}", String::from_utf8_lossy(kind)))
}

fn inner(node: &mut Node) -> &mut Vec<Node> {
    let Content::Boxes(boxes) = &mut node.content else { panic!("a box without boxes") };
    boxes
}

fn parse(mut bytes: &[u8]) -> Vec<Node> {
    let mut boxes = Vec::new();
    while bytes.len() >= 8 {
        let (size, kind) = (u32::from_be_bytes(bytes[..4].try_into().unwrap()), bytes[4..8].try_into().unwrap());
        let (body, rest) = bytes[8..].split_at(size as usize - 8);
        let content =
            if CONTAINERS.contains(&&kind) { Content::Boxes(parse(body)) } else { Content::Bytes(body.to_vec()) };
        boxes.push(Node { kind, content });
        bytes = rest;
    }
    boxes
}

fn serialised(boxes: &[Node]) -> Vec<u8> {
    let body = |node: &Node| match &node.content {
        Content::Bytes(bytes) => bytes.clone(),
        Content::Boxes(boxes) => serialised(boxes),
    };
    let whole = |node: &Node| {
        let body = body(node);
        [&(body.len() as u32 + 8).to_be_bytes()[..], &node.kind, &body].concat()
    };
    boxes.iter().flat_map(whole).collect()
}
