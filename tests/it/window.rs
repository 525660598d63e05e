//! The window driven as a person drives it, without a screen: by names of controls, keys and typing.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use eframe::egui::{self, Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use lapidary::app::strings::{Language, Strings};
use lapidary::app::{Prefs, Shell, Start, Theme, Workspace};
use lapidary::engine::Work;
use lapidary::session::make_sample;

/// The shell, attached to the harness's context in its first frame.
pub(crate) struct Window {
    shell: Option<Shell>,
    attached: bool,
}

pub(crate) type Driven = Harness<'static, Window>;

pub(crate) fn open(start: Start, theme: Theme, language: Language, size: [f32; 2]) -> Driven {
    let prefs = Prefs { theme, language, ..Prefs::default() };
    let shell = Shell::new(start, prefs, Instant::now(), eframe::Renderer::Wgpu);
    let frame = |ui: &mut egui::Ui, window: &mut Window| {
        let ctx = ui.ctx().clone();
        if !window.attached {
            window.attached = true;
            window.shell = window.shell.take().map(|shell| shell.attached(&ctx));
        }
        if let Some(shell) = &mut window.shell {
            shell.logic_of(&ctx);
            shell.draw(ui);
        }
    };
    let state = Window { shell: Some(shell), attached: false };
    let mut harness = Harness::builder()
        .with_size(size)
        .with_context_setup(lapidary::app::theme::install)
        .build_ui_state(frame, state);
    harness.step();
    harness
}

pub(crate) fn shell(harness: &Driven) -> &Shell {
    harness.state().shell.as_ref().unwrap()
}

