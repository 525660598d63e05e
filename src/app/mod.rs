//! The window. Thin: it draws what [`crate::session`] knows and hands commands back.
//!
//! [`shell`] owns the window (welcome, opening, the short form), [`workbench`] an open project, [`panes`] what is in it.
//! Panes change nothing themselves, they leave [`act::Act`]s.

pub mod act;
mod filter_bar;
mod filter_box;
mod form;
mod keymap;
pub mod keys;
mod keys_list;
mod layouts;
mod notices;
mod palette;
pub mod pane;
pub mod panes;
mod photo;
mod prefs;
mod shell;
mod sound;
mod sounds;
mod source_banner;
mod status_bar;
pub mod strings;
mod textures;
pub mod theme;
mod tiles;
mod tour;
mod view_menu;
mod welcome;
pub mod widgets;
mod workbench;
mod workspace;

use std::path::PathBuf;

use eframe::egui;

pub use prefs::{Prefs, Theme};
pub use shell::Shell;
pub use sounds::Sounds;
pub use textures::{Shown, Textures};
pub use workbench::{Leave, Workbench};
pub use workspace::Workspace;

use crate::engine::{Error, Result};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};

/// What the window shows first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// The welcome screen.
    Welcome,
    /// A project folder, a data file or a folder of images.
    Path(PathBuf),
}

/// Opens the window and stays until it is closed.
///
/// The renderer is wgpu, with glow as a fallback where wgpu does not start; the one that worked is remembered. `renderer`
/// (`wgpu` or `glow`) overrules that.
///
/// # Errors
/// If no renderer works, with what to install.
pub fn run_window(start: Start, renderer: Option<&str>) -> Result<()> {
    let started = std::time::Instant::now();
    let prefs = Prefs::read();
    let order = match renderer.or(prefs.renderer.as_deref()) {
        Some("glow") => [eframe::Renderer::Glow, eframe::Renderer::Wgpu],
        _ => [eframe::Renderer::Wgpu, eframe::Renderer::Glow],
    };
    let tries = if renderer.is_some() { &order[..1] } else { &order[..] };
    let mut reasons = Vec::new();
    for &renderer in tries {
        let shell = Shell::new(start.clone(), prefs.clone(), started, renderer);
        // A library that is not there is found out late, and by a panic, in the crate that loads it.
        match catch_unwind(AssertUnwindSafe(|| open_with(renderer, shell))) {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) => reasons.push(format!("{renderer}: {error}")),
            Err(_) if FRAMES.load(Ordering::Relaxed) => return Err(fault()),
            Err(panic) => reasons.push(format!("{renderer}: {}", said(&*panic))),
        }
    }
    Err(Error::input(format!("the window cannot be opened, {}", reasons.join("; "))).help(
        "install the graphics libraries (Debian, Ubuntu: apt install libegl1 libgl1-mesa-dri mesa-vulkan-drivers \
         libxkbcommon-x11-0 libxcursor1 libxi6 libxrandr2), or work headless with: lapidary run DIR",
    ))
}

/// True once a frame was drawn: a panic after that is no missing library.
static FRAMES: AtomicBool = AtomicBool::new(false);

fn fault() -> Error {
    Error::input("fault in Lapidary: the window had to be closed")
        .help("every label was saved; please report what you did, with the output of RUST_BACKTRACE=1")
}

/// What a panic said.
fn said(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "it stopped without a word".to_owned())
}

fn open_with(renderer: eframe::Renderer, shell: Shell) -> std::result::Result<(), eframe::Error> {
    let viewport = egui::ViewportBuilder::default()
        .with_title("Lapidary")
        .with_app_id("lapidary")
        .with_inner_size([1280.0, 800.0])
        .with_min_inner_size([800.0, 560.0])
        .with_drag_and_drop(true);
    let options = eframe::NativeOptions {
        viewport,
        renderer,
        // The bundled typeface covers Latin and Hangul; fonts for other scripts are asked for by language.
        system_font_fallback: false,
        ..eframe::NativeOptions::default()
    };
    eframe::run_native("lapidary", options, Box::new(move |creation| Ok(Box::new(shell.prepared(&creation.egui_ctx)))))
}
