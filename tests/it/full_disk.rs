//! A disk that is full: what was acknowledged stays, what was not is refused with a reason, and work goes on when
//! there is room again. A small file system in memory stands for the disk; where none can be mounted, this is skipped.

use std::path::{Path, PathBuf};
use std::process::Command;

use lapidary::engine::{ErrorKind, Work};
use lapidary::label::Label;
use lapidary::session::{DeliverOptions, Session, make_sample, run};

/// A mounted file system, taken down at the end.
struct Disk(PathBuf);

impl Disk {
    fn mount(folder: &Path, size: &str) -> Option<Self> {
        std::fs::create_dir_all(folder).ok()?;
        let options = format!("size={size}");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(folder).output().ok()?;
        mounted.status.success().then(|| Self(folder.to_owned()))
    }

    /// Takes all the room that is left.
    fn fill(&self) -> PathBuf {
        let path = self.0.join("filler");
        let mut size = 1 << 20;
        let mut bytes = Vec::new();
        while size > 0 {
            let mut more = bytes.clone();
            more.resize(bytes.len() + size, 0u8);
            match std::fs::write(&path, &more) {
                Ok(()) => bytes = more,
                Err(_) => size /= 2,
            }
        }
        let _ = std::fs::write(&path, &bytes);
        path
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).output();
    }
}

#[test]
fn a_full_disk_loses_no_label_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::mount(&folder.path().join("disk"), "2m") else {
        eprintln!("skipped: no file system can be mounted here");
        return;
    };
    let project = disk.0.join("p");
    make_sample("youtube_spam", &project, &Work::new()).unwrap();
    let mut session = Session::open(&project, &Work::new()).unwrap();
    let label = |session: &mut Session, row: u32| {
        let item = session.item(row).unwrap();
        session.run(&Label::one(item, "spam")).map(|_| ())
    };
    label(&mut session, 0).unwrap();
    let filler = disk.fill();
    // Some labels may still fit into what the store has taken already; then one does not.
    let mut acknowledged = 1;
    let refused = (1..1956).find_map(|row| match label(&mut session, row) {
        Ok(()) => {
            acknowledged += 1;
            None
        }
        Err(error) => Some(error),
    });
    let error = refused.expect("the disk is full");
    assert_eq!(error.kind(), ErrorKind::Io, "{error}");
    assert!(error.what().contains("full"), "{error}");
    assert_eq!(session.annotations().labelled(), acknowledged, "what was refused is not shown");
    // A delivery fails as a whole; no half file stays.
    let delivered = run(&session, &DeliverOptions::default(), &Work::new());
    assert_eq!(delivered.err().map(|error| error.kind()), Some(ErrorKind::Io));
    assert!(!project.join("deliver/data.csv").exists());
    // With room again the work goes on.
    std::fs::remove_file(filler).unwrap();
    label(&mut session, 1900).unwrap();
    drop(session);
    let session = Session::open(&project, &Work::new()).unwrap();
    assert_eq!(session.annotations().labelled(), acknowledged + 1);
}
