//! What a person does to items: labels, marks, remarks, tasks, packets, and which item comes next.

use super::Workbench;
use crate::app::act::Order;
use crate::app::strings::Strings;
use crate::app::workspace::Workspace;
use crate::choose::served_blank;
use crate::data::view::{Chip, SortKey, View};
use crate::engine::{Job, Result, Work};
use crate::label::{
    Doubt, Edit, EditMarks, Label, Remark, Repeat, SetClasses, SetTasks, Skip, State, Task, TaskKind, Warning,
    class_state, next_open, task_state,
};
use crate::session::{Assignment, DISAGREEMENT, QueueOrder, SHUFFLED, TELLING, merge_said, read_packet};

impl Workbench {
    /// The command that gives rows a class, in the name of who labels.
    pub(super) fn label_of(&self, rows: &[u32], class: String) -> Label {
        let items = rows.iter().filter_map(|&row| self.session.item(row).ok()).collect();
        let (voice, guideline) = (self.session.voice().clone(), self.session.guideline());
        Label { voice, guideline, ..Label::of(items, class) }
    }

    /// How a row stands in the current task.
    pub(super) fn state_of(&self, row: u32) -> State {
        let own = self.session.own();
        match &self.task {
            Some(task) => task_state(row, own, self.session.placed().of(self.session.voice(), task)),
            None => class_state(row, own),
        }
    }

    pub(super) fn label(&mut self, class: Option<String>, strings: &'static Strings) {
        let Some(row) = self.focus else { return };
        let Ok(item) = self.session.item(row) else { return };
        if self.again == Some(row) {
            return self.answer_again(row, class, strings);
        }
        let advance = class.is_some();
        let seconds = Some(self.shown_at.elapsed().as_secs_f64());
        let (suggestion, about) = (self.suggestion(row), self.session.about(row));
        let voice = self.session.voice().clone();
        let blank = served_blank(item.0, self.session.project().config.settings.blank_share);
        let (suggestion, hidden) = if blank { (None, suggestion) } else { (suggestion, None) };
        let guideline = self.session.guideline();
        let command = Label { items: vec![item], class, seconds, suggestion, hidden, about, guideline, voice };
        // The label is on the disk before the next item is shown.
        if self.run(&command, strings) && advance {
            self.checks.labelled(row);
            self.look_out(row, command.seconds.unwrap_or(0.0), strings);
            self.advance();
        }
    }

    /// What an item is when it is served again: kept beside its label.
    fn answer_again(&mut self, row: u32, class: Option<String>, strings: &'static Strings) {
        let (Some(class), Ok(item)) = (class, self.session.item(row)) else { return };
        let (seconds, voice) = (self.shown_at.elapsed().as_secs_f64(), self.session.voice().clone());
        if self.run(&Repeat { item, class, seconds, voice }, strings) {
            self.again = None;
            self.advance();
        }
    }

    /// Says gently what is not as usual.
    fn look_out(&mut self, row: u32, seconds: f64, strings: &'static Strings) {
        let label = self.session.own().labels().get(row as usize).copied().unwrap_or(-1);
        let Ok(class) = u16::try_from(label) else { return };
        let gold = self.session.gold().and_then(|gold| gold.get(row as usize)).filter(|gold| **gold >= 0);
        let right = gold.map(|gold| *gold == label);
        if let Some(warning) = self.guard.take(class, seconds, right) {
            let text = match warning {
                Warning::OneClass { class, items } => {
                    let name = self.session.class_names().get(usize::from(class)).cloned().unwrap_or_default();
                    strings.guard_class(&name, items as u64)
                }
                Warning::Fast { now, before } => strings.guard_fast(now, before),
                Warning::Gold { right, of } => strings.guard_gold(right as u64, of as u64),
            };
            self.notices.say(&text);
        }
    }

