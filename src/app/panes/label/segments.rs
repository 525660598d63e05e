//! Stretches of time in a sound: drawn over the waveform, or begun and ended by keys while it plays.

use eframe::egui::{self, Key, Modifiers};

use super::foot;
use super::marking::{Entry, Marking, color_of, keys_are_free, list_head_ui, marks_of, path_ui, pressed};
use crate::app::act::Act;
use crate::app::pane::PaneCx;
use crate::app::sounds::Asked;
use crate::app::strings::moment;
use crate::app::theme::{self, Tokens, radius, size, space};
use crate::app::widgets::AudioMark;
use crate::data::annotations::{Annotation, Mark};
use crate::label::{Edit, ItemMarks, Task};

/// The width of the list of annotations.
const LIST: f32 = 260.0;

/// The height of waveform and spectrogram at most.
const TALLEST: f32 = 360.0;

/// What the part keeps between frames.
#[derive(Default)]
pub(super) struct SegmentsPart {
    marking: Marking,
    /// Where a segment was begun by key, in seconds.
    begun: Option<f64>,
}

impl SegmentsPart {
    pub(super) fn ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, row: u32) {
        let Some(task) = cx.task.cloned() else { return };
        let marks = marks_of(cx, &task, row);
        if self.marking.take_up(&task, row, &marks) {
            self.begun = None;
        }
        foot(ui, |ui| {
            let tokens = Tokens::of(ui);
            let hint = match (task.classes.is_empty(), self.begun) {
                (true, _) => egui::RichText::new(cx.strings.needs_task_classes).color(tokens.warning),
                (_, Some(begun)) => {
                    egui::RichText::new(cx.strings.segment_begun(&moment(begun, 2))).color(tokens.accent)
                }
                _ => egui::RichText::new(cx.strings.segments_how).font(theme::caption()).color(tokens.weak),
            };
            ui.label(hint);
            ui.add_space(space::XS);
            self.marking.foot_ui(ui, cx, &task, &marks);
        });
        egui::Panel::right("segments")
            .default_size(LIST)
            .frame(egui::Frame::NONE.inner_margin(space::S))
            .show(ui, |ui| self.list_ui(ui, cx, &task, &marks));
        egui::CentralPanel::default().frame(egui::Frame::NONE).show(ui, |ui| self.sound_ui(ui, cx, &task, &marks, row));
        self.keys(ui, cx, &task, &marks);
    }

    fn sound_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, task: &Task, marks: &ItemMarks, row: u32) {
        let tokens = Tokens::of(ui);
        let Some(path) = path_ui(ui, cx, row) else { return };
        let frame = egui::Frame::NONE.fill(tokens.sunken).corner_radius(radius::CARD).inner_margin(space::L);
        let drawn = frame.show(ui, |ui| {
            ui.set_min_size(ui.available_size());
            ui.label(egui::RichText::new(&path).font(theme::small_mono()).color(tokens.weak));
            let height = (ui.available_height() - size::CONTROL * 2.0).min(TALLEST);
            let drawn = self.drawn(task, marks);
            let asked = Asked { marks: &drawn, select: true, height };
            cx.sounds.ui_with(ui, "label", &path, asked, cx.strings)
        });
        let heard = drawn.inner;
        if let Some((start, end)) = heard.selected {
            self.add(cx, task, marks, start, end);
        } else if let Some(time) = heard.clicked {
            let within = |mark: &Mark| matches!(mark, Mark::Segment { start, end } if (*start..=*end).contains(&time));
            self.marking.chosen = marks.marks.iter().find(|(_, mark)| within(&mark.mark)).map(|(at, _)| *at);
        }
    }

    fn drawn(&self, task: &Task, marks: &ItemMarks) -> Vec<AudioMark> {
        let drawn = |(number, annotation): (&u32, &std::sync::Arc<Annotation>)| {
            let Mark::Segment { start, end } = annotation.mark else { return None };
            let class = task.classes.named(&annotation.label);
            Some(AudioMark {
                range: start..end,
                color: color_of(class),
                name: annotation.label.to_string(),
                chosen: self.marking.chosen == Some(*number),
            })
        };
        marks.marks.iter().filter_map(drawn).collect()
    }

    fn add(&mut self, cx: &mut PaneCx<'_>, task: &Task, marks: &ItemMarks, start: f64, end: f64) {
        if task.classes.is_empty() {
            return;
        }
        let (start, end) = (start.min(end), start.max(end));
        let annotation = Annotation::new(self.marking.label(), Mark::Segment { start, end });
        cx.act(Act::Mark(vec![Edit::Add(annotation)], None));
        self.marking.chosen = Some(marks.free_number());
    }

    fn keys(&mut self, ui: &egui::Ui, cx: &mut PaneCx<'_>, task: &Task, marks: &ItemMarks) {
        if !keys_are_free(ui) {
            return;
        }
        let now = cx.sounds.position();
        if pressed(ui, Modifiers::NONE, Key::OpenBracket) {
            self.begun = Some(now);
        }
        if pressed(ui, Modifiers::NONE, Key::CloseBracket)
            && let Some(begun) = self.begun.take()
        {
            self.add(cx, task, marks, begun, now);
        }
        if pressed(ui, Modifiers::NONE, Key::Escape) {
            (self.begun, self.marking.chosen) = (None, None);
        }
        if let Some(class) = Marking::class_pressed(ui, task) {
            self.marking.use_class(cx, marks, class);
        }
        self.marking.keys(ui, cx, marks);
    }

    fn list_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, task: &Task, marks: &ItemMarks) {
        list_head_ui(ui, cx, marks);
        let area = egui::ScrollArea::vertical().auto_shrink([false, false]);
        area.show(ui, |ui| {
            for (&number, annotation) in &marks.marks {
                let Mark::Segment { start, end } = annotation.mark else { continue };
                let class = task.classes.named(&annotation.label);
                let text = format!("{} – {}", moment(start, 2), moment(end, 2));
                if self.marking.entry_ui(ui, cx, Entry { number, class, text: &text }) {
                    cx.sounds.seek(start);
                }
            }
        });
    }
}
