//! What no single key can say: sums, orders and totals.

use crate::Problem;
use crate::objective::Target;
use crate::schema::{MAX_CLOSED, Scenario};
use crate::tree::Node;
use crate::values::{Count, Duration, Share, Speed, Streets};

/// The most orders a run may have on average (limit of the program: it bounds memory).
pub const MAX_ORDERS: u64 = 10_000_000;
/// The most shelf places, stores times SKUs, a run may have (limit of the program).
pub const MAX_SHELF_PLACES: u64 = 50_000_000;
/// The most riders a run may have (limit of the program).
pub const MAX_RIDERS: u64 = 1_000_000;
/// The longest run, warm-up and drain included (limit of the program).
pub const MAX_RUN: Duration = Duration::min(3 * 24 * 60);
/// The longest name of a scenario, bytes; it becomes part of a folder's name.
pub const MAX_NAME_BYTES: usize = 64;

/// Orders of an average store on a whole day when a scenario gives no rate.
///
/// Grade D: Blinkit 1 470 (financialexpress 3486595), Instamart 1 012 (inc42).
pub const DEFAULT_ORDERS_PER_STORE_PER_DAY: u32 = 1_400;

/// Checks a scenario as a whole.
///
/// # Errors
/// The first thing that cannot be, at the place where it was written.
pub(crate) fn check(scenario: &Scenario, tree: &Node) -> Result<(), Problem> {
    let checks = Checks { scenario, tree };
    checks.name()?;
    checks.world()?;
    checks.streets()?;
    checks.rates()?;
    checks.shares()?;
    checks.times()?;
    checks.totals()?;
    checks.objectives()
}

struct Checks<'s> {
    scenario: &'s Scenario,
    tree: &'s Node,
}

