//! A hidden page that draws every widget, to look at them side by side in both themes and both languages.

use eframe::egui::{self, Align2, Frame, Id, Margin, RichText, ScrollArea, Stroke, Ui, vec2};

use super::*;
use crate::app::strings::{Language, Strings, grouped, percent, set_language, strings};
use crate::app::theme::{self, Tokens, icons, radius, size, space};
use crate::engine::Progress;

/// What the gallery keeps from frame to frame.
pub struct GalleryState {
    dense: bool,
    density: u8,
    model: u8,
    name: String,
    filter: String,
    search: String,
    code: String,
    table: TableState,
    sort: Option<(usize, Sort)>,
    focused: Option<u64>,
    grid: GridState,
    grid_focused: Option<u64>,
    chosen_class: usize,
    bars: Vec<usize>,
    bins: Option<std::ops::RangeInclusive<usize>>,
    /// True while the dialog is open.
    pub dialog: bool,
}

const CODE: &str = "from snorkel.labeling import labeling_function\n\n# 광고성 문구를 찾는다\nSPAM, HAM, ABSTAIN = \"spam\", \"ham\", None\n\n@labeling_function()\ndef lf_exclaims(x):\n    if x.text.count(\"!\") > 4:\n        return SPAM\n    return ABSTAINED\n";

impl Default for GalleryState {
    fn default() -> Self {
        Self {
            dense: true,
            density: 1,
            model: 0,
            name: "comments".to_owned(),
            filter: "length(text) < 20 and lable = 'spam'".to_owned(),
            search: "구독".to_owned(),
            code: CODE.to_owned(),
            table: TableState::default(),
            sort: Some((2, Sort::Descending)),
            focused: Some(2),
            grid: GridState::with_cell(96.0),
            grid_focused: Some(1),
            chosen_class: 0,
            bars: vec![1],
            bins: Some(4..=9),
            dialog: false,
        }
    }
}

/// Draws the page.
pub fn gallery(ui: &mut Ui, state: &mut GalleryState) {
    let tokens = Tokens::of(ui);
    ui.painter().rect_filled(ui.max_rect(), 0, tokens.app);
    Frame::new().inner_margin(Margin::same(space::L as i8)).show(ui, |ui| {
        head_ui(ui, tokens, state);
        ui.add_space(space::M);
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            ui.columns(2, |uis| {
                if let [left, right] = uis {
                    left_ui(left, state);
                    right_ui(right, state);
                }
            });
        });
    });
    if state.dialog && confirm_ui(ui).is_some() {
        state.dialog = false;
    }
}

fn confirm_ui(ui: &Ui) -> Option<bool> {
    let texts = strings(ui);
    let title = texts.delete_question("comments");
    confirm(ui, Id::unique("gallery dialog"), &title, texts.overwrite_question, texts.delete)
}

fn head_ui(ui: &mut Ui, tokens: &Tokens, state: &mut GalleryState) {
    let texts = strings(ui);
    ui.horizontal(|ui| {
        ui.label(RichText::new(texts.gallery).font(theme::page()).color(tokens.text));
        ui.add_space(space::XL);
        let mut theme = ui.theme();
        let themes = [(egui::Theme::Light, texts.theme_light), (egui::Theme::Dark, texts.theme_dark)];
        if segmented(ui, texts.theme, &mut theme, &themes) {
            ui.set_theme(theme);
        }
        let mut language = texts.language;
        let languages = Language::ALL.map(|language| (language, language.name()));
        if segmented(ui, texts.choose_language, &mut language, &languages) {
            set_language(ui, language);
        }
        if button(ui, texts.delete).clicked() {
            state.dialog = true;
        }
        icon_button(ui, icons::KEYBOARD, texts.shortcuts, Some("?"));
    });
}

/// A titled card.
fn section(ui: &mut Ui, title: &str, content: impl FnOnce(&mut Ui)) {
    let tokens = Tokens::of(ui);
    let frame = Frame::new()
        .fill(tokens.panel)
        .stroke(Stroke::new(1.0, tokens.hairline))
        .corner_radius(radius::CARD)
        .inner_margin(Margin::same(space::M as i8));
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.label(RichText::new(title).font(theme::section()).color(tokens.text));
        ui.add_space(space::XS);
        content(ui);
    });
    ui.add_space(space::S);
}

