//! How panes are laid out in each workspace: as a person left them, kept with the project, and by name.
//!
//! The file is the window's own (`.lapidary/layouts.json`): losing it loses an arrangement, never data. Panes that this
//! version does not know are left out when it is read.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use eframe::egui;
use egui_tiles::{Container, Linear, LinearDir, Tile, TileId, Tiles, Tree};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::panes::{self, Panes};
use super::workspace::Workspace;
use crate::engine::{Error, Result, files};

/// The version of the file's form; another one is not read.
const FORMAT: u32 = 1;

/// Panes by their id.
pub(super) type PaneTree = Tree<String>;

#[derive(Default, Serialize, Deserialize)]
struct Stored {
    format: u32,
    /// As the person left each workspace, by its name.
    current: BTreeMap<String, PaneTree>,
    /// Saved arrangements: name, then the workspace they are for and the arrangement.
    named: BTreeMap<String, (Workspace, PaneTree)>,
    /// How panes are arranged inside, by their id.
    #[serde(default)]
    panes: BTreeMap<String, Value>,
}

/// The arrangements of a project.
pub(super) struct Layouts {
    path: PathBuf,
    images: bool,
    current: HashMap<Workspace, PaneTree>,
    named: BTreeMap<String, (Workspace, PaneTree)>,
    panes: BTreeMap<String, Value>,
}

impl Layouts {
    /// The arrangements kept at `path`, else those that each workspace begins with. `images`: the items are images.
    pub fn read(path: PathBuf, images: bool) -> Self {
        let stored = read(&path).filter(|stored| stored.format == FORMAT).unwrap_or_default();
        let known = |workspace, tree: PaneTree| known_panes(tree).map(|tree| (workspace, tree));
        let current = Workspace::ALL.into_iter().filter_map(|workspace| {
            let tree = stored.current.get(workspace.id())?.clone();
            known(workspace, named(tree, workspace))
        });
        let kept = stored.named.into_iter().filter_map(|(name, (at, tree))| Some((name, known(at, tree)?)));
        Self { path, images, current: current.collect(), named: kept.collect(), panes: stored.panes }
    }

    /// The arrangement of a workspace.
    pub fn tree(&mut self, workspace: Workspace) -> &mut PaneTree {
        let images = self.images;
        self.current.entry(workspace).or_insert_with(|| first_tree(workspace, images))
    }

    /// Puts a workspace back to what it begins with.
    pub fn reset(&mut self, workspace: Workspace) -> Result<()> {
        self.current.remove(&workspace);
        self.write()
    }

    /// The names of the saved arrangements, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.named.keys().map(String::as_str)
    }

    /// Saves the arrangement of a workspace under a name, in place of one of that name.
    pub fn save(&mut self, name: &str, workspace: Workspace) -> Result<()> {
        let tree = self.tree(workspace).clone();
        self.named.insert(name.trim().to_owned(), (workspace, tree));
        self.write()
    }

    /// Takes up a saved arrangement; the workspace it belongs to, `None` without one of that name.
    pub fn open(&mut self, name: &str) -> Option<Workspace> {
        let (workspace, tree) = self.named.get(name)?.clone();
        self.current.insert(workspace, named(tree, workspace));
        Some(workspace)
    }

    /// Removes a saved arrangement.
    pub fn remove(&mut self, name: &str) -> Result<()> {
        self.named.remove(name);
        self.write()
    }

    /// Opens a pane beside those of a group of tabs, or brings it to the front where it is open already.
    pub fn open_pane(&mut self, workspace: Workspace, tabs: TileId, pane: &str) {
        let tree = self.tree(workspace);
        let pane = pane.to_owned();
        if let Some(open) = tree.tiles.find_pane(&pane) {
            tree.make_active(|id, _| id == open);
            return;
        }
        let id = tree.tiles.insert_pane(pane);
        if let Some(Tile::Container(Container::Tabs(tabs))) = tree.tiles.get_mut(tabs) {
            tabs.add_child(id);
            tabs.set_active(id);
        }
    }

    /// Lets the panes take up how they were arranged.
    pub fn arrange(&self, panes: &mut Panes) {
        for (id, kept) in &self.panes {
            if let Some(pane) = panes.get_mut(id.as_str()) {
                pane.arrange(kept);
            }
        }
    }

    /// Notes how the panes are arranged now.
    pub fn keep(&mut self, panes: &Panes) {
        let arranged = panes.iter().filter_map(|(id, pane)| Some(((*id).to_owned(), pane.arrangement()?)));
        self.panes.extend(arranged);
    }

    /// Brings a pane to the front, wherever it is open; where it is not, opens it in the last group of tabs.
    pub fn show_pane(&mut self, workspace: Workspace, pane: &str) {
        let tree = self.tree(workspace);
        let groups =
            |(id, tile): (&TileId, &Tile<String>)| matches!(tile, Tile::Container(Container::Tabs(_))).then_some(*id);
        let last = tree.tiles.iter().filter_map(groups).max_by_key(|id| id.0);
        if let Some(tabs) = last.or(tree.root()) {
            self.open_pane(workspace, tabs, pane);
        }
    }

    /// Writes everything.
    pub fn write(&self) -> Result<()> {
        let current = self.current.iter().map(|(at, tree)| (at.id().to_owned(), tree.clone())).collect();
        let stored = Stored { format: FORMAT, current, named: self.named.clone(), panes: self.panes.clone() };
        let text = serde_json::to_string(&stored)
            .map_err(|source| Error::input(format!("the layout cannot be written, {source}")))?;
        files::write_text(&self.path, &text)
    }
}