impl Checks<'_> {
    /// A problem at a dotted path, if anyone wrote it.
    fn problem(&self, title: &str, path: &str, label: impl Into<String>, help: &str) -> Problem {
        let steps: Vec<String> = path.split('.').map(str::to_owned).collect();
        let found = self.tree.find(&steps);
        let problem = Problem::new(format!("`{path}`: {title}")).help(help);
        match (found.whole, found.key) {
            (true, Some(_)) => {
                let origin = &found.node.origin;
                problem.at(&origin.source, origin.span.clone(), label)
            }
            _ => problem,
        }
    }

    fn wrote(&self, path: &str) -> bool {
        let steps: Vec<String> = path.split('.').map(str::to_owned).collect();
        self.tree.find(&steps).whole
    }

    fn name(&self) -> Result<(), Problem> {
        let name = &self.scenario.name;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let fits = name.len() <= MAX_NAME_BYTES && !name.starts_with('.');
        if name.is_empty() || (fits && name.chars().all(plain)) {
            return Ok(());
        }
        Err(self.problem(
            "not a name",
            "name",
            "becomes part of a folder's name",
            "use letters, digits, `-`, `_` and `.`, at most 64 of them",
        ))
    }

    fn world(&self) -> Result<(), Problem> {
        let Scenario { cities, trace, city, .. } = self.scenario;
        let named = cities.named();
        if trace.is_some() {
            let brings = "a recorded day brings its own";
            for path in ["demand.orders_per_hour", "demand.orders_per_store_per_day"] {
                if self.wrote(path) {
                    return Err(self.problem("has no meaning here", path, brings, "leave it out"));
                }
            }
            if cities.stores() > 0 {
                let help = "leave out [cities] or [trace]";
                return Err(self.problem("has no meaning here", "cities", brings, help));
            }
        } else if named.is_empty() {
            return Err(self.problem(
                "there is no dark store",
                "cities",
                "all are zero",
                "give a city some stores, such as `cities.bengaluru = 60`",
            ));
        }
        if city.circuity.0 < 10_000 {
            let help = "write 1x for straight lines, 1.35x for usual streets";
            return Err(self.problem(
                "shorter than a straight line",
                "city.circuity",
                "below 1x",
                help,
            ));
        }
        if city.catchment.0 < 100 || city.catchment.0 > 20_000 {
            let help = "customers live within 2km or so of a store";
            return Err(self.problem("out of range", "city.catchment", "100m to 20km", help));
        }
        if city.radius < city.catchment || city.radius.0 > 100_000 {
            let label = format!("{} to 100km", city.catchment);
            let help = "a store must serve everybody who lives in its catchment";
            return Err(self.problem("out of range", "city.radius", label, help));
        }
        Ok(())
    }

    /// What is known of one place can be said of one city.
    fn streets(&self) -> Result<(), Problem> {
        let Scenario { cities, trace, city, .. } = self.scenario;
        let on_file = matches!(city.streets, Streets::File(_));
        if cities.elsewhere.get() > 0 && !on_file && city.wards.is_none() {
            let help = "name a file in `city.streets` or `city.wards`";
            return Err(self.problem("where is that?", "cities.elsewhere", "no place", help));
        }
        let of_one_place = [
            ("city.streets", on_file),
            ("city.closed", !city.closed.is_empty()),
            ("city.wards", city.wards.is_some()),
        ];
        for (path, said) in of_one_place {
            if said && trace.is_none() && cities.named().len() != 1 {
                let label = format!("there are {}", cities.named().len());
                let help = "leave one city in [cities], such as `cities.elsewhere = 6`";
                return Err(self.problem("this is of one city", path, label, help));
            }
            if said && trace.is_some() {
                let (title, help) = ("has no meaning here", "leave out [trace], or this");
                return Err(self.problem(title, path, "a recorded day has straight lines", help));
            }
        }
        if trace.is_some() && city.streets == Streets::Generated {
            let (title, help) = ("has no meaning here", "leave out [trace], or this");
            let label = "a recorded day has straight lines";
            return Err(self.problem(title, "city.streets", label, help));
        }
        if !city.closed.is_empty() && city.streets == Streets::Straight {
            let help = "set `city.streets` to \"generated\" or to a file of streets";
            return Err(self.problem(
                "there are no roads",
                "city.closed",
                "nothing to close",
                help,
            ));
        }
        if city.closed.len() > MAX_CLOSED {
            let label = format!("the limit is {MAX_CLOSED}");
            return Err(self.problem("too many closed roads", "city.closed", label, ""));
        }
        Ok(())
    }

    fn rates(&self) -> Result<(), Problem> {
        let demand = &self.scenario.demand;
        if demand.orders_per_hour.is_some() && demand.orders_per_store_per_day.is_some() {
            return Err(self.problem(
                "orders are given twice",
                "demand.orders_per_hour",
                "and orders_per_store_per_day",
                "leave out one of the two",
            ));
        }
        if !(1.0..=30.0).contains(&demand.basket_lines.get()) {
            let help = "an order has about 4.5 lines";
            return Err(self.problem("out of range", "demand.basket_lines", "1 to 30", help));
        }
        if demand.order_value.0 < 100 {
            let help = "an order is worth about ₹600";
            return Err(self.problem("too cheap", "demand.order_value", "below ₹1", help));
        }
        let Speed(speed) = self.scenario.fleet.speed;
        if speed < 1_000 {
            let help = "riders go at about 15km/h from door to door";
            return Err(self.problem("nobody arrives", "fleet.speed", "below 1km/h", help));
        }
        if self.scenario.limits.speed_cap.0 < speed {
            let help = "the cap is for the judge: no ride may be faster";
            return Err(self.problem("below `fleet.speed`", "limits.speed_cap", "too low", help));
        }
        Ok(())
    }

    fn shares(&self) -> Result<(), Problem> {
        let Scenario { demand, provider, fleet, .. } = self.scenario;
        let payments = &demand.payments;
        let paid = payments.upi.0 + payments.card.0 + payments.wallet.0 + payments.cash.0;
        if paid != 10_000 {
            let label = format!("they make up {}", Share(paid));
            let help = "upi, card, wallet and cash make up 100% together";
            return Err(self.problem("shares do not add up", "demand.payments", label, help));
        }
        let Share(declined) = provider.business_decline;
        let failed = declined + provider.technical_decline.0 + provider.no_answer.0;
        if failed > 10_000 {
            let label = format!("they make up {}", Share(failed));
            let help =
                "business_decline, technical_decline and no_answer are at most 100% together";
            return Err(self.problem("shares are more than all", "provider", label, help));
        }
        let refused = (fleet.reject.0 + fleet.silent.0) * fleet.rain_factor.0 / 10_000;
        if refused > 10_000 {
            let label = format!("they make up {} in rain", Share(refused));
            let help = "reject and silent times rain_factor are at most 100%";
            return Err(self.problem("shares are more than all", "fleet", label, help));
        }
        Ok(())
    }

    fn times(&self) -> Result<(), Problem> {
        let Scenario { window, policies, limits, .. } = self.scenario;
        let minute = Duration::min(1);
        if window.duration < minute {
            let help = "measure for a minute at least";
            return Err(self.problem("too short", "window.duration", "below 1min", help));
        }
        let run = Duration(window.warm_up.0 + window.duration.0 + window.drain.0);
        if run > MAX_RUN {
            let help = format!("warm-up, window and drain are at most {MAX_RUN} together");
            let label = format!("{run} with warm-up and drain");
            return Err(self.problem("too long", "window.duration", label, &help));
        }
        if policies.promise < minute {
            let help = "promise 15min or so";
            return Err(self.problem("nobody can keep it", "policies.promise", "below 1min", help));
        }
        if !(Duration::s(1)..=Duration::min(5)).contains(&policies.round) {
            let help = "rounds are 1s to 5min apart";
            return Err(self.problem("out of range", "policies.round", "1s to 5min", help));
        }
        if limits.hold <= limits.payment_window {
            let label = format!("not above {}", limits.payment_window);
            let help = "stock must be held for longer than `limits.payment_window`";
            return Err(self.problem(
                "stock is let go before it is paid",
                "limits.hold",
                label,
                help,
            ));
        }
        if limits.payment_hard_window < limits.payment_window {
            let label = format!("below {}", limits.payment_window);
            let help = "it is at least `limits.payment_window`";
            return Err(self.problem("too short", "limits.payment_hard_window", label, help));
        }
        for (path, limit) in [("limits.offer", limits.offer), ("limits.give_up", limits.give_up)] {
            if limit < Duration::s(1) {
                return Err(self.problem("too short", path, "below 1s", "give people a second"));
            }
        }
        Ok(())
    }

    fn totals(&self) -> Result<(), Problem> {
        let Scenario { cities, city, fleet, .. } = self.scenario;
        let stores = u64::from(cities.stores());
        let too_many = |what: &str, path, count: u64, most: u64| {
            let label = format!("{count} {what} in all");
            self.problem("more than a run can hold", path, label, &format!("at most {most} {what}"))
        };
        let places = stores * u64::from(city.skus.get());
        if places > MAX_SHELF_PLACES {
            return Err(too_many("shelf places", "cities", places, MAX_SHELF_PLACES));
        }
        let per_store = fleet.riders_per_store.map_or(0, Count::get);
        let riders = stores * u64::from(per_store);
        if riders > MAX_RIDERS {
            return Err(too_many("riders", "fleet.riders_per_store", riders, MAX_RIDERS));
        }
        let orders = self.scenario.expected_orders();
        if orders > MAX_ORDERS {
            let path = if self.scenario.demand.orders_per_hour.is_some() {
                "demand.orders_per_hour"
            } else {
                "demand.orders_per_store_per_day"
            };
            return Err(too_many("orders", path, orders, MAX_ORDERS));
        }
        Ok(())
    }

    fn objectives(&self) -> Result<(), Problem> {
        for (name, bound) in self.scenario.objectives.given() {
            let time = name.starts_with("order_to_door");
            let path = format!("objectives.{name}");
            match bound.target {
                Target::Share(_) if time => {
                    let help = "write a time, such as \"<= 20min\"";
                    return Err(self.problem("a time is not a share", &path, "a share", help));
                }
                Target::Duration(_) if !time => {
                    let help = "write a share, such as \">= 95%\"";
                    return Err(self.problem("a share is not a time", &path, "a time", help));
                }
                Target::Share(_) | Target::Duration(_) => {}
            }
        }
        Ok(())
    }
}
