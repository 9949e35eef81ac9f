//! What each link of a hierarchy costs now.

use crate::hierarchy::{Down, Hierarchy};
use crate::weight::Weight;

/// The least cost of riding each link in each direction, over the arcs and nodes below it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Metric {
    /// From the lower end to the higher, by link.
    pub(crate) up: Vec<Weight>,
    /// From the higher end to the lower, by link.
    pub(crate) down: Vec<Weight>,
    /// By depth, the link up from the node at work; kept to spare its allocation.
    links: Vec<u32>,
}

impl Metric {
    /// Works out the costs of links from those of arcs.
    pub(crate) fn customise(&mut self, hierarchy: &Hierarchy, arcs: &[Weight]) {
        self.up.clear();
        self.up.resize(hierarchy.links(), Weight::CLOSED);
        self.down.clone_from(&self.up);
        self.links.resize(hierarchy.height(), 0);
        for (&(link, up), &cost) in hierarchy.arc_links().iter().zip(arcs) {
            let slot = if up { &mut self.up } else { &mut self.down };
            let slot = &mut slot[link as usize];
            *slot = cost.min(*slot);
        }
        for rank in 0..hierarchy.nodes() {
            self.settle(hierarchy, u32::try_from(rank).expect("ranks fit 32 bits"));
        }
    }

    /// Makes the costs of a rank's links up final: each is the least of its own arcs' and of
    /// every way round by a lower node, whose links are final already.
    fn settle(&mut self, hierarchy: &Hierarchy, rank: u32) {
        let depths = hierarchy.head_depths();
        for link in hierarchy.ups(rank) {
            self.links[depths[link] as usize] = u32::try_from(link).expect("links fit 32 bits");
        }
        for &Down { tail, link: aside } in hierarchy.downs(rank) {
            let aside = aside as usize;
            let (to_rank, from_rank) = (self.up[aside], self.down[aside]);
            // Links are sorted by head, so those after this one lead above `rank`, where `rank`
            // has a link too: contracting the tail made its neighbours neighbours.
            let rest = aside + 1..hierarchy.ups(tail).end;
            for (&depth, over) in depths[rest.clone()].iter().zip(rest) {
                let link = self.links[depth as usize] as usize;
                let up = from_rank.plus(self.up[over]);
                let down = self.down[over].plus(to_rank);
                self.up[link] = up.min(self.up[link]);
                self.down[link] = down.min(self.down[link]);
            }
        }
    }
}
