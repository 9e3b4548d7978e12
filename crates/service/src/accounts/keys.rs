//! The server's secret, and what is signed with it.

use std::fmt;
use std::sync::Once;

use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::signature::{Error as SignatureError, Signer, Verifier};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use sha2::Sha256;

use crate::hex::{hex, unhex};

type HmacSha256 = Hmac<Sha256>;

/// Least bytes of a secret: as many as the hash has, without which HS256 is weaker (RFC 7518, 3.2).
pub const MIN_SECRET_BYTES: usize = 32;

/// A secret, and the keys that are made of it, one for each purpose. `Debug` does not show it.
#[derive(Clone)]
pub struct ServerSecret {
    pub(super) encoding: EncodingKey,
    pub(super) decoding: DecodingKey,
    addresses: HmacSha256,
    cameras: Vec<u8>,
}

/// A secret that is too short.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a secret has at least {MIN_SECRET_BYTES} bytes")]
pub struct SecretError;

impl fmt::Debug for ServerSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ServerSecret")
    }
}

impl ServerSecret {
    /// The keys of a secret.
    ///
    /// # Errors
    /// When it is too short.
    pub fn new(secret: &[u8]) -> Result<Self, SecretError> {
        static PROVIDER: Once = Once::new();
        // Another part of the program that has installed one uses the same algorithm.
        PROVIDER.call_once(|| CryptoProvider::install_default(&HS256_ONLY).unwrap_or_default());
        if secret.len() < MIN_SECRET_BYTES {
            return Err(SecretError);
        }
        let key = |purpose: &[u8]| -> Result<Vec<u8>, SecretError> {
            let mut mac = HmacSha256::new_from_slice(secret).map_err(|_| SecretError)?;
            mac.update(purpose);
            Ok(mac.finalize().into_bytes().to_vec())
        };
        let tokens = key(b"access tokens")?;
        Ok(Self {
            encoding: EncodingKey::from_secret(&tokens).map_err(|_| SecretError)?,
            decoding: DecodingKey::from_secret(&tokens).map_err(|_| SecretError)?,
            addresses: HmacSha256::new_from_slice(&key(b"signed addresses")?).map_err(|_| SecretError)?,
            cameras: key(b"logins of cameras")?,
        })
    }

    /// The key of 256 bits that the logins of cameras are encrypted with.
    pub(crate) fn camera_key(&self) -> &[u8] {
        &self.cameras
    }

    /// The signature of a path until a time in seconds since 1970, in hexadecimal.
    #[must_use]
    pub fn sign_path(&self, path: &str, expires: i64) -> String {
        hex(&self.path_mac(path, expires).finalize().into_bytes())
    }

    /// Whether this is the signature of a path, and its time has not passed. Compared in constant time.
    #[must_use]
    pub fn has_signed(&self, path: &str, expires: i64, signature: &str, now_secs: i64) -> bool {
        let matches = unhex(signature).is_some_and(|bytes| self.path_mac(path, expires).verify_slice(&bytes).is_ok());
        matches && now_secs <= expires
    }

    fn path_mac(&self, path: &str, expires: i64) -> HmacSha256 {
        let mut mac = self.addresses.clone();
        mac.update(&expires.to_be_bytes());
        mac.update(path.as_bytes());
        mac
    }
}

/// HMAC with SHA-256 (RFC 7518, 3.2) and nothing else, so that no other algorithm can be asked for.
static HS256_ONLY: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| match algorithm {
        Algorithm::HS256 => Ok(Box::new(Hs256(mac(key.as_bytes())?))),
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    },
    verifier_factory: |algorithm, key| match algorithm {
        Algorithm::HS256 => Ok(Box::new(Hs256(mac(key.try_get_as_bytes()?)?))),
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    },
    key_utils: KeyUtils::new_unimplemented(),
};

fn mac(key: &[u8]) -> jsonwebtoken::errors::Result<HmacSha256> {
    HmacSha256::new_from_slice(key).map_err(|_| ErrorKind::InvalidKeyFormat.into())
}

struct Hs256(HmacSha256);

impl Signer<Vec<u8>> for Hs256 {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, SignatureError> {
        Ok(self.0.clone().chain_update(message).finalize().into_bytes().to_vec())
    }
}

impl Verifier<Vec<u8>> for Hs256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), SignatureError> {
        self.0.clone().chain_update(message).verify_slice(signature).map_err(|_| SignatureError::new())
    }
}

impl JwtSigner for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl JwtVerifier for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_valid_for_its_path_until_its_time() {
        let secret = ServerSecret::new(&[7; 32]).unwrap();
        let signature = secret.sign_path("/files/a.mp4", 1000);
        let check = |path: &str, expires, signature: &str, now| secret.has_signed(path, expires, signature, now);
        assert!(check("/files/a.mp4", 1000, &signature, 1000));
        assert!(!check("/files/a.mp4", 1000, &signature, 1001));
        assert!(!check("/files/a.mp4", 1001, &signature, 1000));
        assert!(!check("/files/a.mp3", 1000, &signature, 1000));
        for wrong in ["", "00", &signature[1..], &signature[..62], &format!("{signature}00"), "é"] {
            assert!(!check("/files/a.mp4", 1000, wrong, 1000), "{wrong}");
        }
        let other = ServerSecret::new(&[8; 32]).unwrap();
        assert!(!other.has_signed("/files/a.mp4", 1000, &signature, 1000));
        assert_eq!(ServerSecret::new(&[7; 31]).unwrap_err(), SecretError);
    }
}
