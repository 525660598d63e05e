//! What is in a project's data, alone or beside another table, and the page that says so.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_buffer::BooleanBuffer;

use super::{OtherTable, Session};
use crate::clean::profile::{Profile, profile};
use crate::clean::report::{self, About, Language};
use crate::data::Frame;
use crate::data::describe::{Summary, recount};
use crate::data::read::Reading;
use crate::engine::{Cache, Derived, Error, Fingerprint, Fingerprinter, Result, Work, files};

/// Bytes of what is known of a column, about.
const COLUMN: usize = 8192;

/// Profiles the data's own columns.
#[derive(Clone)]
pub struct ProfileOf {
    frame: Frame,
    seed: u64,
    print: Fingerprint,
}

impl ProfileOf {
    /// The profile of a session's data.
    pub fn new(session: &Session) -> Self {
        let seed = session.project().config.settings.seed;
        let print = Fingerprinter::new("profile").print(session.dataset().fingerprint).number(seed).finish();
        Self { frame: session.dataset().frame.clone(), seed, print }
    }
}

impl Derived for ProfileOf {
    type Output = Profile;

    fn bytes(value: &Profile) -> usize {
        value.summaries.len() * COLUMN
    }

    fn fingerprint(&self) -> Fingerprint {
        self.print
    }

    fn compute(&self, work: &Work) -> Result<Profile> {
        profile(&self.frame, self.seed, work)
    }
}

/// Profiles another table, and counts its values by the bars of the data.
pub struct ComparedOf {
    own: ProfileOf,
    other: OtherTable,
    cache: Arc<Cache>,
}

impl ComparedOf {
    /// The data of a session beside another table.
    pub fn new(session: &Session, other: OtherTable) -> Self {
        Self { own: ProfileOf::new(session), other, cache: session.cache().clone() }
    }
}

/// What [`ComparedOf`] gives.
pub struct Compared {
    /// The name of the other table.
    pub name: String,
    /// The other table.
    pub table: Arc<Reading>,
    /// What is in it.
    pub found: Profile,
    /// For each column of the data the one of that name in the other table, where there is one.
    pub columns: Vec<Option<Beside>>,
}

/// A column of another table beside one of the data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    /// Its place.
    pub at: usize,
    /// Its rows in each bar of the data's column; `None` where the two are of different kinds.
    pub counts: Option<Vec<usize>>,
}

impl Compared {
    /// The columns that only the other table has.
    pub fn only_there(&self, own: &[Summary]) -> Vec<&str> {
        let there = self.table.frame.columns().iter().map(|column| column.name());
        there.filter(|name| own.iter().all(|summary| summary.name != *name)).collect()
    }

    /// The columns that only the data have.
    pub fn only_here<'a>(&self, own: &'a [Summary]) -> Vec<&'a str> {
        let beside = own.iter().zip(&self.columns).filter(|(_, beside)| beside.is_none());
        beside.map(|(summary, _)| summary.name.as_str()).collect()
    }
}

impl Derived for ComparedOf {
    type Output = Compared;

    fn bytes(value: &Compared) -> usize {
        value.found.summaries.len() * COLUMN
    }

    fn fingerprint(&self) -> Fingerprint {
        Fingerprinter::new("profiles").print(self.own.print).print(self.other.fingerprint()).finish()
    }

    fn compute(&self, work: &Work) -> Result<Compared> {
        let own = self.cache.get(&self.own, work)?;
        let table = self.cache.get(&self.other, work)?;
        let found = profile(&table.frame, self.own.seed, work)?;
        let beside = |summary: &Summary| -> Result<Option<Beside>> {
            let Some(at) = found.summaries.iter().position(|there| there.name == summary.name) else { return Ok(None) };
            let (column, there) = (table.frame.columns().get(at), found.summaries.get(at));
            let same = there
                .is_some_and(|there| std::mem::discriminant(&there.detail) == std::mem::discriminant(&summary.detail));
            let counts = match column.filter(|_| same) {
                Some(column) => Some(recount(column, summary, &BooleanBuffer::new_set(column.len()), work)?),
                None => None,
            };
            Ok(Some(Beside { at, counts }))
        };
        let columns = own.summaries.iter().map(beside).collect::<Result<_>>()?;
        Ok(Compared { name: self.other.name(), table, found, columns })
    }
}

