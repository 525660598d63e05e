//! One error type for the whole house: what went wrong, where, and what to do about it.

use std::fmt;

/// The result of anything that can go wrong for a reason that a person can act on.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What sort of failure an [`Error`] is; the command line derives its exit code from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// Bad arguments or bad input: the person can mend it (exit code 2).
    Input,
    /// Somebody asked for the work to stop (exit code 130).
    Cancelled,
    /// Another program holds the project (exit code 2).
    Locked,
    /// The disk, a permission, a full volume (exit code 2).
    Io,
}

/// An error that a person reads: what, where, and what to do.
///
/// `Display` gives `WHAT: WHERE`; [`Error::help`] is shown on a line of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    what: String,
    place: Option<String>,
    help: Option<String>,
}

impl Error {
    /// Bad input. `what` starts in lower case and has no full stop.
    pub fn input(what: impl Into<String>) -> Self {
        Self::new(ErrorKind::Input, what)
    }

    /// An error of a given kind.
    pub fn new(kind: ErrorKind, what: impl Into<String>) -> Self {
        Self { kind, what: what.into(), place: None, help: None }
    }

    /// The work was cancelled.
    pub fn cancelled() -> Self {
        Self::new(ErrorKind::Cancelled, "cancelled")
    }

    /// A failure of the file system while doing `what` ("cannot read the file") at `path`.
    pub fn io(what: impl fmt::Display, path: &std::path::Path, source: &std::io::Error) -> Self {
        use std::io::ErrorKind as Io;
        let (reason, help) = match source.kind() {
            Io::NotFound => ("it does not exist".to_owned(), Some("check the path")),
            Io::PermissionDenied => (
                "permission denied".to_owned(),
                Some("give yourself permission to read and write there, or choose another folder"),
            ),
            Io::StorageFull | Io::QuotaExceeded | Io::WriteZero => {
                ("the disk is full".to_owned(), Some("free some space and try again; nothing already saved is lost"))
            }
            Io::ReadOnlyFilesystem => ("the disk is read-only".to_owned(), Some("choose a folder that can be written")),
            Io::IsADirectory => ("it is a folder".to_owned(), Some("name a file")),
            Io::NotADirectory => ("it is not a folder".to_owned(), Some("name a folder")),
            _ => (source.to_string(), None),
        };
        let mut error = Self::new(ErrorKind::Io, format!("{what}, {reason}")).at(path.display());
        error.help = help.map(str::to_owned);
        error
    }

    /// Says where: a path, a `file:line`, a column. A place already given is kept in front.
    #[must_use]
    pub fn at(mut self, place: impl fmt::Display) -> Self {
        self.place = Some(match self.place.take() {
            Some(inner) => format!("{place}: {inner}"),
            None => place.to_string(),
        });
        self
    }

    /// Says where, unless a place is given already or the work was cancelled, which happens nowhere.
    #[must_use]
    pub fn or_at(self, place: impl fmt::Display) -> Self {
        if self.is_cancelled() || self.place().is_some() { self } else { self.at(place) }
    }

    /// Says what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The sort of failure.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// What went wrong, without place or advice.
    pub fn what(&self) -> &str {
        &self.what
    }

    /// Where it went wrong, if known.
    pub fn place(&self) -> Option<&str> {
        self.place.as_deref()
    }

    /// What the person can do, if known.
    pub fn advice(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// True if the work stopped because somebody asked it to.
    pub fn is_cancelled(&self) -> bool {
        self.kind == ErrorKind::Cancelled
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        match &self.place {
            Some(place) => write!(f, ": {place}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_read_from_the_outside_in() {
        let error = Error::input("broken quotes").at("line 3").at("a.csv").help("close them");
        assert_eq!(error.to_string(), "broken quotes: a.csv: line 3");
        assert_eq!(error.advice(), Some("close them"));
    }

    #[test]
    fn a_full_disk_says_so() {
        let source = std::io::Error::from(std::io::ErrorKind::StorageFull);
        let error = Error::io("cannot save", std::path::Path::new("x"), &source);
        assert_eq!(error.to_string(), "cannot save, the disk is full: x");
        assert!(error.advice().is_some_and(|advice| advice.contains("free some space")));
    }
}
