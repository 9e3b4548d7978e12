//! User names and passwords of cameras, encrypted for the database (AES-256-GCM, a random nonce in front).

use repcast_capture::Credentials;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};

use super::super::accounts::ServerSecret;
use super::super::hex::{hex, unhex};

/// What separates a user name from its password: no text here contains it.
const SEPARATOR: char = '\n';

/// Encrypts what a camera asks for.
pub(super) fn seal(secret: &ServerSecret, credentials: &Credentials) -> Option<String> {
    let mut nonce = [0; NONCE_LEN];
    SystemRandom::new().fill(&mut nonce).ok()?;
    let mut bytes = format!("{}{SEPARATOR}{}", credentials.username, credentials.password).into_bytes();
    key(secret)?.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut bytes).ok()?;
    Some(hex(&[&nonce[..], &bytes].concat()))
}

/// Decrypts it; none if the secret is another one.
pub(super) fn open(secret: &ServerSecret, sealed: &str) -> Option<Credentials> {
    let bytes = unhex(sealed)?;
    let (nonce, rest) = bytes.split_first_chunk::<NONCE_LEN>()?;
    let mut rest = rest.to_vec();
    let nonce = Nonce::assume_unique_for_key(*nonce);
    let plain = key(secret)?.open_in_place(nonce, Aad::empty(), &mut rest).ok()?;
    let (username, password) = std::str::from_utf8(plain).ok()?.split_once(SEPARATOR)?;
    Some(Credentials { username: username.to_owned(), password: password.to_owned() })
}

fn key(secret: &ServerSecret) -> Option<LessSafeKey> {
    Some(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, secret.camera_key()).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_read_with_its_secret_alone() {
        let (own, other) = (ServerSecret::new(&[7; 32]).unwrap(), ServerSecret::new(&[8; 32]).unwrap());
        let credentials = Credentials { username: "coach".to_owned(), password: "p@ss\u{e9}:".to_owned() };
        let sealed = seal(&own, &credentials).unwrap();
        assert_eq!(open(&own, &sealed), Some(credentials.clone()));
        assert_eq!(open(&other, &sealed), None);
        assert_ne!(seal(&own, &credentials), Some(sealed.clone()), "the nonce is another one");
        for broken in ["", "00", "zz", &sealed[2..], &sealed[..sealed.len() - 2]] {
            assert_eq!(open(&own, broken), None, "{broken}");
        }
    }
}