/// The page of a profile, alone or beside another one.
pub struct ProfilePage {
    /// Where it is written; a path that is not absolute starts from the project's folder.
    pub path: PathBuf,
    /// Its language.
    pub language: Language,
    /// The profile of the data.
    pub found: Arc<Profile>,
    /// The other one.
    pub other: Option<Arc<Compared>>,
    name: String,
    frame: Frame,
}

impl ProfilePage {
    /// The page about a session's data.
    ///
    /// # Errors
    /// If the name does not end as a page's does.
    pub fn new(
        session: &Session,
        path: &Path,
        language: Language,
        found: Arc<Profile>,
        other: Option<Arc<Compared>>,
    ) -> Result<Self> {
        let ending = files::ending(path).unwrap_or_default();
        if !matches!(ending.as_str(), "html" | "htm") {
            return Err(Error::input("a page is written in HTML")
                .at(path.display())
                .help("use a name that ends in .html"));
        }
        let path = session.project().folder().join(path);
        let (name, frame) = (session.project().config.name.clone(), session.dataset().frame.clone());
        Ok(Self { path, language, found, other, name, frame })
    }

    /// Writes it, and says where.
    ///
    /// # Errors
    /// If the work was cancelled or the disk does not allow it.
    pub fn write(&self, work: &Work) -> Result<PathBuf> {
        let about = |name: &str, frame: &Frame| About {
            name: name.to_owned(),
            rows: frame.rows(),
            columns: frame.columns().len(),
            language: self.language,
        };
        let here = report::Profile { frame: &self.frame, found: &self.found };
        let there = self.other.as_ref().map(|other| {
            let frame = &other.table.frame;
            (about(&other.name, frame), report::Profile { frame, found: &other.found })
        });
        let there = there.as_ref().map(|(about, of)| (about, *of));
        files::write_text(&self.path, &report::profile(&about(&self.name, &self.frame), here, there, work)?)?;
        Ok(self.path.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::describe::Detail;
    use crate::session::create_project;

    /// A session on a table of these lines.
    fn session(folder: &Path, lines: &str) -> Session {
        let data = folder.join("here.csv");
        std::fs::write(&data, lines).unwrap();
        let project = folder.join("p");
        create_project(&project, &data, &crate::session::Choice::default(), &[], &Work::new()).unwrap();
        Session::open(&project, &Work::new()).unwrap()
    }

    #[test]
    fn two_tables_stand_beside_each_other_and_the_page_says_both() {
        let folder = tempfile::tempdir().unwrap();
        let rows: String = (0..60).map(|row| format!("{row},{},x{row}\n", row % 3)).collect();
        let session = session(folder.path(), &format!("n,kind,only\n{rows}"));
        let rows: String = (0..40).map(|row| format!("{},{}\n", row + 30, row % 2)).collect();
        let there = folder.path().join("there.csv");
        std::fs::write(&there, format!("n,kind\n{rows}")).unwrap();
        let work = Work::new();
        let other = OtherTable::at(&session, &there).unwrap();
        let found = session.cache().get(&ProfileOf::new(&session), &work).unwrap();
        let compared = session.cache().get(&ComparedOf::new(&session, other.clone()), &work).unwrap();
        assert_eq!((compared.name.as_str(), compared.only_here(&found.summaries)), ("there.csv", vec!["only"]));
        assert!(compared.only_there(&found.summaries).is_empty());
        let counts = compared.columns[0].as_ref().unwrap().counts.as_ref().unwrap();
        assert!(
            matches!(&found.summaries[0].detail, Detail::Numbers(numbers) if numbers.histogram.len() == counts.len())
        );
        assert_eq!(counts.iter().sum::<usize>(), 31, "the last bar ends at 60, 61 to 69 are in none");
        let write = |path: &str| {
            let page =
                ProfilePage::new(&session, Path::new(path), Language::Korean, found.clone(), Some(compared.clone()));
            page.and_then(|page| page.write(&work))
        };
        let page = std::fs::read_to_string(write("profile.html").unwrap()).unwrap();
        assert!(page.contains("there.csv") && page.contains("다음에만 있는 열"));
        assert!(write("profile.pdf").unwrap_err().advice().unwrap().contains(".html"));
        // A file that has changed is another table.
        std::fs::write(&there, "n,kind\n1,1\n").unwrap();
        assert_ne!(OtherTable::at(&session, &there).unwrap(), other);
        assert!(OtherTable::at(&session, Path::new("nowhere.csv")).is_err());
    }
}
