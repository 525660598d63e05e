//! The widgets driven without a window: names, keys, clicks, and the table at ten million rows.

use std::sync::Mutex;

use eframe::egui::{self, Event, Id, Key, Modifiers, MouseWheelUnit, Rect, Theme, TouchPhase, Ui, Vec2, pos2, vec2};
use egui_kittest::kittest::Queryable as _;
use egui_kittest::{Harness, HarnessBuilder};

use super::gallery::{GalleryState, gallery, table_cell};
use super::*;
use crate::app::strings::{Language, Strings, set_language};
use crate::app::theme;

fn builder<S>(theme: Theme, language: Language) -> HarnessBuilder<S> {
    Harness::builder().with_theme(theme).with_context_setup(move |ctx| {
        theme::install(ctx);
        set_language(ctx, language);
    })
}

/// A harness around a ui, dark and English.
fn harness<'a, S: 'a>(state: S, size: Vec2, ui: impl FnMut(&mut Ui, &mut S) + 'a) -> Harness<'a, S> {
    builder(Theme::Dark, Language::English).with_size(size).build_ui_state(ui, state)
}

/// The harness leaves a margin around its content.
const MARGIN: f32 = 8.0;

fn wheel<S>(harness: &mut Harness<'_, S>, at: egui::Pos2, delta: Vec2) {
    harness.hover_at(at);
    harness.event(Event::MouseWheel {
        unit: MouseWheelUnit::Point,
        delta,
        phase: TouchPhase::Move,
        source: egui::MouseWheelSource::Unknown,
        modifiers: Modifiers::NONE,
    });
    harness.run();
}

/// The harness panics on a glyph that no font has and on an input without a name.
#[test]
fn the_gallery_has_every_glyph_and_every_name() {
    for theme in [Theme::Light, Theme::Dark] {
        for language in Language::ALL {
            let mut harness = builder(theme, language)
                .with_size(vec2(1280.0, 2000.0))
                .build_ui_state(gallery, GalleryState::default());
            harness.run_ok();
            harness.state_mut().dialog = true;
            harness.run_ok();
            harness.check_accessibility();
        }
    }
}

/// The smallest window (1024 by 700) and half the width: nothing panics, nothing loses its name.
#[test]
fn the_gallery_fits_small_windows() {
    for width in [1024.0, 512.0, 200.0] {
        let mut harness = builder(Theme::Dark, Language::Korean)
            .with_size(vec2(width, 700.0))
            .build_ui_state(gallery, GalleryState::default());
        harness.run_ok();
    }
}

/// Pictures of the gallery, to look at. Written only where `LAPIDARY_PICTURES` names a folder.
#[test]
fn the_gallery_can_be_looked_at() {
    let Some(folder) = std::env::var_os("LAPIDARY_PICTURES").map(std::path::PathBuf::from) else {
        eprintln!("skipped: LAPIDARY_PICTURES names no folder");
        return;
    };
    for (theme, language) in [
        (Theme::Light, Language::English),
        (Theme::Dark, Language::English),
        (Theme::Light, Language::Korean),
        (Theme::Dark, Language::Korean),
    ] {
        let mut harness =
            builder(theme, language).with_size(vec2(1400.0, 1640.0)).build_ui_state(gallery, GalleryState::default());
        harness.run_ok();
        let name = format!("gallery-{}-{}", language.tag(), if theme == Theme::Dark { "dark" } else { "light" });
        save(&mut harness, &folder, &name);
        let strings = Strings::of(language);
        harness.get_all_by_label(strings.open_file).next().unwrap().focus();
        harness.get_all_by_label(strings.settings).next().unwrap().hover();
        harness.run_ok();
        harness.run_steps(4);
        save(&mut harness, &folder, &format!("{name}-focus"));
        harness.state_mut().dialog = true;
        harness.run_ok();
        save(&mut harness, &folder, &format!("{name}-dialog"));
    }
}

fn save<S>(harness: &mut Harness<'_, S>, folder: &std::path::Path, name: &str) {
    // Making the renderer panics where there is no graphics adapter, not even one in software.
    let picture = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| harness.render()));
    match picture {
        Ok(Ok(picture)) => picture.save(folder.join(format!("{name}.png"))).unwrap(),
        Ok(Err(reason)) => panic!("{reason}"),
        Err(_) => eprintln!("skipped: no renderer"),
    }
}

struct TableTest {
    table: TableState,
    focused: Option<u64>,
    rows: u64,
    /// Where each row was painted in the last frame.
    painted: Vec<(u64, Rect)>,
    clicked: Option<RowClick>,
    activated: Option<u64>,
    toggled: Option<u64>,
    headers: Vec<usize>,
}

