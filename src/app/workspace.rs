//! Workspaces: named layouts of the same panes, one for each kind of work.

use serde::{Deserialize, Serialize};

use super::strings::Strings;
use super::theme::icons;

/// The kinds of work, in the order of the rail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Workspace {
    /// What the data is and where it came from.
    Data,
    /// Looking at it.
    Explore,
    /// Labelling by hand.
    Label,
    /// Labelling by rule.
    Functions,
    /// Finding and settling what is wrong.
    Clean,
    /// What must hold, what has changed, and where it is worst.
    Watch,
    /// Writing the result.
    Deliver,
}

impl Workspace {
    /// All workspaces in the order of the rail; Ctrl+1 is the first.
    pub const ALL: [Self; 7] =
        [Self::Data, Self::Explore, Self::Label, Self::Functions, Self::Clean, Self::Watch, Self::Deliver];

    /// The stable name in files, in English.
    pub fn id(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Explore => "explore",
            Self::Label => "label",
            Self::Functions => "functions",
            Self::Clean => "clean",
            Self::Watch => "watch",
            Self::Deliver => "deliver",
        }
    }

    /// The name in the person's language.
    pub fn name(self, strings: &Strings) -> &'static str {
        match self {
            Self::Data => strings.workspace_data,
            Self::Explore => strings.workspace_explore,
            Self::Label => strings.workspace_label,
            Self::Functions => strings.workspace_functions,
            Self::Clean => strings.workspace_clean,
            Self::Watch => strings.workspace_watch,
            Self::Deliver => strings.workspace_deliver,
        }
    }

    /// The icon on the rail.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Data => icons::DATABASE,
            Self::Explore => icons::BINOCULARS,
            Self::Label => icons::TAG,
            Self::Functions => icons::CODE,
            Self::Clean => icons::BROOM,
            Self::Watch => icons::EYE,
            Self::Deliver => icons::PACKAGE,
        }
    }

    /// The panes it opens with, as columns from left to right: each a share of the width and panes stacked as tabs.
    pub fn layout(self, images: bool) -> Vec<(f32, Vec<&'static str>)> {
        let items: Vec<&'static str> = if images { vec!["gallery", "table"] } else { vec!["table"] };
        match self {
            Self::Data => vec![(0.62, vec!["overview"]), (0.38, vec!["history"])],
            Self::Explore => {
                let centre = items.into_iter().chain(["profile", "map", "pairs", "words", "predictions"]).collect();
                vec![(0.24, vec!["distributions"]), (0.5, centre), (0.26, vec!["item"])]
            }
            Self::Label => vec![(0.72, vec!["label", "pages", "review"]), (0.28, vec!["item", "guidelines", "effort"])],
            Self::Functions => {
                let figures = vec!["functions", "suggest", "matrix", "model", "versions", "table", "item"];
                vec![(0.42, vec!["editor"]), (0.58, figures)]
            }
            Self::Clean => {
                vec![(0.7, vec!["findings", "audit", "before-after", "whole-set"]), (0.3, vec!["item"])]
            }
            Self::Watch => {
                vec![(0.72, vec!["expectations", "profile", "trends", "drift", "slices"]), (0.28, vec!["item"])]
            }
            Self::Deliver => vec![(0.62, vec!["deliver", "exchange"]), (0.38, vec!["history"])],
        }
    }
}
