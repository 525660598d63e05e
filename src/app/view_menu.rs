//! The saved views: a list that drops down from the filter bar.

use eframe::egui;

use super::act::Act;
use super::strings::Strings;
use super::theme::icons;
use super::widgets::{Button, Named, NamedEvent, NamedList};
use super::workbench::Workbench;
use crate::data::view::View;

/// The button and, while it is open, the list.
pub(super) fn ui(ui: &mut egui::Ui, bench: &mut Workbench, strings: &'static Strings, acts: &mut Vec<Act>) {
    let views = bench.session.views().clone();
    let named = |saved: &crate::data::view::SavedView| Named {
        name: saved.name.clone(),
        about: rule(&saved.view),
        chosen: saved.view == bench.view,
    };
    let items: Vec<Named> = views.iter().map(named).collect();
    let title = items.iter().find(|item| item.chosen).map_or(strings.views, |item| item.name.as_str());
    let button = Button::new(title).icon(icons::EYE).show(ui);
    let blocked = (bench.view == View::default()).then_some(strings.views_why);
    let list = NamedList { field: strings.view_name, items: &items, none: strings.views_none, blocked };
    match list.show(&button, &mut bench.view_name) {
        Some(NamedEvent::Save(name)) => acts.push(Act::SaveView(name)),
        Some(NamedEvent::Open(at)) => acts.extend(views.get(at).map(|saved| Act::SetView(saved.view.clone()))),
        Some(NamedEvent::Remove(at)) => acts.extend(views.get(at).map(|saved| Act::RemoveView(saved.name.clone()))),
        None => {}
    }
}

/// The rule of a view as one line.
fn rule(view: &View) -> String {
    let search = view.search.iter().map(|search| format!("“{}”", search.text));
    let sort = view.sort.iter().map(|key| format!("{} {}", key.column, if key.descending { "↓" } else { "↑" }));
    view.expression().into_iter().chain(search).chain(sort).collect::<Vec<_>>().join("  ·  ")
}
