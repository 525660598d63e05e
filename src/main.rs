//! Lapidary: arguments become the window, or one headless command.

use std::process::ExitCode;

fn main() -> ExitCode {
    lapidary::cli::main(WINDOW)
}

#[cfg(feature = "window")]
const WINDOW: Option<lapidary::cli::OpenWindow> = Some(|opening| {
    use lapidary::app::{Start, run_window};
    run_window(opening.path.map_or(Start::Welcome, Start::Path), opening.renderer.as_deref())
});

#[cfg(not(feature = "window"))]
const WINDOW: Option<lapidary::cli::OpenWindow> = None;
