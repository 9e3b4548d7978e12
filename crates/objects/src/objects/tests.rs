use super::*;

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

async fn content(objects: &Objects, key: &str) -> Result<(u64, Vec<u8>), ObjectError> {
    let object = objects.get(key).await?;
    let parts: Vec<Bytes> = object.bytes.try_collect().await?;
    Ok((object.length, parts.concat()))
}

#[test]
fn files_of_a_folder_appear_whole_and_stay() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("objects");
    let objects = Objects::open(&ObjectsAddress::Folder(folder.clone())).unwrap();
    block_on(async {
        let file = root.path().join("upload");
        fs::write(&file, "0123456789").unwrap();
        objects.put_file("clips/a.mov", &file).await.unwrap();
        // Moved, not copied.
        assert!(!file.exists());
        assert_eq!(content(&objects, "clips/a.mov").await.unwrap(), (10, b"0123456789".to_vec()));
        fs::write(&file, "other").unwrap();
        objects.put_file("clips/a.mov", &file).await.unwrap();
        assert_eq!(content(&objects, "clips/a.mov").await.unwrap().0, 10);
        let copy = root.path().join("copy");
        objects.fetch("clips/a.mov", &copy).await.unwrap();
        assert_eq!(fs::read(&copy).unwrap(), b"0123456789");
        assert_eq!(objects.path("clips/a.mov").unwrap(), folder.join("clips/a.mov"));
        objects.delete("clips/a.mov").await.unwrap();
        objects.delete("clips/a.mov").await.unwrap();
        assert!(matches!(content(&objects, "clips/a.mov").await, Err(ObjectError::NotFound(_))));
        assert!(objects.fetch("clips/a.mov", &root.path().join("none")).await.is_err());
        assert!(!root.path().join("none").exists());
    });
}

#[test]
fn keys_lead_to_no_file_outside_of_the_folder() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("secret"), "secret").unwrap();
    let objects = Objects::open(&ObjectsAddress::Folder(root.path().join("objects"))).unwrap();
    for key in ["../secret", "a/../../secret", "/../secret", "..", "", "a//b", "./secret", "a/%2e%2e/b"] {
        let file = root.path().join("file");
        fs::write(&file, "x").unwrap();
        // Whether it is a name in the folder or none, it stays inside.
        let _ = block_on(objects.put_file(key, &file));
        let path = objects.path(key);
        assert!(path.is_none_or(|path| path.starts_with(root.path().join("objects"))), "{key}");
        assert!(block_on(objects.get("../secret")).is_err());
    }
    assert_eq!(fs::read(root.path().join("secret")).unwrap(), b"secret");
}

#[test]
fn unfinished_files_of_ended_processes_are_removed() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("clips");
    fs::create_dir(&folder).unwrap();
    let own = unfinished(&folder.join("own"));
    // No process has this number.
    let other = folder.join("other.99999999.part");
    let whole = folder.join("whole.part");
    [&own, &other, &whole].iter().for_each(|path| fs::write(path, "x").unwrap());
    Objects::open(&ObjectsAddress::Folder(root.path().to_owned())).unwrap();
    assert!(own.exists() && whole.exists() && !other.exists());
}