fn read(path: &Path) -> Option<Stored> {
    serde_json::from_str(&files::read_text(path).ok()?).ok()
}

/// The same arrangement under the id of a workspace, so that two workspaces never share widget state.
fn named(tree: PaneTree, workspace: Workspace) -> PaneTree {
    match tree.root() {
        Some(root) => Tree::new(tree_id(workspace), root, tree.tiles),
        None => Tree::empty(tree_id(workspace)),
    }
}

fn tree_id(workspace: Workspace) -> egui::Id {
    egui::Id::unique(("tiles", workspace))
}

/// The arrangement without panes that this version does not know; `None` if nothing is left of it.
fn known_panes(mut tree: PaneTree) -> Option<PaneTree> {
    let ids = panes::ids();
    let unknown = |tile: &Tile<String>| matches!(tile, Tile::Pane(name) if !ids.contains(&name.as_str()));
    let gone: Vec<TileId> = tree.tiles.iter().filter(|(_, tile)| unknown(tile)).map(|(id, _)| *id).collect();
    for id in gone {
        tree.remove_recursively(id);
    }
    let any = tree.tiles.tiles().any(|tile| matches!(tile, Tile::Pane(_)));
    (any && tree.root().is_some()).then_some(tree)
}

/// The arrangement that a workspace begins with.
fn first_tree(workspace: Workspace, images: bool) -> PaneTree {
    let mut tiles = Tiles::default();
    let mut row = Linear { dir: LinearDir::Horizontal, ..Default::default() };
    for (share, names) in workspace.layout(images) {
        let panes = names.into_iter().map(|name| tiles.insert_pane(name.to_owned())).collect();
        let tabs = tiles.insert_tab_tile(panes);
        row.children.push(tabs);
        row.shares.set_share(tabs, share);
    }
    let root = tiles.insert_container(row);
    Tree::new(tree_id(workspace), root, tiles)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panes(tree: &PaneTree) -> Vec<&str> {
        let mut names: Vec<&str> = tree
            .tiles
            .tiles()
            .filter_map(|tile| if let Tile::Pane(name) = tile { Some(name.as_str()) } else { None })
            .collect();
        names.sort_unstable();
        names
    }

    fn tabs(tree: &PaneTree) -> TileId {
        let is_tabs = |tile: &Tile<String>| matches!(tile, Tile::Container(Container::Tabs(_)));
        tree.tiles.iter().find(|(_, tile)| is_tabs(tile)).map(|(id, _)| *id).unwrap()
    }

    #[test]
    fn an_arrangement_is_kept_named_and_reset() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("layouts.json");
        let mut layouts = Layouts::read(path.clone(), false);
        let first: Vec<String> = panes(layouts.tree(Workspace::Deliver)).into_iter().map(str::to_owned).collect();
        let group = tabs(layouts.tree(Workspace::Deliver));
        layouts.open_pane(Workspace::Deliver, group, "table");
        layouts.open_pane(Workspace::Deliver, group, "table");
        layouts.save(" with table ", Workspace::Deliver).unwrap();
        layouts.reset(Workspace::Deliver).unwrap();
        assert_eq!(panes(layouts.tree(Workspace::Deliver)), first);
        let mut again = Layouts::read(path.clone(), false);
        assert_eq!(again.names().collect::<Vec<_>>(), ["with table"]);
        assert_eq!(again.open("with table"), Some(Workspace::Deliver));
        assert_eq!(panes(again.tree(Workspace::Deliver)).len(), first.len() + 1);
        again.write().unwrap();
        let mut kept = Layouts::read(path, false);
        assert!(panes(kept.tree(Workspace::Deliver)).contains(&"table"));
        let mut shown = panes::all();
        let arrangement = serde_json::json!({"hidden": ["text"], "frozen": 1});
        shown.get_mut("table").unwrap().arrange(&arrangement);
        kept.keep(&shown);
        kept.write().unwrap();
        let mut fresh = panes::all();
        Layouts::read(kept.path.clone(), false).arrange(&mut fresh);
        let found = fresh["table"].arrangement().unwrap();
        assert_eq!((&found["hidden"], &found["frozen"]), (&arrangement["hidden"], &arrangement["frozen"]));
        kept.remove("with table").unwrap();
        assert_eq!(kept.open("with table"), None);
    }

    #[test]
    fn what_is_not_known_is_left_out_and_a_broken_file_is_no_fault() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("layouts.json");
        let mut layouts = Layouts::read(path.clone(), true);
        let group = tabs(layouts.tree(Workspace::Explore));
        layouts.open_pane(Workspace::Explore, group, "pane of the future");
        layouts.write().unwrap();
        let mut again = Layouts::read(path.clone(), true);
        assert!(!panes(again.tree(Workspace::Explore)).contains(&"pane of the future"));
        std::fs::write(&path, "{").unwrap();
        assert!(!panes(Layouts::read(path, true).tree(Workspace::Explore)).is_empty());
    }
}
