//! The project folder: made whole or not at all, open in one program at a time.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use super::{Config, Ledger, Recovery, Store, backup};
use crate::engine::{Error, ErrorKind, Result, files};

/// The folder of labelling functions inside a project.
pub const LF_FOLDER: &str = "lfs";

const CONFIG: &str = "lapidary.toml";
const HIDDEN: &str = ".lapidary";

/// How often a held lock is tried again, 20 ms apart, before the project counts as open elsewhere.
const PATIENCE: usize = 20;

/// An open project. Its lock is held until it is dropped.
pub struct Project {
    folder: PathBuf,
    /// What the project is about; write it back with [`Project::save_config`].
    pub config: Config,
    /// Everything people decided.
    pub ledger: Ledger,
    /// What was done about a damaged store when the project was opened.
    pub recovery: Option<Recovery>,
    _lock: File,
}

/// The project folder that is proposed for a data file: beside it, named after it.
pub fn default_folder(data: &Path) -> PathBuf {
    let stem = data.file_stem().map_or_else(|| "project".into(), |stem| stem.to_string_lossy().into_owned());
    let parent = data.parent().unwrap_or_else(|| Path::new("."));
    let free = |name: &String| !parent.join(name).exists();
    let first = format!("{stem}-lapidary");
    let mut others = (2..).map(|n| format!("{stem}-lapidary-{n}"));
    let name = if free(&first) { Some(first) } else { others.find(free) };
    parent.join(name.unwrap_or_default())
}

/// The project that was made for `data` in its proposed place, if there is one: the folder beside the data whose
/// configuration names it.
pub fn project_of(data: &Path) -> Option<PathBuf> {
    let data = data.canonicalize().ok()?;
    let stem = data.file_stem()?.to_string_lossy().into_owned();
    let entries = fs::read_dir(data.parent()?).ok()?;
    let near =
        entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(&format!("{stem}-lapidary")));
    let mut folders: Vec<PathBuf> = near.map(|entry| entry.path()).filter(|path| Project::is_at(path)).collect();
    folders.sort();
    folders.into_iter().find(|folder| {
        let config = Config::read(&folder.join(CONFIG)).ok();
        config.and_then(|config| folder.join(config.data.path).canonicalize().ok()).is_some_and(|path| path == data)
    })
}

impl Project {
    /// True if `folder` holds a project.
    pub fn is_at(folder: &Path) -> bool {
        folder.join(CONFIG).is_file()
    }

    /// Makes a project. `extra` are text files to put inside, by relative path (starter functions, guidelines).
    /// `lapidary.toml` is written last: until then there is no project, and on a failure what was made is removed.
    ///
    /// # Errors
    /// If there is a project already, or the disk does not allow it.
    pub fn create(folder: &Path, config: &Config, extra: &[(PathBuf, String)]) -> Result<()> {
        if Self::is_at(folder) {
            return Err(Error::input("there is a project in this folder already")
                .at(folder.display())
                .help("open it, or choose another folder"));
        }
        let existed = folder.exists();
        let made = Self::fill(folder, config, extra);
        if made.is_err() {
            let rubble = if existed { folder.join(HIDDEN) } else { folder.to_owned() };
            let _ = fs::remove_dir_all(rubble);
        }
        made
    }

