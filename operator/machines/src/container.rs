//! From a pod's spec to containers that can be run: variables, arguments, volumes and probes, with
//! everything filled in that they refer to. What is missing is a reason to wait. Pure.

use std::collections::BTreeMap;
use std::time::Duration;

use k8s_openapi::api::core::v1::{
    self as core, ConfigMap, EnvVar, EnvVarSource, ObjectFieldSelector, Pod, Probe, Secret, Volume,
};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::expansion::expand;
use crate::runner::{Container, ContainerId, HttpProbe, Mount, Source};

/// What a probe does that does not say.
const PERIOD_SECONDS: i32 = 10;
const TIMEOUT_SECONDS: i32 = 1;
const FAILURES: i32 = 3;

/// Finds an object by kind, namespace and name.
pub(crate) type Find<'a> = dyn Fn(&str, &str, &str) -> Option<Value> + 'a;

/// What is known of a pod that its spec does not say.
pub(crate) struct Facts<'a> {
    pub(crate) address: &'a str,
    pub(crate) host: &'a str,
    pub(crate) find: &'a Find<'a>,
}

/// What a container waits for, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    Configuration(String),
    Volume(String),
}

impl Missing {
    pub(crate) fn why(&self) -> &str {
        match self {
            Self::Configuration(why) | Self::Volume(why) => why,
        }
    }
}

/// A container that is ready to run, or what it waits for.
pub(crate) fn resolve(
    pod: &Pod,
    raw: &core::Container,
    facts: &Facts<'_>,
) -> Result<Container, Missing> {
    let mounts = mounts(pod, raw, facts).map_err(Missing::Volume)?;
    configured(pod, raw, mounts, facts).map_err(Missing::Configuration)
}

fn configured(
    pod: &Pod,
    raw: &core::Container,
    mounts: Vec<Mount>,
    facts: &Facts<'_>,
) -> Result<Container, String> {
    let mut env = Vec::new();
    for variable in raw.env.iter().flatten() {
        if let Some(value) = value(pod, variable, &env, facts)? {
            env.push((variable.name.clone(), value));
        }
    }
    let filled = |texts: &Option<Vec<String>>| -> Vec<String> {
        let texts = texts.iter().flatten();
        texts.map(|text| expand(text, &env)).collect()
    };
    let metadata = &pod.metadata;
    Ok(Container {
        id: ContainerId {
            namespace: metadata.namespace.clone().unwrap_or_default(),
            pod: metadata.name.clone().unwrap_or_default(),
            uid: metadata.uid.clone().unwrap_or_default(),
            container: raw.name.clone(),
        },
        address: facts.address.to_owned(),
        command: filled(&raw.command),
        args: filled(&raw.args),
        mounts,
        ports: raw
            .ports
            .iter()
            .flatten()
            .filter_map(|port| u16::try_from(port.container_port).ok())
            .collect(),
        liveness: probe(raw, raw.liveness_probe.as_ref())?,
        readiness: probe(raw, raw.readiness_probe.as_ref())?,
        env,
    })
}

/// A variable's value; `None` where it may be left out.
fn value(
    pod: &Pod,
    variable: &EnvVar,
    earlier: &[(String, String)],
    facts: &Facts<'_>,
) -> Result<Option<String>, String> {
    let Some(from) = &variable.value_from else {
        let text = variable.value.as_deref().unwrap_or_default();
        return Ok(Some(expand(text, earlier)));
    };
    let namespace = pod.metadata.namespace.as_deref().unwrap_or_default();
    let EnvVarSource {
        field_ref,
        config_map_key_ref,
        secret_key_ref,
        ..
    } = from;
    let (found, what, optional) = if let Some(selector) = field_ref {
        return field(pod, selector, facts).map(Some);
    } else if let Some(selector) = config_map_key_ref {
        let map: Option<ConfigMap> = find(facts, "ConfigMap", namespace, &selector.name);
        let found = map.and_then(|map| map.data?.remove(&selector.key));
        let what = format!("{} of ConfigMap {}", selector.key, selector.name);
        (found, what, selector.optional)
    } else if let Some(selector) = secret_key_ref {
        let secret: Option<Secret> = find(facts, "Secret", namespace, &selector.name);
        let found = secret.and_then(|secret| secret_files(secret).remove(&selector.key));
        let found = found.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let what = format!("{} of Secret {}", selector.key, selector.name);
        (found, what, selector.optional)
    } else {
        return Err(format!(
            "the source of variable {} is not served on one machine",
            variable.name
        ));
    };
    match found {
        None if optional != Some(true) => {
            Err(format!("variable {} waits for {what}", variable.name))
        }
        found => Ok(found),
    }
}

