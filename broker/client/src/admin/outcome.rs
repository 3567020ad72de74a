//! What every administrative call has in common: a time to work, and an outcome per item.

use std::sync::Arc;
use std::time::Duration;

use millrace_types::ErrorCode;

use crate::error::ClientError;

/// How long the controller may work on one request.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(30);

pub(crate) fn operation_timeout_ms() -> i32 {
    i32::try_from(OPERATION_TIMEOUT.as_millis()).unwrap_or(i32::MAX)
}

/// What became of one item.
pub type Outcome<T> = Result<T, ClientError>;

/// The item's value when its code is "none".
pub(crate) fn outcome<T>(code: i16, message: Option<&Arc<str>>, value: T) -> Outcome<T> {
    ClientError::check(code, message).map(|()| value)
}

/// The first error that concerns the whole answer of several items: only a wrong address does.
pub(crate) fn moved(codes: impl Iterator<Item = i16>) -> i16 {
    let wrong_address = [
        ErrorCode::NotController.code(),
        ErrorCode::NotCoordinator.code(),
        ErrorCode::CoordinatorNotAvailable.code(),
        ErrorCode::CoordinatorLoadInProgress.code(),
    ];
    let mut codes = codes.filter(|code| wrong_address.contains(code));
    codes.next().unwrap_or_default()
}
