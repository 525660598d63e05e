//! The words of the classes: which occur most, and which set a class apart. A click searches for a word.

use std::sync::Arc;

use eframe::egui;

use super::predictions::{note, title};
use crate::app::act::Act;
use crate::app::pane::{Pane, PaneCx};
use crate::app::strings::{Strings, grouped};
use crate::app::theme::{self, Tokens, size, space};
use crate::app::widgets::{self, PaneState, PaneStateKind};
use crate::data::Kind;
use crate::data::search::{Search, SearchMode};
use crate::data::view::{View, mask_print};
use crate::engine::{Fingerprinter, Slot};
use crate::label::ClassIndex;
use crate::learn::words::{ClassTerms, Frequent, Sort, Term, Words as Found, WordsOf};

/// The pane's own state.
#[derive(Default)]
pub struct Words {
    column: Option<String>,
    slot: Slot<WordsOf>,
}

/// Terms that are listed for each class.
const LISTED: usize = 20;

impl Pane for Words {
    fn id(&self) -> &'static str {
        "words"
    }

    fn title(&self, strings: &Strings) -> &'static str {
        strings.words
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        let strings = cx.strings;
        let (Some(layers), Some(snapshot)) = (cx.live.layers().cloned(), cx.live.snapshot().cloned()) else {
            PaneState::new(PaneStateKind::Working, strings.working).show(ui);
            return;
        };
        let texts: Vec<(Option<String>, &str)> = cx
            .session
            .dataset()
            .frame
            .columns()
            .iter()
            .filter(|column| matches!(column.kind(), Kind::Text | Kind::Category))
            .map(|column| (Some(column.name().to_owned()), column.name()))
            .collect();
        if texts.is_empty() {
            PaneState::new(PaneStateKind::Empty, strings.words_none).show(ui);
            return;
        }
        let content = cx.session.content_column().filter(|column| column.kind() == Kind::Text);
        let first = content.map(|column| column.name().to_owned()).or_else(|| texts[0].0.clone());
        let name = self.column.get_or_insert_with(|| first.unwrap_or_default()).clone();
        ui.horizontal_wrapped(|ui| {
            let mut chosen = Some(name.clone());
            if widgets::select(ui, egui::Id::unique("words of"), strings.column, &mut chosen, &texts, 180.0) {
                self.column = chosen;
            }
            let shown = strings.rows_of(snapshot.rows.len() as u64, layers.frame.rows() as u64);
            ui.label(egui::RichText::new(shown).color(Tokens::of(ui).weak));
        });
        let Some(column) = cx.session.dataset().frame.get(&name).cloned() else { return };
        let labels: Arc<Vec<i16>> = Arc::new(layers.labels.label.clone());
        let print = Fingerprinter::new("words").print(cx.session.dataset().fingerprint).text(&name);
        let label = layers.frame.columns().iter().position(|column| column.name() == "label");
        let print = match label.and_then(|at| layers.prints.get(at)) {
            Some(labels) => print.print(*labels),
            None => print,
        };
        let wanted = WordsOf {
            column,
            labels,
            classes: cx.session.classes().len(),
            mask: Some(snapshot.mask.clone()),
            print: print.print(mask_print(&snapshot.mask)).finish(),
        };
        self.slot.want(wanted, cx.session.cache(), cx.live.waker());
        *cx.busy |= self.slot.running().is_some();
        let Some(found) = self.slot.value().cloned() else {
            PaneState::new(PaneStateKind::Working, strings.working).show(ui);
            return;
        };
        let clicked = egui::ScrollArea::both().auto_shrink(false).show(ui, |ui| terms_ui(ui, cx, &found)).inner;
        if let Some((text, sort)) = clicked {
            let mode = if sort == Sort::Pair { SearchMode::Phrase } else { SearchMode::Words };
            let search = Some(Search { text, mode, match_case: false });
            cx.act(Act::SetView(View { search, ..cx.view.clone() }));
        }
    }
}

fn terms_ui(ui: &mut egui::Ui, cx: &PaneCx<'_>, found: &Found) -> Option<(String, Sort)> {
    let strings = cx.strings;
    let mut clicked = None;
    title(ui, strings.words_apart);
    note(ui, strings.words_apart_why);
    ui.add_space(space::S);
    let wide = found.classes.len().max(1);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = space::XL;
        for (index, class) in found.classes.iter().enumerate().take(wide) {
            ui.vertical(|ui| {
                ui.set_width(210.0);
                if let Some(of) = cx.session.classes().get(ClassIndex(index as u16)) {
                    widgets::label_chip(ui, &of.name, usize::from(of.color));
                }
                note(ui, &strings.rows_count(class.texts));
                clicked = class_ui(ui, class).or(clicked.take());
            });
        }
    });
    title(ui, strings.most_frequent);
    ui.horizontal_wrapped(|ui| {
        for term in found.words.iter().take(2 * LISTED) {
            clicked = frequent_ui(ui, term).or(clicked.take());
        }
    });
    clicked
}

fn class_ui(ui: &mut egui::Ui, class: &ClassTerms) -> Option<(String, Sort)> {
    let mut clicked = None;
    let most = class.words.first().map_or(1.0, |term| term.z).max(1e-9);
    let terms = class.words.iter().take(LISTED).chain(class.characters.iter().take(LISTED / 2));
    for term in terms.filter(|term| term.z > 0.0) {
        if term_ui(ui, term, most) {
            clicked = Some((term.text.clone(), term.sort));
        }
    }
    clicked
}

/// A term over a bar of its z.
fn term_ui(ui: &mut egui::Ui, term: &Term, most: f64) -> bool {
    let tokens = Tokens::of(ui);
    let (rect, response) =
        ui.allocate_exact_size(egui::vec2(ui.available_width(), size::ROW_DENSE), egui::Sense::click());
    let about = format!("z {:.1}  ·  {} : {}", term.z, grouped(term.inside), grouped(term.elsewhere));
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, format!("{} {about}", term.text)));
    let share = (term.z / most).clamp(0.0, 1.0) as f32;
    let bar = egui::Rect::from_min_size(rect.min, egui::vec2(rect.width() * share, rect.height()))
        .shrink2(egui::vec2(0.0, 2.0));
    let fill = if response.hovered() { tokens.hover } else { tokens.tint(tokens.accent) };
    ui.painter().rect_filled(bar, 2.0, fill);
    let style = if term.sort == Sort::Characters { widgets::CellStyle::Weak } else { widgets::CellStyle::Text };
    widgets::cell_text(ui, rect.shrink2(egui::vec2(space::XS, 0.0)), &term.text, style);
    let right = rect.right_center() - egui::vec2(space::XS, 0.0);
    let count = grouped(term.inside);
    ui.painter().text(right, egui::Align2::RIGHT_CENTER, count, theme::caption(), tokens.weak);
    response.on_hover_text(about).clicked()
}

fn frequent_ui(ui: &mut egui::Ui, term: &Frequent) -> Option<(String, Sort)> {
    let text = format!("{}  {}", term.text, grouped(term.count));
    widgets::quiet_button(ui, &text).clicked().then(|| (term.text.clone(), term.sort))
}