    /// An item that checks, where one is due: one whose class is known, or one that was labelled before.
    fn check_due(&mut self) -> Option<u32> {
        let settings = &self.session.project().config.settings;
        let (share, seed) = (settings.check_share, settings.seed);
        if self.task.is_some() || share <= 0.0 || !self.checks.is_due(share, seed) {
            return None;
        }
        if let (Some(gold), Some(queue)) = (self.session.gold(), &self.queue) {
            let known = |row: u32| gold.get(row as usize).is_some_and(|gold| *gold >= 0);
            let open = |row: u32| if known(row) { self.state_of(row) } else { State::Skipped };
            if let Some(at) = next_open(&queue.rows, 0, open) {
                return queue.rows.get(at).copied();
            }
        }
        let row = self.checks.again().filter(|row| self.state_of(*row) == State::Labelled)?;
        self.again = Some(row);
        Some(row)
    }

    /// The keys of all classes of the project with their names.
    pub(in crate::app) fn class_keys(&self) -> Vec<(char, String)> {
        let of_tasks = self.session.tasks().iter().flat_map(|task| task.classes.iter());
        let classes = self.session.classes().iter().chain(of_tasks);
        classes.filter_map(|class| Some((class.key?, class.name.clone()))).collect()
    }

    /// The task that is worked on, if it is not that of one class an item.
    pub(in crate::app) fn task(&self) -> Option<&Task> {
        self.session.tasks().get(self.task.as_deref()?)
    }

    pub(super) fn set_task(&mut self, task: Option<String>) {
        self.task = task;
        self.progress.0 = 0;
    }

    /// Adds a task with the columns that it most likely works on.
    pub(super) fn add_task(&mut self, kind: TaskKind, strings: &'static Strings) {
        let mut tasks = self.session.tasks().clone();
        let mut task = Task::new(tasks.free_name(kind), kind);
        task.columns = self.session.columns_for(kind);
        let name = task.name.clone();
        match tasks.put(task) {
            Ok(()) if self.run(&SetTasks(tasks), strings) => self.set_task(Some(name)),
            Ok(()) => {}
            Err(error) => self.notices.fail(&error),
        }
    }

    pub(super) fn change_task(&mut self, strings: &'static Strings, change: impl FnOnce(&mut Task) -> Result<()>) {
        let Some(mut task) = self.task().cloned() else { return };
        let mut tasks = self.session.tasks().clone();
        match change(&mut task).and_then(|()| tasks.put(task)) {
            Ok(()) => _ = self.run(&SetTasks(tasks), strings),
            Err(error) => self.notices.fail(&error),
        }
    }

    /// Changes the annotations of the focused item. They are on the disk before the next item is shown.
    pub(super) fn mark(&mut self, edits: Vec<Edit>, done: Option<bool>, strings: &'static Strings) {
        let (Some(row), Some(task)) = (self.focus, self.task().cloned()) else { return };
        let Ok(item) = self.session.item(row) else { return };
        let already = edits.is_empty() && done == Some(self.state_of(row) == State::Labelled);
        let command = EditMarks {
            done,
            seconds: Some(self.shown_at.elapsed().as_secs_f64()),
            about: self.session.about(row),
            guideline: self.session.guideline(),
            ..EditMarks::new(item, task, self.session.voice().clone(), edits)
        };
        if (already || self.run(&command, strings)) && done == Some(true) {
            self.advance();
        }
    }

    pub(super) fn unmark(&mut self, numbers: &[u32], strings: &'static Strings) {
        let (Some(row), Some(task)) = (self.focus, self.task().cloned()) else { return };
        let Ok(item) = self.session.item(row) else { return };
        let voice = self.session.voice().clone();
        let Some(marks) = self.session.placed().of(&voice, &task.name).get(row).cloned() else { return };
        self.run(&EditMarks::remove(item, task, voice, &marks, numbers), strings);
    }

    pub(super) fn flag(&mut self, field: &'static str, strings: &'static Strings) {
        let Some(item) = self.focus.and_then(|row| self.session.item(row).ok()) else { return };
        let voice = self.session.voice().clone();
        let on = self.session.project().ledger.marks().get(&voice.field(field), item.0).is_some();
        self.run(&Remark::flag(item, voice, field, !on), strings);
    }