    fn fill(folder: &Path, config: &Config, extra: &[(PathBuf, String)]) -> Result<()> {
        for sub in [HIDDEN, LF_FOLDER] {
            let path = folder.join(sub);
            fs::create_dir_all(&path).map_err(|source| Error::io("cannot make the folder", &path, &source))?;
        }
        // The cache can always be computed again, so it does not belong under version control.
        files::write_text(
            &folder.join(HIDDEN).join(".gitignore"),
            "backups/\ncache/\nlayouts.json\nlock\n*.sqlite-wal\n*.sqlite-shm\nversions/\n",
        )?;
        for (name, text) in extra {
            let path = folder.join(name);
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent).map_err(|source| Error::io("cannot make the folder", parent, &source))?;
            }
            if !path.exists() {
                files::write_text(&path, text)?;
            }
        }
        Store::open(&folder.join(HIDDEN).join("store.sqlite"))?.checkpoint()?;
        config.write(&folder.join(CONFIG))
    }

    /// Opens a project and locks it.
    ///
    /// # Errors
    /// If there is none, another program has it open, or its files are damaged.
    pub fn open(folder: &Path) -> Result<Self> {
        Self::open_beside(folder, |_, _| ()).map(|(project, ())| project)
    }

    /// The same, while `read` does something with the configuration and the path of the data: both a large store and
    /// large data take their time.
    ///
    /// # Errors
    /// As [`Project::open`].
    pub fn open_beside<T>(folder: &Path, read: impl FnOnce(&Config, &Path) -> T) -> Result<(Self, T)> {
        if !Self::is_at(folder) {
            return Err(Error::input("there is no project in this folder")
                .at(folder.display())
                .help("make one with: lapidary new DIR --data FILE"));
        }
        let folder = folder.canonicalize().map_err(|source| Error::io("cannot open the project", folder, &source))?;
        let config = Config::read(&folder.join(CONFIG))?;
        let hidden = folder.join(HIDDEN);
        fs::create_dir_all(&hidden).map_err(|source| Error::io("cannot make the folder", &hidden, &source))?;
        let lock = lock(&hidden.join("lock"), &folder)?;
        let who = config.settings.annotator.clone().unwrap_or_else(annotator);
        let store = hidden.join("store.sqlite");
        let (opened, read) = std::thread::scope(|scope| {
            let opening = scope.spawn(|| open_ledger(&store, &who));
            let read = read(&config, &folder.join(&config.data.path));
            (opening.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), read)
        });
        let (ledger, recovery) = opened?;
        Ok((Self { folder, config, ledger, recovery, _lock: lock }, read))
    }

    /// The project's folder, absolute.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where derived values are kept; deleting it loses nothing but time.
    pub fn cache_folder(&self) -> PathBuf {
        self.folder.join(HIDDEN).join("cache")
    }

    /// Where the window keeps how its panes are laid out.
    pub fn layouts_path(&self) -> PathBuf {
        self.folder.join(HIDDEN).join("layouts.json")
    }

    /// Where the store is; it may be read beside the open ledger.
    pub fn store_path(&self) -> PathBuf {
        self.folder.join(HIDDEN).join("store.sqlite")
    }

    /// Where it is noted which items the data held when it was last taken over.
    pub fn inventory_path(&self) -> PathBuf {
        self.folder.join(HIDDEN).join("items.bin")
    }

    /// Where thumbnails are kept between runs.
    pub fn thumbnail_folder(&self) -> PathBuf {
        self.cache_folder().join("thumbnails")
    }

    /// Where every saved text of the labelling functions is kept.
    pub fn version_folder(&self) -> PathBuf {
        self.folder.join(HIDDEN).join("versions")
    }

    /// Where the labelling functions are.
    pub fn lf_folder(&self) -> PathBuf {
        self.folder.join(LF_FOLDER)
    }

    /// Where the data is, made absolute.
    pub fn data_path(&self) -> PathBuf {
        self.folder.join(&self.config.data.path)
    }

    /// Writes the configuration, whole or not at all.
    ///
    /// # Errors
    /// If the disk does not allow it.
    pub fn save_config(&self) -> Result<()> {
        self.config.write(&self.folder.join(CONFIG))
    }

    /// Changes the configuration and writes it.
    ///
    /// # Errors
    /// If the change is refused, or the disk does not allow it; the configuration is then as before.
    pub fn configure(&mut self, change: impl FnOnce(&mut Config) -> Result<()>) -> Result<()> {
        let before = self.config.clone();
        change(&mut self.config).and_then(|()| self.save_config()).inspect_err(|_| self.config = before)
    }

    /// The path to write into a configuration for `data`, seen from the project `folder`: relative if the data lies
    /// inside the project or beside it, so that both can be moved together; else absolute.
    ///
    /// # Errors
    /// If the data is not there.
    pub fn refer(folder: &Path, data: &Path) -> Result<PathBuf> {
        let data = data.canonicalize().map_err(|source| Error::io("cannot find the data", data, &source))?;
        let folder = std::path::absolute(folder)
            .map_err(|source| Error::io("cannot find the project's folder", folder, &source))?;
        let folder = folder.canonicalize().unwrap_or(folder);
        if let Ok(inside) = data.strip_prefix(&folder) {
            return Ok(inside.to_owned());
        }
        match folder.parent().map(|parent| data.strip_prefix(parent)) {
            Some(Ok(beside)) => Ok(Path::new("..").join(beside)),
            _ => Ok(data),
        }
    }
}

