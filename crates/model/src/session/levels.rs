//! How loud the sounds of a session are, by their role.

use serde::Serialize;

use crate::audio::AudioRole;
use crate::time::{Rational, to_f64};

/// The levels of all roles.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct AudioLevels {
    music: RoleLevel,
    voice: RoleLevel,
    effect: RoleLevel,
}

/// The level of one role.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct RoleLevel {
    /// Decibels, in addition to those of the document.
    pub(super) gain: Rational,
    pub(super) is_muted: bool,
}

/// The levels as the API reports them.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct AudioLevelStatus {
    pub music: RoleLevelStatus,
    pub voice: RoleLevelStatus,
    pub effect: RoleLevelStatus,
}

/// The level of one role as the API reports it.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct RoleLevelStatus {
    /// Decibels, in addition to those of the document.
    pub gain: f64,
    /// Whether nothing of it is heard.
    pub muted: bool,
}

impl AudioLevels {
    /// The factor of a role's samples.
    #[must_use]
    pub fn factor(&self, role: AudioRole) -> f32 {
        let RoleLevel { gain, is_muted } = self.of(role);
        if is_muted { 0.0 } else { 10_f64.powf(to_f64(gain) / 20.0) as f32 }
    }

    /// The levels for the API.
    #[must_use]
    pub fn status(&self) -> AudioLevelStatus {
        let status = |level: RoleLevel| RoleLevelStatus { gain: to_f64(level.gain), muted: level.is_muted };
        AudioLevelStatus { music: status(self.music), voice: status(self.voice), effect: status(self.effect) }
    }

    fn of(&self, role: AudioRole) -> RoleLevel {
        match role {
            AudioRole::Music => self.music,
            AudioRole::Voice => self.voice,
            AudioRole::Effect => self.effect,
        }
    }

    /// Changes the level of a role, or of all.
    pub(super) fn change(&mut self, role: Option<AudioRole>, change: impl Fn(&mut RoleLevel)) {
        match role {
            Some(AudioRole::Music) => change(&mut self.music),
            Some(AudioRole::Voice) => change(&mut self.voice),
            Some(AudioRole::Effect) => change(&mut self.effect),
            None => [&mut self.music, &mut self.voice, &mut self.effect].into_iter().for_each(change),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::AudioRole::{Effect, Music, Voice};
    use crate::session::{Command, CommandRejection, Session};
    use crate::time::FrameRate;

    fn session() -> Session {
        Session::new(10, FrameRate::new(30, 1).unwrap(), Vec::new())
    }

    #[test]
    fn levels_of_roles_are_changed_where_there_is_sound() {
        let volume = |role, gain| Command::Volume { role, gain: Rational::from_integer(gain) };
        let mute = |role, muted| Command::Mute { role, muted };
        let mut silent = session();
        assert_eq!(silent.apply(&volume(None, 3)), Err(CommandRejection::NoSound));
        assert_eq!((silent.apply(&mute(None, true)), silent.levels()), (Err(CommandRejection::NoSound), None));
        let mut session = session().with_sound();
        session.apply(&volume(Some(Music), -20)).unwrap();
        session.apply(&mute(Some(Voice), true)).unwrap();
        let levels = session.playhead().levels;
        assert!((levels.factor(Music) - 0.1).abs() < 1e-6);
        assert_eq!((levels.factor(Voice), levels.factor(Effect)), (0.0, 1.0));
        session.apply(&volume(None, 0)).unwrap();
        session.apply(&mute(None, false)).unwrap();
        assert!([Music, Voice, Effect].iter().all(|role| session.playhead().levels.factor(*role) == 1.0));
        assert_eq!(session.levels().unwrap().status().music.gain, 0.0);
    }
}
