//! Commands to a live session from its window. Those that open files run on a thread of their own, and the window goes on.

use std::sync::Arc;
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

use repcast_model::session::Command;

use super::controller::success_notice;

/// Commands that may wait for the one before. More would be carried out long after their key was pressed.
const MAX_PENDING: usize = 4;

/// Notices that may wait for the window. A window that is closed takes none, and later ones are dropped.
const MAX_NOTICES: usize = 8;

/// Why a command was rejected.
pub type CommandError = Box<dyn std::error::Error + Send + Sync>;

/// What a window needs of the session that it controls.
pub trait SessionCommands: Send + Sync {
    /// Applies a command. One that changes the document blocks while files are opened; all others return at once.
    ///
    /// # Errors
    /// Why it does not apply; shown to the user.
    fn apply(&self, command: &Command) -> Result<(), CommandError>;

    /// The current number of viewers.
    fn viewers(&self) -> u64;
}

/// Applies commands and collects what the user is notified of.
pub(crate) struct CommandRunner {
    commands: Arc<dyn SessionCommands>,
    /// The thread, from the first command that needs it. Dropping its sender ends it.
    worker: Option<(Sender<Command>, JoinHandle<()>)>,
    notices: (Sender<String>, Receiver<String>),
}

impl CommandRunner {
    pub(crate) fn new(commands: Arc<dyn SessionCommands>) -> Self {
        Self { commands, worker: None, notices: bounded(MAX_NOTICES) }
    }

    pub(crate) fn viewers(&self) -> u64 {
        self.commands.viewers()
    }

    /// Applies a command, at once or on the thread; returns a notice, if there is one already.
    pub(crate) fn run(&mut self, command: Command) -> Option<String> {
        if !changes_document(&command) {
            return notice(&command, self.commands.apply(&command));
        }
        let worker = match self.worker.take() {
            Some(worker) => worker,
            None => match self.start() {
                Ok(worker) => worker,
                Err(error) => return Some(format!("the command could not be run: {error}")),
            },
        };
        let sent = worker.0.try_send(command);
        self.worker = Some(worker);
        match sent {
            Ok(()) => None,
            Err(TrySendError::Full(_)) => {
                Some("earlier changes are still being made; try again in a moment".to_owned())
            }
            Err(TrySendError::Disconnected(_)) => {
                self.worker = None;
                Some("the command failed; try again".to_owned())
            }
        }
    }

    /// The oldest notice about a command that has run on the thread.
    pub(crate) fn take_notice(&self) -> Option<String> {
        self.notices.1.try_recv().ok()
    }

    fn start(&self) -> std::io::Result<(Sender<Command>, JoinHandle<()>)> {
        let (send, pending) = bounded::<Command>(MAX_PENDING);
        let (commands, notices) = (self.commands.clone(), self.notices.0.clone());
        let work = move || {
            for command in pending {
                if let Some(notice) = notice(&command, commands.apply(&command)) {
                    // Full: the window is closed.
                    let _ = notices.try_send(notice);
                }
            }
        };
        Ok((send, std::thread::Builder::new().name("commands".to_owned()).spawn(work)?))
    }
}

impl Drop for CommandRunner {
    fn drop(&mut self) {
        if let Some((commands, thread)) = self.worker.take() {
            drop(commands);
            let _ = thread.join();
        }
    }
}

fn changes_document(command: &Command) -> bool {
    matches!(command, Command::Extend { .. } | Command::Repeat | Command::ReplaceNext { .. } | Command::Document { .. })
}

/// What the user is notified of after a command.
fn notice(command: &Command, result: Result<(), CommandError>) -> Option<String> {
    match result {
        Ok(()) => success_notice(command),
        Err(rejection) => Some(rejection.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// Records commands; those that change the document wait until `gate` is dropped, and are rejected.
    struct Recorder {
        applied: Mutex<Vec<Command>>,
        gate: Receiver<()>,
    }

    impl SessionCommands for Recorder {
        fn apply(&self, command: &Command) -> Result<(), CommandError> {
            if changes_document(command) {
                let _ = self.gate.recv();
            }
            self.applied.lock().unwrap().push(command.clone());
            if changes_document(command) { Err("only workouts can be changed".into()) } else { Ok(()) }
        }

        fn viewers(&self) -> u64 {
            3
        }
    }

    #[test]
    fn commands_that_open_files_do_not_hold_up_others() {
        let (open, gate) = bounded::<()>(0);
        let recorder = Arc::new(Recorder { applied: Mutex::default(), gate });
        let mut runner = CommandRunner::new(recorder.clone());
        assert_eq!(runner.run(Command::Repeat), None);
        assert_eq!(runner.run(Command::Pause), None);
        assert_eq!(*recorder.applied.lock().unwrap(), [Command::Pause]);
        assert_eq!(runner.take_notice(), None);
        // One runs, and the others wait for it; one more is refused.
        let refused = (0..=MAX_PENDING).filter_map(|_| runner.run(Command::Repeat)).count();
        assert!((1..=2).contains(&refused), "{refused}");
        drop(open);
        let notice = runner.notices.1.recv().unwrap();
        assert_eq!(notice, "only workouts can be changed");
        // Dropping waits for the rest.
        drop(runner);
        assert!(recorder.applied.lock().unwrap().len() > MAX_PENDING);
    }
}
