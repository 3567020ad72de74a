//! The lab for people: `lab up 3`, `lab kubectl get nodes`, `lab load IMAGE.tar`, `lab down`.

use std::io::{Write, stdout};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use millrace_kubernetes_tests::{Image, Lab, collect, footprint, need_binaries, obstacle};

/// A Kubernetes of several nodes on this machine. One at a time.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Build the programs (minutes, once per machine) and say where they are
    Build,
    /// Bring up a cluster
    Up {
        #[arg(default_value_t = 3)]
        nodes: usize,
    },
    /// Take everything down, also what a crash left
    Down,
    /// Say what is up
    Status,
    /// Say why no lab can run here; fails if so
    Check,
    /// List everything of a lab that stands on the machine
    Footprint,
    /// Give every node an image, an OCI archive
    Load { archive: PathBuf },
    /// Write an image: files as SOURCE=TARGET, the first is what it runs
    Image {
        name: String,
        archive: PathBuf,
        files: Vec<String>,
        #[arg(long, default_value_t = 65532)]
        user: u32,
    },
    /// Unplug a node
    Cut { node: usize },
    /// Plug it in again
    Heal { node: usize },
    /// Write what the cluster says about itself into a folder
    Collect { folder: PathBuf },
    /// Run kubectl
    #[command(disable_help_flag = true)]
    Kubectl {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Run helm
    #[command(disable_help_flag = true)]
    Helm {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Run a command on a node
    Node {
        node: usize,
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<String>,
    },
}

fn main() -> Result<()> {
    match Arguments::parse().verb {
        Verb::Build => say(&need_binaries()?.home().display().to_string()),
        Verb::Up { nodes } => describe(&Lab::up(nodes)?),
        Verb::Down => Lab::down(),
        Verb::Status => match Lab::running()? {
            Some(lab) => describe(&lab),
            None => say("no lab is up"),
        },
        Verb::Check => match obstacle() {
            Some(obstacle) => anyhow::bail!("{obstacle}"),
            None => Ok(()),
        },
        Verb::Footprint => {
            let found: Vec<String> = footprint()?.into_iter().collect();
            say(&found.join("\n"))
        }
        Verb::Load { archive } => running()?.load_image(&archive),
        Verb::Image {
            name,
            archive,
            files,
            user,
        } => say(&image(name, &files)?.user(user).write(&archive)?),
        Verb::Cut { node } => running()?.node(node).cut(),
        Verb::Heal { node } => running()?.node(node).heal(),
        Verb::Collect { folder } => collect(running()?.kubectl(), &folder),
        Verb::Kubectl { arguments } => become_program("kubectl", &arguments),
        Verb::Helm { arguments } => become_program("helm", &arguments),
        Verb::Node { node, command } => {
            let words: Vec<&str> = command.iter().map(String::as_str).collect();
            say(running()?.node(node).run(&words)?.trim_end())
        }
    }
}

fn running() -> Result<Lab> {
    Lab::running()?.context("no lab is up: `lab up`")
}

fn describe(lab: &Lab) -> Result<()> {
    say(&format!("nodes       {}", lab.nodes().count()))?;
    say(&format!(
        "kubeconfig  {}",
        lab.kubectl().kubeconfig().display()
    ))?;
    say(&format!("binaries    {}", lab.binaries().home().display()))
}

fn image(name: String, files: &[String]) -> Result<Image> {
    let mut image = Image::new(name);
    for (index, file) in files.iter().enumerate() {
        let (source, target) = file.split_once('=').context("files are SOURCE=TARGET")?;
        image = image.file(source, target);
        if index == 0 {
            image = image.entrypoint([target]);
        }
    }
    Ok(image)
}

/// The person at the terminal talks to the program itself, without a limit.
fn become_program(name: &str, arguments: &[String]) -> Result<()> {
    let lab = running()?;
    let error = Command::new(lab.binaries().program(name))
        .args(arguments)
        .env("KUBECONFIG", lab.kubectl().kubeconfig())
        .exec();
    Err(error).with_context(|| format!("{name} does not start"))
}

fn say(line: &str) -> Result<()> {
    Ok(writeln!(stdout(), "{line}")?)
}
