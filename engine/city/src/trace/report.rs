//! What was found in a recorded day, and how untidy it was.

/// An order whose door is farther from its pick-up point than this is counted as far, metres
/// (assumed: twice the farthest sensible ride on recorded days, 14 km).
pub const FAR_ORDER_M: f64 = 28_000.0;

/// Counts of a recorded day: what there is, and every untidiness that was kept.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TraceReport {
    /// Orders read.
    pub orders: u32,
    /// Couriers read.
    pub couriers: u32,
    /// Stores read, or distinct pick-up points.
    pub stores: u32,
    /// Baskets to choose from.
    pub baskets: u32,
    /// Lines of all those baskets.
    pub basket_lines: u32,
    /// Stores that no order is picked up from.
    pub idle_stores: u32,
    /// Orders that stand after one placed later; they are sorted.
    pub unsorted_orders: u32,
    /// Orders that were ready past midnight: the time goes back and a day is added.
    pub ready_past_midnight: u32,
    /// Orders that were expected past midnight: the time goes back and a day is added.
    pub expected_past_midnight: u32,
    /// Orders that were ready before they were placed, but not by half a day: taken as at once.
    pub ready_before_placed: u32,
    /// Orders that were expected before they were placed, but not by half a day: taken as at once.
    pub expected_before_placed: u32,
    /// Orders that the customer expected before they were ready.
    pub expected_before_ready: u32,
    /// Orders whose door is more than [`FAR_ORDER_M`] from their pick-up point.
    pub far_orders: u32,
    /// The longest straight line from a pick-up point to its door, metres.
    pub farthest_m: f64,
    /// Shifts without length.
    pub zero_shifts: u32,
    /// Shifts that end past midnight: a day is added.
    pub shifts_past_midnight: u32,
    /// Basket rows that name an item of their basket again; left out.
    pub repeated_items: u32,
}

impl TraceReport {
    /// Every untidiness with a plain sentence and how often it was met; those never met too.
    #[must_use]
    pub fn untidiness(&self) -> [(&'static str, u32); 11] {
        [
            ("orders stand after one placed later; sorted", self.unsorted_orders),
            ("orders were ready past midnight; a day added", self.ready_past_midnight),
            ("orders were expected past midnight; a day added", self.expected_past_midnight),
            ("orders were ready before they were placed; kept", self.ready_before_placed),
            ("orders were expected before they were placed; kept", self.expected_before_placed),
            ("orders were expected before they were ready; kept", self.expected_before_ready),
            ("orders go farther than 28 km; kept", self.far_orders),
            ("couriers have a shift without length; kept", self.zero_shifts),
            ("shifts end past midnight; a day added", self.shifts_past_midnight),
            ("stores have no orders; kept", self.idle_stores),
            ("basket rows repeat an item; left out", self.repeated_items),
        ]
    }
}
