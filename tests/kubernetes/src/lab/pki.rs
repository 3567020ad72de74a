//! Certificates of a lab: one authority, one certificate for each who speaks.

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::command::{output, program};
use crate::lab::home;
use crate::lab::network::{API_SERVICE, CONTROL_PLANE, node_name};
use crate::template::render;

const KUBECONFIG: &str = include_str!("../../config/client.kubeconfig");

/// OpenSSL's own defaults would make every certificate an authority.
const CONFIG: &str = "[req]\ndistinguished_name = name\n[name]\n";

const SERVER: &str = "serverAuth";
const CLIENT: &str = "clientAuth";

/// Who has a kubeconfig besides the nodes, and as whom the API server knows it.
const USERS: &[(&str, &str)] = &[
    ("admin", "/O=system:masters/CN=admin"),
    ("controller-manager", "/CN=system:kube-controller-manager"),
    ("scheduler", "/CN=system:kube-scheduler"),
    ("proxy", "/CN=system:kube-proxy"),
    ("dns", "/CN=system:dns"),
];

/// Everything below `pki/` for a lab of `nodes`.
pub(crate) fn make(nodes: usize) -> Result<()> {
    let folder = home::path("pki");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("openssl.cnf"), CONFIG)?;
    authority(&folder)?;
    service_accounts(&folder)?;
    let addresses = format!(
        "subjectAltName=DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,\
         DNS:kubernetes.default.svc.cluster.local,IP:127.0.0.1,IP:{CONTROL_PLANE},IP:{API_SERVICE}"
    );
    leaf(
        &folder,
        "apiserver",
        "/CN=kube-apiserver",
        SERVER,
        &[&addresses],
    )?;
    let subject = "/O=system:masters/CN=kube-apiserver-kubelet-client";
    leaf(&folder, "apiserver-kubelet-client", subject, CLIENT, &[])?;
    for (user, subject) in USERS {
        leaf(&folder, user, subject, CLIENT, &[])?;
        kubeconfig(&folder, user)?;
    }
    for name in (1..=nodes).map(node_name) {
        let subject = format!("/O=system:nodes/CN=system:node:{name}");
        let addresses = format!("subjectAltName=DNS:{name},IP:127.0.0.1");
        let usage = format!("{CLIENT},{SERVER}");
        leaf(&folder, &name, &subject, &usage, &[&addresses])?;
        kubeconfig(&folder, &name)?;
    }
    Ok(())
}

fn authority(folder: &Path) -> Result<()> {
    let usage = "keyUsage=critical,keyCertSign,cRLSign,digitalSignature";
    let extensions = ["basicConstraints=critical,CA:TRUE", usage];
    certificate(folder, "ca", "/CN=millrace-lab", None, &extensions)
}

fn leaf(folder: &Path, name: &str, subject: &str, usage: &str, more: &[&str]) -> Result<()> {
    let usage = format!("extendedKeyUsage={usage}");
    let mut extensions = vec![
        "basicConstraints=CA:FALSE",
        "keyUsage=critical,digitalSignature,keyEncipherment",
        &usage,
    ];
    extensions.extend(more);
    certificate(folder, name, subject, Some("ca"), &extensions)
}

/// `NAME.key` and `NAME.crt`, signed by `issuer` or by itself.
fn certificate(
    folder: &Path,
    name: &str,
    subject: &str,
    issuer: Option<&str>,
    extensions: &[&str],
) -> Result<()> {
    let mut openssl = program("openssl");
    openssl
        .current_dir(folder)
        .args([
            "req",
            "-x509",
            "-config",
            "openssl.cnf",
            "-nodes",
            "-days",
            "3650",
        ])
        .args(["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"])
        .args(["-subj", subject, "-keyout", &format!("{name}.key")])
        .args(["-out", &format!("{name}.crt")]);
    if let Some(issuer) = issuer {
        openssl.args(["-CA", &format!("{issuer}.crt")]);
        openssl.args(["-CAkey", &format!("{issuer}.key")]);
    }
    for extension in extensions {
        openssl.args(["-addext", extension]);
    }
    output(&mut openssl).map(drop)
}

/// The pair that tokens of service accounts are signed and checked with.
fn service_accounts(folder: &Path) -> Result<()> {
    let openssl =
        |arguments: &[&str]| output(program("openssl").current_dir(folder).args(arguments));
    openssl(&["genrsa", "-out", "sa.key", "2048"])?;
    openssl(&["rsa", "-in", "sa.key", "-pubout", "-out", "sa.pub"]).map(drop)
}

fn kubeconfig(folder: &Path, user: &str) -> Result<()> {
    let pki = folder.display().to_string();
    let values = [
        ("CONTROL_PLANE", CONTROL_PLANE),
        ("PKI", &pki),
        ("NAME", user),
    ];
    fs::write(home::kubeconfig(user), render(KUBECONFIG, &values)?)?;
    Ok(())
}
