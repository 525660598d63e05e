//! New functions: from labels, from the filter, from a word; and what no function covers. Each suggestion shows what it
//! would do, and is taken, edited or refused.

use std::collections::BTreeSet;
use std::sync::Arc;

use eframe::egui;

use super::predictions::{note, title};
use crate::app::act::{Act, Declaration};
use crate::app::pane::{Pane, PaneCx};
use crate::app::strings::{Strings, grouped, percent};
use crate::app::theme::{self, Tokens, icons, size, space};
use crate::app::widgets::{self, Banner, Button, ButtonKind, PaneState, PaneStateKind};
use crate::data::search::{Search, SearchMode};
use crate::data::view::{Chip, Origin, View};
use crate::engine::{Fingerprint, Slot};
use crate::label::ClassIndex;
use crate::project::Content;
use crate::session::{LabelsFrom, Suggestions, SuggestionsOf, Uncovered, UncoveredOf, VOTE_COUNT, VotesOutcome};
use crate::weak::suggest::{self, Form, Suggestion};

/// Selected items that a function of what is like them names.
const NEAR_MOST: usize = 20;

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Shown {
    #[default]
    Suggestions,
    Uncovered,
}

/// The pane's own state.
#[derive(Default)]
pub struct Suggest {
    shown: Shown,
    /// The form that is listed; `None` for all.
    form: Option<Form>,
    text: String,
    suggestions: Slot<SuggestionsOf>,
    uncovered: Slot<UncoveredOf>,
    refused: (usize, Arc<BTreeSet<String>>),
}

fn origin() -> Origin {
    Origin::Pane("suggest".to_owned())
}

impl Pane for Suggest {
    fn id(&self) -> &'static str {
        "suggest"
    }

    fn title(&self, strings: &Strings) -> &'static str {
        strings.suggestions
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        let strings = cx.strings;
        if cx.session.classes().is_empty() {
            PaneState::new(PaneStateKind::NeedsInput, strings.suggest_needs_classes).show(ui);
            return;
        }
        self.drafts_ui(ui, cx);
        ui.add_space(space::S);
        ui.horizontal_wrapped(|ui| {
            let choices = [(Shown::Suggestions, strings.from_labels), (Shown::Uncovered, strings.uncovered)];
            widgets::segmented(ui, strings.suggestions, &mut self.shown, &choices);
            if self.shown == Shown::Suggestions {
                let forms = [
                    (None, strings.all),
                    (Some(Form::Phrase), strings.form_phrases),
                    (Some(Form::Shape), strings.form_shapes),
                    (Some(Form::Value), strings.form_values),
                    (Some(Form::Range), strings.form_ranges),
                ];
                widgets::segmented(ui, strings.kind_of_function, &mut self.form, &forms);
            }
        });
        ui.add_space(space::XS);
        let Some((votes, print)) = cx.live.votes.value().cloned().zip(cx.live.votes.print()) else {
            PaneState::new(PaneStateKind::Working, strings.working).show(ui);
            return;
        };
        match self.shown {
            Shown::Suggestions => self.suggestions_ui(ui, cx, votes, print),
            Shown::Uncovered => self.uncovered_ui(ui, cx, votes, print),
        }
    }
}

/// A button for each class; the class whose button was pressed. `what` is said by screen readers in front of the class.
pub(super) fn classes_ui(ui: &mut egui::Ui, cx: &PaneCx<'_>, what: &str) -> Option<String> {
    let mut chosen = None;
    for class in cx.session.classes().iter() {
        let name = format!("{what}: {}", class.name);
        let response = Button::new(&class.name).icon(icons::PLUS).accessible_name(&name).show(ui);
        let color = Tokens::of(ui).category(usize::from(class.color));
        let line = egui::Rect::from_min_max(
            egui::pos2(response.rect.left() + 2.0, response.rect.bottom() - 3.0),
            egui::pos2(response.rect.right() - 2.0, response.rect.bottom() - 1.0),
        );
        ui.painter().rect_filled(line, 1.0, color);
        if response.clicked() {
            chosen = Some(class.name.clone());
        }
    }
    chosen
}

