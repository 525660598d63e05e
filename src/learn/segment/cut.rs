//! Minimum cuts of grids.

use std::collections::VecDeque;

/// Steps to the eight neighbours; that of `d` backwards is `7 - d`.
pub(super) const STEPS: [(isize, isize); 8] = [(-1, -1), (0, -1), (1, -1), (-1, 0), (1, 0), (-1, 1), (0, 1), (1, 1)];
/// Parent of a node that hangs on a terminal.
pub(super) const TERMINAL: u8 = 8;
/// Parent of a node that lost it.
pub(super) const ORPHAN: u8 = 9;

/// Which tree a node is in: that of the source (front), that of the sink (back) or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tree {
    Free,
    Front,
    Back,
}

/// Minimum cut of a grid by the algorithm of Boykov and Kolmogorov (2004): a tree grows from either terminal, where
/// they meet flow is pushed, and what that cuts off is adopted by another branch or set free.
pub(super) struct Cut {
    pub(super) width: usize,
    pub(super) height: usize,
    /// The grid has a rim of one node without capacity, so that every neighbour exists.
    pub(super) stride: usize,
    /// What can still flow to each neighbour.
    pub(super) arcs: Vec<[i32; 8]>,
    /// What can still flow from the source (positive) or to the sink (negative).
    pub(super) terminal: Vec<i32>,
    pub(super) tree: Vec<Tree>,
    /// Direction to the parent in the tree, [`TERMINAL`] or [`ORPHAN`].
    pub(super) parent: Vec<u8>,
    pub(super) active: VecDeque<usize>,
    pub(super) orphans: Vec<usize>,
    /// Steps to the terminal, as of the push in `stamp`.
    pub(super) distance: Vec<u32>,
    pub(super) stamp: Vec<u32>,
    /// Pushes so far.
    pub(super) time: u32,
}

/// Capacities are integers, so that flow ends exactly at zero: this many to the unit.
pub(super) const GRAIN: f32 = 1000.0;

impl Cut {
    pub(super) fn new(width: usize, height: usize) -> Cut {
        let nodes = (width + 2) * (height + 2);
        Cut {
            width,
            height,
            stride: width + 2,
            arcs: vec![[0; 8]; nodes],
            terminal: vec![0; nodes],
            tree: vec![Tree::Free; nodes],
            parent: vec![ORPHAN; nodes],
            active: VecDeque::new(),
            orphans: Vec::new(),
            stamp: vec![0; nodes],
            distance: vec![0; nodes],
            time: 0,
        }
    }

    pub(super) fn node(&self, cell: usize) -> usize {
        (cell / self.width + 1) * self.stride + cell % self.width + 1
    }

    pub(super) fn neighbour(&self, node: usize, direction: usize) -> usize {
        let (x, y) = STEPS[direction];
        node.wrapping_add_signed(y * self.stride as isize + x)
    }

    /// How much a cell wants to be object (positive) or background (negative).
    pub(super) fn pull(&mut self, cell: usize, strength: f32) {
        let node = self.node(cell);
        self.terminal[node] = (strength * GRAIN) as i32;
    }

    /// Calls `visit` with each pair of neighbouring cells: first, second, direction from the first to the second.
    pub(super) fn each_link(&mut self, mut visit: impl FnMut(&mut Cut, usize, usize, usize)) {
        for cell in 0..self.width * self.height {
            let (x, y) = (cell % self.width, cell / self.width);
            for (direction, (dx, dy)) in STEPS.into_iter().enumerate().skip(4) {
                let (nx, ny) = (x.wrapping_add_signed(dx), y.wrapping_add_signed(dy));
                if nx < self.width && ny < self.height {
                    visit(self, cell, ny * self.width + nx, direction);
                }
            }
        }
    }

    /// What it costs to divide a cell from its neighbour.
    pub(super) fn link(&mut self, cell: usize, direction: usize, strength: f32) {
        let node = self.node(cell);
        let other = self.neighbour(node, direction);
        self.arcs[node][direction] = (strength * GRAIN) as i32;
        self.arcs[other][7 - direction] = (strength * GRAIN) as i32;
    }

    /// The cells on the source's side of the cheapest cut.
    pub(super) fn solve(mut self) -> Vec<bool> {
        for node in 0..self.terminal.len() {
            if self.terminal[node] != 0 {
                self.tree[node] = if self.terminal[node] > 0 { Tree::Front } else { Tree::Back };
                self.parent[node] = TERMINAL;
                self.distance[node] = 1;
                self.active.push_back(node);
            }
        }
        while let Some((front, direction)) = self.meet() {
            self.time += 1;
            self.push(front, direction);
            while let Some(orphan) = self.orphans.pop() {
                self.adopt(orphan);
            }
        }
        (0..self.width * self.height).map(|cell| self.tree[self.node(cell)] == Tree::Front).collect()
    }