/// Steps until nothing is computed any more and `done` holds.
pub(crate) fn settle(harness: &mut Driven, what: &str, done: impl Fn(&Driven) -> bool) {
    let start = Instant::now();
    let mut calm = 0;
    while calm < 3 {
        harness.step();
        calm = if shell(harness).is_settled() && done(harness) { calm + 1 } else { 0 };
        assert!(start.elapsed() < Duration::from_secs(120), "waited in vain for: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn sample(folder: &Path, name: &str) -> PathBuf {
    let project = folder.join("p");
    make_sample(name, &project, &Work::new()).unwrap();
    project
}

fn open_sample(folder: &Path, name: &str, theme: Theme, language: Language) -> Driven {
    let mut harness = open(Start::Path(sample(folder, name)), theme, language, [1280.0, 800.0]);
    settle(&mut harness, "the project", |harness| shell(harness).workbench().is_some());
    harness
}

pub(crate) fn press(harness: &mut Driven, key: Key) {
    harness.key_press(key);
    harness.step();
    harness.step();
}

pub(crate) fn go(harness: &mut Driven, workspace: Workspace) {
    let at = Workspace::ALL.iter().position(|other| *other == workspace).unwrap();
    let key = [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5, Key::Num6, Key::Num7][at];
    harness.key_press_modifiers(Modifiers::COMMAND, key);
    settle(harness, "the workspace", |_| true);
}

fn labelled(harness: &Driven) -> usize {
    shell(harness).workbench().unwrap().session().annotations().labelled()
}

fn shown(harness: &Driven) -> usize {
    shell(harness).workbench().unwrap().rows_in_view()
}

pub(crate) fn click(harness: &mut Driven, name: &str) {
    harness.get_by_role_and_label(egui::accesskit::Role::Button, name).click();
    harness.step();
    harness.step();
}

/// Types into the field of that name, of one line.
pub(crate) fn type_into(harness: &mut Driven, field: &str, text: &str) {
    let role = egui::accesskit::Role::TextInput;
    harness.get_by_role_and_label(role, field).focus();
    harness.step();
    harness.get_by_role_and_label(role, field).type_text(text);
    harness.step();
}

/// Types into the text of that name, of several lines.
fn write(harness: &mut Driven, field: &str, text: &str) {
    let role = egui::accesskit::Role::MultilineTextInput;
    harness.get_by_role_and_label(role, field).focus();
    harness.step();
    harness.get_by_role_and_label(role, field).type_text(text);
    harness.step();
}

#[test]
fn the_first_hour() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = open_sample(folder.path(), "youtube_spam", Theme::Dark, Language::English);
    assert_eq!(shown(&harness), 1956);
    // Comments hold emoji, for which a person's own system has fonts.
    harness.ctx.set_missing_glyph_policy(egui::MissingGlyphPolicy::Tofu);

    // Look: brush the shortest texts in a histogram, save what is seen as a view, come back.
    let plots = egui::accesskit::Role::Slider;
    harness.get_all_by_role_and_label(plots, "text").next().unwrap().focus();
    harness.step();
    press(&mut harness, Key::Enter);
    settle(&mut harness, "the brush", |harness| shown(harness) < 1956);
    let short = shown(&harness);
    assert!(short > 100, "{short}");
    click(&mut harness, "Views");
    type_into(&mut harness, "Name of the view", "short ones");
    press(&mut harness, Key::Enter);
    let views = |harness: &Driven| shell(harness).workbench().unwrap().session().views().clone();
    settle(&mut harness, "the saved view", |harness| views(harness).len() == 1);
    harness.key_press_modifiers(Modifiers::ALT, Key::ArrowLeft);
    settle(&mut harness, "the way back", |harness| shown(harness) == 1956);
    press(&mut harness, Key::CloseBracket);
    settle(&mut harness, "the saved view again", |harness| shown(harness) == short);
    harness.key_press_modifiers(Modifiers::ALT, Key::ArrowLeft);

    // Look for words with a condition that has a mistake, and mend it in place.
    press(&mut harness, Key::Slash);
    harness.event(egui::Event::Text("length(txt) < 20".into()));
    harness.step();
    press(&mut harness, Key::Enter);
    assert!(harness.query_all_by_label_contains("there is no column txt").next().is_some());
    press(&mut harness, Key::Escape);
    press(&mut harness, Key::Escape);
    settle(&mut harness, "all rows", |harness| shown(harness) == 1956);

    // Label twenty of them by keys; each is committed before the next is shown.
    go(&mut harness, Workspace::Label);
    for at in 0..20 {
        press(&mut harness, if at % 2 == 0 { Key::Num1 } else { Key::Num2 });
        assert_eq!(labelled(&harness), at + 1);
    }
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    settle(&mut harness, "undo", |harness| labelled(harness) == 19);
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    settle(&mut harness, "redo", |harness| labelled(harness) == 20);

    // Write a function and see its coverage at once.
    go(&mut harness, Workspace::Functions);
    let before = shell(&harness).workbench().unwrap().functions();
    write(&mut harness, "Editor", "\nlf_new = keywords(SPAM, [\"free\"])\n");
    settle(&mut harness, "the new function", |harness| {
        shell(harness).workbench().unwrap().functions().len() == before.len() + 1
    });

    // Train the end model and find problems.
    harness.key_press_modifiers(Modifiers::COMMAND, Key::T);
    settle(&mut harness, "the end model", |harness| shell(harness).workbench().unwrap().is_trained());

    // Label ten of the most uncertain.
    let before = labelled(&harness);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::U);
    settle(&mut harness, "the most uncertain", |harness| shown(harness) == 1956 - before);
    for at in 0..10 {
        press(&mut harness, if at % 2 == 0 { Key::Num1 } else { Key::Num2 });
    }
    assert_eq!(labelled(&harness), before + 10);
    harness.key_press_modifiers(Modifiers::ALT, Key::ArrowLeft);
    settle(&mut harness, "all rows", |harness| shown(harness) == 1956);

    // Correct two labels that look wrong, and leave a copy out.
    go(&mut harness, Workspace::Clean);
    click(&mut harness, "Find problems");
    settle(&mut harness, "the findings", |harness| harness.query_by_label("Find problems").is_none());
    let open = shell(&harness).workbench().unwrap().open_findings();
    assert!(open > 50, "the sample has duplicates: {open}");
    let labels = |harness: &Driven| shell(harness).workbench().unwrap().session().annotations().labels().clone();
    let choice = egui::accesskit::Role::RadioButton;
    harness.get_by_role_and_label(choice, "Label errors").click();
    harness.step();
    for _ in 0..2 {
        let before = labels(&harness);
        press(&mut harness, Key::Num2);
        settle(&mut harness, "the correction", |harness| labels(harness) != before);
    }
    let open = shell(&harness).workbench().unwrap().open_findings();
    harness.get_by_role_and_label(choice, "Duplicates").click();
    harness.step();
    press(&mut harness, Key::Num3);
    settle(&mut harness, "the exclusion", |harness| shell(harness).workbench().unwrap().open_findings() < open);

    // Deliver.
    go(&mut harness, Workspace::Deliver);
    click(&mut harness, "Export");
    let card = folder.path().join("p/deliver/DATACARD.md");
    settle(&mut harness, "the delivery", |_| card.exists());
    let card = std::fs::read_to_string(card).unwrap();
    let annotations = shell(&harness).workbench().unwrap().session().annotations().clone();
    let kept =
        annotations.labels().iter().zip(annotations.excluded().iter()).filter(|(label, out)| **label >= 0 && !**out);
    assert!(card.contains(&format!("| hand | {} |", kept.count())), "{card}");
    assert!(card.contains("- Delivered: 1955 rows; 1 left out by a person"), "{card}");
    let csv = std::fs::read_to_string(folder.path().join("p/deliver/data.csv")).unwrap();
    assert!(csv.starts_with("id,text,gold,date,video,label,label_probability,label_source"), "{}", &csv[..100]);
}

