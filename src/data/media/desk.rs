//! What is wanted, what is being made and what is held: the state of the thumbnails, without threads or files.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::decode::Picture;
use crate::engine::Error;

/// Where a thumbnail stands.
#[derive(Debug, Clone)]
pub enum Thumbnail {
    /// It is here.
    Ready(Arc<Picture>),
    /// It is not; meanwhile one of another size may do.
    Waiting(Option<Arc<Picture>>),
    /// It cannot be made, and why.
    Failed(Arc<Error>),
}

/// The longer sides, in pixels, in which thumbnails are made.
pub(super) const SIDES: [u32; 4] = [64, 128, 256, 512];

/// The side of the thumbnail that is made where `side` pixels are asked for: one of 64, 128, 256 and 512.
pub fn thumbnail_side(side: u32) -> u32 {
    SIDES[level(side)]
}

/// The smallest of [`SIDES`] that is at least `side`, as an index; the largest if none is.
pub(super) fn level(side: u32) -> usize {
    SIDES.iter().position(|&known| known >= side).unwrap_or(SIDES.len() - 1)
}

/// The most bytes that a thumbnail of this level takes.
fn most_bytes(level: usize) -> usize {
    SIDES.get(level).map_or(0, |&side| side as usize * side as usize * 4 + OVERHEAD)
}

/// Bytes counted for the bookkeeping of an entry: names, tables.
const OVERHEAD: usize = 512;

/// The least budget: room for what two workers have in hand, and for one to look at.
pub(super) const LEAST_BUDGET: usize = 4 << 20;

/// What to make: a path as it stands in the data, and an index into [`SIDES`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) path: Arc<str>,
    pub(super) level: usize,
}

/// A task for a worker. It is handed back with the result.
#[derive(Debug)]
pub(super) struct Task {
    pub(super) key: Key,
    generation: u64,
}

/// One place for each thumbnail that is wanted, being made or held.
enum Slot {
    Wanted { place: (u32, u64) },
    Running,
    Held { stamp: u64, frame: u64, outcome: Result<Arc<Picture>, Arc<Error>> },
}

struct Wish {
    key: Key,
    frame: u64,
}

/// The state that window and workers share, under one lock.
pub(super) struct Desk {
    budget: usize,
    /// Bytes of what is held.
    used: usize,
    /// Bytes that running tasks may add.
    reserved: usize,
    /// Counts frames of the window.
    frame: u64,
    /// Counts requests and touches.
    clock: u64,
    /// Changes when everything is forgotten; tasks of an older one bring nothing.
    generation: u64,
    slots: [HashMap<Arc<str>, Slot>; SIDES.len()],
    /// Wishes by priority, then by age.
    queue: BTreeMap<(u32, u64), Wish>,
    /// What is held, longest untouched first.
    touched: BTreeMap<u64, Key>,
}

impl Desk {
    pub(super) fn new(budget: usize) -> Self {
        Self {
            budget: budget.max(LEAST_BUDGET),
            used: 0,
            reserved: 0,
            frame: 0,
            clock: 0,
            generation: 0,
            slots: Default::default(),
            queue: BTreeMap::new(),
            touched: BTreeMap::new(),
        }
    }

    /// Begins a frame: wishes that the last frame did not renew have scrolled away and are dropped.
    pub(super) fn begin_frame(&mut self) {
        let Self { queue, slots, frame, .. } = self;
        queue.retain(|_, wish| {
            let renewed = wish.frame == *frame;
            if !renewed {
                slots[wish.key.level].remove(&wish.key.path);
            }
            renewed
        });
        self.frame += 1;
    }

    /// Asks for a thumbnail, or renews the asking; true if a worker should be woken.
    pub(super) fn request(&mut self, path: &str, level: usize, priority: u32) -> (Thumbnail, bool) {
        if let Some(found) = self.touch(path, level) {
            return (found, false);
        }
        let meanwhile = self.meanwhile(path, level);
        let news = match self.slots[level].get_mut(path) {
            Some(Slot::Wanted { place }) => {
                if let Some(mut wish) = self.queue.remove(place) {
                    wish.frame = self.frame;
                    place.0 = priority;
                    self.queue.insert(*place, wish);
                }
                false
            }
            Some(Slot::Running | Slot::Held { .. }) => false,
            None => {
                self.clock += 1;
                let (place, path): (_, Arc<str>) = ((priority, self.clock), path.into());
                self.slots[level].insert(path.clone(), Slot::Wanted { place });
                self.queue.insert(place, Wish { key: Key { path, level }, frame: self.frame });
                true
            }
        };
        (Thumbnail::Waiting(meanwhile), news)
    }

