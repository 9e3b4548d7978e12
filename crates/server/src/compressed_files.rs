//! Compressed forms of embedded files. Each is made once, after the first request for its file, and better than a response could
//! be compressed while a client waits; until it is there, the compression of responses serves.

use std::collections::HashMap;
use std::io::Write;
use std::sync::{LazyLock, Mutex, PoisonError};

use bytes::Bytes;

/// The SHA-256 of a file.
type Hash = [u8; 32];

/// The compressed forms by the hashes of their files; `None` for one that is being made, or is not smaller. There are as many as
/// files in the program; those that are edited while a development build runs add to them.
static FORMS: LazyLock<Mutex<HashMap<Hash, Option<Bytes>>>> = LazyLock::new(Mutex::default);

/// Files below this size are not compressed, because they fit into a packet.
const MIN_BYTES: usize = 256;

/// Quality of Brotli from 0 to 11. The best one takes seconds for large files, such as hls.js.
const BEST: u32 = 11;
const GOOD: u32 = 9;
const BEST_UP_TO_BYTES: usize = 128 << 10;

/// The binary logarithm of the window, which covers every file.
const WINDOW_BITS: u32 = 22;

/// The compressed form of a file, if it is there; it is made in the background after the first call.
pub(super) fn compressed(hash: Hash, data: &Bytes) -> Option<Bytes> {
    if data.len() < MIN_BYTES {
        return None;
    }
    let mut forms = FORMS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(form) = forms.get(&hash) {
        return form.clone();
    }
    forms.insert(hash, None);
    let data = data.clone();
    tokio::task::spawn_blocking(move || {
        let form = brotli(&data).filter(|form| form.len() < data.len());
        FORMS.lock().unwrap_or_else(PoisonError::into_inner).insert(hash, form);
    });
    None
}

fn brotli(data: &[u8]) -> Option<Bytes> {
    let quality = if data.len() <= BEST_UP_TO_BYTES { BEST } else { GOOD };
    let mut form = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut form, 1 << 16, quality, WINDOW_BITS);
    writer.write_all(data).ok()?;
    drop(writer);
    Some(form.into())
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn a_form_is_made_once_and_shared() {
        let data = Bytes::from("export const answer = 42;\n".repeat(100));
        assert_eq!(compressed([7; 32], &data), None);
        let made = async {
            loop {
                match compressed([7; 32], &data) {
                    Some(form) => break form,
                    None => tokio::task::yield_now().await,
                }
            }
        };
        let form = tokio::time::timeout(Duration::from_secs(60), made).await.unwrap();
        assert!(form.len() < 100, "{}", form.len());
        assert_eq!(form.as_ptr(), compressed([7; 32], &data).unwrap().as_ptr());
        let mut text = Vec::new();
        brotli::Decompressor::new(&*form, 4096).read_to_end(&mut text).unwrap();
        assert_eq!(text, data);
    }

    #[tokio::test]
    async fn what_fits_into_a_packet_stays_as_it_is() {
        assert_eq!(compressed([8; 32], &Bytes::from_static(b"{}")), None);
        assert!(!FORMS.lock().unwrap().contains_key(&[8; 32]));
    }
}
