//! State of things whose ids count up and whose lives are short.

use std::collections::{BTreeMap, VecDeque};

/// How far ahead of the oldest thing an id may be and still have a slot of its own.
const SLOTS_LIMIT: u64 = 1 << 20;

/// What is alive, by id. Ids near one another cost an array's access; others are found by search.
#[derive(Debug)]
pub(super) struct Live<T> {
    base: u64,
    slots: VecDeque<Option<Box<T>>>,
    far: BTreeMap<u64, Box<T>>,
}

impl<T> Default for Live<T> {
    fn default() -> Self {
        Self { base: 0, slots: VecDeque::new(), far: BTreeMap::new() }
    }
}

impl<T> Live<T> {
    /// The thing, if it is alive.
    pub(super) fn get(&mut self, id: u64) -> Option<&mut T> {
        match self.slot(id) {
            Some(slot) => self.slots.get_mut(slot)?.as_deref_mut(),
            None => self.far.get_mut(&id).map(Box::as_mut),
        }
    }

    /// The thing, made if it is not alive; and whether it was made.
    pub(super) fn get_or_make(&mut self, id: u64, make: impl FnOnce() -> T) -> (&mut T, bool) {
        if self.slots.is_empty() {
            self.base = id;
        }
        let mut made = false;
        let make = || {
            made = true;
            Box::new(make())
        };
        let thing = match self.slot(id) {
            Some(slot) => {
                if slot >= self.slots.len() {
                    self.slots.resize_with(slot + 1, || None);
                }
                self.slots[slot].get_or_insert_with(make)
            }
            None => self.far.entry(id).or_insert_with(make),
        };
        (thing, made)
    }

    /// Takes the thing away, if it is alive.
    pub(super) fn take(&mut self, id: u64) -> Option<T> {
        let Some(slot) = self.slot(id) else { return self.far.remove(&id).map(|thing| *thing) };
        let thing = self.slots.get_mut(slot)?.take()?;
        while let Some(None) = self.slots.front() {
            self.slots.pop_front();
            self.base += 1;
        }
        Some(*thing)
    }

    /// Everything alive, in the order of the ids.
    pub(super) fn into_all(self) -> Vec<T> {
        let near = (self.base..).zip(self.slots);
        let near = near.filter_map(|(id, thing)| Some((id, thing?)));
        let mut all: Vec<_> = near.chain(self.far).collect();
        all.sort_by_key(|(id, _)| *id);
        all.into_iter().map(|(_, thing)| *thing).collect()
    }

    /// Where the id's slot is or would be; none if it has to be searched for.
    fn slot(&self, id: u64) -> Option<usize> {
        let ahead = id.checked_sub(self.base).filter(|ahead| *ahead < SLOTS_LIMIT)?;
        if !self.far.is_empty() && self.far.contains_key(&id) {
            return None;
        }
        usize::try_from(ahead).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Behaves like a map, wherever the ids are.
        #[test]
        fn it_is_a_map(
            steps in prop::collection::vec((0_u64..40, 0_u8..3, prop::bool::weighted(0.1)), 0..200),
        ) {
            let (mut live, mut map) = (Live::default(), BTreeMap::new());
            for (step, (id, what, is_far)) in steps.into_iter().enumerate() {
                let id = if is_far { id << 40 } else { 1000 + id + step as u64 / 4 };
                match what {
                    0 => {
                        let was_there = map.contains_key(&id);
                        let (thing, made) = live.get_or_make(id, || step);
                        prop_assert_eq!((*thing, made), (*map.entry(id).or_insert(step), !was_there));
                    }
                    1 => prop_assert_eq!(live.take(id), map.remove(&id)),
                    _ => prop_assert_eq!(live.get(id), map.get_mut(&id)),
                }
            }
            prop_assert_eq!(live.into_all(), map.into_values().collect::<Vec<_>>());
        }
    }
}