fn left_ui(ui: &mut Ui, state: &mut GalleryState) {
    let texts = strings(ui);
    section(ui, texts.gallery_buttons, |ui| buttons_ui(ui, texts));
    section(ui, texts.gallery_inputs, |ui| inputs_ui(ui, texts, state));
    section(ui, texts.gallery_labels, |ui| labels_ui(ui, texts, state));
    section(ui, texts.gallery_plots, |ui| plots_ui(ui, texts, state));
    section(ui, texts.gallery_messages, |ui| messages_ui(ui, texts));
    section(ui, texts.gallery_type, type_ui);
}

fn right_ui(ui: &mut Ui, state: &mut GalleryState) {
    let texts = strings(ui);
    section(ui, texts.view_table, |ui| table_ui(ui, state));
    section(ui, texts.view_grid, |ui| grid_ui(ui, state));
    section(ui, texts.editor, |ui| editor_ui(ui, texts, state));
    section(ui, texts.gallery_states, |ui| states_ui(ui, texts));
    section(ui, texts.gallery_icons, icons_ui);
}

fn buttons_ui(ui: &mut Ui, texts: &Strings) {
    ui.horizontal_wrapped(|ui| {
        primary_button(ui, texts.create_project);
        button(ui, texts.open_file);
        quiet_button(ui, texts.cancel);
        Button::new(texts.delete).kind(ButtonKind::Danger).show(ui);
        Button::new(texts.fit_model).enabled(false).show(ui);
    });
    ui.horizontal_wrapped(|ui| {
        Button::new(texts.export).kind(ButtonKind::Primary).icon(icons::EXPORT).key("Ctrl+E").show(ui);
        Button::new(texts.skip).icon(icons::SKIP_FORWARD).key("N").show(ui);
        Button::new(texts.filter).icon(icons::FUNNEL).selected(true).show(ui);
    });
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        icon_button(ui, icons::SIDEBAR_SIMPLE, texts.panel_left, Some("Ctrl+B"));
        icon_button(ui, icons::ARROW_COUNTER_CLOCKWISE, texts.undo, Some("Ctrl+Z"));
        icon_button(ui, icons::GEAR, texts.settings, Some("Ctrl+,"));
        ui.add_space(space::M);
        key_cap(ui, "1");
        key_caps(ui, "Ctrl+Shift+P");
    });
}

fn inputs_ui(ui: &mut Ui, texts: &Strings, state: &mut GalleryState) {
    ui.spacing_mut().item_spacing.y = space::S;
    Field::new(texts.name).why(texts.project_folder_why).hint(texts.name_needed).show(ui, &mut state.name);
    let found = state.filter.find("lable");
    let error = found.map(|at| FieldError { message: texts.name_needed.to_owned(), range: Some(at..at + 5) });
    Field::new(texts.filter).mono().error(error.as_ref()).show(ui, &mut state.filter);
    search_box(ui, Id::unique("gallery search"), &mut state.search, texts.search, texts.search_hint, f32::INFINITY);
    ui.horizontal(|ui| {
        toggle(ui, &mut state.dense, texts.only_labelled);
        ui.add_space(space::S);
        let choices = [(0, texts.row_height_dense), (1, texts.row_height_default), (2, texts.row_height_roomy)];
        segmented(ui, texts.row_height, &mut state.density, &choices);
        let models = [(0, texts.model_auto), (1, texts.model_majority), (2, texts.model_dawid_skene)];
        select(ui, Id::unique("gallery model"), texts.label_model, &mut state.model, &models, 140.0);
    });
}

const CLASSES: [&str; 10] =
    ["spam", "ham", "광고", "질문", "unclear", "review", "toxic", "긍정적인 평가", "부정", "other"];

