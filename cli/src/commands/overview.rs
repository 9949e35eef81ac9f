//! What `dastak` alone says.

use crate::console;
use crate::exit::{Exit, Failure};

/// Ten lines: what it is, what to type first, what else there is.
const OVERVIEW: &str = "\
Dastak simulates a ten-minute grocery business: stores, pickers, riders, payments, to the second.

  dastak run evening-peak         one city, a whole weekday: is the promise of 15 minutes kept?
  dastak run seed-literal         100 000 orders an hour with 10 000 riders: who is missing?
  dastak run real-day             a recorded day, played again
  dastak serve                    the same business over HTTP; `dastak drive` plays its people

  dastak scenario list            what ships; `scenario init my.toml` begins one of your own
  dastak audit RUN                proves a finished run: nothing oversold, no paisa lost
  dastak replay RUN               runs it again and finds the first fact that differs
  dastak doctor                   what is installed; `dastak COMMAND --help` explains a command
";

/// Says it.
pub(crate) fn run() -> Result<Exit, Failure> {
    console::print(OVERVIEW)?;
    Ok(Exit::Ok)
}
