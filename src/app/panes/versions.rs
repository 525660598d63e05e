//! Versions of the files of functions: what was saved when, which votes are other now, and the way back.

use std::sync::Arc;

use eframe::egui;

use super::predictions::{note, title};
use crate::app::act::Act;
use crate::app::pane::{Pane, PaneCx};
use crate::app::strings::{Strings, grouped, percent};
use crate::app::theme::{self, icons};
use crate::app::widgets::{
    self, Banner, Button, ButtonKind, CellStyle, DetailList, DetailListState, PaneState, PaneStateKind, TableColumn,
};
use crate::data::Row;
use crate::data::view::{Chip, Origin, Selection};
use crate::engine::Slot;
use crate::session::{ChangesOf, Sources, Version, VoteChanges};
use crate::weak::changes::FunctionChange;

/// The pane's own state.
#[derive(Default)]
pub struct VersionsPane {
    list: DetailListState,
    /// The text of the version that is looked at, with its name.
    text: Option<(Version, Result<String, crate::engine::Error>)>,
    slot: Slot<ChangesOf>,
}

impl Pane for VersionsPane {
    fn id(&self) -> &'static str {
        "versions"
    }

    fn title(&self, strings: &Strings) -> &'static str {
        strings.versions
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        let strings = cx.strings;
        let session = cx.session;
        let log = session.functions.versions().map(|versions| versions.log()).unwrap_or_default();
        if log.is_empty() {
            PaneState::new(PaneStateKind::Empty, strings.versions_none).why(strings.versions_why).show(ui);
            return;
        }
        note(ui, strings.versions_why);
        let columns = [
            TableColumn::new(strings.saved_at, 150.0),
            TableColumn::new(strings.file, 180.0),
            TableColumn::new(strings.content_name, 120.0),
        ];
        // The newest first.
        let version = |row: usize| log.len().checked_sub(row + 1).and_then(|at| log.get(at));
        let name =
            |row: usize| version(row).map_or_else(String::new, |version| format!("{} {}", version.file, when(version)));
        let list = DetailList::new("versions", strings.versions, &columns, log.len()).row_name(&name);
        let mut state = std::mem::take(&mut self.list);
        list.show(
            ui,
            &mut state,
            |ui, at| version(at).into_iter().for_each(|version| self.version_ui(ui, cx, version)),
            |ui, row, column, rect| {
                let Some(version) = version(row) else { return };
                match column {
                    0 => widgets::cell_text(ui, rect, &when(version), CellStyle::Text),
                    1 => widgets::cell_text(ui, rect, &version.file, CellStyle::Code),
                    _ => widgets::cell_text(ui, rect, version.print.get(..8).unwrap_or_default(), CellStyle::Weak),
                }
            },
        );
        self.list = state;
    }
}

/// When a version was saved, in the time of this place.
fn when(version: &Version) -> String {
    let time = i64::try_from(version.time).ok().and_then(|time| chrono::DateTime::from_timestamp(time, 0));
    time.map_or_else(String::new, |time| time.with_timezone(&chrono::Local).format("%Y-%m-%d %H:%M").to_string())
}

impl VersionsPane {
    /// What the votes of a version were, and what is other now.
    fn version_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, version: &Version) {
        let strings = cx.strings;
        if self.text.as_ref().is_none_or(|(of, _)| of != version) {
            let text = cx.session.functions.versions().map(|versions| versions.text(version));
            self.text = text.map(|text| (version.clone(), text));
        }
        let text = match &self.text {
            Some((_, Ok(text))) => text.clone(),
            Some((_, Err(error))) => {
                Banner::of_error(error, strings).show(ui);
                return;
            }
            None => return,
        };
        let Some(basis) = cx.live.basis().cloned() else { return };
        let now = basis.sources.iter().find(|(name, _)| *name == version.file).map(|(_, text)| text);
        let is_now = now == Some(&text);
        ui.horizontal_wrapped(|ui| {
            ui.label(egui::RichText::new(format!("{}  ·  {}", version.file, when(version))).font(theme::strong()));
            let index = cx.session.functions.files().iter().position(|file| file.name == version.file);
            let restore = Button::new(strings.restore).icon(icons::ARROW_COUNTER_CLOCKWISE);
            if restore.enabled(!is_now && index.is_some()).show(ui).clicked()
                && let Some(index) = index
            {
                cx.act(Act::EditFunctions(index, text.clone()));
            }
        });
        if is_now {
            note(ui, strings.version_is_current);
            return;
        }
        let before: Sources = {
            let others = basis.sources.iter().filter(|(name, _)| *name != version.file).cloned();
            let mut all: Vec<(String, String)> = others.chain([(version.file.clone(), text)]).collect();
            all.sort();
            Arc::new(all)
        };
        let after = basis.sources.clone();
        self.slot.want(ChangesOf { basis, before, after }, cx.session.cache(), cx.live.waker());
        *cx.busy |= self.slot.running().is_some();
        if let Some(error) = self.slot.error() {
            Banner::of_error(error, strings).show(ui);
            return;
        }
        match self.slot.value().cloned().filter(|_| self.slot.running().is_none()) {
            Some(changes) => changes_ui(ui, cx, &changes),
            None => _ = PaneState::new(PaneStateKind::Working, strings.working).show(ui),
        }
    }
}

fn changes_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, changes: &VoteChanges) {
    let strings = cx.strings;
    let analysis = &changes.before.analysis;
    let figures = format!(
        "{} {}  ·  {} {}  ·  {} {}",
        strings.functions,
        grouped(analysis.functions.len() as u64),
        strings.covered,
        percent(analysis.covered),
        strings.conflicted,
        percent(analysis.conflicted)
    );
    note(ui, &figures);
    title(ui, strings.changed_since);
    if changes.functions.is_empty() {
        note(ui, strings.no_votes_changed);
    }
    for change in &changes.functions {
        let text = format!("{}   {}", change.name, strings.vote_change(change.gained, change.lost, change.flipped));
        let button = Button::new(&text).kind(ButtonKind::Quiet).icon(icons::FUNNEL).accessible_name(&text);
        if button.show(ui).clicked() {
            show(cx, change);
        }
    }
}

/// Shows the rows on which a function votes otherwise.
fn show(cx: &mut PaneCx<'_>, change: &FunctionChange) {
    let dataset = cx.session.dataset();
    let items: Selection = change.examples.iter().filter_map(|&row| dataset.id(Row(row))).collect();
    let chip = Chip::of_items(items, cx.strings.changed_by(&change.name), "versions");
    let mut view = cx.view.clone();
    view.filters.retain(|other| other.origin != Origin::Pane("versions".to_owned()));
    view.filters.push(chip);
    cx.act(Act::SetView(view));
}
