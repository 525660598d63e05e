//! The panes. To add one: write its file, add its line to [`REGISTRY`], and name it in a layout of
//! [`super::workspace::Workspace`].

mod asked;
mod audit;
mod before_after;
mod browse;
mod columns;
mod confusion;
mod content;
mod deliver;
mod distributions;
mod drift;
mod drift_detail;
mod editor;
mod editor_find;
mod editor_form;
mod effort;
mod exchange;
mod expectations;
mod facets;
mod findings;
mod functions;
mod functions_classes;
mod gallery;
mod guidelines;
mod history;
mod item;
mod label;
mod map;
mod map_view;
mod matrix;
mod model;
mod other_file;
mod outlines;
mod overview;
mod pages;
mod pairs;
mod picture;
mod predictions;
mod profile;
mod profile_column;
mod review;
mod settling;
mod slices;
mod suggest;
mod table;
mod trends;
mod versions;
mod whole_set;
mod why;
mod words;

use std::collections::HashMap;

use super::pane::Pane;

/// All panes, one line each.
pub const REGISTRY: &[fn() -> Box<dyn Pane>] = &[
    || Box::<audit::AuditPane>::default(),
    || Box::<before_after::BeforeAfterPane>::default(),
    || Box::<deliver::Deliver>::default(),
    || Box::<distributions::Distributions>::default(),
    || Box::<drift::DriftPane>::default(),
    || Box::<editor::Editor>::default(),
    || Box::<expectations::Expectations>::default(),
    || Box::<findings::FindingsPane>::default(),
    || Box::<functions::Functions>::default(),
    || Box::<gallery::Gallery>::default(),
    || Box::<guidelines::Guidelines>::default(),
    || Box::<history::History>::default(),
    || Box::<item::Item>::default(),
    || Box::<label::LabelPane>::default(),
    || Box::<map::Map>::default(),
    || Box::<matrix::Matrix>::default(),
    || Box::<model::ModelPane>::default(),
    || Box::<exchange::Exchange>::default(),
    || Box::<effort::EffortPane>::default(),
    || Box::<overview::Overview>::default(),
    || Box::<pages::Pages>::default(),
    || Box::<pairs::Pairs>::default(),
    || Box::<predictions::Predictions>::default(),
    || Box::<profile::ProfilePane>::default(),
    || Box::<review::Review>::default(),
    || Box::<slices::SlicesPane>::default(),
    || Box::<suggest::Suggest>::default(),
    || Box::<table::Table>::default(),
    || Box::<trends::TrendsPane>::default(),
    || Box::<versions::VersionsPane>::default(),
    || Box::<whole_set::WholeSetPane>::default(),
    || Box::<words::Words>::default(),
];

/// The ids of all panes.
pub(super) fn ids() -> Vec<&'static str> {
    REGISTRY.iter().map(|make| make().id()).collect()
}

/// Panes by their id.
pub(super) type Panes = HashMap<&'static str, Box<dyn Pane>>;

/// A fresh pane of each kind.
pub(super) fn all() -> Panes {
    REGISTRY.iter().map(|make| make()).map(|pane| (pane.id(), pane)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::workspace::Workspace;
    use super::*;

    #[test]
    fn every_layout_names_panes_that_exist_and_every_pane_stands_in_a_layout() {
        let panes = all();
        assert_eq!(panes.len(), REGISTRY.len(), "two panes share an id");
        let mut used = std::collections::HashSet::new();
        for workspace in Workspace::ALL {
            for name in
                [true, false].into_iter().flat_map(|images| workspace.layout(images)).flat_map(|(_, names)| names)
            {
                assert!(panes.contains_key(name), "{name} is no pane");
                used.insert(name);
            }
        }
        assert_eq!(used.len(), panes.len(), "a pane that nobody can open");
    }
}
