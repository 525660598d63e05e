//! Opening the window from the command line.

use super::{OpenWindow, Opening};
use crate::engine::{Error, Result};
use crate::project::Project;

/// Opens the window, or says why that cannot be and what to do instead.
///
/// # Errors
/// If the path is not there, this program has no window, or there is no display to show it on.
pub(super) fn open(opening: Opening, window: Option<OpenWindow>) -> Result<()> {
    if let Some(path) = &opening.path
        && let Err(source) = std::fs::metadata(path)
    {
        return Err(Error::io("cannot open", path, &source));
    }
    let window = check(&opening, window)?;
    window(opening)
}

/// Whether the window can be opened at all.
///
/// # Errors
/// If this program has no window, or there is no display.
pub(super) fn check(opening: &Opening, window: Option<OpenWindow>) -> Result<OpenWindow> {
    let Some(window) = window else {
        return Err(headless("this program was built without the window", opening));
    };
    if !has_display() {
        return Err(headless("there is no display", opening));
    }
    Ok(window)
}

fn headless(what: &str, opening: &Opening) -> Error {
    let help = match &opening.path {
        Some(path) if Project::is_at(path) => format!("run headless with: lapidary run {}", path.display()),
        Some(path) => {
            format!("make a project with: lapidary new DIR --data {}; then: lapidary run DIR", path.display())
        }
        None => "run headless with: lapidary run DIR (all commands: lapidary --help)".to_owned(),
    };
    Error::input(what).help(help)
}

/// On Linux a window needs an X or Wayland server, which these variables name.
fn has_display() -> bool {
    let named = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || named("DISPLAY") || named("WAYLAND_DISPLAY")
}