    pub(super) fn doubt(&mut self, doubt: &Doubt, strings: &'static Strings) {
        let Some(item) = self.focus.and_then(|row| self.session.item(row).ok()) else { return };
        self.run(&Remark::doubt(item, self.session.voice().clone(), doubt), strings);
    }

    /// What the item might be instead; said twice, it is taken back.
    pub(super) fn second_choice(&mut self, class: &str, strings: &'static Strings) {
        let Some(row) = self.focus else { return };
        let mut doubt = self.session.own().doubts().get(&row).cloned().unwrap_or_default();
        let same = doubt.second.as_deref() == Some(class);
        doubt.second = (!same).then(|| class.into());
        self.doubt(&doubt, strings);
    }

    pub(super) fn comment(&mut self, text: &str, strings: &'static Strings) {
        let Some(item) = self.focus.and_then(|row| self.session.item(row).ok()) else { return };
        let command = Remark::comment(item, self.session.voice().clone(), text);
        self.run(&command, strings);
    }

    /// The label that models propose for a row, if it has been shown one.
    pub(super) fn suggestion(&self, row: u32) -> Option<String> {
        let layers = self.live.layers()?;
        let label = usize::try_from(*layers.labels.label.get(row as usize)?).ok()?;
        let source = layers.labels.source.get(row as usize)?;
        (*source != crate::deliver::Source::Hand).then(|| self.session.class_names().get(label).cloned())?
    }

    pub(super) fn skip(&mut self, strings: &'static Strings) {
        if self.again.take().is_some() {
            return self.advance();
        }
        let Some(item) = self.focus.and_then(|row| self.session.item(row).ok()) else { return };
        let voice = self.session.voice().clone();
        if self.run(&Skip { item, voice }, strings) {
            self.advance();
        }
    }

    /// Goes to the next item of the queue that waits for a label.
    pub(super) fn advance(&mut self) {
        if let Some(row) = self.check_due() {
            return self.look_at(row);
        }
        let Some(queue) = self.queue.clone() else { return };
        let here = self.focus.and_then(|row| queue.position(row));
        let next = next_open(&queue.rows, here.map_or(0, |at| at + 1), |row| self.state_of(row));
        if let Some(row) = next.and_then(|at| queue.rows.get(at)) {
            self.look_at(*row);
        }
    }

    /// The rows without a hand label, those that the end model is least sure of first, ready to be labelled.
    pub(super) fn uncertain(&mut self, strings: &'static Strings) {
        if self.live.end_model.value().is_none() {
            self.notices.say(strings.predictions_none_why);
            return;
        }
        let filters = vec![Chip::new("label_hand IS NULL")];
        let sort = vec![SortKey { column: "model_margin".to_owned(), descending: false }];
        self.set_view(View { filters, sort, search: None });
        self.workspace = Workspace::Label;
        self.seen_uncertain = true;
    }

    /// Sorts the queue. The layer that is sorted by must be there.
    pub(super) fn order(&mut self, order: Order, strings: &'static Strings) {
        if order == Order::Random {
            self.session.shuffle(self.session.project().config.settings.seed);
            self.revision += 1;
        }
        let (column, descending, why) = match order {
            Order::AsIs => return self.set_view(View { sort: Vec::new(), ..self.view.clone() }),
            Order::Random => (SHUFFLED, false, ""),
            Order::Uncertain => ("model_margin", false, strings.predictions_none_why),
            Order::Easiest => ("model_margin", true, strings.predictions_none_why),
            Order::Disagreement => (DISAGREEMENT, true, strings.needs_two_functions),
            Order::Telling => (TELLING, true, strings.needs_functions),
            Order::Together => return self.order_by(QueueOrder::Together),
            Order::Valuable => return self.order_by(QueueOrder::Valuable),
        };
        let there = self.live.layers().is_some_and(|layers| layers.frame.get(column).is_some());
        if !there && order != Order::Random {
            self.notices.say(why);
            return;
        }
        let sort = vec![SortKey { column: column.to_owned(), descending }];
        self.set_view(View { sort, ..self.view.clone() });
    }

