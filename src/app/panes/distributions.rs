//! The distributions: for every column and layer its bars, total and in view. A click on a bar filters by it.

use std::collections::HashSet;

use eframe::egui;

use super::facets::{FacetCx, facet_ui};
use crate::app::act::Act;
use crate::app::pane::{Pane, PaneCx};
use crate::app::strings::Strings;
use crate::app::theme::{self, Tokens, icons, size, space};
use crate::app::widgets::{self, PaneState, PaneStateKind};
use crate::data::describe::Summary;

/// The pane's own state: which columns are folded.
#[derive(Default)]
pub struct Distributions {
    folded: HashSet<String>,
}

impl Pane for Distributions {
    fn id(&self) -> &'static str {
        "distributions"
    }

    fn title(&self, strings: &Strings) -> &'static str {
        strings.facets
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        let Some(whole) = cx.live.whole.value().cloned() else {
            PaneState::new(PaneStateKind::Working, cx.strings.working).show(ui);
            return;
        };
        let shown = cx.live.shown.value().cloned();
        // Labels first: they are what a person came for; then the data's columns, then the other layers.
        let mut order: Vec<usize> = (0..whole.len()).collect();
        let own = cx.session.dataset().frame.columns().len();
        order.sort_by_key(|&index| match whole[index].name.as_str() {
            "label" => 0,
            "label_source" => 2,
            _ if index < own => 1,
            _ => 3,
        });
        egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = space::XS;
            for index in order {
                let counts = shown.as_ref().and_then(|shown| shown.get(index)).map(|counts| counts.as_slice());
                self.column_ui(ui, cx, &whole[index], counts);
            }
        });
    }
}

impl Distributions {
    fn column_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, summary: &Summary, counts: Option<&[usize]>) {
        let tokens = Tokens::of(ui);
        let open = !self.folded.contains(&summary.name);
        let (rect, response) =
            ui.allocate_exact_size(egui::vec2(ui.available_width(), size::ROW), egui::Sense::click());
        response.widget_info(|| egui::WidgetInfo::selected(egui::Role::DisclosureTriangle, true, open, &summary.name));
        let color = if response.hovered() { tokens.accent } else { tokens.text };
        let caret = if open { icons::CARET_DOWN } else { icons::CARET_RIGHT };
        let left = rect.left_center();
        ui.painter().text(left, egui::Align2::LEFT_CENTER, caret, theme::icon(12.0), tokens.weak);
        let right = ui.painter().text(
            rect.right_center(),
            egui::Align2::RIGHT_CENTER,
            cx.strings.distinct_count(summary.distinct as u64),
            theme::caption(),
            tokens.weak,
        );
        let room = right.left() - left.x - 16.0 - space::S;
        let name = widgets::one_line(ui, &summary.name, theme::strong(), color, room);
        let at = egui::pos2(left.x + 16.0, rect.center().y - name.size().y / 2.0);
        ui.painter().galley(at, name, color);
        if response.clicked() {
            if open {
                self.folded.insert(summary.name.clone());
            } else {
                self.folded.remove(&summary.name);
            }
        }
        if !open {
            return;
        }
        let facets = FacetCx { strings: cx.strings, classes: cx.session.classes(), view: cx.view };
        if let Some(view) = facet_ui(ui, facets, summary, counts) {
            cx.act(Act::SetView(view));
        }
        ui.add_space(space::S);
    }
}
