//! The page of the command line: what the three programs say of themselves with `--help`.

use std::process::Command;

use millrace_golden::hold_page;
use millrace_tests::built;

const PROGRAMS: &[&str] = &["millrace", "millrace-broker", "millrace-operator"];

const INTRODUCTION: &str = "\
# Command line

What the three programs answer to `--help`, command by command. This page is generated from them.
";

/// Commands are few levels deep; more means that help names itself.
const DEPTH_MAX: usize = 4;

fn help(program: &str, words: &[String]) -> String {
    let out = Command::new(built::program(program).expect("cargo build --bins"))
        .args(words)
        .arg("--help")
        // Help shows what variables are set to.
        .env_clear()
        .output()
        .expect("the program runs");
    assert!(out.status.success(), "{program} {words:?}: {out:?}");
    let text = String::from_utf8(out.stdout).expect("help is text");
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n").trim_end().to_owned()
}

/// The names below `Commands:`.
fn commands(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Commands:");
    let lines = lines.skip(1).take_while(|line| !line.is_empty());
    let names = lines.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let names = names.filter(|name| !name.is_empty() && *name != "help");
    names.map(str::to_owned).collect()
}

fn describe(program: &str, words: &[String], page: &mut String) {
    assert!(words.len() < DEPTH_MAX, "{words:?}");
    let help = help(program, words);
    let title = [&[program.to_owned()], words].concat().join(" ");
    let level = if words.is_empty() { "##" } else { "###" };
    page.push_str(&format!("\n{level} {title}\n\n```text\n{help}\n```\n"));
    for command in commands(&help) {
        describe(program, &[words, &[command]].concat(), page);
    }
}

#[test]
fn the_page_of_the_command_line_is_what_the_programs_say() {
    let mut page = INTRODUCTION.to_owned();
    for program in PROGRAMS {
        describe(program, &[], &mut page);
    }
    hold_page("command-line.md", &page);
}

#[test]
fn commands_are_found_in_help() {
    let help = "Usage: x\n\nCommands:\n  one   Does it,\n        at length\n  two   Too\n  help  This\n\nOptions:\n  -h  Help";
    assert_eq!(commands(help), ["one", "two"]);
}