impl Suggest {
    /// Functions from what the person has before them: the filter, and a word.
    fn drafts_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        let strings = cx.strings;
        let tokens = Tokens::of(ui);
        if let Some(condition) = cx.view.expression() {
            ui.horizontal_wrapped(|ui| {
                ui.label(egui::RichText::new(strings.from_filter).color(tokens.weak));
                let short: String = condition.chars().take(120).collect();
                ui.label(egui::RichText::new(short).font(theme::small_mono())).on_hover_text(&condition);
                if let Some(class) = classes_ui(ui, cx, strings.from_filter) {
                    let call = suggest::of_filter(&class, &condition);
                    cx.act(Act::Declare(Declaration { name: suggest::name_of(&condition), class, call, edit: false }));
                }
            });
        } else if cx.view.search.is_none() {
            note(ui, strings.from_filter_none);
        }
        if let Some(search) = cx.view.search.as_ref().filter(|search| !search.text.trim().is_empty()) {
            ui.horizontal_wrapped(|ui| {
                ui.label(egui::RichText::new(strings.from_search).color(tokens.weak));
                ui.label(egui::RichText::new(search.text.trim()).font(theme::small_mono()));
                declare_text(ui, cx, search.text.trim(), strings.from_search);
            });
        }
        self.near_ui(ui, cx);
        if matches!(cx.session.content(), Content::Text(_)) {
            ui.horizontal_wrapped(|ui| {
                ui.label(egui::RichText::new(strings.from_word).color(tokens.weak));
                widgets::Field::new(strings.from_word)
                    .hide_label()
                    .hint(strings.from_word_hint)
                    .width(190.0)
                    .show(ui, &mut self.text);
                if !self.text.trim().is_empty() {
                    let text = self.text.trim().to_owned();
                    if declare_text(ui, cx, &text, strings.from_word) {
                        self.text.clear();
                    }
                }
            });
        }
    }

    /// A function of what is like the selected items, else like the one that is looked at.
    fn near_ui(&self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        let strings = cx.strings;
        let mut rows: Vec<u32> = cx.selection.iter().copied().take(NEAR_MOST).collect();
        if rows.is_empty() {
            return;
        }
        rows.sort_unstable();
        let ids: Vec<String> = rows
            .iter()
            .filter_map(|&row| cx.session.item(row).ok())
            .map(|id| suggest::python_text(&id.to_string()))
            .collect();
        ui.horizontal_wrapped(|ui| {
            let text = format!("{} ({})", strings.from_selected_items, strings.selected_count(ids.len() as u64));
            ui.label(egui::RichText::new(text).color(Tokens::of(ui).weak));
            if let Some(class) = classes_ui(ui, cx, strings.from_selected_items) {
                let call = format!("near({}, [{}], within=0.3)", suggest::python_text(&class), ids.join(", "));
                cx.act(Act::Declare(Declaration { name: "lf_near".to_owned(), class, call, edit: false }));
            }
        });
    }

    fn suggestions_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, votes: Arc<VotesOutcome>, print: Fingerprint) {
        let strings = cx.strings;
        let Some(basis) = cx.live.basis().cloned() else { return };
        let refused = &cx.session.project().config.settings.refused_functions;
        if self.refused.0 != refused.len() {
            self.refused = (refused.len(), Arc::new(refused.iter().cloned().collect()));
        }
        let wanted = SuggestionsOf {
            basis,
            votes: (votes, print),
            model: cx.live.model.value().cloned().zip(cx.live.model.print()),
            properties: cx.live.properties.value().cloned().zip(cx.live.properties.print()),
            refused: self.refused.1.clone(),
        };
        self.suggestions.want(wanted, cx.session.cache(), cx.live.waker());
        *cx.busy |= self.suggestions.running().is_some();
        if let Some(error) = self.suggestions.error() {
            let what = strings.error_what(error);
            let state = PaneState::new(PaneStateKind::NeedsInput, &what).why(strings.advice(error).unwrap_or_default());
            let go = widgets::Action::primary(strings.workspace_label);
            if state.action(go).show(ui).is_some() {
                cx.act(Act::Go(crate::app::Workspace::Label));
            }
            return;
        }
        let Some(found) = self.suggestions.value().cloned() else {
            match self.suggestions.running() {
                Some(work) => widgets::working_ui(ui, strings.suggestions, work),
                None => _ = PaneState::new(PaneStateKind::Working, strings.working).show(ui),
            }
            return;
        };
        self.head_ui(ui, cx, &found);
        let listed: Vec<&Suggestion> =
            found.list.iter().filter(|one| self.form.is_none_or(|form| form == one.form)).collect();
        if listed.is_empty() {
            PaneState::new(PaneStateKind::Empty, strings.suggest_none).why(strings.suggest_none_why).show(ui);
            return;
        }
        egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            for suggestion in listed {
                suggestion_ui(ui, cx, suggestion, found.from);
            }
        });
    }

    fn head_ui(&self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, found: &Suggestions) {
        let strings = cx.strings;
        ui.horizontal_wrapped(|ui| {
            note(ui, &strings.suggested_from(found.from, found.labels));
            let refused = self.refused.1.len() as u64;
            if refused > 0 && widgets::quiet_button(ui, &strings.suggest_refused(refused)).clicked() {
                cx.act(Act::ForgetRefusals);
            }
        });
        if found.from == LabelsFrom::Model {
            Banner::new(widgets::Tone::Warning, strings.suggested_from_model).show(ui);
        }
    }

    fn uncovered_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, votes: Arc<VotesOutcome>, print: Fingerprint) {
        let strings = cx.strings;
        let Some(basis) = cx.live.basis().cloned() else { return };
        let rows = basis.dataset.rows() as u64;
        self.uncovered.want(UncoveredOf { basis, votes: (votes, print) }, cx.session.cache(), cx.live.waker());
        *cx.busy |= self.uncovered.running().is_some();
        if let Some(error) = self.uncovered.error() {
            Banner::of_error(error, strings).show(ui);
            return;
        }
        let Some(found) = self.uncovered.value().cloned() else {
            PaneState::new(PaneStateKind::Working, strings.working).show(ui);
            return;
        };
        ui.horizontal_wrapped(|ui| {
            let share = percent(found.rows as f64 / rows.max(1) as f64);
            let text = format!("{}  ({share})", strings.uncovered_of(found.rows, rows));
            ui.label(egui::RichText::new(text).font(theme::strong()));
            if Button::new(strings.show_rows).icon(icons::FUNNEL).show(ui).clicked() {
                show(cx, uncovered_condition(), None);
            }
        });
        if found.rows == 0 || found.words.is_empty() {
            note(ui, strings.uncovered_no_words);
            return;
        }
        self.words_ui(ui, cx, &found);
    }

    fn words_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, found: &Uncovered) {
        let strings = cx.strings;
        title(ui, strings.frequent_uncovered);
        note(ui, strings.frequent_uncovered_why);
        ui.add_space(space::XS);
        egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            ui.horizontal_wrapped(|ui| {
                for word in &found.words {
                    let text = format!("{}  {}", word.text, grouped(word.count));
                    if Button::new(&text).kind(ButtonKind::Quiet).accessible_name(&word.text).show(ui).clicked() {
                        self.text.clone_from(&word.text);
                        let pair = word.text.contains(' ');
                        let mode = if pair { SearchMode::Phrase } else { SearchMode::Words };
                        let search = Search { text: word.text.clone(), mode, match_case: false };
                        show(cx, uncovered_condition(), Some(search));
                    }
                }
            });
        });
    }
}