impl TableTest {
    fn at(row: u64) -> Self {
        let mut table = TableState::default();
        table.scroll.first_row = row;
        Self {
            table,
            focused: None,
            rows: 10_000_000,
            painted: Vec::new(),
            clicked: None,
            activated: None,
            toggled: None,
            headers: Vec::new(),
        }
    }

    fn ui(ui: &mut Ui, test: &mut Self) {
        let columns = [TableColumn::new("id", 80.0), TableColumn::new("text", 300.0), TableColumn::new("length", 80.0)];
        let painted = Mutex::new(Vec::new());
        let response =
            VirtualTable::new(Id::unique("t"), "Rows", &columns, test.rows).frozen(1).focused(test.focused).show(
                ui,
                &mut test.table,
                |ui, column, rect| header_text(ui, rect, &columns[column].name, CellStyle::Text, None),
                |ui, row, column, rect| {
                    if column == 0 {
                        painted.lock().unwrap().push((row, rect));
                    }
                    table_cell(ui, row, column, rect);
                },
            );
        test.painted = painted.into_inner().unwrap();
        test.focused = response.events.moved.map(|moved| moved.row).or(test.focused);
        test.clicked = response.events.clicked.or(test.clicked);
        test.activated = response.events.activated.or(test.activated);
        test.toggled = response.events.toggled.or(test.toggled);
        test.headers.extend(response.header_clicked.map(|(column, _)| column));
    }
}

/// D7.6: at row 9,999,000 rows are as far apart as at the first, and a step of 7 points moves 7 points.
#[test]
fn the_table_is_exact_at_ten_million_rows() {
    let mut harness = harness(TableTest::at(9_999_000), vec2(500.0, 600.0), TableTest::ui);
    harness.run();
    let before = harness.state().painted.clone();
    assert_eq!(before.first().unwrap().0, 9_999_000);
    assert!(before.len() >= 22, "{}", before.len());
    for pair in before.windows(2) {
        assert_eq!(pair[1].0, pair[0].0 + 1);
        assert_eq!(pair[1].1.top() - pair[0].1.top(), theme::size::ROW);
    }
    let top_of = |painted: &[(u64, Rect)], row: u64| painted.iter().find(|(r, _)| *r == row).unwrap().1.top();
    for step in 1..=8 {
        wheel(&mut harness, pos2(200.0, 300.0), vec2(0.0, -7.0));
        let moved = top_of(&before, 9_999_010) - top_of(&harness.state().painted, 9_999_010);
        assert_eq!(moved, 7.0 * step as f32, "step {step}");
    }
}

#[test]
fn the_table_takes_keys_and_clicks() {
    let mut harness = harness(TableTest::at(0), vec2(500.0, 600.0 + 2.0 * MARGIN), TableTest::ui);
    harness.run();
    // The header and the rows have names.
    harness.get_by_label("text").click();
    harness.run();
    assert_eq!(harness.state().headers, [1]);
    harness.get_by_label("Row 3").click();
    harness.run();
    let click = harness.state().clicked.unwrap();
    assert_eq!((click.row, click.column, click.double), (2, Some(1), false));
    harness.state_mut().focused = Some(2);
    let press = |harness: &mut Harness<'_, TableTest>, key, expected: u64| {
        harness.key_press(key);
        harness.run();
        assert_eq!(harness.state().focused, Some(expected), "{key:?}");
        let seen: Vec<u64> = harness.state().painted.iter().map(|(row, _)| *row).collect();
        assert!(seen.contains(&expected), "{expected} is not among {seen:?}");
    };
    press(&mut harness, Key::ArrowDown, 3);
    press(&mut harness, Key::ArrowUp, 2);
    press(&mut harness, Key::End, 9_999_999);
    press(&mut harness, Key::PageUp, 9_999_999 - 21);
    press(&mut harness, Key::Home, 0);
    press(&mut harness, Key::PageDown, 21);
    press(&mut harness, Key::Enter, 21);
    press(&mut harness, Key::Space, 21);
    assert_eq!((harness.state().activated, harness.state().toggled), (Some(21), Some(21)));
}

#[test]
fn columns_are_dragged_wider_and_scroll_sideways() {
    let mut harness = harness(TableTest::at(0), vec2(300.0, 300.0), TableTest::ui);
    harness.run();
    assert_eq!(harness.state().table.widths, [80.0, 300.0, 80.0]);
    harness.drag_at(pos2(MARGIN + 80.0, MARGIN + 13.0));
    harness.run();
    harness.hover_at(pos2(MARGIN + 120.0, MARGIN + 13.0));
    harness.run();
    harness.drop_at(pos2(MARGIN + 120.0, MARGIN + 13.0));
    harness.run();
    assert_eq!(harness.state().table.widths[0], 120.0);
    wheel(&mut harness, pos2(200.0, 100.0), vec2(-7.0, 0.0));
    assert_eq!(harness.state().table.x, 7.0);
    // The frozen column stays where it is.
    assert_eq!(harness.state().painted[0].1.left(), MARGIN + theme::space::S);
}

