//! The folder of a server's data: the database, and the secret that signs its tokens.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use repcast_media::io_reason;
use repcast_service::{DatabaseAddress, ObjectsAddress, S3Address, ServerSecret, Token};

use super::Failure;
use super::args::{DataArgs, StorageArgs};

/// Most bytes that are read of a secret.
const MAX_SECRET_BYTES: u64 = 4096;

/// The folder of a server's data.
#[derive(Debug)]
pub(super) struct DataFolder(PathBuf);

impl DataFolder {
    /// The folder that the options name, or the user's; it is created for this user alone if it does not exist.
    pub(super) fn open(args: &DataArgs) -> Result<Self, Failure> {
        let folder = args.data.clone().or_else(default_folder);
        let folder =
            folder.ok_or_else(|| Failure::wrong("--data: give the folder of the data, this user has no home"))?;
        let created = DirBuilder::new().recursive(true).mode(0o700).create(&folder);
        created.map_err(|error| {
            Failure::wrong(format!("--data: {}: {}; give another folder", folder.display(), io_reason(&error)))
        })?;
        Ok(Self(folder))
    }

    /// The folder.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// The database that the options name, or the file in the folder.
    pub(super) fn database(&self, args: &DataArgs) -> DatabaseAddress {
        args.database_url.clone().unwrap_or_else(|| DatabaseAddress::Sqlite(self.0.join("repcast.db")))
    }

    /// Where clips of own exercises and finished videos are kept: the buckets that the options name, or folders here.
    pub(super) fn stores(&self, args: &StorageArgs) -> Result<(ObjectsAddress, ObjectsAddress), Failure> {
        let store = |bucket: &Option<String>, folder: &str| match bucket {
            None => Ok(ObjectsAddress::Folder(self.0.join(folder))),
            Some(bucket) => Ok(ObjectsAddress::S3(S3Address {
                endpoint: args.s3_endpoint.clone(),
                bucket: bucket.clone(),
                region: args.s3_region.clone(),
                key_id: key("AWS_ACCESS_KEY_ID")?,
                secret_key: key("AWS_SECRET_ACCESS_KEY")?,
            })),
        };
        Ok((store(&args.s3_bucket_assets, "assets")?, store(&args.s3_bucket_videos, "videos")?))
    }

    /// The secret of a file, or of the one in the folder, which is written if it does not exist.
    pub(super) fn secret(&self, file: Option<&Path>) -> Result<ServerSecret, Failure> {
        let own = self.0.join("secret");
        let path = file.unwrap_or(&own);
        let wrong = |reason: &str| Failure::wrong(format!("{}: {reason}", path.display()));
        if file.is_none() {
            create_secret(path).map_err(|error| wrong(&io_reason(&error)))?;
        }
        let mut secret = Vec::new();
        let read = fs::File::open(path).and_then(|file| file.take(MAX_SECRET_BYTES).read_to_end(&mut secret));
        read.map_err(|error| wrong(&io_reason(&error)))?;
        ServerSecret::new(secret.trim_ascii()).map_err(|error| wrong(&error.to_string()))
    }
}

/// A key of a store. Command lines and files can be read by others.
fn key(name: &str) -> Result<String, Failure> {
    let missing = || Failure::wrong(format!("{name}: a bucket needs this variable of the environment"));
    std::env::var(name).ok().filter(|key| !key.is_empty()).ok_or_else(missing)
}

/// Where the data of a user lies: what systemd gives to a service, or else the folder of the XDG base directories.
fn default_folder() -> Option<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    // Several are separated by colons.
    let of_service = std::env::var("STATE_DIRECTORY").ok().and_then(|paths| paths.split(':').next().map(PathBuf::from));
    let of_user = || variable("XDG_DATA_HOME").or_else(|| Some(variable("HOME")?.join(".local/share")));
    of_service.filter(|path| path.is_absolute()).or_else(|| Some(of_user()?.join("repcast")))
}

/// Writes a random secret that this user alone can read, unless there is one. It appears as a whole.
fn create_secret(path: &Path) -> std::io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    let part = path.with_extension(format!("{}.part", std::process::id()));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part)?;
    file.write_all(Token::random().secret().as_bytes())?;
    file.sync_all()?;
    // Of two programs that start at the same time, the first wins.
    let linked = match fs::hard_link(&part, path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        result => result,
    };
    fs::remove_file(&part)?;
    linked
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_secret_is_written_once_and_private() {
        let root = tempfile::tempdir().unwrap();
        let args = DataArgs { data: Some(root.path().join("a/b")), database_url: None };
        let folder = DataFolder::open(&args).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(folder.path()), 0o700);
        let signature = || folder.secret(None).unwrap().sign_path("/", 0);
        assert_eq!(signature(), signature());
        assert_eq!(mode(&folder.path().join("secret")), 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        let short = root.path().join("short");
        fs::write(&short, "0123456789\n").unwrap();
        assert!(folder.secret(Some(&short)).is_err() && folder.secret(Some(&root.path().join("none"))).is_err());
    }
}