fn uncovered_condition() -> String {
    format!("{VOTE_COUNT} = 0")
}

/// A function for a text, for the class whose button is pressed. True if one was.
pub(super) fn declare_text(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, text: &str, what: &str) -> bool {
    let Some(class) = classes_ui(ui, cx, what) else { return false };
    let call = suggest::of_text(&class, text);
    cx.act(Act::Declare(Declaration { name: suggest::name_of(text), class, call, edit: false }));
    true
}

/// Shows the rows of a condition, in place of what this pane showed before.
fn show(cx: &mut PaneCx<'_>, condition: String, search: Option<Search>) {
    let chip = Chip { origin: origin(), ..Chip::new(condition) };
    cx.act(Act::SetView(View { filters: vec![chip], search, sort: cx.view.sort.clone() }));
}

/// One suggestion: what it is, what it does, and what can be done with it.
fn suggestion_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, suggestion: &Suggestion, from: LabelsFrom) {
    let strings = cx.strings;
    let tokens = Tokens::of(ui);
    let Some(class) = cx.session.classes().get(ClassIndex(suggestion.class)).cloned() else { return };
    let examples = examples(cx, suggestion);
    ui.horizontal(|ui| {
        ui.set_min_height(size::ROW);
        widgets::label_chip(ui, &class.name, usize::from(class.color));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let name = |what: &str| format!("{what} {}", suggestion.name);
            let refuse = name(strings.refuse);
            if widgets::icon_button(ui, icons::X, &refuse, None).clicked() {
                cx.act(Act::RefuseFunction(suggestion.call.clone()));
            }
            let edit = name(strings.edit);
            let edits = widgets::icon_button(ui, icons::PENCIL_SIMPLE, &edit, None).clicked();
            let show_name = name(strings.show_rows);
            if widgets::icon_button(ui, icons::FUNNEL, &show_name, None).clicked() {
                show(cx, suggestion.condition.clone(), None);
            }
            let take = name(strings.take);
            let takes = Button::new(strings.take).icon(icons::PLUS).accessible_name(&take).show(ui).clicked();
            if takes || edits {
                let (name, call) = (suggestion.name.clone(), suggestion.call.clone());
                cx.act(Act::Declare(Declaration { name, class: class.name.clone(), call, edit: edits }));
            }
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                let text = egui::RichText::new(&suggestion.call).font(theme::mono()).color(tokens.text);
                let label = ui.add(egui::Label::new(text).truncate());
                if !examples.is_empty() {
                    label.on_hover_text(&examples);
                }
            });
        });
    });
    let rows = cx.session.dataset().rows();
    note(ui, &strings.suggestion_figures(suggestion, rows as u64, from == LabelsFrom::Model));
    ui.add_space(space::S);
}

/// The beginnings of the first rows that a suggestion votes on.
fn examples(cx: &PaneCx<'_>, suggestion: &Suggestion) -> String {
    let about = suggestion.examples.iter().filter_map(|&row| cx.session.about(row));
    about.map(|text| format!("• {text}")).collect::<Vec<_>>().join("\n")
}
