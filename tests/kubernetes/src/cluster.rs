//! The cluster that a suite runs on: a lab, `kind`, or whatever `KUBECONFIG` names.
//!
//! `MILLRACE_KUBERNETES` decides: `lab`, `kind` or `existing`; without it the first of lab and kind that can be.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::binaries::cache;
use crate::command::{output, program_within};
use crate::image::Image;
use crate::kubectl::Kubectl;
use crate::lab::{Lab, obstacle};
use crate::skip::skip;

/// Nodes of a lab that a suite brings up because none is up.
const NODES: usize = 3;

/// Seconds to load an image by somebody else's command.
const LOAD_LIMIT: u32 = 600;

/// The user that the charts run programs as.
const USER: u32 = 65_532;

const KIND: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/kind");

/// How images come to the nodes.
#[derive(Debug, Clone)]
enum Images {
    Lab,
    /// A command that is given the archive.
    Command(Vec<String>),
    /// They lie in a registry already, below this prefix.
    Pushed(String),
}

#[derive(Debug, Clone)]
pub struct Cluster {
    kubectl: Kubectl,
    helm: PathBuf,
    images: Images,
    lab: Option<Lab>,
}

impl Cluster {
    /// The cluster that the environment asks for. A [`Skip`] is the error when there can be none.
    pub fn from_env() -> Result<Self> {
        match env::var("MILLRACE_KUBERNETES").as_deref() {
            Ok("lab") => Self::lab_here(),
            Ok("kind") => Self::kind(),
            Ok("existing") => Self::existing(),
            Ok(other) => bail!("MILLRACE_KUBERNETES={other}: lab, kind or existing"),
            Err(_) if obstacle().is_some() && kind_obstacle().is_none() => Self::kind(),
            Err(_) => Self::lab_here(),
        }
    }

    pub fn kubectl(&self) -> &Kubectl {
        &self.kubectl
    }

    pub fn kubeconfig(&self) -> &Path {
        self.kubectl.kubeconfig()
    }

    pub fn helm(&self, arguments: &[&str]) -> Result<String> {
        let mut helm = program_within(LOAD_LIMIT, &self.helm);
        output(helm.env("KUBECONFIG", self.kubeconfig()).args(arguments))
    }

    /// For verbs that only a lab has; elsewhere the test is skipped.
    pub fn lab(&self) -> Result<&Lab> {
        self.lab
            .as_ref()
            .ok_or_else(|| skip("only a lab's nodes, disks and cables can be broken"))
    }

    /// Brings an image to the nodes that is one program of this machine and what it needs.
    pub fn load_program(&self, name: &str, program: &Path) -> Result<()> {
        let file = program.file_name().context("a program has a name")?;
        let target = format!("/usr/bin/{}", file.display());
        let folder = tempfile::tempdir()?;
        let archive = folder.path().join("image.tar");
        Image::new(name)
            .file(program, &target)
            .entrypoint([&target])
            .user(USER)
            .write(&archive)?;
        self.load_image(name, &archive).map(drop)
    }

    /// Brings the image `name` from `archive` to the nodes; pods use it as what this returns.
    pub fn load_image(&self, name: &str, archive: &Path) -> Result<String> {
        match (&self.images, &self.lab) {
            (Images::Pushed(prefix), _) => {
                let plain = name.rsplit('/').next().unwrap_or(name);
                return Ok(format!("{prefix}{plain}"));
            }
            (Images::Command(words), _) => {
                let (first, rest) = words.split_first().context("an empty command")?;
                output(program_within(LOAD_LIMIT, first).args(rest).arg(archive))?;
            }
            (Images::Lab, lab) => {
                let lab = lab.as_ref().expect("a lab loads its own images");
                lab.load_image(archive)?;
            }
        }
        Ok(name.to_owned())
    }

    fn lab_here() -> Result<Self> {
        if let Some(obstacle) = obstacle() {
            return Err(skip(format!("no lab: {obstacle}")));
        }
        let lab = Self::shared_lab()?;
        Ok(Self {
            kubectl: lab.kubectl().clone(),
            helm: lab.binaries().program("helm"),
            images: Images::Lab,
            lab: Some(lab),
        })
    }

    /// The lab that is up, or a new one: of tests that start together, one brings it up for all.
    fn shared_lab() -> Result<Lab> {
        fs::create_dir_all(cache())?;
        let turn = File::create(cache().join("lab.lock"))?;
        turn.lock()?;
        match Lab::running()? {
            Some(lab) => Ok(lab),
            None => Lab::up(NODES),
        }
    }

    /// The cluster that `kind/up` made.
    fn kind() -> Result<Self> {
        if let Some(obstacle) = kind_obstacle() {
            return Err(skip(format!("no kind: {obstacle}")));
        }
        let kubeconfig = output(program_within(LOAD_LIMIT, "sh").arg(format!("{KIND}/up")))?;
        let load = vec!["sh".to_owned(), format!("{KIND}/load")];
        Ok(Self::elsewhere(kubeconfig.trim(), Images::Command(load)))
    }

    fn existing() -> Result<Self> {
        let kubeconfig =
            env::var("KUBECONFIG").context("MILLRACE_KUBERNETES=existing needs KUBECONFIG")?;
        let images = match (
            env::var("MILLRACE_IMAGE_LOAD"),
            env::var("MILLRACE_IMAGE_PREFIX"),
        ) {
            (Ok(command), _) => {
                Images::Command(command.split_whitespace().map(str::to_owned).collect())
            }
            (_, Ok(prefix)) => Images::Pushed(prefix),
            _ => bail!(
                "say how images come to the nodes: MILLRACE_IMAGE_LOAD or MILLRACE_IMAGE_PREFIX"
            ),
        };
        Ok(Self::elsewhere(&kubeconfig, images))
    }

    fn elsewhere(kubeconfig: &str, images: Images) -> Self {
        Self {
            kubectl: Kubectl::new(PathBuf::from("kubectl"), PathBuf::from(kubeconfig)),
            helm: PathBuf::from("helm"),
            images,
            lab: None,
        }
    }
}

/// Why `kind` cannot run here, if so.
fn kind_obstacle() -> Option<String> {
    ["docker version", "kind version", "kubectl version --client"]
        .iter()
        .find_map(|line| {
            let mut words = line.split(' ');
            let asked = output(program_within(LOAD_LIMIT, words.next()?).args(words));
            asked.err().map(|error| format!("{error:#}"))
        })
}