#[test]
fn a_table_without_rows_takes_no_harm() {
    let mut test = TableTest::at(500);
    test.rows = 0;
    let mut harness = harness(test, vec2(300.0, 300.0), TableTest::ui);
    harness.run();
    for key in [Key::ArrowDown, Key::End, Key::PageUp] {
        harness.key_press(key);
        harness.run();
    }
    assert!(harness.state().painted.is_empty());
    assert_eq!(harness.state().focused, None);
}

/// Ten million rows cost what can be seen of them: 60 rows of 12 columns, whether one scrolls by a row or by a page.
#[test]
fn only_what_can_be_seen_is_drawn() {
    let columns: Vec<_> = (0..12).map(|n| TableColumn::new(format!("column {n}"), 130.0)).collect();
    let ctx = egui::Context::default();
    theme::install(&ctx);
    let mut state = TableState::default();
    let rect = Rect::from_min_size(pos2(0.0, 0.0), vec2(1600.0, 60.0 * theme::size::ROW_DENSE + 26.0));
    for (what, step) in [("row", 1), ("page", 60)] {
        for frame in 0..40 {
            let input = egui::RawInput { screen_rect: Some(rect), ..Default::default() };
            let mut cells = 0;
            let mut output = ctx.run_ui(input, |ui| {
                state.scroll.first_row = 5_000_000 + frame * step;
                cells = 0;
                let table = VirtualTable::new(Id::unique("t"), "t", &columns, 10_000_000);
                table.row_height(theme::size::ROW_DENSE).show(
                    ui,
                    &mut state,
                    |ui, column, rect| header_text(ui, rect, &columns[column].name, CellStyle::Text, None),
                    |ui, row, column, rect| {
                        cells += 1;
                        cell_text(ui, rect, &format!("value {} of {row}", column * 7), CellStyle::Text);
                    },
                );
            });
            output.textures_delta.clear();
            assert!((700..1000).contains(&cells), "{cells} cells, by {what}");
        }
    }
}

#[test]
fn bars_and_bins_are_chosen_by_mouse_and_by_keyboard() {
    #[derive(Default)]
    struct Chosen {
        bar: Option<usize>,
        bins: Option<std::ops::RangeInclusive<usize>>,
    }
    let ui = |ui: &mut Ui, chosen: &mut Chosen| {
        let bar = |label: &str, count, total| Bar { label: label.into(), count, total, color: None };
        let response = BarList::new("label", &[bar("spam", 47, 412), bar("ham", 3, 3)]).show(ui);
        chosen.bar = response.clicked.map(|(index, _)| index).or(chosen.bar);
        let bins = [Bin { count: 1, total: 2 }; 10];
        let response = Histogram::new(Id::unique("h"), "length", &bins).show(ui);
        chosen.bins = response.chosen.or(chosen.bins.take());
    };
    let mut harness = harness(Chosen::default(), vec2(200.0, 200.0), ui);
    harness.run();
    harness.get_by_label("label: spam, 47 of 412").click();
    harness.run();
    assert_eq!(harness.state().bar, Some(0));
    harness.get_by_label("label: ham, 3 of 3").focus();
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(harness.state().bar, Some(1));

    let plot = harness.get_by_label("length").rect();
    let at = |share: f32| pos2(plot.left() + plot.width() * share, plot.center().y);
    harness.hover_at(at(0.25));
    harness.drag_at(at(0.25));
    harness.run();
    harness.hover_at(at(0.55));
    harness.run();
    harness.drop_at(at(0.55));
    harness.run();
    assert_eq!(harness.state().bins, Some(2..=5));
    harness.get_by_label("length").focus();
    harness.run();
    harness.key_press(Key::Home);
    harness.run();
    harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowRight);
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(harness.state().bins, Some(0..=1));
}