/// A fact about the pod itself.
fn field(pod: &Pod, selector: &ObjectFieldSelector, facts: &Facts<'_>) -> Result<String, String> {
    let metadata = &pod.metadata;
    let spec = pod.spec.as_ref();
    let path = selector.field_path.as_str();
    let keyed = |field: &str| {
        let rest = path.strip_prefix(field)?.strip_prefix("['")?;
        rest.strip_suffix("']")
    };
    let of = |map: &Option<BTreeMap<String, String>>, key: &str| {
        let map = map.as_ref();
        map.and_then(|map| map.get(key).cloned())
            .unwrap_or_default()
    };
    if let Some(key) = keyed("metadata.labels") {
        return Ok(of(&metadata.labels, key));
    }
    if let Some(key) = keyed("metadata.annotations") {
        return Ok(of(&metadata.annotations, key));
    }
    Ok(match path {
        "metadata.name" => metadata.name.clone().unwrap_or_default(),
        "metadata.namespace" => metadata.namespace.clone().unwrap_or_default(),
        "metadata.uid" => metadata.uid.clone().unwrap_or_default(),
        "spec.nodeName" => spec
            .and_then(|spec| spec.node_name.clone())
            .unwrap_or_default(),
        "spec.serviceAccountName" => spec
            .and_then(|spec| spec.service_account_name.clone())
            .unwrap_or_default(),
        "status.hostIP" | "status.hostIPs" => facts.host.to_owned(),
        "status.podIP" | "status.podIPs" => facts.address.to_owned(),
        _ => return Err(format!("the field {path} is not known on one machine")),
    })
}

fn mounts(pod: &Pod, raw: &core::Container, facts: &Facts<'_>) -> Result<Vec<Mount>, String> {
    let volumes = pod
        .spec
        .iter()
        .flat_map(|spec| spec.volumes.iter().flatten());
    let volumes: BTreeMap<&str, &Volume> = volumes
        .map(|volume| (volume.name.as_str(), volume))
        .collect();
    let mounts = raw.volume_mounts.iter().flatten().map(|mount| {
        let volume = volumes
            .get(mount.name.as_str())
            .ok_or_else(|| format!("there is no volume {}", mount.name))?;
        Ok(Mount {
            volume: mount.name.clone(),
            path: mount.mount_path.clone(),
            source: source(pod, volume, facts)?,
        })
    });
    mounts.collect()
}

fn source(pod: &Pod, volume: &Volume, facts: &Facts<'_>) -> Result<Source, String> {
    let namespace = pod.metadata.namespace.as_deref().unwrap_or_default();
    if let Some(claim) = &volume.persistent_volume_claim {
        let name = &claim.claim_name;
        let found = (facts.find)("PersistentVolumeClaim", namespace, name);
        return match found {
            Some(claim) if claim["status"]["phase"] == "Bound" => Ok(Source::Claim(name.clone())),
            Some(_) => Err(format!("claim {name} is not bound yet")),
            None => Err(format!("there is no claim {name}")),
        };
    }
    if volume.empty_dir.is_some() {
        return Ok(Source::Empty);
    }
    if let Some(said) = &volume.config_map {
        let map: Option<ConfigMap> = find(facts, "ConfigMap", namespace, &said.name);
        let files = map.map(config_files);
        let what = format!("ConfigMap {}", said.name);
        return picked(files, said.items.as_deref(), &what, said.optional);
    }
    if let Some(said) = &volume.secret {
        let name = said.secret_name.as_deref().unwrap_or_default();
        let secret: Option<Secret> = find(facts, "Secret", namespace, name);
        let files = secret.map(secret_files);
        let what = format!("Secret {name}");
        return picked(files, said.items.as_deref(), &what, said.optional);
    }
    if let Some(said) = &volume.downward_api {
        let mut files = BTreeMap::new();
        for item in said.items.iter().flatten() {
            if let Some(selector) = &item.field_ref {
                let text = field(pod, selector, facts)?;
                files.insert(item.path.clone(), text.into_bytes());
            }
        }
        return Ok(Source::Files(files));
    }
    Err(format!(
        "the kind of volume {} is not served on one machine",
        volume.name
    ))
}

