//! What accounts may do.

use std::fmt;
use std::str::FromStr;

/// What the owner of an account may do, from the least to everything.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Role {
    /// Own workouts and recordings; reads the catalogue.
    Player,
    /// Own exercises, workouts and live sessions.
    Coach,
    /// Everything of the own clubs.
    ClubAdmin,
    /// Everything.
    SuperAdmin,
}

impl Role {
    /// All roles and their names.
    pub const NAMES: [(&'static str, Self); 4] = [
        ("PLAYER", Self::Player),
        ("COACH", Self::Coach),
        ("CLUB_ADMIN", Self::ClubAdmin),
        ("SUPER_ADMIN", Self::SuperAdmin),
    ];
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::NAMES.iter().find(|(_, role)| role == self).map_or("", |(name, _)| name);
        formatter.write_str(name)
    }
}

/// A text that names no role.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("must be PLAYER, COACH, CLUB_ADMIN or SUPER_ADMIN")]
pub struct RoleError;

impl FromStr for Role {
    type Err = RoleError;

    fn from_str(text: &str) -> Result<Self, RoleError> {
        let found = Self::NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
        found.map(|(_, role)| *role).ok_or(RoleError)
    }
}
