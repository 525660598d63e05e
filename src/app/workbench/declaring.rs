//! What a person does to the files of functions beside typing: takes a declaration, refuses one, goes to a line.

use super::Workbench;
use crate::app::act::Declaration;
use crate::app::strings::Strings;
use crate::app::workspace::Workspace;
use crate::data::view::{Chip, SortKey, View};
use crate::session::TELLING;

/// The file that is made for the first function of a project without any.
const FIRST_FILE: &str = "functions.py";

impl Workbench {
    /// Writes a function into the file that was edited last, else into the last one.
    pub(super) fn declare(&mut self, declaration: &Declaration, strings: &'static Strings) {
        let files = self.session.functions.files();
        let edited = files.iter().position(|file| Some(&file.name) == self.edited_file.as_ref());
        let index = match edited.or(files.len().checked_sub(1)) {
            Some(index) => index,
            None => match self.session.functions.add(FIRST_FILE, "ABSTAIN = None\n") {
                Ok(index) => index,
                Err(error) => return self.notices.fail(&error),
            },
        };
        let Declaration { name, class, call, edit } = declaration;
        match self.session.functions.declare(index, name, class, call) {
            Ok((line, name)) => {
                let file = self.session.functions.files().get(index).map(|file| file.name.clone()).unwrap_or_default();
                self.notices.say(&strings.function_added(&name, &file));
                if *edit {
                    self.show_line(file, line);
                }
            }
            Err(error) => self.notices.fail(&error),
        }
        self.edited = true;
        self.revision += 1;
    }

    /// Remembers that a declaration was refused.
    pub(super) fn refuse_function(&mut self, call: String) {
        let refused = self.session.configure(|config| {
            let all = &mut config.settings.refused_functions;
            if !all.contains(&call) {
                all.push(call);
            }
            Ok(())
        });
        refused.unwrap_or_else(|error| self.notices.fail(&error));
    }

    /// Suggests again what was refused.
    pub(super) fn forget_refusals(&mut self) {
        let forgotten = self.session.configure(|config| {
            config.settings.refused_functions.clear();
            Ok(())
        });
        forgotten.unwrap_or_else(|error| self.notices.fail(&error));
    }

    /// Goes to a line of a file in the editor.
    pub(super) fn show_line(&mut self, file: String, line: usize) {
        self.show_pane(Workspace::Functions, "editor");
        self.code_at = Some((file, line));
    }

    /// Brings a pane of a workspace to the front.
    pub(super) fn show_pane(&mut self, workspace: Workspace, pane: &str) {
        self.workspace = workspace;
        self.layouts.show_pane(workspace, pane);
        self.layout_edited = true;
    }

    /// The rows without a hand label, those that tell most about the functions first, ready to be labelled.
    pub(super) fn label_for_functions(&mut self, strings: &'static Strings) {
        if self.live.layers().is_none_or(|layers| layers.frame.get(TELLING).is_none()) {
            self.notices.say(strings.needs_functions);
            return;
        }
        let filters = vec![Chip::new("label_hand IS NULL")];
        let sort = vec![SortKey { column: TELLING.to_owned(), descending: true }];
        self.set_view(View { filters, sort, search: None });
        self.workspace = Workspace::Label;
    }
}
