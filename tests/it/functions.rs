//! The Functions workspace driven as a person drives it: suggestions, the matrix, forms, versions, where to label.

use std::path::Path;

use eframe::egui::accesskit::Role;
use eframe::egui::{self, Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use lapidary::app::strings::{Language, Strings};
use lapidary::app::{Start, Theme, Workspace};
use lapidary::engine::Work;
use lapidary::label::Label;
use lapidary::session::{Session, VotesOf, make_sample};

use super::window::{Driven, click, go, open, press, settle, shell, type_into};

/// A sample of which people labelled the first rows rightly.
fn labelled_sample(folder: &Path, name: &str, rows: usize) -> std::path::PathBuf {
    let project = folder.join("p");
    make_sample(name, &project, &Work::new()).unwrap();
    let mut session = Session::open(&project, &Work::new()).unwrap();
    let known = session.basis().reference();
    let classes = session.class_names().clone();
    for (class, name) in classes.iter().enumerate() {
        let of_class = (0..rows).filter(|&row| known[row] == Some(class as u16));
        let items: Vec<_> = of_class.map(|row| session.item(row as u32).unwrap()).collect();
        if !items.is_empty() {
            session.run(&Label::of(items, name)).unwrap();
        }
    }
    project
}

fn open_labelled(folder: &Path, name: &str, rows: usize) -> Driven {
    let project = labelled_sample(folder, name, rows);
    let mut harness = open(Start::Path(project), Theme::Dark, Language::English, [1400.0, 900.0]);
    settle(&mut harness, "the project", |harness| shell(harness).workbench().is_some());
    harness.ctx.set_missing_glyph_policy(egui::MissingGlyphPolicy::Tofu);
    go(&mut harness, Workspace::Functions);
    harness
}

fn tab(harness: &mut Driven, title: &str) {
    harness.get_by_label(title).click();
    settle(harness, title, |_| true);
}

fn functions(harness: &Driven) -> Vec<String> {
    shell(harness).workbench().unwrap().functions()
}

fn shown(harness: &Driven) -> usize {
    shell(harness).workbench().unwrap().rows_in_view()
}

fn labelled(harness: &Driven) -> usize {
    shell(harness).workbench().unwrap().session().annotations().labelled()
}

/// The names of all buttons that begin so.
fn buttons(harness: &Driven, start: &str) -> Vec<String> {
    let all = harness.query_all_by_role(Role::Button);
    all.filter_map(|node| node.accesskit_node().label()).filter(|name| name.starts_with(start)).collect()
}

fn text_of(harness: &Driven, at: usize) -> String {
    shell(harness).workbench().unwrap().session().functions.files()[at].text.clone()
}

#[test]
fn suggestions_are_shown_taken_edited_and_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = open_labelled(folder.path(), "youtube_spam", 300);
    tab(&mut harness, "Suggestions");
    settle(&mut harness, "suggestions", |harness| !buttons(harness, "Take lf_").is_empty());
    assert!(harness.query_by_label_contains("From 300 labels by hand").is_some());

    let show = buttons(&harness, "Show rows lf_").remove(0);
    click(&mut harness, &show);
    settle(&mut harness, "the rows of the suggestion", |harness| shown(harness) < 1956);
    let take = buttons(&harness, "Take lf_").remove(0);
    let before = functions(&harness);
    click(&mut harness, &take);
    let name = take.trim_start_matches("Take ").to_owned();
    settle(&mut harness, "the function", |harness| functions(harness).len() == before.len() + 1);
    assert!(functions(&harness).contains(&name));
    settle(&mut harness, "no second offer", |harness| !buttons(harness, "Take lf_").contains(&take));

    let refuse = buttons(&harness, "Refuse lf_").remove(0);
    click(&mut harness, &refuse);
    settle(&mut harness, "the refusal", |harness| !buttons(harness, "Refuse lf_").contains(&refuse));
    let config = std::fs::read_to_string(folder.path().join("p/lapidary.toml")).unwrap();
    assert!(config.contains("refused_functions = ["), "{config}");
    click(&mut harness, "Bring back 1 refused");
    settle(&mut harness, "the refused one again", |harness| buttons(harness, "Refuse lf_").contains(&refuse));

    // The filter and a word become functions by one click on a class.
    let before = functions(&harness);
    click(&mut harness, "From the filter: spam");
    settle(&mut harness, "the function of the filter", |harness| functions(harness).len() == before.len() + 1);
    type_into(&mut harness, "From a word", "great song");
    click(&mut harness, "From a word: ham");
    settle(&mut harness, "the function of the word", |harness| {
        functions(harness).contains(&"lf_great_song".to_owned())
    });
    let files = shell(&harness).workbench().unwrap().session().functions.files().len();
    let text: String = (0..files).map(|at| text_of(&harness, at)).collect();
    assert!(text.contains("[\"great song\"], whole_words=True)"), "{text}");

    // What no function covers.
    harness.get_by_role_and_label(Role::RadioButton, "Uncovered").click();
    settle(&mut harness, "the uncovered rows", |harness| {
        harness.query_by_label_contains("rows have no vote").is_some()
    });
    click(&mut harness, "Show rows");
    settle(&mut harness, "the uncovered rows in view", |harness| shown(harness) < 1956 && shown(harness) > 0);
    let uncovered = shown(&harness);
    assert!(harness.query_by_label_contains(&format!("{uncovered} of 1,956 rows have no vote")).is_some());
}

