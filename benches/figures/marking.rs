//! Marking inside items: the time of a frame with ten thousand shapes on one image, and in a text of a million characters.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use eframe::egui::{Event, Key, Modifiers, pos2};
use lapidary::data::annotations::model::{Rect, Span};
use lapidary::data::annotations::{Annotation, Mark};
use lapidary::engine::{Random, Result, Work};
use lapidary::label::{Edit, EditMarks, SetTasks, Task, TaskKind, Voice};
use lapidary::session::Session;

use crate::data::{self, failed};
use crate::pictures;
use crate::scroll::rows_of;
use crate::table::Report;
use crate::window::{SIZE, Window, wheel};

/// Frames that are measured.
const FRAMES: usize = 300;

/// Ten thousand boxes on one image, while it is zoomed and the pointer goes over them.
pub fn shapes(report: &mut Report) -> Result<()> {
    let count = report.options.rows(10_000);
    let folder = data::folder()?;
    let images = folder.path().join("images");
    fs::create_dir_all(&images).map_err(failed(&images))?;
    pictures::wide(&images.join("a.png"), 4000, 3000)?;
    let mut random = Random::new(5);
    let mut boxes = (0..count).map(|_| {
        let (x, y) = (random.below(3940) as f64, random.below(2940) as f64);
        Mark::Box(Rect::new(x, y, 10.0 + random.below(50) as f64, 10.0 + random.below(50) as f64))
    });
    let project = marked(folder.path(), &images, &[], TaskKind::Shapes, &mut boxes)?;
    let mut window = labelling(&project)?;
    let times = window.frames(FRAMES, |step| {
        let share = step as f32 / FRAMES as f32;
        let at = pos2(SIZE.x * (0.35 + 0.2 * share), SIZE.y * (0.3 + 0.3 * share));
        // In, and out again.
        vec![Event::PointerMoved(at), wheel(if step % 100 < 50 { 20.0 } else { -20.0 })]
    });
    rows_of(report, &format!("{}k shapes on one image", count / 1000), &times, 16);
    Ok(())
}

/// A text of a million characters with a thousand spans, while it scrolls and a key is pressed.
pub fn long_text(report: &mut Report) -> Result<()> {
    let characters = report.options.rows(1_000_000);
    let folder = data::folder()?;
    let path = folder.path().join("text.jsonl");
    let sentence = "이 영화를 보고 나서 한참 동안 자리에서 일어나지 못했다. What a strange and wonderful film.\\n\\n";
    // In a line of JSON the break is two characters, in the text it is one.
    let text = sentence.repeat(characters / (sentence.chars().count() - 2) + 1);
    fs::write(&path, format!("{{\"id\": 1, \"text\": \"{text}\"}}\n")).map_err(failed(&path))?;
    let every = characters / 1000;
    let mut spans = (0..1000).map(|at| {
        let start = at * every;
        Mark::Span(Span { pieces: vec![(start, start + 5)], surface: "-----".to_owned() })
    });
    let project = marked(folder.path(), &path, &["--text", "text", "--id", "id"], TaskKind::Spans, &mut spans)?;
    let mut window = labelling(&project)?;
    let over = Event::PointerMoved(pos2(SIZE.x * 0.4, SIZE.y * 0.4));
    let times = window.frames(FRAMES, |step| {
        let mut events = vec![over.clone(), wheel(if step % 200 < 150 { -90.0 } else { 60.0 })];
        if step % 10 == 0 {
            events.extend(key(Key::ArrowRight, Modifiers::NONE));
        }
        events
    });
    rows_of(report, &format!("labelling a text of {}k characters", characters / 1000), &times, 16);
    Ok(())
}

/// A project whose first item has these marks.
fn marked(
    folder: &Path,
    source: &Path,
    flags: &[&str],
    kind: TaskKind,
    marks: &mut dyn Iterator<Item = Mark>,
) -> Result<std::path::PathBuf> {
    let project = data::project(folder, source, flags)?;
    let mut session = Session::open(&project, &Work::new())?;
    let mut tasks = session.tasks().clone();
    let mut task = Task::new(tasks.free_name(kind), kind);
    task.columns = session.columns_for(kind);
    task.classes.add("a")?;
    tasks.put(task.clone())?;
    session.run(&SetTasks(tasks))?;
    let edits = marks.map(|mark| Edit::Add(Annotation::new("a", mark))).collect();
    let item = session.item(0)?;
    session.run(&EditMarks::new(item, task, Voice::PROJECT, edits))?;
    Ok(project)
}

/// The window of a project in the Label workspace.
fn labelling(project: &Path) -> Result<Window> {
    let mut window = Window::open(project);
    window.settle(Duration::from_secs(60))?;
    window.frame(key(Key::Num3, Modifiers::COMMAND));
    window.settle(Duration::from_secs(60))?;
    // Pictures and their tiles come from threads that nobody waits for.
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(3) {
        window.frames(1, |_| Vec::new());
    }
    Ok(window)
}

fn key(key: Key, modifiers: Modifiers) -> Vec<Event> {
    let event = |pressed| Event::Key { key, physical_key: None, pressed, repeat: false, modifiers };
    vec![event(true), event(false)]
}
