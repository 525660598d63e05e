//! Labelling inside items, driven by pointer and keys, with the strokes counted: what a person does all day must cost
//! no more than it needs to. A key and a click are one stroke, a drag is two.

use std::path::{Path, PathBuf};

use eframe::egui::{self, Key, Modifiers, Pos2, vec2};
use egui_kittest::kittest::Queryable as _;
use lapidary::app::strings::Language;
use lapidary::app::{Start, Theme, Workspace};
use lapidary::data::annotations::{Annotation, Mark};
use lapidary::engine::Work;
use lapidary::label::{Edit, EditMarks, Task, TaskKind, Voice};
use lapidary::session::{Choice, Session, create_project};

use crate::window::{Driven, click, go, open, press, settle, shell, type_into};

/// A window with what a person did in it.
struct Desk {
    window: Driven,
    strokes: usize,
    _folder: tempfile::TempDir,
}

impl Desk {
    /// Opens a project of a few texts or images in the Label workspace, with a task and its classes.
    fn new(make: impl FnOnce(&Path) -> (PathBuf, Choice), task: &str, classes: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (data, choice) = make(folder.path());
        let project = folder.path().join("project");
        create_project(&project, &data, &choice, &[], &Work::new()).unwrap();
        let mut window = open(Start::Path(project), Theme::Light, Language::English, [1280.0, 800.0]);
        settle(&mut window, "the project", |window| shell(window).workbench().is_some());
        go(&mut window, Workspace::Label);
        click(&mut window, task);
        for class in classes {
            type_into(&mut window, "Class name", class);
            press(&mut window, Key::Enter);
            settle(&mut window, "the class", |_| true);
        }
        window.ctx.memory_mut(|memory| memory.stop_text_input());
        settle(&mut window, "the item", |_| true);
        Self { window, strokes: 0, _folder: folder }
    }

    fn texts(task: &str, classes: &[&str], texts: &[&str]) -> Self {
        let rows: String = texts.iter().enumerate().map(|(at, text)| format!("{at},{text}\n")).collect();
        let make = |folder: &Path| {
            let data = folder.join("texts.csv");
            std::fs::write(&data, format!("id,text\n{rows}")).unwrap();
            let choice = Choice { text: Some("text".into()), id: Some("id".into()), ..Choice::default() };
            (data, choice)
        };
        Self::new(make, task, classes)
    }

    fn images(classes: &[&str]) -> Self {
        let make = |folder: &Path| {
            let images = folder.join("images");
            std::fs::create_dir(&images).unwrap();
            for name in ["a.png", "b.png"] {
                image::RgbImage::from_pixel(400, 300, image::Rgb([90, 120, 90])).save(images.join(name)).unwrap();
            }
            (images, Choice { image: Some("image".into()), ..Choice::default() })
        };
        let mut desk = Self::new(make, "Boxes and shapes", classes);
        settle(&mut desk.window, "the image", |window| window.query_by_label("Image to mark").is_some());
        desk
    }

    fn session(&self) -> &Session {
        shell(&self.window).workbench().unwrap().session()
    }

    fn key(&mut self, key: Key) {
        self.strokes += 1;
        press(&mut self.window, key);
    }

    fn chord(&mut self, modifiers: Modifiers, key: Key) {
        self.strokes += 1;
        self.window.key_press_modifiers(modifiers, key);
        self.window.step();
        self.window.step();
    }

    /// A place within what is worked on, in points from its upper left corner.
    fn at(&self, name: &str, x: f32, y: f32) -> Pos2 {
        self.window.get_by_label(name).rect().min + vec2(x, y)
    }

    fn drag(&mut self, from: Pos2, to: Pos2) {
        self.strokes += 2;
        self.window.hover_at(from);
        self.window.step();
        self.window.drag_at(from);
        self.window.step();
        self.window.hover_at(from + (to - from) / 2.0);
        self.window.step();
        self.window.hover_at(to);
        self.window.step();
        self.window.drop_at(to);
        self.window.step();
        self.window.step();
    }