#[test]
fn what_must_hold_what_changed_and_where_it_is_worst() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = open_sample(folder.path(), "youtube_spam", Theme::Dark, Language::English);
    harness.ctx.set_missing_glyph_policy(egui::MissingGlyphPolicy::Tofu);
    let strings = Strings::of(Language::English);
    let says = |harness: &Driven, text: &str| harness.query_all_by_label_contains(text).next().is_some();
    let row = |harness: &mut Driven, text: &str| {
        harness.query_all_by_label_contains(text).next().unwrap().click();
        harness.step();
        harness.step();
    };
    let back = |harness: &mut Driven| {
        harness.key_press_modifiers(Modifiers::ALT, Key::ArrowLeft);
        settle(harness, "all rows", |harness| shown(harness) == 1956);
    };

    // Expectations are suggested from the data, which fulfil them; one that is added by hand is not, and leads to its rows.
    go(&mut harness, Workspace::Watch);
    click(&mut harness, strings.suggest_expectations);
    settle(&mut harness, "the suggestions", |harness| says(harness, "expectations hold"));
    let path = folder.path().join("p/expectations.toml");
    let mut suite = std::fs::read_to_string(&path).unwrap();
    suite.push_str(
        "\n[[expectation]]\nexpectation = \"expect_column_value_lengths_to_be_between\"\ncolumn = \"text\"\nmax_value = 40\n\
         \n[[expectation]]\nexpectation = \"expect_column_values_to_be_unique\"\ncolumn = \"gold\"\n\
         \n[[expectation]]\nexpectation = \"expect_colum_to_exist\"\ncolumn = \"text\"\n",
    );
    std::fs::write(&path, suite).unwrap();
    click(&mut harness, strings.check_again);
    settle(&mut harness, "the failures", |harness| says(harness, "3 of"));
    row(&mut harness, "Fails, text: column_value_lengths");
    settle(&mut harness, "the long texts", |harness| shown(harness) < 1956);
    assert!(shown(&harness) > 100, "all of them, not only examples: {}", shown(&harness));
    back(&mut harness);
    row(&mut harness, "Fails, gold: column_values_to_be_unique");
    settle(&mut harness, "the examples", |harness| shown(harness) == 20);
    back(&mut harness);
    row(&mut harness, "Fails, text: colum_to_exist");
    assert!(says(&harness, "expect_column_to_exist"), "what to write instead is said");
    picture(&mut harness, Theme::Dark, "expectations");

    // Profile: a column that is odd is chosen, and its alert shows its rows.
    harness.get_by_label(strings.profile).click();
    settle(&mut harness, "the profile", |harness| says(harness, "of cells missing"));
    harness.get_by_role_and_label(egui::accesskit::Role::RadioButton, strings.repeated_rows).click();
    settle(&mut harness, "rows that repeat", |_| true);
    harness.get_by_role_and_label(egui::accesskit::Role::RadioButton, strings.correlations).click();
    settle(&mut harness, "how columns go together", |_| true);
    click(&mut harness, strings.save_page);
    settle(&mut harness, "the page", |_| folder.path().join("p/profile.html").is_file());
    picture(&mut harness, Theme::Dark, "profile");

    // Drift: the videos differ in what is said under them, and so do the halves of the time.
    harness.get_by_label(strings.drift).click();
    settle(&mut harness, "the drift between videos", |harness| says(harness, "columns have drifted"));
    row(&mut harness, "text: Drifted");
    picture(&mut harness, Theme::Dark, "drift");
    harness.get_by_role_and_label(egui::accesskit::Role::RadioButton, strings.before_and_after).click();
    harness.step();
    settle(&mut harness, "the drift over time", |harness| says(harness, "from then on"));
    harness.get_by_role_and_label(egui::accesskit::Role::RadioButton, strings.view_and_rest).click();
    harness.step();
    settle(&mut harness, "nothing to compare", |harness| says(harness, strings.drift_why));

    // Slices: where the end model is wrong.
    harness.key_press_modifiers(Modifiers::COMMAND, Key::T);
    settle(&mut harness, "the end model", |harness| shell(harness).workbench().unwrap().is_trained());
    harness.get_by_label(strings.slices).click();
    settle(&mut harness, "the pane", |_| true);
    click(&mut harness, strings.find_slices);
    settle(&mut harness, "the slices", |harness| says(harness, "held out to confirm"));
    picture(&mut harness, Theme::Dark, "slices");
    row(&mut harness, ": mean");
    settle(&mut harness, "the slice", |harness| shown(harness) < 1956);
    let slice = shown(&harness);
    click(&mut harness, strings.save_as_view);
    settle(&mut harness, "the view", |harness| shell(harness).workbench().unwrap().session().views().len() == 1);
    assert_eq!(shown(&harness), slice, "saving keeps what is shown");
    back(&mut harness);
}