    /// What can flow along the tree between a node and its neighbour: from the node in the front tree, to it in the
    /// back tree.
    pub(super) fn outward(&self, tree: Tree, node: usize, direction: usize) -> i32 {
        match tree {
            Tree::Front => self.arcs[node][direction],
            _ => self.arcs[self.neighbour(node, direction)][7 - direction],
        }
    }

    /// Grows the trees until they touch: the node of the front tree and the direction to that of the back tree.
    pub(super) fn meet(&mut self) -> Option<(usize, usize)> {
        while let Some(&node) = self.active.front() {
            let tree = self.tree[node];
            for direction in 0..if tree == Tree::Free { 0 } else { 8 } {
                if self.outward(tree, node, direction) == 0 {
                    continue;
                }
                let other = self.neighbour(node, direction);
                if self.tree[other] == Tree::Free {
                    self.tree[other] = tree;
                    self.parent[other] = 7 - direction as u8;
                    self.distance[other] = self.distance[node] + 1;
                    self.stamp[other] = self.stamp[node];
                    self.active.push_back(other);
                } else if self.tree[other] != tree {
                    return Some(if tree == Tree::Front { (node, direction) } else { (other, 7 - direction) });
                }
            }
            self.active.pop_front();
        }
        None
    }

    /// The most that can still flow between a node and the terminal of its tree.
    pub(super) fn narrowest(&self, mut node: usize, tree: Tree) -> i32 {
        let mut least = i32::MAX;
        while self.parent[node] != TERMINAL {
            let up = usize::from(self.parent[node]);
            let parent = self.neighbour(node, up);
            least = least.min(self.outward(tree, parent, 7 - up));
            node = parent;
        }
        least.min(self.terminal[node].abs())
    }

    /// Pushes as much as can flow along the path through two nodes where the trees meet, and orphans what it cuts off.
    pub(super) fn push(&mut self, front: usize, direction: usize) {
        let back = self.neighbour(front, direction);
        let flow =
            self.arcs[front][direction].min(self.narrowest(front, Tree::Front)).min(self.narrowest(back, Tree::Back));
        self.arcs[front][direction] -= flow;
        self.arcs[back][7 - direction] += flow;
        for (mut node, tree, sign) in [(front, Tree::Front, 1), (back, Tree::Back, -1)] {
            while self.parent[node] != TERMINAL {
                let up = usize::from(self.parent[node]);
                let parent = self.neighbour(node, up);
                self.arcs[parent][7 - up] -= sign * flow;
                self.arcs[node][up] += sign * flow;
                if self.outward(tree, parent, 7 - up) == 0 {
                    self.parent[node] = ORPHAN;
                    self.orphans.push(node);
                }
                node = parent;
            }
            self.terminal[node] -= sign * flow;
            if self.terminal[node] == 0 {
                self.parent[node] = ORPHAN;
                self.orphans.push(node);
            }
        }
    }

    /// Steps from a node to its terminal, or none if the branch is cut off. Remembers what it finds until the next
    /// flow is pushed.
    pub(super) fn depth(&mut self, start: usize) -> Option<u32> {
        let (mut node, mut steps) = (start, 0);
        let mut total = loop {
            if self.stamp[node] == self.time {
                break steps + self.distance[node];
            }
            match self.parent[node] {
                TERMINAL => {
                    self.stamp[node] = self.time;
                    self.distance[node] = 1;
                    break steps + 1;
                }
                ORPHAN => return None,
                up => node = self.neighbour(node, usize::from(up)),
            }
            steps += 1;
        };
        let depth = total;
        node = start;
        while self.stamp[node] != self.time {
            self.stamp[node] = self.time;
            self.distance[node] = total;
            total -= 1;
            node = self.neighbour(node, usize::from(self.parent[node]));
        }
        Some(depth)
    }

    /// Finds the shortest way to the terminal for a node that lost its parent, or frees it and orphans its children.
    pub(super) fn adopt(&mut self, node: usize) {
        let tree = self.tree[node];
        let mut best: Option<(u32, usize)> = None;
        for direction in 0..8 {
            let other = self.neighbour(node, direction);
            if self.tree[other] == tree
                && self.outward(tree, other, 7 - direction) > 0
                && let Some(depth) = self.depth(other)
                && best.is_none_or(|(least, _)| depth < least)
            {
                best = Some((depth, direction));
            }
        }
        if let Some((depth, direction)) = best {
            self.parent[node] = direction as u8;
            self.stamp[node] = self.time;
            self.distance[node] = depth + 1;
            return;
        }
        for direction in 0..8 {
            let other = self.neighbour(node, direction);
            if self.tree[other] != tree {
                continue;
            }
            if self.outward(tree, other, 7 - direction) > 0 {
                self.active.push_back(other);
            }
            if self.parent[other] == 7 - direction as u8 {
                self.parent[other] = ORPHAN;
                self.orphans.push(other);
            }
        }
        self.tree[node] = Tree::Free;
    }
}