    fn click_at(&mut self, at: Pos2) {
        self.strokes += 1;
        self.window.hover_at(at);
        self.window.step();
        self.window.drag_at(at);
        self.window.step();
        self.window.drop_at(at);
        self.window.step();
        self.window.step();
    }

    /// The annotations of a row in the first task.
    fn marks(&self, row: u32) -> Vec<Annotation> {
        let session = self.session();
        let task = session.tasks().iter().next().unwrap();
        let marks = session.placed().of(&Voice::PROJECT, &task.name).get(row).cloned().unwrap_or_default();
        marks.marks.values().map(|annotation| Annotation::clone(annotation)).collect()
    }

    /// Labels and surfaces of a row's spans.
    fn spans(&self, row: u32) -> Vec<(String, String)> {
        let span = |annotation: &Annotation| match &annotation.mark {
            Mark::Span(span) => Some((annotation.label.to_string(), span.surface.clone())),
            _ => None,
        };
        self.marks(row).iter().filter_map(span).collect()
    }

    fn done(&self) -> usize {
        let session = self.session();
        let task = session.tasks().iter().next().unwrap();
        session.placed().of(&Voice::PROJECT, &task.name).done()
    }
}

fn pair(label: &str, surface: &str) -> (String, String) {
    (label.to_owned(), surface.to_owned())
}

#[test]
fn a_span_costs_three_strokes_and_equal_strings_one_more() {
    let texts = ["김민수는 서울에서 김민수를 만났고 김민수가 웃었다", "둘째 글"];
    let mut desk = Desk::texts("Spans in the text", &["PER", "LOC"], &texts);
    let (from, to) = (desk.at("Text to mark", 3.0, 20.0), desk.at("Text to mark", 30.0, 20.0));
    // A drag over a part takes the whole word; a key gives it its class.
    desk.drag(from, to);
    desk.key(Key::Num2);
    assert_eq!((desk.strokes, desk.spans(0)), (3, vec![pair("LOC", "김민수는")]));
    // The particle goes with one key, and with one more all equal strings are marked.
    desk.key(Key::Comma);
    assert_eq!(desk.spans(0), [pair("LOC", "김민수")]);
    desk.key(Key::Equals);
    assert_eq!((desk.strokes, desk.spans(0).len()), (5, 3));
    assert!(desk.spans(0).iter().all(|span| *span == pair("LOC", "김민수")));
    // One step back takes all of them away again, and the next item comes with one key.
    desk.chord(Modifiers::COMMAND, Key::Z);
    assert_eq!(desk.spans(0).len(), 1);
    desk.key(Key::Enter);
    assert_eq!((desk.done(), desk.spans(1).len()), (1, 0));
}

#[test]
fn spans_are_made_and_changed_by_keys_alone() {
    let mut desk = Desk::texts("Spans in the text", &["PER", "LOC"], &["Ann met Bob in Paris."]);
    // The text has the keyboard without a click: Ctrl+Shift+right selects a word.
    desk.chord(Modifiers::COMMAND | Modifiers::SHIFT, Key::ArrowRight);
    desk.key(Key::Num1);
    assert_eq!(desk.spans(0), [pair("PER", "Ann")]);
    for _ in 0..3 {
        desk.chord(Modifiers::COMMAND, Key::ArrowRight);
    }
    desk.chord(Modifiers::COMMAND | Modifiers::SHIFT, Key::ArrowLeft);
    desk.key(Key::Num2);
    assert_eq!(desk.spans(0)[1], pair("LOC", "in"));
    // Ends move by a letter, Tab goes round, Delete removes.
    desk.key(Key::CloseBracket);
    desk.key(Key::CloseBracket);
    assert_eq!(desk.spans(0)[1], pair("LOC", "in P"));
    desk.key(Key::Tab);
    desk.key(Key::Num2);
    assert_eq!(desk.spans(0)[0], pair("LOC", "Ann"));
    // A relation from the one that is chosen to the next.
    desk.key(Key::R);
    desk.key(Key::Tab);
    desk.key(Key::Enter);
    assert!(matches!(desk.marks(0)[2].mark, Mark::Relation { from: 1, to: 2 }), "{:?}", desk.marks(0));
    desk.key(Key::Tab);
    desk.key(Key::Delete);
    assert_eq!(desk.marks(0).len(), 1, "the relation goes with its end: {:?}", desk.marks(0));
}

