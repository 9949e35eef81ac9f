//! Words of the names of SKUs, so that they can be searched.

use std::collections::BTreeMap;

use domain::ids::SkuId;

use super::Catalogue;

/// Words, and the SKUs whose names have them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    words: BTreeMap<String, Vec<SkuId>>,
    skus: usize,
}

fn words(text: &str) -> impl Iterator<Item = String> {
    let parts = text.split(|letter: char| !letter.is_alphanumeric());
    parts.filter(|part| !part.is_empty()).map(str::to_lowercase)
}

impl Index {
    /// The index of a catalogue.
    pub(crate) fn of(catalogue: &Catalogue) -> Self {
        let mut index = Self { words: BTreeMap::new(), skus: catalogue.skus.len() };
        for sku in (0..index.skus).map(SkuId::at) {
            for word in words(&catalogue.name(sku)) {
                index.words.entry(word).or_default().push(sku);
            }
        }
        index
    }

    /// The SKUs whose names have a word for each that is asked which begins with it, by number.
    pub(crate) fn find(&self, asked: &str) -> impl Iterator<Item = SkuId> {
        let mut found: Option<Vec<SkuId>> = None;
        for prefix in words(asked) {
            let with = self.words.range(prefix.clone()..);
            let with = with.take_while(|(word, _)| word.starts_with(&prefix));
            let mut skus: Vec<SkuId> = with.flat_map(|(_, skus)| skus).copied().collect();
            skus.sort_unstable();
            skus.dedup();
            if let Some(found) = &found {
                skus.retain(|sku| found.binary_search(sku).is_ok());
            }
            found = Some(skus);
        }
        let all = found.is_none().then_some(0..self.skus);
        found.into_iter().flatten().chain(all.into_iter().flatten().map(SkuId::at))
    }
}

#[cfg(test)]
mod tests {
    use domain::money::{Bps, Paise};

    use super::*;
    use crate::world::Sku;

    #[test]
    fn every_word_must_begin_a_word_of_the_name() {
        let sku = Sku { mrp: Paise(1), price: Paise(1), gst: Bps(0) };
        let names = ["Toned milk 500 ml", "Milk bread", "Brown Bread", "दूध"];
        let names: Vec<String> = names.map(str::to_owned).into();
        let catalogue = Catalogue { skus: vec![sku; 4], names, ..Catalogue::default() };
        let index = Index::of(&catalogue);
        for (asked, found) in [
            ("milk", vec![0, 1]),
            ("MIL", vec![0, 1]),
            ("bread milk", vec![1]),
            ("ilk", vec![]),
            ("bro", vec![2]),
            ("दूध", vec![3]),
            ("", vec![0, 1, 2, 3]),
            ("'; --", vec![0, 1, 2, 3]),
        ] {
            let skus: Vec<u32> = index.find(asked).map(|sku| sku.0).collect();
            assert_eq!(skus, found, "{asked:?}");
        }
    }
}
