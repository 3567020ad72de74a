//! Tests on the version, as Rust and as words.

use crate::schema::Versions;

/// The test for `wanted` among the versions `all`; nothing when it always holds.
pub(crate) fn condition(wanted: Versions, all: Versions) -> Option<String> {
    let Versions { min, max } = wanted;
    if wanted.is_empty() {
        return Some("false".to_owned());
    }
    match (min <= all.min, max >= all.max) {
        (true, true) => None,
        (true, false) if max == 0 => Some("version == 0".to_owned()),
        (true, false) => Some(format!("version <= {max}")),
        (false, true) => Some(format!("version >= {min}")),
        (false, false) if min == max => Some(format!("version == {min}")),
        (false, false) => Some(format!("({min}..={max}).contains(&version)")),
    }
}

pub(crate) fn spoken(versions: Versions, all: Versions) -> String {
    match versions {
        Versions { min, max } if max == all.max => format!("Versions {min}+"),
        Versions { min, max } if min == max => format!("Version {min}"),
        Versions { min, max } => format!("Versions {min}-{max}"),
    }
}
