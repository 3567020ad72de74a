//! The word that ends everything.

use tokio::sync::watch;

/// Done once it is told to stop; a sender that is gone tells the same.
pub(crate) async fn told(mut stopped: watch::Receiver<bool>) {
    let _told = stopped.wait_for(|stopped| *stopped).await;
}
