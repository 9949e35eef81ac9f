//! What people see: results on standard output, everything else on standard error.

use std::io::{self, IsTerminal, Write};

use comfy_table::{Table, presets};
use scenarios::Problem;

use crate::args::Global;
use crate::exit::Failure;

/// Prints a result as it is.
///
/// A reader who has seen enough, such as `head`, is no error.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// Prints a value as JSON.
pub(crate) fn print_json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    print(&(serde_json::to_string_pretty(value)? + "\n"))
}

/// Tells something worth knowing that is no result.
pub(crate) fn note(global: &Global, text: &str) {
    if !global.quiet {
        complain(&format!("note: {text}"));
    }
}

/// Tells why a command could not do its work: what, and below it what that came from.
pub(crate) fn error(failure: &Failure) {
    if let Some(problem) = failure.error.downcast_ref::<Problem>() {
        complain(&problem.render(coloured(&io::stderr())));
        return;
    }
    let mut text = format!("error: {}", failure.error);
    for cause in failure.error.chain().skip(1) {
        text += &format!("\n  because {cause}");
    }
    complain(&text);
}

/// Writes a line to standard error. If even that fails, there is nobody left to tell.
pub(crate) fn complain(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Whether a stream is a terminal whose user wants colours.
pub(crate) fn coloured(stream: &impl IsTerminal) -> bool {
    let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    stream.is_terminal() && !unwanted && !dumb
}

/// A table without lines.
pub(crate) fn table(rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    for row in rows {
        table.add_row(row);
    }
    table.trim_fmt() + "\n"
}
