//! `repcast user` and `repcast backup`: what administrators do with the data of a server, also while it runs.

use std::io::{BufRead, IsTerminal, Read};

use repcast_service::{AccountPolicy, Coach, CoachConfig, ObjectsAddress, Registration, Role};

use super::args::{BackupArgs, DataArgs, StorageArgs, UserArgs, UserCommand};
use super::check_clips;
use super::data_folder::DataFolder;
use super::{Failure, log, print_line};

/// Most bytes that are read of a password.
const MAX_PASSWORD_BYTES: u64 = 4096;

pub(super) fn run(args: &UserArgs) -> Result<(), Failure> {
    match &args.command {
        UserCommand::Add { email, role, name, language, data } => {
            let name = name.clone().unwrap_or_else(|| email.split('@').next().unwrap_or_default().to_owned());
            let password = read_password()?;
            let registration = Registration { email: email.clone(), password, name, language: language.clone() };
            with_data(data, async |coach| {
                let user = coach.accounts().create(registration, *role).await.map_err(Failure::failed)?;
                print_line(&format!("{} is {role}", user.email))
            })
        }
        UserCommand::Role { email, role, data } => with_data(data, async |coach| {
            coach.set_role(email, *role).await.map_err(Failure::failed)?;
            print_line(&format!("{email} is {role}"))
        }),
        UserCommand::Password { email, data } => {
            let password = read_password()?;
            with_data(data, async |coach| {
                coach.reset_password(email, password).await.map_err(Failure::failed)?;
                print_line(&format!("the password of {email} was replaced, and its devices are signed out"))
            })
        }
        UserCommand::List { data } => with_data(data, async |coach| {
            let users = coach.all_users().await.map_err(Failure::failed)?;
            let widest = Role::NAMES.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
            users.iter().try_for_each(|user| print_line(&format!("{:widest$}  {}", user.role, user.email)))
        }),
    }
}

pub(super) fn back_up(args: &BackupArgs) -> Result<(), Failure> {
    with_data(&args.data, async |coach| {
        if !coach.back_up(&args.file).await.map_err(Failure::failed)? {
            return Err(Failure::wrong("PostgreSQL has tools of its own for this: pg_dump, or a backup of the server"));
        }
        log::message(&format!("{} has a copy of the database", args.file.display()));
        Ok(())
    })
}

/// Opens the data and does something with it.
fn with_data(args: &DataArgs, work: impl AsyncFnOnce(Coach) -> Result<(), Failure>) -> Result<(), Failure> {
    with_stores(args, None, work)
}

/// The same with the stores that the options name.
pub(super) fn with_stores(
    args: &DataArgs,
    storage: Option<&StorageArgs>,
    work: impl AsyncFnOnce(Coach) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let folder = DataFolder::open(args)?;
    let own = || ObjectsAddress::Folder(folder.path().join("assets"));
    let clips = storage.map_or_else(|| Ok(own()), |storage| folder.stores(storage).map(|(clips, _)| clips))?;
    let config = CoachConfig {
        database: folder.database(args),
        folder: folder.path().to_owned(),
        videos: clips.clone(),
        clips,
        video_bytes: 0,
        worker: cfg!(target_os = "linux").then(check_clips::worker_command),
        secret: folder.secret(None)?,
        with_accounts: AccountPolicy::Closed,
        auth: Some(true),
        cameras: None,
        has_local_user: false,
    };
    let address = config.database.clone();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::failed)?;
    runtime.block_on(async {
        let coach = Coach::open(config).await.map_err(|error| Failure::failed(format!("{address}: {error}")))?;
        work(coach).await
    })
}

/// The first line of standard input.
fn read_password() -> Result<String, Failure> {
    if std::io::stdin().is_terminal() {
        log::message("type the password, then Enter:");
    }
    let mut text = String::new();
    let mut input = std::io::stdin().lock().take(MAX_PASSWORD_BYTES);
    input.read_line(&mut text).map_err(Failure::failed)?;
    let password = text.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err(Failure::wrong("the password is missing on standard input"));
    }
    Ok(password.to_owned())
}