/// All files, or those that are named, under the paths that they are to have.
fn picked(
    files: Option<BTreeMap<String, Vec<u8>>>,
    items: Option<&[core::KeyToPath]>,
    what: &str,
    optional: Option<bool>,
) -> Result<Source, String> {
    let mut files = match files {
        Some(files) => files,
        None if optional == Some(true) => BTreeMap::new(),
        None => return Err(format!("there is no {what}")),
    };
    let Some(items) = items else {
        return Ok(Source::Files(files));
    };
    let picked = items.iter().map(|item| {
        let bytes = files.remove(&item.key);
        let bytes = bytes.ok_or_else(|| format!("{what} has no {}", item.key))?;
        Ok((item.path.clone(), bytes))
    });
    let picked: Result<_, String> = picked.collect();
    picked.map(Source::Files)
}

fn config_files(map: ConfigMap) -> BTreeMap<String, Vec<u8>> {
    let texts = map.data.into_iter().flatten();
    let texts = texts.map(|(name, text)| (name, text.into_bytes()));
    let binaries = map.binary_data.into_iter().flatten();
    let binaries = binaries.map(|(name, bytes)| (name, bytes.0));
    texts.chain(binaries).collect()
}

fn secret_files(secret: Secret) -> BTreeMap<String, Vec<u8>> {
    let data = secret.data.into_iter().flatten();
    let data = data.map(|(name, bytes)| (name, bytes.0));
    let texts = secret.string_data.into_iter().flatten();
    let texts = texts.map(|(name, text)| (name, text.into_bytes()));
    data.chain(texts).collect()
}

fn find<T: DeserializeOwned>(
    facts: &Facts<'_>,
    kind: &str,
    namespace: &str,
    name: &str,
) -> Option<T> {
    serde_json::from_value((facts.find)(kind, namespace, name)?).ok()
}

fn probe(raw: &core::Container, said: Option<&Probe>) -> Result<Option<HttpProbe>, String> {
    let Some(said) = said else {
        return Ok(None);
    };
    let Some(get) = &said.http_get else {
        return Err("only probes by HTTP are served on one machine".to_owned());
    };
    let port = match &get.port {
        IntOrString::Int(port) => Some(*port),
        IntOrString::String(name) => {
            let mut ports = raw.ports.iter().flatten();
            let port = ports.find(|port| port.name.as_ref() == Some(name));
            port.map(|port| port.container_port)
        }
    };
    let port = port.and_then(|port| u16::try_from(port).ok());
    let seconds = |said: Option<i32>, unsaid: i32| {
        let seconds = said.unwrap_or(unsaid).max(1);
        Duration::from_secs(u64::from(seconds.unsigned_abs()))
    };
    Ok(Some(HttpProbe {
        port: port.ok_or("a probe names a port that the container does not have")?,
        path: get.path.clone().unwrap_or_else(|| "/".to_owned()),
        period: seconds(said.period_seconds, PERIOD_SECONDS),
        timeout: seconds(said.timeout_seconds, TIMEOUT_SECONDS),
        failures: said
            .failure_threshold
            .unwrap_or(FAILURES)
            .max(1)
            .unsigned_abs(),
    }))
}

#[cfg(test)]
#[path = "container_tests.rs"]
mod tests;
