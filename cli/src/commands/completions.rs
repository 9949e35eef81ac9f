//! `dastak completions`: what shells and `man` want.

use clap::{CommandFactory, ValueEnum};
use clap_complete::Shell;

use crate::args::Args;
use crate::console;
use crate::exit::{Exit, Failure};

/// For whom.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  dastak completions bash > ~/.local/share/bash-completion/completions/dastak
  dastak completions man > ~/.local/share/man/man1/dastak.1")]
pub(crate) struct Command {
    /// The shell, or `man` for the manual page
    #[arg(value_enum)]
    reader: Reader,
}

/// Who reads what is printed.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Reader {
    Bash,
    Elvish,
    Fish,
    Man,
    Powershell,
    Zsh,
}

/// Prints it.
pub(crate) fn run(command: &Command) -> Result<Exit, Failure> {
    let mut program = Args::command();
    let mut text = Vec::new();
    let shell = match command.reader {
        Reader::Man => {
            clap_mangen::Man::new(program).render(&mut text).map_err(anyhow::Error::new)?;
            console::print(&String::from_utf8_lossy(&text))?;
            return Ok(Exit::Ok);
        }
        Reader::Bash => Shell::Bash,
        Reader::Elvish => Shell::Elvish,
        Reader::Fish => Shell::Fish,
        Reader::Powershell => Shell::PowerShell,
        Reader::Zsh => Shell::Zsh,
    };
    clap_complete::generate(shell, &mut program, "dastak", &mut text);
    console::print(&String::from_utf8_lossy(&text))?;
    Ok(Exit::Ok)
}
