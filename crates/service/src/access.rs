//! Who may do what: tokens, and the one place that compares them.

use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, PoisonError};

use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::accounts::{Account, Role};
use super::sessions::LiveSession;
use super::{Service, ServiceError};

/// Least characters of a configured token: 96 bits if they are random, too many to try out.
const MIN_LENGTH: usize = 16;

/// Most characters of a token; more do not make it harder to guess.
const MAX_LENGTH: usize = 512;

/// A secret that grants a right. It is compared in constant time, and its `Debug` form does not show it.
#[derive(Clone)]
pub struct Token(String);

/// A text that cannot be a token.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TokenError {
    /// It is too short to be secret, or too long.
    #[error("a token has {MIN_LENGTH} to {MAX_LENGTH} characters")]
    Length,
    /// It contains a character that a bearer token cannot have (RFC 6750, 2.1).
    #[error("a token consists of letters, digits and -._~+/=")]
    Character,
}

impl Token {
    /// A token of 244 random bits, in hexadecimal.
    #[must_use]
    pub fn random() -> Self {
        Self(format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple()))
    }

    /// Whether `presented` is this token.
    #[must_use]
    pub fn matches(&self, presented: &str) -> bool {
        self.0.as_bytes().ct_eq(presented.as_bytes()).into()
    }

    /// The secret, for the one who receives the right.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.0
    }
}

impl FromStr for Token {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Self, TokenError> {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
        match text {
            _ if !(MIN_LENGTH..=MAX_LENGTH).contains(&text.len()) => Err(TokenError::Length),
            _ if !text.bytes().all(is_allowed) => Err(TokenError::Character),
            _ => Ok(Self(text.to_owned())),
        }
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token")
    }
}

/// Who a request comes from.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Principal {
    /// Someone unknown.
    #[default]
    Anonymous,
    /// The user of this machine, where the server has no accounts.
    LocalUser,
    /// The owner of an account.
    Account(Arc<Account>),
    /// The operator, by the server's token.
    Operator,
}

impl Principal {
    /// What the principal may do with exercises, workouts and accounts; nothing when `None`.
    #[must_use]
    pub fn role(&self) -> Option<Role> {
        match self {
            Self::Anonymous => None,
            Self::LocalUser | Self::Operator => Some(Role::SuperAdmin),
            Self::Account(account) => Some(account.role),
        }
    }

    /// The account that new objects belong to.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Account(account) => &account.id,
            Self::Anonymous | Self::LocalUser | Self::Operator => LOCAL_ID,
        }
    }

    /// What belongs to the principal.
    pub(crate) fn owner(&self) -> Option<Owner> {
        let Self::Account(account) = self else { return None };
        Some(Owner { id: account.id.clone(), clubs: account.clubs.iter().map(|club| club.id.clone()).collect() })
    }

    /// Whether the principal is in one of these clubs.
    fn is_in(&self, clubs: &[String]) -> bool {
        let Self::Account(account) = self else { return false };
        account.clubs.iter().any(|club| clubs.contains(&club.id))
    }
}

/// The id of the user of this machine, in the place of an account's.
pub const LOCAL_ID: &str = "local";

/// Whom something belongs to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Owner {
    /// The account.
    pub id: String,
    /// The clubs that it belongs to.
    pub clubs: Vec<String>,
}

/// Who asks, and the token that the request presents for one session.
#[derive(Clone, Default)]
pub struct Caller {
    /// Who asks.
    pub principal: Principal,
    /// The control token of a session, perhaps.
    pub token: Option<String>,
}