    /// A thumbnail as it stands, without asking for it.
    pub(super) fn get(&mut self, path: &str, level: usize) -> Thumbnail {
        self.touch(path, level).unwrap_or_else(|| Thumbnail::Waiting(self.meanwhile(path, level)))
    }

    /// What is held, marked as looked at in this frame.
    fn touch(&mut self, path: &str, level: usize) -> Option<Thumbnail> {
        let Some(Slot::Held { stamp, frame, outcome }) = self.slots[level].get_mut(path) else { return None };
        if *frame != self.frame {
            *frame = self.frame;
            self.clock += 1;
            if let Some(key) = self.touched.remove(stamp) {
                *stamp = self.clock;
                self.touched.insert(*stamp, key);
            }
        }
        Some(match outcome {
            Ok(picture) => Thumbnail::Ready(picture.clone()),
            Err(error) => Thumbnail::Failed(error.clone()),
        })
    }

    /// The same image in another size, larger ones first, to show until the right one is here.
    fn meanwhile(&self, path: &str, level: usize) -> Option<Arc<Picture>> {
        let others = (level + 1..SIDES.len()).chain((0..level).rev());
        others.filter_map(|other| self.slots[other].get(path)).find_map(|slot| match slot {
            Slot::Held { outcome: Ok(picture), .. } => Some(picture.clone()),
            _ => None,
        })
    }

    /// The most urgent wish; `None` if there is none, or no room for it beside what the person is looking at.
    ///
    /// Without the second rule a window that shows more than the budget holds would decode the same images for ever,
    /// each pushing out another.
    pub(super) fn pick(&mut self) -> Option<Task> {
        let (_, first) = self.queue.first_key_value()?;
        let need = most_bytes(first.key.level);
        if self.used + self.reserved + need > self.budget + self.idle_bytes(need) {
            return None;
        }
        let (_, wish) = self.queue.pop_first()?;
        self.reserved += need;
        self.slots[wish.key.level].insert(wish.key.path.clone(), Slot::Running);
        Some(Task { key: wish.key, generation: self.generation })
    }

    /// Bytes of what nobody looked at in this frame or the last, as far as they matter to make room for `need`.
    fn idle_bytes(&self, need: usize) -> usize {
        let wanted = (self.used + self.reserved + need).saturating_sub(self.budget);
        let mut idle = 0;
        for key in self.touched.values() {
            match self.slots[key.level].get(&key.path) {
                Some(Slot::Held { frame, outcome, .. }) if idle < wanted && frame + 1 < self.frame => {
                    idle += bytes(outcome);
                }
                _ => break,
            }
        }
        idle
    }

    /// Takes in what a worker made, and lets go what was longest untouched until the budget holds.
    pub(super) fn put(&mut self, task: Task, outcome: Result<Picture, Error>) {
        let Task { key, generation } = task;
        self.reserved = self.reserved.saturating_sub(most_bytes(key.level));
        if generation != self.generation {
            return;
        }
        let outcome = outcome.map(Arc::new).map_err(Arc::new);
        self.used += bytes(&outcome);
        self.clock += 1;
        self.touched.insert(self.clock, key.clone());
        let slot = Slot::Held { stamp: self.clock, frame: self.frame, outcome };
        self.slots[key.level].insert(key.path, slot);
        self.evict();
    }

    fn evict(&mut self) {
        while self.used > self.budget {
            let Some((_, key)) = self.touched.pop_first() else { return };
            if let Some(Slot::Held { outcome, .. }) = self.slots[key.level].remove(&key.path) {
                self.used = self.used.saturating_sub(bytes(&outcome));
            }
        }
    }

    /// Changes the budget, and lets go what no longer fits.
    pub(super) fn set_budget(&mut self, budget: usize) {
        self.budget = budget.max(LEAST_BUDGET);
        self.evict();
    }

    /// Forgets all that is held, wanted and being made.
    pub(super) fn clear(&mut self) {
        self.generation += 1;
        self.used = 0;
        self.slots = Default::default();
        self.queue.clear();
        self.touched.clear();
    }

    /// Bytes of what is held.
    pub(super) fn used(&self) -> usize {
        self.used
    }

    /// The number of wishes that no worker has taken up.
    pub(super) fn wanted(&self) -> usize {
        self.queue.len()
    }
}