#[test]
fn a_box_costs_two_strokes_and_a_polygon_one_more_than_its_corners() {
    let mut desk = Desk::images(&["cat", "dog"]);
    let at = |desk: &Desk, x: f32, y: f32| {
        let rect = desk.window.get_by_label("Image to mark").rect();
        rect.center() + vec2(x, y)
    };
    let (from, to) = (at(&desk, -50.0, -40.0), at(&desk, 50.0, 40.0));
    desk.drag(from, to);
    assert_eq!(desk.strokes, 2);
    let marks = desk.marks(0);
    let Mark::Box(rect) = marks[0].mark else { panic!("{marks:?}") };
    assert!((rect.width / rect.height - 1.25).abs() < 0.02 && rect.width > 20.0, "{rect:?}");
    assert_eq!(&*marks[0].label, "cat");
    // Its corner follows the pointer, an arrow moves it by a pixel, a key gives it another class.
    let (corner, out) = (at(&desk, 50.0, 40.0), at(&desk, 100.0, 80.0));
    desk.drag(corner, out);
    let Mark::Box(wider) = desk.marks(0)[0].mark else { panic!() };
    assert!((wider.width - rect.width * 1.5).abs() < 1.0, "{wider:?}");
    desk.key(Key::ArrowRight);
    let Mark::Box(moved) = desk.marks(0)[0].mark else { panic!() };
    assert!((moved.x - wider.x - 1.0).abs() < 1e-9);
    desk.key(Key::Num2);
    assert_eq!(&*desk.marks(0)[0].label, "dog");

    desk.key(Key::P);
    let before = desk.strokes;
    for (x, y) in [(-120.0, -90.0), (-60.0, -90.0), (-60.0, -50.0), (-120.0, -50.0)] {
        let corner = at(&desk, x, y);
        desk.click_at(corner);
    }
    desk.key(Key::Enter);
    assert_eq!(desk.strokes - before, 5);
    let marks = desk.marks(0);
    assert!(matches!(&marks[1].mark, Mark::Polygon(parts) if parts[0].outline.len() == 4), "{marks:?}");
    // Done; what was drawn is taken over for the next image with one key.
    desk.key(Key::Enter);
    assert_eq!(desk.done(), 1);
    settle(&mut desk.window, "the next image", |window| window.query_by_label("Image to mark").is_some());
    desk.chord(Modifiers::COMMAND | Modifiers::SHIFT, Key::C);
    assert_eq!(desk.marks(1).len(), 2);
}

#[test]
fn what_was_marked_before_is_proposed_and_taken_with_one_stroke() {
    let texts = ["Ann met Ann", "here is Ann too", "and Ann again"];
    let mut desk = Desk::texts("Spans in the text", &["PER"], &texts);
    let (from, to) = (desk.at("Text to mark", 3.0, 20.0), desk.at("Text to mark", 20.0, 20.0));
    desk.drag(from, to);
    desk.key(Key::Equals);
    desk.key(Key::Enter);
    let proposed = |desk: &mut Desk| {
        settle(&mut desk.window, "the proposals", |_| true);
        desk.window.query_by_label("Take 1 proposed").is_some()
    };
    // One item in twenty is served without: of two neighbours at least one is not.
    if !proposed(&mut desk) {
        desk.key(Key::Enter);
        assert!(proposed(&mut desk));
    }
    let row = if desk.done() == 1 { 1 } else { 2 };
    let before = desk.strokes;
    desk.chord(Modifiers::SHIFT, Key::Enter);
    assert_eq!((desk.strokes - before, desk.spans(row)), (1, vec![pair("PER", "Ann")]));
}