/// Opens the store and reads it whole. A damaged one is put together again; a copy is kept once a day.
fn open_ledger(path: &Path, who: &str) -> Result<(Ledger, Option<Recovery>)> {
    let read = || {
        let store = Store::open(path)?;
        Ledger::new(store, who)
    };
    match read() {
        Ok(ledger) => {
            backup::copy_daily(path);
            Ok((ledger, None))
        }
        Err(error) if backup::is_sound(path) => Err(error),
        Err(_) => {
            let recovery = backup::recover(path)?;
            Ok((read()?, Some(recovery)))
        }
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        // A failed fold of the log loses nothing: the next opening reads it.
        let _ = self.ledger.close();
    }
}

fn lock(path: &Path, folder: &Path) -> Result<File> {
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(|source| Error::io("cannot lock the project", path, &source))?;
    // A program that is just being started from this one holds a copy of all open files for a moment, and with it the
    // lock of a project that was closed meanwhile: a lock is only taken for held if it stays so.
    let mut tried = file.try_lock();
    for _ in 0..PATIENCE {
        if !matches!(tried, Err(TryLockError::WouldBlock)) {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
        tried = file.try_lock();
    }
    match tried {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::new(ErrorKind::Locked, "the project is open in another Lapidary")
            .at(folder.display())
            .help("close it there first; a project is open in one program at a time, so that no label is lost")),
        Err(TryLockError::Error(source)) => Err(Error::io("cannot lock the project", path, &source)),
    }
}

/// The name that annotations carry until the person chooses another: the account's.
fn annotator() -> String {
    ["LAPIDARY_ANNOTATOR", "USER", "USERNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .unwrap_or_else(|| "annotator".to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::DataConfig;
    use super::*;

    fn config() -> Config {
        Config::new("p", DataConfig { path: "d.csv".into(), ..Default::default() })
    }

    #[test]
    fn a_project_opens_once_at_a_time() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("p");
        Project::create(&folder, &config(), &[("lfs/a.py".into(), "x = 1".into())]).unwrap();
        assert!(Project::create(&folder, &config(), &[]).unwrap_err().what().contains("already"));
        let first = Project::open(&folder).unwrap();
        assert_eq!(Project::open(&folder).err().map(|error| error.kind()), Some(ErrorKind::Locked));
        drop(first);
        assert!(Project::open(&folder).is_ok());
    }

    #[test]
    fn a_failed_making_leaves_nothing() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("p");
        // A file stands where the folder of functions should be.
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(LF_FOLDER), "x").unwrap();
        assert!(Project::create(&folder, &config(), &[]).is_err());
        assert!(!Project::is_at(&folder));
        assert!(!folder.join(HIDDEN).exists());
    }

    #[test]
    fn data_is_referred_to_relatively_where_possible() {
        let parent = tempfile::tempdir().unwrap();
        let root = parent.path().canonicalize().unwrap();
        let (project, beside) = (root.join("p"), root.join("d.csv"));
        fs::create_dir_all(&project).unwrap();
        fs::write(&beside, "a").unwrap();
        fs::write(project.join("in.csv"), "a").unwrap();
        assert_eq!(Project::refer(&project, &project.join("in.csv")).unwrap(), Path::new("in.csv"));
        assert_eq!(Project::refer(&project, &beside).unwrap(), Path::new("../d.csv"));
        assert!(Project::refer(&project, &root.join("absent")).is_err());
    }

    #[test]
    fn the_project_of_some_data_is_found() {
        let parent = tempfile::tempdir().unwrap();
        let data = parent.path().join("d.csv");
        fs::write(&data, "a").unwrap();
        assert_eq!(project_of(&data), None);
        let folder = default_folder(&data);
        let path = Project::refer(&folder, &data).unwrap();
        let config = Config::new("p", DataConfig { path, ..Default::default() });
        Project::create(&folder, &config, &[]).unwrap();
        assert_eq!(project_of(&data), Some(folder.canonicalize().unwrap()));
        assert_eq!(project_of(&parent.path().join("other.csv")), None);
    }
}