fn labels_ui(ui: &mut Ui, texts: &Strings, state: &mut GalleryState) {
    ui.horizontal_wrapped(|ui| {
        for (index, name) in CLASSES.iter().enumerate() {
            label_chip(ui, name, index);
        }
    });
    ui.horizontal_wrapped(|ui| {
        for (index, name) in CLASSES.iter().enumerate().take(4) {
            let key = char::from_digit(index as u32 + 1, 10);
            if class_button(ui, name, index, key, state.chosen_class == index).clicked() {
                state.chosen_class = index;
            }
        }
    });
    ui.horizontal_wrapped(|ui| {
        chip(ui, "length(text) < 20", None, true);
        chip(ui, "label = spam", Some(0), true);
        chip(ui, texts.unlabelled, None, false);
    });
    ui.horizontal_wrapped(|ui| {
        badge(ui, "12", Tone::Neutral);
        badge(ui, texts.estimate, Tone::Info);
        badge(ui, texts.settled, Tone::Ok);
        badge(ui, texts.stale, Tone::Warning);
        badge(ui, &texts.error_count(3), Tone::Error);
    });
}

fn example_bins() -> Vec<Bin> {
    (0..24u64)
        .map(|n| {
            let total = 400 * (n + 1) / (1 + n * n / 12);
            Bin { count: total * (n % 7) / 9, total }
        })
        .collect()
}

fn plots_ui(ui: &mut Ui, texts: &Strings, state: &mut GalleryState) {
    let bar = |label: &str, count, total, color| Bar { label: label.to_owned(), count, total, color };
    let bars = [
        bar("spam", 47, 412, Some(0)),
        bar("ham", 1_204, 3_000, Some(1)),
        bar("광고", 80, 80, Some(2)),
        bar(texts.missing, 0, 96, None),
    ];
    let response = BarList::new(texts.label, &bars).selected(&state.bars).show(ui);
    if let Some((index, _)) = response.clicked {
        state.bars = if state.bars == [index] { Vec::new() } else { vec![index] };
    }
    ui.add_space(space::S);
    let bins = example_bins();
    let describe = |index: usize| format!("{} – {}", index * 20, (index + 1) * 20);
    let response = Histogram::new(Id::unique("gallery histogram"), texts.characters, &bins)
        .ends("0", "480")
        .describe(&describe)
        .selected(state.bins.clone())
        .height(84.0)
        .show(ui);
    if let Some(chosen) = response.chosen {
        state.bins = (state.bins.as_ref() != Some(&chosen)).then_some(chosen);
    }
}

fn table_ui(ui: &mut Ui, state: &mut GalleryState) {
    let texts = strings(ui);
    let columns = [
        TableColumn::new("id", 80.0),
        TableColumn::new("text", 240.0),
        TableColumn::new("length", 96.0),
        TableColumn::new("label", 96.0),
        TableColumn::new("confidence", 110.0),
    ];
    let bins = example_bins();
    let sort = state.sort;
    let selected = |row: u64| row == 4 || row == 5;
    ui.allocate_ui(vec2(ui.available_width(), 300.0), |ui| {
        let response = VirtualTable::new(Id::unique("gallery table"), texts.view_table, &columns, 10_000_000)
            .header_height(size::HEADER_PLOT)
            .frozen(1)
            .focused(state.focused)
            .selected(&selected)
            .show(
                ui,
                &mut state.table,
                |ui, column, rect| {
                    let name = columns.get(column).map_or("", |column| column.name.as_str());
                    let style = if matches!(column, 0 | 2 | 4) { CellStyle::Number } else { CellStyle::Text };
                    header_text(ui, rect, name, style, sort.filter(|(c, _)| *c == column).map(|(_, sort)| sort));
                    if column == 2 {
                        let plot = rect.with_min_y(rect.top() + size::HEADER).shrink2(vec2(0.0, 4.0));
                        Histogram::new(Id::unique("header plot"), name, &bins).show_in(ui, plot);
                    }
                },
                table_cell,
            );
        if let Some(click) = response.events.clicked {
            state.focused = Some(click.row);
        }
        if let Some(moved) = response.events.moved {
            state.focused = Some(moved.row);
        }
        if let Some((column, _)) = response.header_clicked {
            state.sort = match state.sort {
                Some((sorted, Sort::Ascending)) if sorted == column => Some((column, Sort::Descending)),
                Some((sorted, Sort::Descending)) if sorted == column => None,
                _ => Some((column, Sort::Ascending)),
            };
        }
    });
}

