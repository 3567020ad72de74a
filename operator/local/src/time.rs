//! Times as the API server writes them.

use jiff::Timestamp;

/// To the second, as in metadata.
pub(crate) fn seconds(now: Timestamp) -> String {
    now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
