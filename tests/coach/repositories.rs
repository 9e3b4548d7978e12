//! What is written can be read, on SQLite and on PostgreSQL alike.

use std::time::Duration;

use repcast_database::{
    AuditEntry, Database, DatabaseAddress, DatabaseError, ExerciseRow, ImportedExercise, NewUser, NewWorkout, Page,
    SessionRow, Timestamp, WorkoutFilter,
};

use super::databases::on_both;

const NOW: i64 = 1_795_000_000_000;

const ALL: Page = Page { offset: 0, limit: 100 };

fn at(secs: i64) -> Timestamp {
    Timestamp::from_millis(NOW + secs * 1000)
}

async fn add_user(database: &Database, id: &str) {
    let email = format!("{id}@gym.example");
    let user = NewUser { id, email: &email, name: "Zoé", password: "hash", role: "COACH", language: "fr" };
    database.insert_user(user, at(0)).await.unwrap();
}

#[test]
fn accounts_have_unique_addresses_and_can_be_changed() {
    on_both(async |database| {
        add_user(&database, "a").await;
        let again = NewUser { id: "b", email: "a@gym.example", name: "", password: "", role: "PLAYER", language: "en" };
        assert!(matches!(database.insert_user(again, at(0)).await, Err(DatabaseError::Exists)));
        let mut user = database.user_by_email("a@gym.example").await.unwrap().unwrap();
        assert_eq!((user.name.as_str(), user.created_at, user.disabled_at), ("Zoé", at(0), None));
        user.role = "CLUB_ADMIN".to_owned();
        user.disabled_at = Some(at(5));
        assert!(database.update_user(&user).await.unwrap());
        assert_eq!(database.user("a").await.unwrap(), Some(user.clone()));
        assert_eq!(database.users(ALL).await.unwrap(), (vec![user], 1));
        assert_eq!(database.user("b").await.unwrap(), None);
    });
}

#[test]
fn clubs_have_members() {
    on_both(async |database| {
        add_user(&database, "a").await;
        database.insert_club("c", "Padel Lyon", at(0)).await.unwrap();
        assert!(matches!(database.insert_club("d", "Padel Lyon", at(0)).await, Err(DatabaseError::Exists)));
        for _ in 0..2 {
            database.join_club("a", "c").await.unwrap();
        }
        assert!(database.join_club("a", "none").await.is_err());
        assert_eq!(database.clubs_of("a").await.unwrap(), database.clubs().await.unwrap());
        assert_eq!(database.members("c").await.unwrap().len(), 1);
        assert!(database.leave_club("a", "c").await.unwrap());
        assert!(!database.leave_club("a", "c").await.unwrap());
        assert_eq!(database.clubs_of("a").await.unwrap(), []);
        database.insert_club("e", "Gym", at(0)).await.unwrap();
        assert!(matches!(database.rename_club("e", "Padel Lyon").await, Err(DatabaseError::Exists)));
        assert!(database.rename_club("e", "Gym du Parc").await.unwrap());
        assert!(!database.rename_club("none", "X").await.unwrap());
        database.join_club("a", "e").await.unwrap();
        assert!(database.delete_club("e").await.unwrap() && !database.delete_club("e").await.unwrap());
        assert_eq!(database.clubs_of("a").await.unwrap(), []);
    });
}

fn session(id: &str, hash: &str) -> SessionRow {
    SessionRow {
        id: id.to_owned(),
        user_id: "a".to_owned(),
        refresh_hash: hash.to_owned(),
        device: "Firefox".to_owned(),
        address: "192.0.2.1".to_owned(),
        created_at: at(0),
        used_at: at(0),
        expires_at: at(100),
    }
}

#[test]
fn a_refresh_token_is_replaced_once_and_expires() {
    on_both(async |database| {
        add_user(&database, "a").await;
        let first = session("s", "one");
        database.insert_session(&first).await.unwrap();
        let second =
            SessionRow { refresh_hash: "two".to_owned(), used_at: at(9), expires_at: at(109), ..first.clone() };
        assert!(database.rotate_session(&first, &second).await.unwrap());
        assert!(!database.rotate_session(&first, &session("s", "three")).await.unwrap());
        assert_eq!(database.session("s").await.unwrap(), Some(second.clone()));
        assert!(database.signed_in_user("s", at(108)).await.unwrap().is_some());
        assert!(database.signed_in_user("s", at(109)).await.unwrap().is_none());
        database.insert_session(&session("other", "x")).await.unwrap();
        assert_eq!(database.sessions_of("a", at(50)).await.unwrap(), [second, session("other", "x")]);
        database.set_password("a", "new", Some("other")).await.unwrap();
        assert_eq!(database.session("s").await.unwrap(), None);
        assert_eq!(database.delete_expired_sessions(at(100)).await.unwrap(), 1);
        assert!(!database.delete_session("other").await.unwrap());
    });
}