#[test]
fn outliers_and_bad_items_and_copies_are_settled_by_selection_after_a_preview() {
    let open = |harness: &Driven| shell(harness).workbench().unwrap().open_findings();
    let excluded = |harness: &Driven| shell(harness).workbench().unwrap().session().annotations().excluded_count();
    let folder = tempfile::tempdir().unwrap();
    let mut harness = open_sample(folder.path(), "youtube_spam", Theme::Light, Language::English);
    harness.ctx.set_missing_glyph_policy(egui::MissingGlyphPolicy::Tofu);
    let strings = Strings::of(Language::English);
    go(&mut harness, Workspace::Clean);
    click(&mut harness, "Find problems");
    settle(&mut harness, "the findings", |harness| harness.query_by_label("Find problems").is_none());
    harness.get_by_role_and_label(egui::accesskit::Role::RadioButton, "Duplicates").click();
    settle(&mut harness, "the duplicates", |_| true);
    let before = open(&harness);
    click(&mut harness, strings.select_shown);
    // The preview says what would change; left, it changes nothing.
    click(&mut harness, "Exclude…");
    let asks = |harness: &Driven| harness.query_all_by_label_contains(strings.would_change).next().is_some();
    settle(&mut harness, "the preview", asks);
    click(&mut harness, strings.cancel);
    settle(&mut harness, "the queue", |harness| !asks(harness));
    assert_eq!((open(&harness), excluded(&harness)), (before, 0));
    click(&mut harness, "Exclude…");
    settle(&mut harness, "the preview again", asks);
    click(&mut harness, strings.apply);
    settle(&mut harness, "the exclusion", |harness| open(harness) < before);
    assert!(excluded(&harness) > 50, "{}", excluded(&harness));
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    settle(&mut harness, "one step back", |harness| excluded(harness) == 0);
    assert_eq!(open(&harness), before);
}

#[test]
fn outliers_and_bad_items_are_settled_in_the_same_queue() {
    let choice = egui::accesskit::Role::RadioButton;
    let open = |harness: &Driven| shell(harness).workbench().unwrap().open_findings();
    for (name, issues) in [("youtube_spam", "Text issues"), ("shapes", "Image issues")] {
        let folder = tempfile::tempdir().unwrap();
        let mut harness = open_sample(folder.path(), name, Theme::Light, Language::English);
        harness.ctx.set_missing_glyph_policy(egui::MissingGlyphPolicy::Tofu);
        go(&mut harness, Workspace::Clean);
        click(&mut harness, "Find problems");
        settle(&mut harness, "the findings", |harness| harness.query_by_label("Find problems").is_none());
        for kind in [issues, "Outliers"] {
            harness.get_by_role_and_label(choice, kind).click();
            settle(&mut harness, kind, |_| true);
            picture(&mut harness, Theme::Light, &format!("{name}-{kind}"));
            // A set may be free of one of them; then there is nothing to settle.
            if harness.query_by_label_contains("Nothing was found").is_some() {
                continue;
            }
            let before = open(&harness);
            press(&mut harness, Key::Num1);
            settle(&mut harness, "one kept", |harness| open(harness) == before - 1);
            press(&mut harness, Key::Num3);
            settle(&mut harness, "one excluded", |harness| open(harness) < before - 1);
            for _ in 0..2 {
                harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
                settle(&mut harness, "undo", |_| true);
            }
            settle(&mut harness, "both back", |harness| open(harness) == before);
        }
    }
}

