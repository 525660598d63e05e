//! The classes of the current task, to be renamed, to be given other keys, to be removed.

use eframe::egui;

use super::entered;
use crate::app::act::Act;
use crate::app::keymap::keymap;
use crate::app::pane::PaneCx;
use crate::app::theme::{self, Tokens, icons, space};
use crate::app::widgets::{self, Button, ButtonKind};
use crate::label::{Class, Classes, Reclass};

/// What is typed, and what waits to be removed.
#[derive(Default)]
pub(super) struct ClassEditor {
    /// The class whose name is being typed.
    name: Option<(String, String)>,
    /// The class that is to go, and how many annotations go with it.
    removing: Option<(Reclass, usize)>,
}

/// A button that opens the list.
pub(super) fn class_editor_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, editor: &mut ClassEditor) {
    let classes: Classes = cx.task.map_or(cx.session.classes(), |task| &task.classes).clone();
    // The answers of a choice mean what they say.
    let fixed = cx.task.is_some_and(|task| task.kind == crate::label::TaskKind::Choice);
    if classes.is_empty() || fixed {
        return;
    }
    let button = widgets::icon_button(ui, icons::PENCIL_SIMPLE, cx.strings.edit_classes, None);
    egui::Popup::menu(&button).close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
        ui.set_max_width(420.0);
        let tokens = Tokens::of(ui);
        ui.label(egui::RichText::new(cx.strings.edit_classes).font(theme::strong()).color(tokens.text));
        ui.label(egui::RichText::new(cx.strings.edit_classes_why).font(theme::caption()).color(tokens.weak));
        ui.add_space(space::S);
        egui::ScrollArea::vertical().max_height(360.0).show(ui, |ui| {
            for class in classes.iter() {
                ui.push_id(&class.name, |ui| class_ui(ui, cx, editor, &classes, class));
            }
        });
    });
}

fn class_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, editor: &mut ClassEditor, classes: &Classes, class: &Class) {
    let strings = cx.strings;
    let task = cx.task.map(|task| task.name.clone());
    ui.horizontal(|ui| {
        let mut typed = match &editor.name {
            Some((of, typed)) if *of == class.name => typed.clone(),
            _ => class.name.clone(),
        };
        let name = widgets::Field::new(strings.class_name).hint(&class.name).hide_label().width(220.0);
        let response = name.show(ui, &mut typed);
        let by_enter = entered(ui, &response);
        if response.changed() {
            editor.name = Some((class.name.clone(), typed.clone()));
        }
        if (by_enter || response.lost_focus()) && typed.trim() != class.name {
            editor.name = None;
            if !typed.trim().is_empty() {
                let to = Some(typed.trim().to_owned());
                cx.act(Act::Run(Box::new(Reclass { task: task.clone(), class: class.name.clone(), to })));
            }
        }
        let mut key = class.key.map(String::from).unwrap_or_default();
        let field = widgets::Field::new(strings.class_key).hint(strings.class_key).hide_label().width(40.0);
        if field.show(ui, &mut key).changed() {
            let typed = key.trim().chars().last().map(|key| key.to_ascii_lowercase());
            cx.act(key_act(ui, cx, class, typed));
        }
        if classes.len() > 1 && widgets::icon_button(ui, icons::X, strings.remove, None).clicked() {
            let command = Reclass { task: task.clone(), class: class.name.clone(), to: None };
            let carried = command.carried(cx.session.project().ledger.marks());
            editor.removing = Some((command, carried));
        }
    });
    let Some((command, carried)) = editor.removing.as_ref().filter(|(command, _)| command.class == class.name) else {
        return;
    };
    let text = strings.remove_class(&class.name, *carried as u64);
    let command = command.clone();
    ui.horizontal(|ui| {
        if Button::new(&text).kind(ButtonKind::Danger).show(ui).clicked() {
            cx.act(Act::Run(Box::new(command)));
            editor.removing = None;
        }
        if Button::new(strings.cancel).show(ui).clicked() {
            editor.removing = None;
        }
    });
}

/// The key is set, or refused with what has it already.
fn key_act(ui: &egui::Ui, cx: &PaneCx<'_>, class: &Class, key: Option<char>) -> Act {
    let refused = key.and_then(|key| keymap(ui.ctx()).class_refused(key));
    match refused {
        Some(id) => {
            let name =
                crate::app::keys::COMMANDS.iter().find(|entry| entry.id == id).map_or("", |e| e.name(cx.strings));
            let key = key.map(|key| key.to_uppercase().to_string()).unwrap_or_default();
            Act::Say(cx.strings.key_is_taken(&key, name))
        }
        None => Act::SetClassKey(class.name.clone(), key),
    }
}