#[test]
fn disabled_accounts_are_signed_out() {
    on_both(async |database| {
        add_user(&database, "a").await;
        database.insert_session(&session("s", "one")).await.unwrap();
        let mut user = database.signed_in_user("s", at(1)).await.unwrap().unwrap();
        user.disabled_at = Some(at(1));
        database.update_user(&user).await.unwrap();
        assert_eq!(database.signed_in_user("s", at(1)).await.unwrap(), None);
    });
}

fn workout(title: &str) -> NewWorkout<'_> {
    NewWorkout { title, document: r#"{"exercises":[{"id":"air_squat"}]}"#, duration_ms: 30_000, exercises: 1 }
}

#[test]
fn workouts_are_replaced_only_from_the_version_that_was_read() {
    on_both(async |database| {
        add_user(&database, "a").await;
        database.insert_workout("w", "a", workout("Matin"), at(0)).await.unwrap();
        assert!(database.update_workout("w", 1, workout("Été"), at(1)).await.unwrap());
        assert!(!database.update_workout("w", 1, workout("Lost"), at(2)).await.unwrap());
        let row = database.workout("w").await.unwrap().unwrap();
        assert_eq!((row.summary.title.as_str(), row.summary.version, row.summary.updated_at), ("Été", 2, at(1)));
        assert_eq!((row.summary.owner_name.as_deref(), row.document.as_str()), (Some("Zoé"), workout("").document));
        assert!(!database.delete_workout("w", Some(1)).await.unwrap());
        assert!(database.delete_workout("w", Some(2)).await.unwrap());
        database.insert_workout("x", "local", workout(""), at(0)).await.unwrap();
        assert_eq!(database.workout("x").await.unwrap().unwrap().summary.owner_name, None);
        assert!(database.delete_workout("x", None).await.unwrap());
        assert_eq!(database.workout("x").await.unwrap(), None);
    });
}