/// A cell of the example table.
pub(super) fn table_cell(ui: &mut Ui, row: u64, column: usize, rect: egui::Rect) {
    const TEXTS: [&str; 4] = [
        "check out my channel and subscribe!!!",
        "이 노래 들을 때마다 어릴 때 생각이 나네요. 댓글 보고 다시 왔습니다",
        "best song ever",
        "구독과 좋아요 부탁드립니다 https://example.com/ch",
    ];
    let text = TEXTS.get((row % 4) as usize).copied().unwrap_or_default();
    match column {
        0 => cell_text(ui, rect, &grouped(row + 1), CellStyle::Number),
        1 => cell_text(ui, rect, text, CellStyle::Text),
        2 => cell_text(ui, rect, &text.chars().count().to_string(), CellStyle::Number),
        3 => {
            let class = if row % 4 == 2 { 1 } else { (row % 4) as usize };
            let name = CLASSES.get(class).copied().unwrap_or_default();
            paint_label_chip(ui, rect.left_center(), name, class, rect.width());
        }
        _ => cell_text(ui, rect, &percent(0.5 + (row % 50) as f64 / 101.0), CellStyle::Number),
    }
}

fn grid_ui(ui: &mut Ui, state: &mut GalleryState) {
    let texts = strings(ui);
    size_slider(ui, &mut state.grid.cell);
    ui.allocate_ui(vec2(ui.available_width(), 150.0), |ui| {
        let selected = |item: u64| item == 3;
        let response = VirtualGrid::new(Id::unique("gallery grid"), texts.view_grid, 1000)
            .caption(18.0)
            .focused(state.grid_focused)
            .selected(&selected)
            .show(ui, &mut state.grid, |ui, item, rect| {
                let tokens = Tokens::of(ui);
                let picture = rect.with_max_y(rect.bottom() - 18.0);
                let color = tokens.tint(tokens.category((item % 10) as usize));
                ui.painter().rect_filled(picture, radius::CONTROL, color);
                let icon = theme::icon(24.0);
                ui.painter().text(picture.center(), Align2::CENTER_CENTER, icons::IMAGE, icon, tokens.weak);
                let caption = rect.with_min_y(picture.bottom());
                cell_text(ui, caption, &format!("img_{item:04}.jpg"), CellStyle::Weak);
            });
        if let Some(to) =
            response.events.clicked.map(|click| click.row).or(response.events.moved.map(|moved| moved.row))
        {
            state.grid_focused = Some(to);
        }
    });
}

fn editor_ui(ui: &mut Ui, texts: &Strings, state: &mut GalleryState) {
    let spans = example_spans(&state.code);
    let problem = state.code.find("ABSTAINED").map(|at| Diagnostic {
        line: 10,
        range: Some(at..at + 9),
        message: "ABSTAINED is not defined; did you mean ABSTAIN?".to_owned(),
        severity: Severity::Error,
    });
    let problems: Vec<_> = problem.into_iter().collect();
    CodeEditor::new(Id::unique("gallery code"), texts.editor)
        .spans(&spans)
        .diagnostics(&problems)
        .height(264.0)
        .show(ui, &mut state.code);
}

fn example_spans(code: &str) -> Vec<(std::ops::Range<usize>, TokenStyle)> {
    let words = [
        ("from ", TokenStyle::Keyword),
        ("import ", TokenStyle::Keyword),
        ("# 광고성 문구를 찾는다", TokenStyle::Comment),
        ("\"spam\", \"ham\"", TokenStyle::String),
        ("@labeling_function()", TokenStyle::Decorator),
        ("def ", TokenStyle::Keyword),
        ("lf_exclaims", TokenStyle::Function),
        ("if ", TokenStyle::Keyword),
        ("\"!\"", TokenStyle::String),
        ("4", TokenStyle::Number),
        ("return", TokenStyle::Keyword),
    ];
    let mut spans: Vec<_> = words
        .iter()
        .filter_map(|(word, style)| code.find(word).map(|at| (at..at + word.trim_end().len(), *style)))
        .collect();
    spans.sort_by_key(|(range, _)| range.start);
    spans
}