    /// Sorts the queue by an order that has to be found; the view follows when it is there.
    fn order_by(&mut self, order: QueueOrder) {
        self.live.order_queue(order);
        let sort = vec![SortKey { column: order.column().to_owned(), descending: false }];
        self.set_view(View { sort, ..self.view.clone() });
    }

    /// Writes the focused item below the heading of its class in the guidelines.
    pub(super) fn add_case(&mut self, strings: &'static Strings) {
        let Some(row) = self.focus else { return };
        let label = self.session.annotations().labels().get(row as usize).copied().unwrap_or(-1);
        let class = usize::try_from(label).ok().and_then(|at| self.session.class_names().get(at)).cloned();
        let (Some(class), Some(about)) = (class, self.session.about(row)) else {
            self.notices.say(strings.case_needs_label);
            return;
        };
        let written = self.session.add_case(&class, &about);
        self.said(written, strings.case_added);
    }

    /// What others said, beside what stands here: read off the window's thread.
    pub(super) fn take_packet(&mut self, path: &std::path::Path) {
        let (dataset, path) = (self.session.dataset().clone(), path.to_owned());
        let read = move |work: &Work| read_packet(&dataset, &path, work);
        self.packet = Some(Job::spawn("read packet", self.waker.clone(), read));
    }

    /// Takes in a packet that has been read.
    pub(in crate::app) fn poll_packet(&mut self, strings: &'static Strings) {
        let Some(read) = self.packet.as_ref().and_then(Job::take) else { return };
        self.packet = None;
        match read.and_then(|said| merge_said(&mut self.session, said)) {
            Ok(merged) => {
                self.revision += 1;
                self.notices.say(&strings.packet_in(merged.merged as u64, merged.conflicts.len() as u64));
            }
            Err(error) if error.is_cancelled() => {}
            Err(error) => self.notices.fail(&error),
        }
    }

    /// The rows in view as a packet, with what was said of them.
    pub(super) fn write_packet(&mut self, path: &std::path::Path) {
        let rows: Vec<u32> = self.live.snapshot().map_or_else(Vec::new, |snapshot| {
            let mut rows = snapshot.rows.to_vec();
            rows.sort_unstable();
            rows
        });
        let request = self.session.packet_request(rows, Vec::new(), Assignment::All, true, path);
        let write = move |work: &Work| request.write(work);
        self.packing = Some(Job::spawn("write packet", self.waker.clone(), write));
    }

    /// Says what was written once a packet is.
    pub(in crate::app) fn poll_packing(&mut self, strings: &'static Strings) {
        let Some(written) = self.packing.as_ref().and_then(Job::take) else { return };
        self.packing = None;
        match written {
            Ok(out) => self.notices.say(&strings.packet_out(out.items as u64, out.media_missing as u64)),
            Err(error) if error.is_cancelled() => {}
            Err(error) => self.notices.fail(&error),
        }
    }

    pub(super) fn set_class_key(&mut self, class: &str, key: Option<char>, strings: &'static Strings) {
        if self.task.is_some() {
            return self.change_task(strings, |task| {
                task.classes = task.classes.with_key(class, key)?;
                Ok(())
            });
        }
        match self.session.classes().with_key(class, key) {
            Ok(classes) => _ = self.run(&SetClasses(classes), strings),
            Err(error) => self.notices.fail(&error),
        }
    }

    pub(super) fn add_class(&mut self, name: &str, strings: &'static Strings) {
        if self.task.is_some() {
            return self.change_task(strings, |task| task.classes.add(name).map(|_| ()));
        }
        let mut classes = self.session.classes().clone();
        match classes.add(name) {
            Ok(_) => _ = self.run(&SetClasses(classes), strings),
            Err(error) => self.notices.fail(&error),
        }
    }
}
