//! Settling: what a decision about one finding, a group of copies or a selection of findings becomes; and the dialog that
//! shows what a selection would change before it does.

use std::collections::BTreeMap;

use eframe::egui;

use super::why::class_name;
use crate::app::act::Act;
use crate::app::pane::PaneCx;
use crate::app::strings::grouped;
use crate::app::theme::{self, Tokens, space};
use crate::app::widgets::{self, Button, ButtonKind};
use crate::clean::duplicates::Group;
use crate::clean::{Decision, Finder, Finding, FindingKind, Reason, Settle, SettleAll};

/// Changes that the dialog lists at most, by kind.
const LISTED: usize = 12;

/// What shall be done with a selection of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bulk {
    /// All stay as they are.
    Keep,
    /// Each gets its suggestion; findings without one are left.
    Suggestions,
    /// All are left out.
    Exclude,
}

/// Settles one finding, which the person has looked at: about a label, the decision is a verdict.
pub(super) fn settle(cx: &mut PaneCx<'_>, finding: Finding, decision: Decision) {
    let Some(command) = command(cx, &finding, decision) else { return };
    let errors = cx.live.findings.value().and_then(|found| found.label_errors.as_ref().ok());
    let score = errors.and_then(|errors| errors.normalized_margin.get(finding.row as usize)).copied();
    let score = score.filter(|score| finding.kind == FindingKind::LabelError && score.is_finite());
    let seconds = (cx.focus == Some(finding.row)).then(|| cx.shown_at.elapsed().as_secs_f64());
    cx.act(Act::Run(Box::new(Settle { score, seconds, ..command })));
}

fn command(cx: &PaneCx<'_>, finding: &Finding, decision: Decision) -> Option<Settle> {
    let finder = Finder::from(finding.kind);
    let label = match &decision {
        Decision::Relabel(class) => Some(class.as_str()),
        _ => cx.session.standing(finding.row),
    };
    let suggestion = class_name(cx, finding.suggestion);
    let evidence = serde_json::json!({ "kind": finding.kind.name(), "score": finding.score, "suggestion": suggestion });
    Some(Settle {
        items: vec![cx.session.item(finding.row).ok()?],
        finder,
        inputs: vec![cx.session.inputs_of(finder, finding.row, label)],
        decision,
        evidence: Some(evidence),
        score: None,
        seconds: None,
    })
}

/// What a single key decides about a finding, where nobody types.
pub(super) fn pressed(ui: &egui::Ui, cx: &PaneCx<'_>, finding: &Finding) -> Option<Decision> {
    if ui.ctx().text_edit_focused() {
        return None;
    }
    let of_label = finding.kind == FindingKind::LabelError;
    let [keep, relabel, exclude, several, nothing] = ui.input_mut(|input| {
        let mut key = |key| input.consume_key(egui::Modifiers::NONE, key);
        let relabel = key(egui::Key::Num2) | key(egui::Key::Enter);
        [key(egui::Key::Num1), relabel, key(egui::Key::Num3), key(egui::Key::Num4), key(egui::Key::Num5)]
    });
    match class_name(cx, finding.suggestion) {
        _ if keep => Some(Decision::Keep),
        Some(class) if relabel => Some(Decision::Relabel(class)),
        _ if exclude => Some(Decision::Exclude),
        _ if several && of_label => Some(Decision::SeveralRight),
        _ if nothing && of_label => Some(Decision::NoneRight),
        _ => None,
    }
}

/// The group of copies that a finding speaks of.
pub(super) fn group_of<'a>(cx: &PaneCx<'a>, finding: &Finding) -> Option<&'a Group> {
    let Reason::Duplicate { group, .. } = finding.reason else { return None };
    cx.live.findings.value()?.duplicates.groups.get(group as usize)
}

/// Settles a whole group of copies. The kept one needs no decision: it is no finding.
pub(super) fn settle_group(cx: &mut PaneCx<'_>, finding: Finding, decision: &Decision) {
    let Some(group) = group_of(cx, &finding) else { return };
    let members = group.members.iter().filter(|member| {
        let relabelled = matches!(decision, Decision::Relabel(_));
        let excluded = cx.session.annotations().excluded().get(member.row as usize) == Some(&true);
        (member.row != group.kept || relabelled) && !excluded
    });
    let rows: Vec<u32> = members.map(|member| member.row).collect();
    let parts: Vec<Settle> =
        rows.into_iter().filter_map(|row| command(cx, &Finding { row, ..finding }, decision.clone())).collect();
    cx.act(Act::Run(Box::new(SettleAll(parts))));
}

/// The decisions of a selection.
fn decisions(cx: &PaneCx<'_>, findings: &[Finding], bulk: Bulk) -> Vec<(Finding, Decision)> {
    let of = |finding: &Finding| {
        let decision = match bulk {
            Bulk::Keep => Decision::Keep,
            Bulk::Exclude => Decision::Exclude,
            Bulk::Suggestions => Decision::Relabel(class_name(cx, finding.suggestion)?),
        };
        Some((*finding, decision))
    };
    findings.iter().filter_map(of).collect()
}

/// Shows what a selection would change. `None` while it is being looked at; else it was done, or left.
pub(super) fn preview_ui(ctx: &egui::Context, cx: &mut PaneCx<'_>, findings: &[Finding], bulk: Bulk) -> Option<bool> {
    let strings = cx.strings;
    let decided = decisions(cx, findings, bulk);
    let left = findings.len() - decided.len();
    let mut changes: BTreeMap<(String, String), usize> = BTreeMap::new();
    for (finding, decision) in &decided {
        let now = cx.session.standing(finding.row).unwrap_or("–").to_owned();
        let then = match decision {
            Decision::Relabel(class) => class.clone(),
            Decision::Exclude => strings.excluded.to_owned(),
            _ => strings.keep_as_is.to_owned(),
        };
        *changes.entry((now, then)).or_default() += 1;
    }
    let mut changes: Vec<_> = changes.into_iter().collect();
    changes.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let title = strings.settle_selected(decided.len() as u64);
    let result = widgets::modal(ctx, egui::Id::unique("settle selection"), &title, 440.0, |ui| {
        let tokens = Tokens::of(ui);
        ui.label(egui::RichText::new(strings.would_change).color(tokens.weak));
        for ((now, then), count) in changes.iter().take(LISTED) {
            ui.label(egui::RichText::new(format!("{} ×  {now} → {then}", grouped(*count as u64))).font(theme::body()));
        }
        if changes.len() > LISTED {
            let rest: usize = changes.iter().skip(LISTED).map(|(_, count)| count).sum();
            ui.label(egui::RichText::new(format!("{}  …", grouped(rest as u64))).color(tokens.weak));
        }
        if left > 0 {
            ui.label(egui::RichText::new(strings.without_suggestion(left as u64)).color(tokens.weak));
        }
        ui.add_space(space::S);
        let mut answer = None;
        ui.horizontal(|ui| {
            let apply = Button::new(strings.apply).kind(ButtonKind::Primary).enabled(!decided.is_empty());
            if apply.show(ui).clicked() {
                answer = Some(true);
            }
            if Button::new(strings.cancel).show(ui).clicked() {
                answer = Some(false);
            }
        });
        answer
    });
    let answer = result.inner.or(result.close.then_some(false))?;
    if answer {
        let parts: Vec<Settle> =
            decided.into_iter().filter_map(|(finding, decision)| command(cx, &finding, decision)).collect();
        cx.act(Act::Run(Box::new(SettleAll(parts))));
    }
    Some(answer)
}