#[test]
fn what_is_proposed_can_be_marked_by_hand_as_well() {
    let texts = ["Ann met Ann", "Ann and Ann again", "Ann and Ann again"];
    let mut desk = Desk::texts("Spans in the text", &["PER"], &texts);
    let word = |desk: &Desk| (desk.at("Text to mark", 3.0, 20.0), desk.at("Text to mark", 20.0, 20.0));
    let (from, to) = word(&desk);
    desk.drag(from, to);
    desk.key(Key::Equals);
    desk.key(Key::Enter);
    settle(&mut desk.window, "the proposals", |_| true);
    if desk.window.query_by_label("Take 2 proposed").is_none() {
        desk.key(Key::Enter);
        settle(&mut desk.window, "the proposals", |_| true);
    }
    assert!(desk.window.query_by_label("Take 2 proposed").is_some());
    let row = if desk.done() == 1 { 1 } else { 2 };
    let (from, to) = word(&desk);
    desk.drag(from, to);
    assert_eq!(desk.spans(row), [pair("PER", "Ann")]);
    desk.key(Key::Equals);
    assert_eq!(desk.spans(row), [pair("PER", "Ann"), pair("PER", "Ann")]);
}

#[test]
fn a_choice_costs_one_stroke() {
    let make = |folder: &Path| {
        let data = folder.join("pairs.csv");
        std::fs::write(&data, "id,first,second\n1,a long answer to it,a short one\n2,one more answer,and its rival\n")
            .unwrap();
        (data, Choice { id: Some("id".into()), ..Choice::default() })
    };
    let mut desk = Desk::new(make, "The better of two", &[]);
    desk.key(Key::Num2);
    assert_eq!((desk.strokes, desk.done()), (1, 1));
    assert_eq!(&*desk.marks(0)[0].label, "right");
    desk.key(Key::Num1);
    assert_eq!((desk.strokes, desk.done()), (2, 2));
}

#[test]
fn tags_are_turned_on_and_off() {
    let mut desk = Desk::texts("Several classes", &["red", "green"], &["a red and green thing", "nothing"]);
    let labels = |desk: &Desk| desk.marks(0).iter().map(|mark| mark.label.to_string()).collect::<Vec<_>>();
    desk.key(Key::Num2);
    desk.key(Key::Num1);
    assert_eq!(labels(&desk), ["green", "red"]);
    desk.key(Key::Num2);
    assert_eq!(labels(&desk), ["red"]);
    desk.key(Key::Enter);
    assert_eq!(desk.done(), 1);
}

#[test]
fn what_is_rewritten_is_kept_when_the_field_is_left() {
    let mut desk = Desk::texts("Another text", &[], &["a short text", "another"]);
    let field = |desk: &Desk| desk.window.get_by_label("New text").rect().center();
    let place = field(&desk);
    desk.click_at(place);
    desk.window.event(egui::Event::Text("ein kurzer Text".into()));
    desk.window.step();
    desk.window.step();
    desk.chord(Modifiers::COMMAND, Key::Enter);
    assert!(matches!(&desk.marks(0)[0].mark, Mark::Answer(text) if text == "ein kurzer Text"), "{:?}", desk.marks(0));
    assert_eq!(desk.done(), 1);
}

#[test]
fn a_mask_costs_two_strokes_and_each_stroke_is_undone_by_itself() {
    let mut desk = Desk::images(&["cat", "dog"]);
    let at = |desk: &Desk, x: f32, y: f32| desk.window.get_by_label("Image to mark").rect().center() + vec2(x, y);
    let area = |desk: &Desk| {
        let marks = desk.marks(0);
        assert!(marks.len() < 2, "all strokes belong to one mask: {}", marks.len());
        match marks.first().map(|annotation| &annotation.mark) {
            Some(Mark::Mask(mask)) => mask.area(),
            Some(other) => panic!("{other:?}"),
            None => 0,
        }
    };
    desk.key(Key::R);
    let before = desk.strokes;
    let (from, to) = (at(&desk, -60.0, 0.0), at(&desk, 60.0, 0.0));
    desk.drag(from, to);
    let first = area(&desk);
    assert!(desk.strokes - before == 2 && first > 0);
    assert_eq!(&*desk.marks(0)[0].label, "cat");
    // A wider brush across: pixels that are covered twice count once.
    desk.key(Key::CloseBracket);
    let (up, down) = (at(&desk, 0.0, -40.0), at(&desk, 0.0, 40.0));
    desk.drag(up, down);
    let second = area(&desk);
    assert!(second > first && second < first * 3, "{first} {second}");
    // The eraser goes where the first stroke went.
    desk.key(Key::S);
    desk.drag(from, to);
    let third = area(&desk);
    assert!(third < second && third > 0, "{second} {third}");
    desk.key(Key::Num2);
    assert_eq!(&*desk.marks(0)[0].label, "dog");
    for expected in [third, second, first, 0] {
        desk.chord(Modifiers::COMMAND, Key::Z);
        assert_eq!(area(&desk), expected);
    }
}