fn states_ui(ui: &mut Ui, texts: &Strings) {
    stale_bar(ui, &texts.stale_by_labels(37));
    let progress = Progress { stage: texts.find_duplicates.to_owned(), done: 4_100, total: 10_000, seconds: 12.0 };
    progress_row(ui, &progress, true);
    let height = 190.0;
    ui.columns(2, |uis| {
        if let [left, right] = uis {
            left.allocate_ui(vec2(left.available_width(), height), |ui| {
                ui.set_min_height(height);
                let why = texts.removing_gives("length > 400", 212);
                PaneState::new(PaneStateKind::NothingMatches, &texts.none_match(10_000))
                    .why(&why)
                    .action(Action::primary(texts.remove_that_filter))
                    .key("Esc", texts.filter_clear_all)
                    .show(ui);
            });
            right.allocate_ui(vec2(right.available_width(), height), |ui| {
                ui.set_min_height(height);
                PaneState::new(PaneStateKind::Empty, texts.functions)
                    .icon(icons::FUNCTION)
                    .why(texts.functions_none)
                    .action(Action::primary(texts.keyword_function).icon(icons::PLUS))
                    .action(Action::new(texts.new_function))
                    .show(ui);
            });
        }
    });
}

fn messages_ui(ui: &mut Ui, texts: &Strings) {
    ui.spacing_mut().item_spacing.y = space::S;
    Banner::new(Tone::Error, texts.save_failed)
        .help("Free some space and try again; nothing already saved is lost")
        .place("/home/kim/projects/comments/.lapidary/store.sqlite")
        .details("SQLITE_FULL (13)")
        .action(texts.retry)
        .show(ui);
    Banner::new(Tone::Warning, texts.file_changed_outside).action(texts.reload_file).closable().show(ui);
    Banner::new(Tone::Ok, texts.recovered).closable().show(ui);
}

fn type_ui(ui: &mut Ui) {
    let tokens = Tokens::of(ui);
    ui.horizontal(|ui| {
        ui.label(RichText::new("Page 페이지").font(theme::page()).color(tokens.text));
        ui.label(RichText::new("Section 구역").font(theme::section()).color(tokens.text));
        ui.label(RichText::new("Body 본문 0123").color(tokens.text));
        ui.label(RichText::new("Weak 보조").color(tokens.weak));
        ui.label(RichText::new("Caption 설명").font(theme::caption()).color(tokens.weak));
    });
    ui.label(RichText::new("Reading: 이 노래 들을 때마다 어릴 때 생각이 나네요").font(theme::reading()));
    ui.label(RichText::new("Mono 0123456789 def f(x): 한글").font(theme::mono()));
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        for step in 0..40 {
            let share = step as f32 / 39.0;
            let (rect, _) = ui.allocate_exact_size(vec2(7.0, 22.0), egui::Sense::hover());
            let (upper, lower) = rect.split_top_bottom_at_fraction(0.5);
            ui.painter().rect_filled(upper, 0, tokens.sequential(share));
            ui.painter().rect_filled(lower, 0, tokens.diverging(share * 2.0 - 1.0));
        }
        ui.add_space(space::S);
        let (rect, _) = ui.allocate_exact_size(vec2(60.0, 22.0), egui::Sense::hover());
        paint_hatch(ui, rect);
    });
    ui.horizontal(|ui| {
        for index in 0..theme::CATEGORIES {
            let (rect, _) = ui.allocate_exact_size(vec2(28.0, 22.0), egui::Sense::hover());
            ui.painter().rect_filled(rect, radius::CONTROL, tokens.category(index));
            let label = (index + 1).to_string();
            let on = tokens.on_category(index);
            ui.painter().text(rect.center(), Align2::CENTER_CENTER, label, theme::caption(), on);
        }
    });
}

fn icons_ui(ui: &mut Ui) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(space::XS, space::XS);
        for (name, icon) in icons::ALL {
            icon_button(ui, icon, name, None);
        }
    });
}