#[test]
fn every_pane_draws_in_both_themes_and_languages() {
    // kittest itself panics on a glyph that no font has and on an input without a name.
    for name in ["youtube_spam", "nsmc", "shapes"] {
        for (theme, language) in [(Theme::Light, Language::English), (Theme::Dark, Language::Korean)] {
            let folder = tempfile::tempdir().unwrap();
            let mut harness = open_sample(folder.path(), name, theme, language);
            for workspace in Workspace::ALL {
                go(&mut harness, workspace);
                picture(&mut harness, theme, &format!("{name}-{workspace:?}-{theme:?}"));
            }
            let strings = Strings::of(language);
            go(&mut harness, Workspace::Explore);
            for title in [strings.profile, strings.pairs, strings.words, strings.predictions, strings.map] {
                harness.get_by_label(title).click();
                settle(&mut harness, title, |_| true);
                // Laying out takes its time in an unoptimised build: the smallest sample will do.
                if title == strings.map && name == "shapes" {
                    click(&mut harness, strings.make_map);
                    settle(&mut harness, "the map", |harness| harness.query_by_label(strings.make_map).is_none());
                }
                picture(&mut harness, theme, &format!("{name}-{title}-{theme:?}"));
            }
            go(&mut harness, Workspace::Watch);
            for title in [strings.drift, strings.slices] {
                harness.get_by_label(title).click();
                settle(&mut harness, title, |_| true);
                picture(&mut harness, theme, &format!("{name}-{title}-{theme:?}"));
            }
        }
    }
}

#[test]
fn the_welcome_screen_and_the_form_lead_from_a_file_to_a_project() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("reviews.csv");
    let rows: String =
        (0..40).map(|row| format!("{row},this is review number {row},{}\n", ["good", "bad"][row % 2])).collect();
    std::fs::write(&data, format!("id,review,label\n{rows}")).unwrap();
    let mut harness = open(Start::Welcome, Theme::Light, Language::English, [1280.0, 800.0]);
    settle(&mut harness, "the welcome screen", |harness| harness.query_by_label("Open file…").is_some());
    picture(&mut harness, Theme::Light, "welcome");
    let mut harness = open(Start::Path(data), Theme::Light, Language::English, [1280.0, 800.0]);
    settle(&mut harness, "the form", |harness| harness.query_by_label("Create project").is_some());
    picture(&mut harness, Theme::Light, "form");
    click(&mut harness, "Create project");
    settle(&mut harness, "the project", |harness| shell(harness).workbench().is_some());
    assert_eq!(shown(&harness), 40);
    let session = shell(&harness).workbench().unwrap().session();
    assert_eq!(session.class_names().as_slice(), ["bad", "good"]);
    assert!(folder.path().join("reviews-lapidary/lapidary.toml").exists());
}

#[test]
fn what_cannot_be_opened_is_said_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("broken.csv");
    std::fs::write(&broken, "a,b\n1,\"open\n2,3\n").unwrap();
    let mut harness = open(Start::Path(broken), Theme::Dark, Language::English, [1280.0, 800.0]);
    settle(&mut harness, "the error", |harness| harness.query_by_label("Open file…").is_some());
    assert!(harness.query_all_by_label_contains("quote").next().is_some());
    // A project that is open elsewhere is not opened twice.
    let project = sample(folder.path(), "shapes");
    let _first = lapidary::session::Session::open(&project, &Work::new()).unwrap();
    let mut harness = open(Start::Path(project), Theme::Dark, Language::English, [1280.0, 800.0]);
    settle(&mut harness, "the lock", |harness| {
        harness.query_all_by_label_contains("another Lapidary").next().is_some()
    });
}

/// Renders the window where a renderer is there (a software one will do), and looks whether it is drawn in the colours of
/// its theme and not blank. Pictures to look at are kept where `LAPIDARY_PICTURES` names a folder.
fn picture(harness: &mut Driven, theme: Theme, name: &str) {
    let image = match harness.render() {
        Ok(image) => image,
        Err(error) => {
            eprintln!("skipped: no picture of {name}, {error}");
            return;
        }
    };
    let colours: std::collections::HashSet<_> = image.pixels().map(|pixel| pixel.0).collect();
    assert!(colours.len() > 40, "{name} is blank: {} colours", colours.len());
    let light =
        image.pixels().filter(|pixel| pixel.0[1] > 128).count() as f64 / f64::from(image.width() * image.height());
    assert_eq!(light > 0.5, theme == Theme::Light, "{name}: {light:.2} of it is light");
    if let Some(folder) = std::env::var_os("LAPIDARY_PICTURES").map(PathBuf::from) {
        image.save(folder.join(format!("{name}.png"))).unwrap();
    }
}