#[test]
fn an_object_costs_a_stroke_a_point() {
    let make = |folder: &Path| {
        let images = folder.join("images");
        std::fs::create_dir(&images).unwrap();
        image::RgbImage::from_pixel(400, 300, image::Rgb([90, 120, 90])).save(images.join("a.png")).unwrap();
        (images, Choice { image: Some("image".into()), ..Choice::default() })
    };
    let mut desk = Desk::new(make, "Keypoints of objects", &["bird"]);
    type_into(&mut desk.window, "Names of the points, with commas between", "head, neck, tail");
    type_into(&mut desk.window, "Bones between them, such as 1-2, 2-3", "1-2, 2-3");
    click(&mut desk.window, "Save");
    desk.window.ctx.memory_mut(|memory| memory.stop_text_input());
    settle(&mut desk.window, "the image", |window| window.query_by_label("Image to mark").is_some());
    let task = desk.session().tasks().iter().next().unwrap().clone();
    assert_eq!((task.points.len(), task.bones), (3, vec![(0, 1), (1, 2)]));
    let at = |desk: &Desk, x: f32, y: f32| desk.window.get_by_label("Image to mark").rect().center() + vec2(x, y);
    let seen = |desk: &Desk, object: usize| match &desk.marks(0)[object].mark {
        Mark::Keypoints(points) => points.points.iter().map(|point| point.seen.number()).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    let before = desk.strokes;
    for x in [-60.0, 0.0, 60.0] {
        let place = at(&desk, x, -30.0);
        desk.click_at(place);
    }
    assert_eq!((desk.strokes - before, seen(&desk, 0)), (3, vec![2, 2, 2]));
    // Of the second object the first point is not there, and one is set again after a step back.
    desk.key(Key::S);
    let place = at(&desk, 0.0, 40.0);
    desk.click_at(place);
    assert_eq!(seen(&desk, 1), [0, 2, 0]);
    desk.key(Key::V);
    assert_eq!(seen(&desk, 1), [0, 1, 0]);
    let place = at(&desk, 60.0, 40.0);
    desk.click_at(place);
    assert_eq!((desk.marks(0).len(), seen(&desk, 1)), (2, vec![0, 1, 2]));
    desk.chord(Modifiers::COMMAND, Key::Z);
    assert_eq!(seen(&desk, 1), [0, 1, 0]);
    desk.key(Key::Enter);
    assert_eq!(desk.done(), 1);
}

#[test]
fn an_order_of_three_costs_two_strokes() {
    let make = |folder: &Path| {
        let data = folder.join("rows.csv");
        let rows =
            "1,a long answer to it,a short one,nothing at all of use\n2,one more answer,and its rival,a third one\n";
        std::fs::write(&data, format!("id,first,second,third\n{rows}")).unwrap();
        (data, Choice { id: Some("id".into()), ..Choice::default() })
    };
    let mut desk = Desk::new(make, "Order of several", &[]);
    desk.key(Key::Num3);
    desk.key(Key::Num1);
    assert_eq!((desk.strokes, desk.done()), (2, 1));
    let wanted = ["third", "first", "second"];
    assert!(matches!(&desk.marks(0)[0].mark, Mark::Ranking(order) if *order == wanted), "{:?}", desk.marks(0));
    // A number that was pressed by mistake is taken back.
    desk.key(Key::Num2);
    desk.key(Key::Backspace);
    desk.key(Key::Num1);
    desk.key(Key::Num2);
    let wanted = ["first", "second", "third"];
    assert!(matches!(&desk.marks(1)[0].mark, Mark::Ranking(order) if *order == wanted), "{:?}", desk.marks(1));
}

#[test]
fn a_class_is_renamed_with_all_that_was_said_and_delivered() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("texts.csv");
    std::fs::write(&data, "id,text\n1,Ann met Bob\n2,nobody\n").unwrap();
    let project = folder.path().join("project");
    let choice = Choice { text: Some("text".into()), id: Some("id".into()), ..Choice::default() };
    create_project(&project, &data, &choice, &[], &Work::new()).unwrap();
    let mut session = Session::open(&project, &Work::new()).unwrap();
    let classes = lapidary::label::Classes::from_names(["spam", "ham"]).unwrap();
    session.run(&lapidary::label::SetClasses(classes)).unwrap();
    let mut task = Task::new("tags", TaskKind::Tags);
    task.classes.add("x").unwrap();
    let mut tasks = session.tasks().clone();
    tasks.put(task.clone()).unwrap();
    session.run(&lapidary::label::SetTasks(tasks)).unwrap();
    let edit = Edit::Add(Annotation::new("x", Mark::Class));
    session.run(&EditMarks::new(session.item(1).unwrap(), task, Voice::PROJECT, vec![edit])).unwrap();
    session.run(&lapidary::label::Label::one(session.item(0).unwrap(), "spam")).unwrap();
    let reclass = |task: Option<&str>, class: &str, to: &str| lapidary::label::Reclass {
        task: task.map(str::to_owned),
        class: class.into(),
        to: Some(to.into()),
    };
    session.run(&reclass(None, "spam", "junk")).unwrap();
    session.run(&reclass(Some("tags"), "x", "y")).unwrap();
    assert_eq!(
        (session.classes().names(), session.annotations().labels().to_vec()),
        (vec!["junk".into(), "ham".into()], vec![0, -1])
    );
    let columns = session.task_columns();
    assert_eq!(columns[0].values, [None, Some("[\"y\"]".to_owned())]);
    drop(session);
    // The window and the command line read the same from the disk.
    let mut session = Session::open(&project, &Work::new()).unwrap();
    assert_eq!(session.classes().names(), ["junk", "ham"]);
    session.undo().unwrap();
    session.undo().unwrap();
    assert_eq!((session.classes().names()[0].as_str(), session.annotations().labels()[0]), ("spam", 0));
}