fn bytes(outcome: &Result<Arc<Picture>, Arc<Error>>) -> usize {
    OVERHEAD + outcome.as_ref().map_or(0, |picture| picture.rgba.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(side: u32) -> Picture {
        let rgba = vec![0; (side * side * 4) as usize];
        Picture { width: side, height: side, rgba, full_width: side, full_height: side }
    }

    fn work_off(desk: &mut Desk) -> Vec<String> {
        let mut order = Vec::new();
        while let Some(task) = desk.pick() {
            order.push(task.key.path.to_string());
            let side = SIDES[task.key.level];
            desk.put(task, Ok(picture(side)));
        }
        order
    }

    fn ready(desk: &mut Desk, path: &str, level: usize) -> bool {
        matches!(desk.get(path, level), Thumbnail::Ready(_))
    }

    #[test]
    fn sides_round_up_to_a_level() {
        let check = |side, expected: u32| assert_eq!(SIDES[level(side)], expected, "{side}");
        check(0, 64);
        check(64, 64);
        check(65, 128);
        check(300, 512);
        check(4000, 512);
    }

    #[test]
    fn the_nearest_comes_first_then_the_oldest() {
        let mut desk = Desk::new(0);
        for (path, priority) in [("far", 9), ("near", 1), ("also near", 1), ("here", 0)] {
            assert!(desk.request(path, 0, priority).1);
        }
        assert!(!desk.request("far", 0, 0).1, "renewed, now as near as any but older");
        assert_eq!(work_off(&mut desk), ["far", "here", "near", "also near"]);
        assert!(ready(&mut desk, "near", 0));
    }

    #[test]
    fn what_scrolled_away_is_dropped() {
        let mut desk = Desk::new(0);
        desk.begin_frame();
        desk.request("stays", 0, 1);
        desk.request("leaves", 0, 0);
        desk.begin_frame();
        assert_eq!(desk.wanted(), 2, "asked for in the frame that is on the screen");
        desk.request("stays", 0, 1);
        desk.begin_frame();
        assert_eq!(work_off(&mut desk), ["stays"]);
        assert!(desk.request("leaves", 0, 0).1, "may be asked for again");
        assert_eq!(work_off(&mut desk), ["leaves"]);
    }

    #[test]
    fn the_budget_holds_and_the_longest_untouched_goes_first() {
        let mut desk = Desk::new(LEAST_BUDGET);
        let many = LEAST_BUDGET / most_bytes(2);
        for n in 0..3 * many {
            desk.begin_frame();
            desk.request("kept in sight", 2, 0);
            desk.request(&n.to_string(), 2, 1);
            work_off(&mut desk);
            assert!(desk.used() <= LEAST_BUDGET, "{} after {n}", desk.used());
        }
        assert!(ready(&mut desk, "kept in sight", 2));
        assert!(ready(&mut desk, &(3 * many - 1).to_string(), 2));
        assert!(!ready(&mut desk, "0", 2));
        assert!(desk.used() > LEAST_BUDGET / 2, "the budget is used");
    }

    #[test]
    fn more_in_sight_than_fits_does_not_churn() {
        let mut desk = Desk::new(LEAST_BUDGET);
        let fits = LEAST_BUDGET / most_bytes(3);
        let mut made = 0;
        for _ in 0..10 {
            desk.begin_frame();
            (0..3 * fits).for_each(|n| drop(desk.request(&n.to_string(), 3, n as u32)));
            made += work_off(&mut desk).len();
        }
        assert_eq!(made, fits, "the nearest, once each");
        assert!((0..fits).all(|n| ready(&mut desk, &n.to_string(), 3)));
        (0..3).for_each(|_| desk.begin_frame());
        desk.request("new", 3, 0);
        assert_eq!(work_off(&mut desk), ["new"], "what is out of sight makes room");
    }

    #[test]
    fn another_size_stands_in_and_failures_are_remembered() {
        let mut desk = Desk::new(0);
        desk.request("a", 1, 0);
        work_off(&mut desk);
        match desk.request("a", 3, 0).0 {
            Thumbnail::Waiting(Some(picture)) => assert_eq!(picture.width, 128),
            other => panic!("{other:?}"),
        }
        desk.request("broken", 0, 0);
        while let Some(task) = desk.pick() {
            desk.put(task, Err(Error::input("damaged")));
        }
        assert!(matches!(desk.request("broken", 0, 0), (Thumbnail::Failed(_), false)));
    }

    #[test]
    fn clearing_forgets_also_what_is_being_made() {
        let mut desk = Desk::new(0);
        desk.request("a", 3, 0);
        let task = desk.pick().unwrap();
        desk.clear();
        desk.put(task, Ok(picture(512)));
        assert!(!ready(&mut desk, "a", 3));
        assert_eq!((desk.used(), desk.reserved), (0, 0));
        assert!(desk.request("a", 3, 0).1);
    }
}
