//! `${env:NAME}`, `${file:/path:key}` and `${directory:/path:file}` in values. Replaces what it
//! reads through [`Sources`] once; what comes out is not searched again.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use regex::Regex;

use crate::error::{ConfigError, Problem};
use crate::properties;
use crate::raw::RawConfig;
use crate::value;

/// The world outside, as far as values may refer to it.
pub trait Sources {
    fn env(&self, name: &str) -> Option<String>;

    /// # Errors
    /// The reason why the file cannot be read, in the system's words.
    fn file(&self, path: &Path) -> Result<String, String>;
}

/// The process's own environment and files.
#[derive(Clone, Copy, Debug)]
pub struct SystemSources;

impl Sources for SystemSources {
    fn env(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn file(&self, path: &Path) -> Result<String, String> {
        let size = std::fs::metadata(path).map_err(|error| error.to_string())?;
        if size.len() > u64::try_from(MAX_VALUE_BYTES).unwrap_or(u64::MAX) {
            return Err(too_long());
        }
        std::fs::read_to_string(path).map_err(|error| error.to_string())
    }
}

/// A key store in PEM fits many times over.
pub const MAX_VALUE_BYTES: usize = 1024 * 1024;
/// A compiled pattern; a list of names takes a few kilobytes.
const MAX_PATTERN_BYTES: usize = 1024 * 1024;

/// Replaces every reference to a provider that `config.providers` names. References to other
/// names stay as they are: they may mean something to whoever reads the value.
///
/// # Errors
/// Every reference that cannot be followed.
pub fn resolve(raw: &mut RawConfig, sources: &dyn Sources) -> Result<(), ConfigError> {
    let (providers, mut problems) = declared(raw);
    let mut broken = Vec::new();
    for (key, setting) in raw.values_mut() {
        if key.starts_with("config.providers") {
            continue;
        }
        match replace(&setting.value, &providers, sources) {
            Ok(value) => setting.value = value,
            Err(reason) => broken.push((key.to_owned(), reason)),
        }
    }
    let told = broken.iter().map(|(key, reason)| raw.problem(key, reason));
    problems.extend(told);
    if problems.is_empty() {
        return Ok(());
    }
    Err(ConfigError::Invalid { problems })
}

enum Provider {
    Env { allowed: Option<Regex> },
    File { allowed: Option<Vec<PathBuf>> },
    Directory { allowed: Option<Vec<PathBuf>> },
}

/// The providers by the names that values call them. A name is free when a class is given, and
/// says what it is when not.
fn declared(raw: &RawConfig) -> (BTreeMap<String, Provider>, Vec<Problem>) {
    let mut providers = BTreeMap::new();
    let mut problems = Vec::new();
    let said = |key: &str| raw.get(key).map(|setting| setting.value.trim());
    let names = said("config.providers").unwrap_or_default();
    let names = value::list(names).unwrap_or_default();
    for name in names {
        let class_key = format!("config.providers.{name}.class");
        let class = said(&class_key).unwrap_or(&name);
        let class = class.rsplit('.').next().unwrap_or(class);
        let parameter =
            |parameter: &str| said(&format!("config.providers.{name}.param.{parameter}"));
        let allowed_paths = || {
            let paths = value::list(parameter("allowed.paths")?).unwrap_or_default();
            Some(paths.into_iter().map(PathBuf::from).collect())
        };
        let provider = match class {
            "env" | "EnvVarConfigProvider" => {
                let pattern = parameter("allowlist.pattern").map(whole_match).transpose();
                pattern
                    .map(|allowed| Provider::Env { allowed })
                    .map_err(|reason| {
                        let key = format!("config.providers.{name}.param.allowlist.pattern");
                        raw.problem(&key, reason)
                    })
            }
            "file" | "FileConfigProvider" => Ok(Provider::File {
                allowed: allowed_paths(),
            }),
            "directory" | "DirectoryConfigProvider" => Ok(Provider::Directory {
                allowed: allowed_paths(),
            }),
            other => Err(raw.problem(
                "config.providers",
                format!("{other:?} is not one of the providers env, file and directory"),
            )),
        };
        match provider {
            Ok(provider) => drop(providers.insert(name, provider)),
            Err(problem) => problems.push(problem),
        }
    }
    (providers, problems)
}

fn whole_match(pattern: &str) -> Result<Regex, String> {
    regex::RegexBuilder::new(&format!("^(?:{pattern})$"))
        .size_limit(MAX_PATTERN_BYTES)
        .build()
        .map_err(|error| error.to_string())
}

fn replace(
    text: &str,
    providers: &BTreeMap<String, Provider>,
    sources: &dyn Sources,
) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, reference, after)) = next_reference(rest) {
        out.push_str(before);
        let (name, argument) = reference.split_once(':').unwrap_or((reference, ""));
        match providers.get(name) {
            Some(provider) => out.push_str(&provider.read(argument, sources)?),
            None => {
                out.push_str("${");
                out.push_str(reference);
                out.push('}');
            }
        }
        if out.len() > MAX_VALUE_BYTES {
            return Err(too_long());
        }
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

/// Text before `${`, what stands inside the braces, and the text after them.
fn next_reference(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once("${")?;
    let (reference, after) = rest.split_once('}')?;
    Some((before, reference, after))
}

impl Provider {
    fn read(&self, argument: &str, sources: &dyn Sources) -> Result<String, String> {
        // A path may stand before the key, even an empty one: `${env::NAME}`.
        let (path, key) = argument.rsplit_once(':').unwrap_or(("", argument));
        match self {
            Self::Env { allowed } => {
                if allowed.as_ref().is_some_and(|names| !names.is_match(key)) {
                    return Err(format!("the environment variable {key} is not allowed"));
                }
                let missing = || format!("the environment variable {key} is not set");
                sources.env(key).ok_or_else(missing)
            }
            Self::File { allowed } => {
                let path = permitted(Path::new(path), allowed.as_deref())?;
                let text = read_file(path, sources)?;
                let entries = properties::parse(&text)
                    .map_err(|error| format!("{}: {error}", path.display()))?;
                let entry = entries.into_iter().rfind(|entry| entry.key == key);
                entry
                    .map(|entry| entry.value)
                    .ok_or_else(|| format!("{} has no entry {key}", path.display()))
            }
            Self::Directory { allowed } => {
                let path = Path::new(path).join(key);
                read_file(permitted(&path, allowed.as_deref())?, sources)
            }
        }
    }
}

fn read_file(path: &Path, sources: &dyn Sources) -> Result<String, String> {
    let text = sources.file(path);
    let text = text.map_err(|reason| format!("cannot read {}: {reason}", path.display()))?;
    if text.len() > MAX_VALUE_BYTES {
        return Err(too_long());
    }
    Ok(text)
}

/// Paths that climb up are refused, so that a prefix of the path says where the file is.
fn permitted<'a>(path: &'a Path, allowed: Option<&[PathBuf]>) -> Result<&'a Path, String> {
    if path.components().any(|part| part == Component::ParentDir) {
        return Err(format!("{} climbs up with `..`", path.display()));
    }
    match allowed {
        Some(allowed) if !allowed.iter().any(|root| path.starts_with(root)) => {
            Err(format!("{} is outside allowed.paths", path.display()))
        }
        _ => Ok(path),
    }
}