#[test]
fn a_pattern_of_votes_is_looked_at_and_corrected_by_one_decision() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = open_labelled(folder.path(), "youtube_spam", 40);
    settle(&mut harness, "the functions", |harness| functions(harness).len() > 2);
    tab(&mut harness, "Matrix");
    settle(&mut harness, "the matrix", |harness| harness.query_all_by_label_contains(" × ").next().is_some());
    let names = functions(&harness);
    let cell = buttons(&harness, &format!("{} × {}", names[0], names[0])).remove(0);
    click(&mut harness, &cell);
    settle(&mut harness, "the rows of the cell", |harness| shown(harness) < 1956);
    let votes: usize = cell.rsplit(' ').next().unwrap().parse().unwrap();
    assert_eq!(shown(&harness), votes);

    harness.get_by_role_and_label(Role::RadioButton, "Vote patterns").click();
    settle(&mut harness, "the patterns", |harness| !buttons(harness, "Label ").is_empty());
    let before = labelled(&harness);
    let offer = buttons(&harness, "Label ").into_iter().find(|name| name.ends_with("rows as spam")).unwrap();
    let open: usize = offer.split(' ').nth(1).unwrap().replace(',', "").parse().unwrap();
    assert!(open > 0, "{offer}");
    click(&mut harness, &offer);
    assert!(harness.query_by_label_contains("One undo takes it back").is_some());
    assert_eq!(labelled(&harness), before, "nothing happens before the answer");
    click(&mut harness, &format!("Apply: {offer}"));
    settle(&mut harness, "the labels", |harness| labelled(harness) == before + open);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    settle(&mut harness, "undo", |harness| labelled(harness) == before);
}

#[test]
fn form_and_text_change_each_other_and_a_version_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = open_labelled(folder.path(), "youtube_spam", 40);
    settle(&mut harness, "the functions", |harness| functions(harness).len() > 2);
    let first = text_of(&harness, 0);
    click(&mut harness, "Keyword function…");
    settle(&mut harness, "the form", |harness| harness.query_by_label("Whole words").is_some());
    assert!(text_of(&harness, 0).contains("lf_words = keywords("), "{}", text_of(&harness, 0));
    let words = Role::MultilineTextInput;
    harness.get_by_role_and_label(words, "Keywords").focus();
    harness.step();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.get_by_role_and_label(words, "Keywords").type_text("subscribe\nmy channel");
    harness.step();
    harness.get_by_label("Whole words").click();
    settle(&mut harness, "the line", |harness| {
        text_of(harness, 0).contains("[\"subscribe\", \"my channel\"], whole_words=True)")
    });
    settle(&mut harness, "its counts", |harness| harness.query_all_by_label_contains("Conflicts ").next().is_some());
    harness.key_press_modifiers(Modifiers::COMMAND, Key::S);
    settle(&mut harness, "the file", |_| {
        std::fs::read_dir(folder.path().join("p/lfs"))
            .unwrap()
            .any(|file| std::fs::read_to_string(file.unwrap().path()).unwrap().contains("my channel\"], whole"))
    });

    // Completion: a few letters, an arrow, Enter.
    tab(&mut harness, "Versions");
    let version =
        harness.query_all_by_role(Role::Row).filter_map(|row| row.accesskit_node().label()).collect::<Vec<_>>();
    assert!(version.len() >= 2, "{version:?}");
    harness.get_all_by_role_and_label(Role::Row, version.last().unwrap()).last().unwrap().click();
    settle(&mut harness, "the version", |harness| harness.query_by_label("Votes changed since then").is_some());
    assert!(harness.query_all_by_label_contains("lf_words").next().is_some());
    click(&mut harness, "Restore");
    settle(&mut harness, "the old text", |harness| text_of(harness, 0) == first);
}

