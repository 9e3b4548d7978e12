//! Passwords: how strong they have to be, and how they are stored.

use std::sync::{Arc, LazyLock};

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

use super::AccountError;

/// Hashes that are computed at the same time, each with 19 MiB and some 30 ms on a core.
const MAX_HASHES: usize = 2;

/// Requests that wait for one of these, beyond which clients have to try again.
const MAX_WAITING: usize = 64;

/// Most characters: more are not harder to guess, but take longer to judge.
const MAX_CHARS: usize = 128;

/// Hashes and verifies passwords with argon2id and the parameters that OWASP recommends (19 MiB, 2 passes), which are the
/// library's own.
#[derive(Clone, Debug)]
pub(super) struct Passwords {
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl Passwords {
    pub(super) fn new() -> Self {
        Self { running: Arc::new(Semaphore::new(MAX_HASHES)), waiting: Arc::new(Semaphore::new(MAX_WAITING)) }
    }

    /// The hash of a password, with its salt and parameters.
    pub(super) async fn hash(&self, password: String) -> Result<String, AccountError> {
        self.run(move || Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string()))
            .await?
            .map_err(|_| AccountError::Internal("a password could not be hashed"))
    }

    /// Whether a password has this hash. Without one it takes as long and is false, so that the time does not tell whether
    /// there is an account.
    pub(super) async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, AccountError> {
        static OTHER: LazyLock<String> = LazyLock::new(|| {
            Argon2::default().hash_password(b"of no account").map(|hash| hash.to_string()).unwrap_or_default()
        });
        self.run(move || {
            let is_known = hash.is_some();
            let hash = hash.unwrap_or_else(|| OTHER.clone());
            let parsed = PasswordHash::new(&hash).ok();
            let matches =
                parsed.is_some_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
            matches && is_known
        })
        .await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, AccountError> {
        let _place = self.waiting.try_acquire().map_err(|_| AccountError::Busy)?;
        let stopped = AccountError::Internal("the passwords' thread has stopped");
        let Ok(permit) = self.running.clone().acquire_owned().await else { return Err(stopped) };
        let work = move || {
            let result = work();
            drop(permit);
            result
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| stopped)
    }
}

/// Checks that a password is hard to guess, also for those who know its owner.
///
/// # Errors
/// What would make it harder to guess.
pub(super) fn check_strength(password: &str, email: &str, name: &str) -> Result<(), AccountError> {
    if password.chars().count() > MAX_CHARS {
        return Err(AccountError::Weak(format!("A password has at most {MAX_CHARS} characters.")));
    }
    // Without what separates their words, too.
    let whole = |text: &str| text.chars().filter(|character| character.is_alphanumeric()).collect::<String>();
    let (address, full_name) = (whole(email.split('@').next().unwrap_or_default()), whole(name));
    let words = email.split(['@', '.']).chain(name.split_whitespace());
    let inputs: Vec<&str> = words.chain([&*address, &*full_name, "repcast"]).collect();
    let entropy = zxcvbn::zxcvbn(password, &inputs);
    if entropy.score() >= zxcvbn::Score::Three {
        return Ok(());
    }
    let feedback = entropy.feedback();
    let warning = feedback.and_then(|feedback| feedback.warning()).map(|warning| warning.to_string());
    let advice = feedback.and_then(|feedback| feedback.suggestions().first()).map(ToString::to_string);
    let texts: Vec<String> =
        ["This password is too easy to guess.".to_owned()].into_iter().chain(warning).chain(advice).collect();
    Err(AccountError::Weak(texts.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_matches_its_own_hash_only() {
        let passwords = Passwords::new();
        let hash = passwords.hash("correct horse".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let verify = async |password: &str, hash: Option<&str>| {
            passwords.verify(password.to_owned(), hash.map(str::to_owned)).await.unwrap()
        };
        assert!(verify("correct horse", Some(&hash)).await);
        assert!(!verify("correct horse ", Some(&hash)).await);
        assert!(!verify("of no account", None).await);
        assert!(!verify("x", Some("no hash")).await);
        assert_ne!(passwords.hash("correct horse".to_owned()).await.unwrap(), hash, "the salt");
    }

    #[test]
    fn strength_counts_and_not_a_recipe() {
        let check = |password: &str| check_strength(password, "zoe.martin@gym.example", "Zoé Martin");
        for weak in ["", "password", "P@ssw0rd1", "zoemartin2026", "repcast1!", "aaaaaaaaaaaa", "qwertyuiop"] {
            assert!(check(weak).is_err(), "{weak}");
        }
        for strong in ["correct horse battery staple", "vélo-jaune-mardi-neige", "x7#kQ9vL2p"] {
            assert!(check(strong).is_ok(), "{strong}");
        }
        assert!(check(&"é1".repeat(65)).is_err());
    }
}