#[test]
fn workouts_are_listed_by_owner_and_title() {
    on_both(async |database| {
        let titles = ["Été à la plage", "100 % legs", "a_b", "axb"];
        for (secs, title) in std::iter::zip(0.., titles) {
            database.insert_workout(&format!("w{secs}"), "a", workout(title), at(secs)).await.unwrap();
        }
        database.insert_workout("other", "b", workout("axb"), at(50)).await.unwrap();
        let list = async |owner_id, title, page| {
            let (rows, total) = database.workouts(WorkoutFilter { owner_id, title }, page).await.unwrap();
            (rows.iter().map(|row| row.id.clone()).collect::<Vec<_>>(), total)
        };
        assert_eq!(list(Some("a"), None, ALL).await, (vec!["w3".into(), "w2".into(), "w1".into(), "w0".into()], 4));
        assert_eq!(list(None, Some("AXB"), ALL).await, (vec!["other".into(), "w3".into()], 2));
        assert_eq!(list(Some("a"), Some("été À"), ALL).await, (vec!["w0".into()], 1));
        assert_eq!(list(Some("a"), Some("0 %"), ALL).await, (vec!["w1".into()], 1));
        assert_eq!(list(Some("a"), Some("a_b"), ALL).await, (vec!["w2".into()], 1));
        assert_eq!(list(Some("a"), Some(r"\"), ALL).await, (vec![], 0));
        assert_eq!(list(Some("a"), None, Page { offset: 1, limit: 2 }).await, (vec!["w2".into(), "w1".into()], 4));
    });
}

fn imported(id: &str, definition: &str) -> ImportedExercise {
    let categories = vec!["Legs".to_owned(), "cardio".to_owned()];
    ImportedExercise { id: id.to_owned(), definition: definition.to_owned(), categories }
}

#[test]
fn an_import_follows_the_catalogue_and_keeps_what_was_edited() {
    on_both(async |database| {
        let first = [imported("a", "a1"), imported("b", "b1"), imported("c", "c1")];
        let import = async |exercises: &[ImportedExercise]| {
            let changed = database.import_exercises("/clips", exercises, at(1)).await.unwrap();
            let rows = database.exercises().await.unwrap();
            (changed, rows.into_iter().map(|row| row.definition).collect::<Vec<_>>())
        };
        assert_eq!(import(&first).await, (3, vec!["a1".into(), "b1".into(), "c1".into()]));
        let revision = database.exercises_revision().await.unwrap();
        assert_eq!(import(&first).await.0, 0);
        assert_eq!(database.exercises_revision().await.unwrap(), revision);
        let row = ExerciseRow { definition: "edited".to_owned(), ..database.exercises().await.unwrap().remove(0) };
        assert!(database.update_exercise(&row, &[], at(2)).await.unwrap());
        assert!(!database.update_exercise(&row, &[], at(2)).await.unwrap());
        assert!(database.delete_exercise("b", 1, at(2)).await.unwrap());
        assert!(!database.delete_exercise("b", 2, at(2)).await.unwrap());
        let second = [imported("c", "c2"), imported("a", "a2"), imported("b", "b2")];
        assert_eq!(import(&second).await, (1, vec!["edited".into(), "c2".into()]));
        assert!(database.exercises_revision().await.unwrap() > revision);
        let own = ExerciseRow { id: "own".to_owned(), owner_id: Some("coach".to_owned()), ..row };
        database.insert_exercise(&own, &["Mine".to_owned()]).await.unwrap();
        assert!(matches!(database.insert_exercise(&own, &[]).await, Err(DatabaseError::Exists)));
        let last = database.exercises().await.unwrap().pop().unwrap();
        assert_eq!((last.id.as_str(), last.owner_id.as_deref(), last.version), ("own", Some("coach"), 1));
    });
}

#[test]
fn the_audit_log_lists_the_newest_first() {
    on_both(async |database| {
        let entry = |number: i64| AuditEntry {
            id: format!("e{number}"),
            at: at(number),
            user_id: "a".to_owned(),
            action: "user.role".to_owned(),
            object: "b".to_owned(),
            detail: "PLAYER -> COACH".to_owned(),
        };
        for number in 0..3 {
            database.append_audit(&entry(number)).await.unwrap();
        }
        let page = Page { offset: 0, limit: 2 };
        assert_eq!(database.audit(page).await.unwrap(), (vec![entry(2), entry(1)], 3));
    });
}

#[test]
fn opening_again_and_at_the_same_time_changes_nothing() {
    on_both(async |database| {
        add_user(&database, "a").await;
        let open = || Database::open(database.address().clone());
        let (one, two, three) = tokio::join!(open(), open(), open());
        for other in [one, two, three] {
            let other = other.unwrap();
            assert_eq!(other.user_count().await.unwrap(), 1);
            other.check().await.unwrap();
            other.close().await;
        }
    });
}

#[test]
fn a_backup_is_a_whole_database() {
    on_both(async |database| {
        add_user(&database, "a").await;
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("it's a copy.db");
        if !database.back_up(&copy).await.unwrap() {
            assert!(matches!(database.address(), DatabaseAddress::Postgres(_)));
            return;
        }
        assert!(database.back_up(&copy).await.is_err(), "it replaces a file");
        let restored = Database::open(DatabaseAddress::Sqlite(copy)).await.unwrap();
        assert_eq!(restored.user_count().await.unwrap(), 1);
    });
}

#[test]
fn addresses_are_checked_and_do_not_show_passwords() {
    for wrong in ["", "mysql://a/b", "sqlite:", "postgres//", "postgres://[", "/data/x.db"] {
        assert!(wrong.parse::<DatabaseAddress>().is_err(), "{wrong}");
    }
    let shown = |text: &str| text.parse::<DatabaseAddress>().unwrap().to_string();
    assert_eq!(shown("postgres://me:s3cret@db:5432/x?sslmode=require&password=s3cret"), "postgres://db:5432/x");
    assert_eq!(shown("postgres://db/x"), "postgres://db/x");
    assert_eq!(shown("sqlite:data/x.db"), "data/x.db");
    assert_eq!(at(1).after(Duration::from_secs(2)), at(3));
}
