//! OpenStreetMap XML. Source: <https://wiki.openstreetmap.org/wiki/OSM_XML>.

use std::io::BufRead;

use super::survey::{RoadTags, Survey};
use super::xml::{Document, Piece, Tag, shown};
use super::{Import, ImportError, ImportRules, place_of};

/// Reads a network.
pub(super) fn read(reader: impl BufRead, rules: &ImportRules) -> Result<Import, ImportError> {
    let mut document = Document::new(reader, "osm");
    let mut survey = Survey::default();
    // The tags of the way being read.
    let mut way: Option<RoadTags> = None;
    loop {
        let at_byte = document.at_byte();
        match document.next()? {
            Piece::Start(tag) => match (tag.name(), &mut way) {
                ("node", _) => read_node(&tag, &mut survey, at_byte)?,
                ("way", None) => {
                    survey.start_way();
                    way = (!tag.empty).then(RoadTags::default);
                }
                ("nd", Some(_)) => survey.way_ref(read_ref(&tag, at_byte)?)?,
                ("tag", Some(tags)) => read_tag(&tag, tags, at_byte)?,
                _ => {}
            },
            Piece::End(end) => {
                if end.local_name().into_inner() == "way"
                    && let Some(tags) = way.take()
                {
                    survey.end_way(tags);
                }
            }
            Piece::Text(_) | Piece::Other => {}
            Piece::Eof => return survey.finish(rules),
        }
    }
}

fn read_node(tag: &Tag<'_>, survey: &mut Survey, at_byte: u64) -> Result<(), ImportError> {
    let (mut id, mut lat, mut lon) = (None, None, None);
    attributes(tag, at_byte, |key, value| match key {
        "id" => id = value.parse().ok(),
        "lat" => lat = value.parse().ok(),
        "lon" => lon = value.parse().ok(),
        _ => {}
    })?;
    let (Some(id), Some(lat), Some(lon)) = (id, lat, lon) else {
        return Err(malformed(at_byte, "a node without a whole id, or lat and lon in degrees"));
    };
    survey.node(id, place_of(id, lat, lon)?)
}

fn read_ref(tag: &Tag<'_>, at_byte: u64) -> Result<i64, ImportError> {
    let mut node = None;
    attributes(tag, at_byte, |key, value| {
        if key == "ref" {
            node = value.parse().ok();
        }
    })?;
    node.ok_or_else(|| malformed(at_byte, "an nd without a whole ref"))
}

fn read_tag(tag: &Tag<'_>, tags: &mut RoadTags, at_byte: u64) -> Result<(), ImportError> {
    let (mut key, mut value) = (String::new(), String::new());
    attributes(tag, at_byte, |name, text| match name {
        "k" => key = shown(text),
        "v" => value = shown(text),
        _ => {}
    })?;
    tags.tag(&key, &value);
    Ok(())
}

fn attributes(
    tag: &Tag<'_>,
    at_byte: u64,
    each: impl FnMut(&str, &str),
) -> Result<(), ImportError> {
    tag.attributes(each).map_err(|what| ImportError::Malformed { at_byte, what })
}

fn malformed(at_byte: u64, what: &str) -> ImportError {
    ImportError::Malformed { at_byte, what: what.to_owned() }
}