/// What a request wants to do.
#[derive(Clone, Copy)]
pub enum Action<'a> {
    /// Start a live session.
    StartSession,
    /// Generate a video, a frame or captions.
    Generate,
    /// See all sessions.
    List,
    /// Command a session, open or close its preview window, or end it.
    Control(&'a LiveSession),
    /// See an exercise that belongs to someone.
    ReadExercise(&'a Owner),
    /// Add an exercise, and send its clip.
    AddExercise,
    /// Let the members of a club use something.
    UseClub(&'a str),
    /// Change or delete an exercise; one without an owner is for everyone.
    ChangeExercise(Option<&'a Owner>),
    /// Save and list own workouts.
    SaveWorkouts,
    /// Read, change or delete a workout.
    UseWorkout(&'a Owner),
    /// Look at a camera that belongs to no court.
    ProbeCamera,
    /// See, change or delete a camera session and its recording, which belongs to an account and to a club.
    UseRecording(&'a Owner),
    /// Manage the accounts and members of a club.
    ManageClub(&'a str),
    /// Manage all accounts and clubs, and read the audit log.
    Administer,
    /// Read and change the own account.
    UseAccount,
}

/// The rights of a process.
#[derive(Debug, Default)]
pub(crate) struct Access {
    /// The token of the operator, who may do everything.
    pub(crate) operator: Option<Token>,
    /// Whether starting sessions and videos needs an account or the operator's token. Without accounts and without a token,
    /// everyone may.
    pub(crate) has_accounts: bool,
}

impl Access {
    /// Whether `presented` is the operator's token.
    pub(crate) fn is_operator(&self, presented: Option<&str>) -> bool {
        matches(self.operator.as_ref(), presented)
    }

    /// Whether a request may act.
    ///
    /// # Errors
    /// When it may not; which error depends on what may be known: a list does not exist for those who may not see it.
    pub(crate) fn authorize(&self, caller: &Caller, action: Action<'_>) -> Result<(), ServiceError> {
        let Caller { principal, token } = caller;
        if *principal == Principal::Operator {
            return Ok(());
        }
        let role = principal.role();
        let is_open = self.operator.is_none() && !self.has_accounts;
        let is_allowed = match action {
            Action::StartSession if is_open => true,
            Action::Generate if is_open => true,
            Action::StartSession => has_account(principal) && role >= Some(Role::Coach),
            Action::Generate => has_account(principal),
            // The user of the machine has the links of the sessions that were started here.
            Action::List if !has_account(principal) => return Err(ServiceError::NoList),
            Action::List => true,
            Action::Control(session) => {
                let is_owner = || session.owner.as_ref().is_some_and(|owner| owns(principal, owner));
                let is_admin = || has_account(principal) && role == Some(Role::SuperAdmin);
                return if matches(Some(&session.control), token.as_deref()) || is_owner() || is_admin() {
                    Ok(())
                } else {
                    Err(ServiceError::NotInControl)
                };
            }
            Action::ReadExercise(owner) => {
                role == Some(Role::SuperAdmin) || principal.id() == owner.id || principal.is_in(&owner.clubs)
            }
            Action::AddExercise => role >= Some(Role::Coach),
            Action::ProbeCamera => role >= Some(Role::ClubAdmin),
            Action::UseClub(club) => {
                role == Some(Role::SuperAdmin) || principal.is_in(std::slice::from_ref(&club.to_owned()))
            }
            Action::ChangeExercise(None) | Action::Administer => role == Some(Role::SuperAdmin),
            Action::ChangeExercise(Some(owner)) => role >= Some(Role::Coach) && owns(principal, owner),
            Action::SaveWorkouts | Action::UseAccount => role.is_some(),
            Action::UseWorkout(owner) => owns(principal, owner),
            Action::UseRecording(owner) => {
                let is_own = principal.id() == owner.id;
                let is_admin = role == Some(Role::ClubAdmin) && principal.is_in(&owner.clubs);
                role.is_some() && (is_own || is_admin || role == Some(Role::SuperAdmin))
            }
            Action::ManageClub(club) => {
                let is_member = principal.is_in(std::slice::from_ref(&club.to_owned()));
                role == Some(Role::SuperAdmin) || (role == Some(Role::ClubAdmin) && is_member)
            }
        };
        match role {
            _ if is_allowed => Ok(()),
            None | Some(_) if !has_account(principal) && is_start(action) => Err(ServiceError::Unauthenticated),
            None => Err(ServiceError::SignedOut),
            Some(_) => Err(ServiceError::NotAllowed),
        }
    }
}

impl Service {
    /// Whether a request may act.
    ///
    /// # Errors
    /// When it may not.
    pub fn authorize(&self, caller: &Caller, action: Action<'_>) -> Result<(), ServiceError> {
        self.access.read().unwrap_or_else(PoisonError::into_inner).authorize(caller, action)
    }

    /// Whether this is the operator's token.
    #[must_use]
    pub fn is_operator(&self, token: &str) -> bool {
        self.access.read().unwrap_or_else(PoisonError::into_inner).is_operator(Some(token))
    }

    /// Whether the server has a token.
    #[must_use]
    pub fn has_operator(&self) -> bool {
        self.access.read().unwrap_or_else(PoisonError::into_inner).operator.is_some()
    }
}

fn is_start(action: Action<'_>) -> bool {
    matches!(action, Action::StartSession | Action::Generate)
}

fn has_account(principal: &Principal) -> bool {
    matches!(principal, Principal::Account(_))
}

/// Whether something of this owner is the principal's own, or of a club that the principal administers.
fn owns(principal: &Principal, owner: &Owner) -> bool {
    match principal.role() {
        None => false,
        Some(Role::SuperAdmin) => true,
        Some(Role::ClubAdmin) => principal.id() == owner.id || principal.is_in(&owner.clubs),
        Some(Role::Player | Role::Coach) => principal.id() == owner.id,
    }
}

fn matches(token: Option<&Token>, presented: Option<&str>) -> bool {
    token.zip(presented).is_some_and(|(token, presented)| token.matches(presented))
}

#[cfg(test)]
mod tests {
    use repcast_database::{ClubRow, Timestamp};

    use super::*;

    #[test]
    fn tokens_are_long_and_fit_into_a_header() {
        let parse = |text: &str| text.parse::<Token>().map(|token| token.matches(text));
        assert_eq!(parse("0123456789abcdef"), Ok(true));
        assert_eq!(parse(Token::random().secret()), Ok(true));
        assert_eq!(parse("0123456789abcde"), Err(TokenError::Length));
        assert_eq!(parse(&"a".repeat(MAX_LENGTH + 1)), Err(TokenError::Length));
        for text in ["0123456789 abcdef", "0123456789\nabcdef", "0123456789äbcdef", "0123456789,abcdef"] {
            assert_eq!(parse(text), Err(TokenError::Character), "{text}");
        }
    }

    #[test]
    fn only_the_whole_token_matches_and_debug_hides_it() {
        let token: Token = "0123456789abcdef".parse().unwrap();
        for other in ["", "0123456789abcde", "0123456789abcdeg", "0123456789abcdef0", "0123456789ABCDEF"] {
            assert!(!token.matches(other), "{other}");
        }
        assert_ne!(Token::random().secret(), Token::random().secret());
        assert_eq!(format!("{token:?}"), "Token");
    }

    fn account(role: Role, id: &str, clubs: &[&str]) -> Caller {
        let club = |id: &&str| ClubRow { id: id.to_string(), name: id.to_string(), created_at: Timestamp::now() };
        let account = Account {
            id: id.to_owned(),
            email: String::new(),
            name: String::new(),
            role,
            language: String::new(),
            clubs: clubs.iter().map(club).collect(),
            session_id: String::new(),
        };
        Caller { principal: Principal::Account(Arc::new(account)), token: None }
    }

    fn caller(principal: Principal) -> Caller {
        Caller { principal, token: None }
    }

    #[test]
    fn starting_is_open_without_an_operator_and_accounts_and_the_list_is_not() {
        let operator: Token = "0123456789abcdef".parse().unwrap();
        let open = Access::default();
        let closed = Access { operator: Some(operator), has_accounts: false };
        let accounts = Access { operator: None, has_accounts: true };
        let anonymous = caller(Principal::Anonymous);
        assert!(open.authorize(&anonymous, Action::StartSession).is_ok());
        assert!(matches!(open.authorize(&anonymous, Action::List), Err(ServiceError::NoList)));
        assert!(matches!(open.authorize(&caller(Principal::LocalUser), Action::List), Err(ServiceError::NoList)));
        for access in [closed, accounts] {
            for action in [Action::StartSession, Action::Generate] {
                assert!(access.authorize(&caller(Principal::Operator), action).is_ok());
                assert!(matches!(access.authorize(&anonymous, action), Err(ServiceError::Unauthenticated)));
            }
            assert!(matches!(access.authorize(&anonymous, Action::List), Err(ServiceError::NoList)));
        }
    }

    /// Role by action, for objects of the caller, of another member of the caller's club, and of someone else.
    #[test]
    fn roles_reach_what_they_are_for() {
        let access = Access { operator: None, has_accounts: true };
        let owner = |id: &str, club: &str| Owner { id: id.to_owned(), clubs: vec![club.to_owned()] };
        let (own, club, other) = (owner("me", "mine"), owner("you", "mine"), owner("she", "hers"));
        let actions = [
            Action::StartSession,
            Action::Generate,
            Action::AddExercise,
            Action::ChangeExercise(None),
            Action::ChangeExercise(Some(&own)),
            Action::ChangeExercise(Some(&club)),
            Action::ReadExercise(&club),
            Action::ReadExercise(&other),
            Action::UseWorkout(&own),
            Action::UseWorkout(&club),
            Action::UseWorkout(&other),
            Action::UseRecording(&own),
            Action::UseRecording(&club),
            Action::UseRecording(&other),
            Action::ManageClub("mine"),
            Action::ManageClub("hers"),
            Action::Administer,
        ];
        let allowed = |caller: &Caller| -> String {
            let is_ok = |action: &Action<'_>| if access.authorize(caller, *action).is_ok() { 'x' } else { '.' };
            actions.iter().map(is_ok).collect()
        };
        assert_eq!(allowed(&caller(Principal::Anonymous)), ".................");
        assert_eq!(allowed(&account(Role::Player, "me", &["mine"])), ".x....x.x..x.....");
        assert_eq!(allowed(&account(Role::Coach, "me", &["mine"])), "xxx.x.x.x..x.....");
        assert_eq!(allowed(&account(Role::ClubAdmin, "me", &["mine"])), "xxx.xxx.xx.xx.x..");
        assert_eq!(allowed(&account(Role::SuperAdmin, "me", &[])), "xxxxxxxxxxxxxxxxx");
    }
}
