//! The tokens of signed-in devices: access tokens for a quarter of an hour, and refresh tokens that are used once.

use std::time::Duration;

use jsonwebtoken::{Algorithm, Header, Validation, decode, encode};
use repcast_database::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::AccountError;
use super::keys::ServerSecret;
use crate::Token;
use crate::hex::hex;

/// How long an access token is valid.
pub const ACCESS_TIME: Duration = Duration::from_secs(15 * 60);

/// How long a device stays signed in without being used.
pub const REFRESH_TIME: Duration = Duration::from_secs(30 * 24 * 3600);

/// Who issues the tokens, and for whom.
const ISSUER: &str = "repcast";
const AUDIENCE: &str = "repcast";

/// Longest access token that is read.
const MAX_TOKEN_BYTES: usize = 4096;

/// What an access token says (RFC 7519, 4.1).
#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    /// The account.
    sub: String,
    /// The signed-in device.
    sid: String,
    iat: i64,
    exp: i64,
}

/// An access token of a device.
pub(super) fn access_token(
    secret: &ServerSecret,
    user_id: &str,
    session_id: &str,
    now: Timestamp,
) -> Result<String, AccountError> {
    let claims = Claims {
        iss: ISSUER.to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: user_id.to_owned(),
        sid: session_id.to_owned(),
        iat: now.millis() / 1000,
        exp: now.after(ACCESS_TIME).millis() / 1000,
    };
    let failed = |_| AccountError::Internal("an access token could not be written");
    encode(&Header::new(Algorithm::HS256), &claims, &secret.encoding).map_err(failed)
}

/// The device of a valid access token. The clock is that of the machine.
pub(super) fn session_of(secret: &ServerSecret, token: &str) -> Option<String> {
    if token.len() > MAX_TOKEN_BYTES {
        return None;
    }
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
    validation.leeway = 0;
    decode::<Claims>(token, &secret.decoding, &validation).ok().map(|token| token.claims.sid)
}

/// A refresh token of a device, and its hash.
pub(super) fn refresh_token(session_id: &str) -> (String, String) {
    let secret = Token::random();
    (format!("{session_id}.{}", secret.secret()), hash(secret.secret()))
}

/// The device and the hash of a refresh token.
pub(super) fn parse_refresh_token(token: &str) -> Option<(&str, String)> {
    let (session_id, secret) = token.split_once('.')?;
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    (session_id.len() == 32 && secret.len() == 64 && is_hex(session_id) && is_hex(secret))
        .then(|| (session_id, hash(secret)))
}

/// Of random bits, so that a fast hash without salt is as safe as they are.
fn hash(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(byte: u8) -> ServerSecret {
        ServerSecret::new(&[byte; 32]).unwrap()
    }

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_millis(Timestamp::now().millis() + secs * 1000)
    }

    #[test]
    fn access_tokens_are_valid_for_their_time_under_their_key() {
        let token = access_token(&secret(1), "user", "session", at(0)).unwrap();
        assert_eq!(session_of(&secret(1), &token).as_deref(), Some("session"));
        assert_eq!(session_of(&secret(2), &token), None);
        assert_eq!(session_of(&secret(1), &token[..token.len() - 1]), None);
        let expired = access_token(&secret(1), "user", "session", at(-901)).unwrap();
        assert_eq!(session_of(&secret(1), &expired), None);
        assert_eq!(session_of(&secret(1), &"a".repeat(MAX_TOKEN_BYTES + 1)), None);
    }

    /// Tokens that say something else, signed with the right key.
    #[test]
    fn wrong_claims_and_algorithms_are_rejected() {
        let exp = at(60).millis() / 1000;
        let right = serde_json::json!({
            "iss": "repcast", "aud": "repcast", "sub": "user", "sid": "session", "iat": 0, "exp": exp
        });
        let signed =
            |claims: &serde_json::Value| encode(&Header::new(Algorithm::HS256), claims, &secret(1).encoding).unwrap();
        assert!(session_of(&secret(1), &signed(&right)).is_some());
        for (name, value) in [
            ("iss", "other".into()),
            ("aud", "other".into()),
            ("iss", serde_json::Value::Null),
            ("exp", serde_json::Value::Null),
            ("exp", (exp - 120).into()),
            ("exp", "never".into()),
        ] {
            let mut wrong = right.clone();
            wrong[name] = value;
            assert_eq!(session_of(&secret(1), &signed(&wrong)), None, "{wrong}");
        }
        // `{"alg":"none"}` and `{"alg":"HS512","typ":"JWT"}` as headers.
        let valid = signed(&right);
        let (_, rest) = valid.split_once('.').unwrap();
        let payload = rest.split_once('.').unwrap().0;
        for header in ["eyJhbGciOiJub25lIn0", "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9"] {
            for forged in [format!("{header}.{payload}."), format!("{header}.{rest}")] {
                assert_eq!(session_of(&secret(1), &forged), None, "{forged}");
            }
        }
    }

    #[test]
    fn refresh_tokens_have_a_device_and_a_secret() {
        let id = "0123456789abcdef0123456789abcdef";
        let (token, hash) = refresh_token(id);
        assert_eq!(parse_refresh_token(&token), Some((id, hash)));
        for wrong in ["", ".", id, &token[1..], &token.replace('.', ":"), &format!("{token}0")] {
            assert_eq!(parse_refresh_token(wrong), None, "{wrong}");
        }
    }
}
