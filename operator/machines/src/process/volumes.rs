//! Volumes as directories: what claims keep, what pods have for themselves, and files made from
//! objects. Also the paths that a container knows, as paths of this machine.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::runner::{Container, ContainerId, Mount, Source};

/// Where everything lies.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The volumes of claims: kept as long as their claims.
    pub claims: PathBuf,
    /// What pods have for themselves: kept as long as they.
    pub pods: PathBuf,
}

impl Layout {
    /// The volume of a claim.
    fn claim(&self, namespace: &str, claim: &str) -> PathBuf {
        self.claims.join(namespace).join(claim)
    }

    /// Where it is noted which process runs a container.
    pub(crate) fn process(&self, of: &ContainerId) -> PathBuf {
        let name = format!("{}.process", of.container);
        self.pod(&of.namespace, &of.pod, &of.uid).join(name)
    }

    fn pod(&self, namespace: &str, pod: &str, uid: &str) -> PathBuf {
        self.pods.join(namespace).join(format!("{pod}-{uid}"))
    }

    fn volume(&self, of: &ContainerId, mount: &Mount) -> PathBuf {
        match &mount.source {
            Source::Claim(claim) => self.claim(&of.namespace, claim),
            Source::Empty | Source::Files(_) => self
                .pod(&of.namespace, &of.pod, &of.uid)
                .join(&mount.volume),
        }
    }

    /// Makes the volumes of a container.
    pub(crate) fn make(&self, container: &Container) -> io::Result<()> {
        let id = &container.id;
        fs::create_dir_all(self.pod(&id.namespace, &id.pod, &id.uid))?;
        for mount in &container.mounts {
            let directory = self.volume(&container.id, mount);
            fs::create_dir_all(&directory)?;
            if let Source::Files(files) = &mount.source {
                replace_files(&directory, files)?;
            }
        }
        Ok(())
    }

    /// The same text with a path that the container knows as one of this machine.
    pub(crate) fn real(&self, container: &Container, text: &str) -> String {
        let below = |mount: &&Mount| {
            let rest = text.strip_prefix(mount.path.trim_end_matches('/'));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let mounts = container.mounts.iter().filter(below);
        // Of mounts within mounts the innermost counts.
        let Some(mount) = mounts.max_by_key(|mount| mount.path.len()) else {
            return text.to_owned();
        };
        let rest = text[mount.path.trim_end_matches('/').len()..].trim_start_matches('/');
        let directory = self.volume(&container.id, mount);
        match rest {
            "" => directory.display().to_string(),
            rest => directory.join(rest).display().to_string(),
        }
    }

    pub(crate) fn remove_pod(&self, namespace: &str, pod: &str, uid: &str) {
        remove(&self.pod(namespace, pod, uid));
    }

    pub(crate) fn remove_claim(&self, namespace: &str, claim: &str) {
        remove(&self.claim(namespace, claim));
    }
}

fn replace_files(
    directory: &Path,
    files: &std::collections::BTreeMap<String, Vec<u8>>,
) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if !files.contains_key(&*entry.file_name().to_string_lossy()) && entry.path().is_file() {
            fs::remove_file(entry.path())?;
        }
    }
    for (name, bytes) in files {
        let path = directory.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, bytes)?;
    }
    Ok(())
}

fn remove(directory: &Path) {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(%error, directory = %directory.display(), "a volume was not removed");
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn mount(path: &str, source: Source) -> Mount {
        Mount {
            volume: path.trim_matches('/').replace('/', "-"),
            path: path.to_owned(),
            source,
        }
    }

    fn container(mounts: Vec<Mount>) -> Container {
        Container {
            id: ContainerId {
                namespace: "n".to_owned(),
                pod: "web-0".to_owned(),
                uid: "u".to_owned(),
                container: "a".to_owned(),
            },
            address: "127.0.0.1".to_owned(),
            command: Vec::new(),
            args: Vec::new(),
            env: Vec::new(),
            mounts,
            ports: Vec::new(),
            liveness: None,
            readiness: None,
        }
    }

    fn layout(root: &Path) -> Layout {
        Layout {
            claims: root.join("volumes"),
            pods: root.join("pods"),
        }
    }

    #[test]
    fn paths_of_a_container_are_paths_of_the_machine() {
        let layout = layout(Path::new("/d"));
        let container = container(vec![
            mount("/var/lib", Source::Claim("data".to_owned())),
            mount("/var/lib/inner/", Source::Empty),
        ]);
        let cases = [
            ("/var/lib", "/d/volumes/n/data"),
            ("/var/lib/x/y", "/d/volumes/n/data/x/y"),
            ("/var/lib/inner", "/d/pods/n/web-0-u/var-lib-inner"),
            ("/var/lib/inner/z", "/d/pods/n/web-0-u/var-lib-inner/z"),
            ("/var/library", "/var/library"),
            ("var/lib", "var/lib"),
            ("--flag", "--flag"),
        ];
        for (text, expected) in cases {
            assert_eq!(layout.real(&container, text), expected);
        }
    }

    #[test]
    fn files_are_what_they_were_last_made_from_and_claims_outlive_pods() {
        let root = tempfile::TempDir::new().expect("a directory");
        let layout = layout(root.path());
        let files = |names: &[&str]| {
            let files = names.iter().map(|name| ((*name).to_owned(), b"x".to_vec()));
            container(vec![
                mount("/c", Source::Files(files.collect::<BTreeMap<_, _>>())),
                mount("/d", Source::Claim("data".to_owned())),
            ])
        };
        layout.make(&files(&["a", "b"])).expect("made");
        layout.make(&files(&["b", "c"])).expect("made");
        let made = fs::read_dir(root.path().join("pods/n/web-0-u/c")).expect("a directory");
        let mut names: Vec<String> = made
            .map(|entry| {
                entry
                    .expect("a file")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        names.sort();
        assert_eq!(names, ["b", "c"]);
        layout.remove_pod("n", "web-0", "u");
        assert!(!root.path().join("pods/n/web-0-u").exists());
        assert!(layout.claim("n", "data").exists());
        layout.remove_claim("n", "data");
        layout.remove_claim("n", "data");
        assert!(!layout.claim("n", "data").exists());
    }
}