fn too_long() -> String {
    format!("the value is longer than {MAX_VALUE_BYTES} bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fake;

    impl Sources for Fake {
        fn env(&self, name: &str) -> Option<String> {
            (name == "HOST_IP").then(|| "10.0.0.7".to_owned())
        }

        fn file(&self, path: &Path) -> Result<String, String> {
            match path.to_str() {
                Some("/etc/secrets.properties") => Ok("user=ada\npass=${env:HOST_IP}\n".to_owned()),
                Some("/mnt/tls/key") => Ok("PEM\n".to_owned()),
                _ => Err("no such file".to_owned()),
            }
        }
    }

    const DECLARED: &str = "config.providers=env, file, dir\n\
        config.providers.dir.class=org.apache.kafka.common.config.provider.DirectoryConfigProvider\n\
        config.providers.env.param.allowlist.pattern=HOST_.*\n\
        config.providers.dir.param.allowed.paths=/mnt/tls,/mnt/other\n";

    fn resolved(value: &str) -> Result<String, String> {
        let mut raw = RawConfig::default();
        raw.add_file("f", &format!("{DECLARED}broker.rack={value}\n"))
            .unwrap();
        match resolve(&mut raw, &Fake) {
            Ok(()) => Ok(raw.get("broker.rack").unwrap().value.clone()),
            Err(ConfigError::Invalid { problems }) => Err(problems[0].reason.clone()),
            Err(other) => Err(other.to_string()),
        }
    }

    #[test]
    fn follows_references_once() {
        let cases = [
            ("plain", "plain"),
            ("a-${env:HOST_IP}-b", "a-10.0.0.7-b"),
            ("${env::HOST_IP}", "10.0.0.7"),
            ("${file:/etc/secrets.properties:user}", "ada"),
            ("${file:/etc/secrets.properties:pass}", "${env:HOST_IP}"),
            ("${dir:/mnt/tls:key}", "PEM\n"),
            ("${vault:secret:key}", "${vault:secret:key}"),
            ("${env:HOST_IP", "${env:HOST_IP"),
        ];
        for (value, expected) in cases {
            assert_eq!(resolved(value), Ok(expected.to_owned()), "{value}");
        }
    }

    #[test]
    fn says_why_a_reference_cannot_be_followed() {
        let cases = [
            (
                "${env:HOME}",
                "the environment variable HOME is not allowed",
            ),
            (
                "${env:HOST_X}",
                "the environment variable HOST_X is not set",
            ),
            (
                "${file:/etc/secrets.properties:nope}",
                "/etc/secrets.properties has no entry nope",
            ),
            ("${dir:/etc:passwd}", "/etc/passwd is outside allowed.paths"),
            (
                "${dir:/mnt/tls/../../etc:passwd}",
                "/mnt/tls/../../etc/passwd climbs up with `..`",
            ),
            (
                "${dir:/mnt/other:key}",
                "cannot read /mnt/other/key: no such file",
            ),
        ];
        for (value, expected) in cases {
            assert_eq!(resolved(value), Err(expected.to_owned()), "{value}");
        }
    }

    #[test]
    fn a_provider_that_does_not_exist_is_named() {
        let mut raw = RawConfig::default();
        raw.add_file("f", "config.providers=vault\n").unwrap();
        let error = resolve(&mut raw, &Fake).unwrap_err().to_string();
        assert!(error.contains("f:1: config.providers=vault"), "{error}");
        assert!(error.contains("\"vault\" is not one of"), "{error}");
    }
}