#[test]
fn what_tells_most_about_the_functions_is_labelled_first() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = open_labelled(folder.path(), "youtube_spam", 40);
    settle(&mut harness, "the functions", |harness| functions(harness).len() > 2);
    // All that is known of a function stands on hover.
    let names = functions(&harness);
    harness.get_by_role_and_label(Role::Row, &names[0]).hover();
    for _ in 0..8 {
        harness.step();
    }
    assert!(harness.query_by_label_contains("of its own votes").is_some());
    click(&mut harness, "Where to label");
    settle(&mut harness, "the queue", |harness| shown(harness) == 1956 - 40);
    press(&mut harness, Key::Num1);
    assert_eq!(labelled(&harness), 41);
}

#[test]
fn a_selected_stretch_of_an_item_becomes_a_function() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = open_labelled(folder.path(), "youtube_spam", 40);
    settle(&mut harness, "the functions", |harness| functions(harness).len() > 2);
    tab(&mut harness, "Inspector");
    let text = harness.get_by_label("Text with what functions found in it").rect().min;
    let (from, to) = (text + egui::vec2(3.0, 10.0), text + egui::vec2(70.0, 10.0));
    harness.hover_at(from);
    harness.step();
    harness.drag_at(from);
    harness.step();
    harness.hover_at(from + (to - from) / 2.0);
    harness.step();
    harness.hover_at(to);
    harness.step();
    harness.drop_at(to);
    harness.step();
    harness.step();
    let before = functions(&harness);
    click(&mut harness, "Function from the selected text: spam");
    settle(&mut harness, "the function", |harness| functions(harness).len() == before.len() + 1);
}

#[test]
fn functions_reach_what_images_are_like_and_what_is_like_an_item() {
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().join("p");
    make_sample("shapes", &project, &Work::new()).unwrap();
    let session = Session::open(&project, &Work::new()).unwrap();
    let (rows, id) = (session.dataset().rows(), session.item(3).unwrap());
    let class = session.class_names()[0].clone();
    drop(session);
    let source = format!(
        "lf_wide = where(\"{class}\", \"image_width > 0\")\n\
         lf_near = near(\"{class}\", [\"{id}\"], within=0.000001)\n\n\n\
         def lf_dark(x):\n    return \"{class}\" if x.image_brightness > 2 else None\n"
    );
    std::fs::write(project.join("lfs/images.py"), source).unwrap();
    let session = Session::open(&project, &Work::new()).unwrap();
    let outcome = session.cache().get(&VotesOf(session.basis()), &Work::new()).unwrap();
    let of_file: Vec<_> = outcome.problems.iter().filter(|(file, _)| file == "images.py").collect();
    assert!(of_file.is_empty(), "{of_file:?}");
    let votes = |name: &str| {
        let column = outcome.votes.columns().iter().find(|column| column.name == name).unwrap();
        column.votes.iter().enumerate().filter(|(_, vote)| **vote >= 0).map(|(row, _)| row).collect::<Vec<_>>()
    };
    assert_eq!(votes("lf_wide").len(), rows);
    assert!(votes("lf_near").contains(&3) && votes("lf_near").len() < rows, "{:?}", votes("lf_near"));
    assert!(votes("lf_dark").is_empty());
}

#[test]
fn every_pane_of_the_workspace_draws_in_both_languages() {
    for name in ["nsmc", "shapes"] {
        let folder = tempfile::tempdir().unwrap();
        let project = labelled_sample(folder.path(), name, 60);
        let mut harness = open(Start::Path(project), Theme::Light, Language::Korean, [1280.0, 800.0]);
        settle(&mut harness, "the project", |harness| shell(harness).workbench().is_some());
        go(&mut harness, Workspace::Functions);
        let strings = Strings::of(Language::Korean);
        for title in [strings.suggestions, strings.matrix, strings.versions] {
            tab(&mut harness, title);
        }
    }
}
