//! Sorting things into numbered buckets, in linear time and keeping their order.

/// Things by bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Buckets {
    /// `first[b]..first[b + 1]` are the positions in `items` of bucket `b`.
    first: Vec<u32>,
    items: Vec<u32>,
}

impl Buckets {
    /// Sorts the things 0, 1, 2, … into the buckets named for them.
    ///
    /// # Panics
    /// If a bucket is not below `buckets`, or there are more than 2^32 things.
    pub(crate) fn new(buckets: usize, of: impl Iterator<Item = u32> + Clone) -> Self {
        let mut first = vec![0_u32; buckets + 1];
        for bucket in of.clone() {
            first[bucket as usize + 1] += 1;
        }
        for bucket in 0..buckets {
            first[bucket + 1] += first[bucket];
        }
        let mut next = first.clone();
        let mut items = vec![0; first[buckets] as usize];
        for (item, bucket) in (0..).zip(of) {
            let slot = &mut next[bucket as usize];
            items[*slot as usize] = item;
            *slot += 1;
        }
        Self { first, items }
    }

    /// The things in a bucket, lowest first.
    pub(crate) fn of(&self, bucket: u32) -> &[u32] {
        let bucket = bucket as usize;
        &self.items[self.first[bucket] as usize..self.first[bucket + 1] as usize]
    }

    /// Where each bucket starts in [`Buckets::items`]; one entry more than there are buckets.
    pub(crate) fn first(&self) -> &[u32] {
        &self.first
    }

    /// All things, bucket by bucket.
    pub(crate) fn items(&self) -> &[u32] {
        &self.items
    }
}
