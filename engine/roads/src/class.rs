//! Classes of road, after OpenStreetMap's `highway` values.

/// How important a road is, which decides how fast it is ridden.
///
/// A link (ramp) belongs to the class it leads to. Roads of unknown class count as
/// [`RoadClass::Unclassified`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum RoadClass {
    /// Restricted-access dual carriageway.
    Motorway,
    /// Most important road that is not a motorway.
    Trunk,
    /// Links large towns or city districts.
    Primary,
    /// Links towns or neighbourhoods.
    Secondary,
    /// Links smaller settlements, or collects a neighbourhood's traffic.
    Tertiary,
    /// Minor public road, or one whose class nobody has recorded.
    Unclassified,
    /// Road that serves homes.
    Residential,
    /// Residential street where people on foot go first.
    LivingStreet,
    /// Access to buildings, car parks, yards.
    Service,
}

impl RoadClass {
    /// Every class, most important first.
    pub const ALL: [Self; 9] = [
        Self::Motorway,
        Self::Trunk,
        Self::Primary,
        Self::Secondary,
        Self::Tertiary,
        Self::Unclassified,
        Self::Residential,
        Self::LivingStreet,
        Self::Service,
    ];

    /// The class of an OpenStreetMap `highway` value; none if riders may not use such a way.
    ///
    /// Source: <https://wiki.openstreetmap.org/wiki/Key:highway>.
    #[must_use]
    pub fn from_highway(value: &str) -> Option<Self> {
        Some(match value {
            "motorway" | "motorway_link" => Self::Motorway,
            "trunk" | "trunk_link" => Self::Trunk,
            "primary" | "primary_link" => Self::Primary,
            "secondary" | "secondary_link" => Self::Secondary,
            "tertiary" | "tertiary_link" => Self::Tertiary,
            "unclassified" | "road" => Self::Unclassified,
            "residential" => Self::Residential,
            "living_street" => Self::LivingStreet,
            "service" => Self::Service,
            _ => return None,
        })
    }

    /// The class of an array index; none beyond the last.
    #[must_use]
    pub fn at(index: usize) -> Option<Self> {
        Self::ALL.get(index).copied()
    }

    /// The class as an array index, 0 for [`RoadClass::Motorway`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}