#[test]
fn the_grid_moves_by_row_and_keeps_its_place() {
    struct Grid {
        grid: GridState,
        focused: Option<u64>,
        visible: std::ops::Range<u64>,
    }
    let ui = |ui: &mut Ui, test: &mut Grid| {
        let grid = VirtualGrid::new(Id::unique("g"), "Images", 1_000_000).focused(test.focused);
        let response = grid.show(ui, &mut test.grid, |_, _, _| {});
        test.focused = response.events.moved.map(|m| m.row).or(response.events.clicked.map(|c| c.row)).or(test.focused);
        test.visible = response.visible;
    };
    let state = Grid { grid: GridState::default(), focused: None, visible: 0..0 };
    // Five cells of 128 points and their gaps side by side.
    let mut harness = harness(state, vec2(5.0 * 136.0 + 20.0 + 2.0 * MARGIN, 500.0), ui);
    harness.run();
    harness.get_by_label("Row 2").click();
    harness.run();
    assert_eq!(harness.state().focused, Some(1));
    for (key, expected) in [(Key::ArrowDown, 6), (Key::ArrowRight, 7), (Key::ArrowUp, 2), (Key::End, 999_999)] {
        harness.key_press(key);
        harness.run();
        assert_eq!(harness.state().focused, Some(expected), "{key:?}");
        assert!(harness.state().visible.contains(&expected));
    }
    // With smaller pictures the first one that was seen is still seen.
    let first = harness.state().visible.start;
    harness.state_mut().grid.cell = 64.0;
    harness.run();
    assert!(harness.state().visible.contains(&first), "{first} is not in {:?}", harness.state().visible);
}

#[test]
fn the_editor_indents_and_keeps_the_indentation() {
    let ui = |ui: &mut Ui, text: &mut String| {
        CodeEditor::new(Id::unique("e"), "Editor").show(ui, text);
    };
    let mut harness = harness("def f(x):".to_owned(), vec2(400.0, 300.0), ui);
    harness.get_by_label("Editor").focus();
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    harness.get_by_label("Editor").type_text("return 1");
    harness.run();
    assert_eq!(harness.state(), "def f(x):\n    return 1");
    harness.key_press(Key::Enter);
    harness.key_press(Key::Tab);
    harness.run();
    assert_eq!(harness.state(), "def f(x):\n    return 1\n        ");
    harness.key_press_modifiers(Modifiers::SHIFT, Key::Tab);
    harness.run();
    assert_eq!(harness.state(), "def f(x):\n    return 1\n    ");
    assert!(harness.get_by_label("Editor").is_focused(), "Tab stays in the editor");
    harness.key_press(Key::Escape);
    harness.run();
    assert!(!harness.get_by_label("Editor").is_focused(), "Esc leaves it");
}

#[test]
fn hangul_is_composed_in_fields_and_class_keys_wait() {
    #[derive(Default)]
    struct Test {
        text: String,
        key: Option<char>,
    }
    let ui = |ui: &mut Ui, test: &mut Test| {
        Field::new("Note").show(ui, &mut test.text);
        test.key = class_key(ui).or(test.key);
    };
    let mut harness = harness(Test::default(), vec2(300.0, 200.0), ui);
    harness.key_press(Key::Num1);
    harness.run();
    assert_eq!(harness.state_mut().key.take(), Some('1'));
    harness.get_by_label("Note").focus();
    harness.run();
    harness.event(Event::Ime(egui::ImeEvent::Preedit { text: "하".into(), active_range_chars: None }));
    harness.run();
    harness.event(Event::Ime(egui::ImeEvent::Commit("한글".into())));
    harness.key_press(Key::Num1);
    harness.run();
    assert_eq!(harness.state().text, "한글");
    assert_eq!(harness.state().key, None, "no class key while a field has the keyboard");
}

#[test]
fn controls_answer_to_their_names() {
    #[derive(Default)]
    struct Test {
        on: bool,
        choice: u8,
        search: String,
        removed: bool,
        pressed: Option<usize>,
        banner: Option<BannerEvent>,
        cancelled: bool,
    }
    let ui = |ui: &mut Ui, test: &mut Test| {
        toggle(ui, &mut test.on, "Only labelled");
        segmented(ui, "Row height", &mut test.choice, &[(0, "Dense"), (1, "Roomy")]);
        search_box(ui, Id::unique("s"), &mut test.search, "Search", "Search text", 200.0);
        test.removed |= chip(ui, "a < 3", None, true).removed;
        test.banner = Banner::new(Tone::Error, "failed").action("Try again").show(ui).or(test.banner);
        let progress = crate::engine::Progress { stage: "reading".into(), done: 1, total: 2, seconds: 0.0 };
        test.cancelled |= progress_row(ui, &progress, true);
        let state = PaneState::new(PaneStateKind::Empty, "Nothing").action(Action::primary("Open file…"));
        test.pressed = state.show(ui).or(test.pressed);
    };
    let test = Test { search: "구독".into(), ..Default::default() };
    let mut harness = harness(test, vec2(500.0, 700.0), ui);
    harness.run_ok();
    for name in ["Only labelled", "Roomy", "Clear search", "Remove a < 3", "Try again", "Cancel", "Open file…"] {
        harness.get_by_label(name).click();
        harness.run_ok();
    }
    let test = harness.state();
    assert!(test.on && test.removed && test.cancelled);
    assert_eq!((test.choice, test.search.as_str(), test.pressed), (1, "", Some(0)));
    assert_eq!(test.banner, Some(BannerEvent::Action));
}