#[test]
fn what_was_marked_is_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("texts.csv");
    std::fs::write(&data, "id,text\n1,Ann met Bob\n2,nobody\n").unwrap();
    let project = folder.path().join("project");
    let choice = Choice { text: Some("text".into()), id: Some("id".into()), ..Choice::default() };
    create_project(&project, &data, &choice, &[], &Work::new()).unwrap();
    let mut session = Session::open(&project, &Work::new()).unwrap();
    let mut task = Task::new("tags", TaskKind::Tags);
    task.classes.add("x").unwrap();
    let mut tasks = session.tasks().clone();
    tasks.put(task.clone()).unwrap();
    session.run(&lapidary::label::SetTasks(tasks)).unwrap();
    let edit = Edit::Add(Annotation::new("x", Mark::Class));
    session.run(&EditMarks::new(session.item(1).unwrap(), task.clone(), Voice::PROJECT, vec![edit])).unwrap();
    drop(session);
    let mut session = Session::open(&project, &Work::new()).unwrap();
    assert_eq!(session.tasks().get("tags"), Some(&task));
    assert_eq!(session.placed().of(&Voice::PROJECT, "tags").marks(), 1);
    session.undo().unwrap();
    assert_eq!(session.placed().of(&Voice::PROJECT, "tags").marks(), 0);
}
