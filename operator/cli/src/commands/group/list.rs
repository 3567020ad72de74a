//! `millrace group list`.

use anyhow::Result;
use serde_json::json;

use crate::context::Context;
use crate::output::Rows;

pub(crate) async fn run(context: &Context) -> Result<()> {
    let mut rows = Rows::new(&["group", "type", "state", "protocol"]);
    for group in context.client.list_groups().await? {
        rows.push(vec![
            json!(&*group.id),
            json!(&*group.kind),
            json!(&*group.state),
            json!(&*group.protocol_type),
        ]);
    }
    rows.print(context.format)?;
    Ok(())
}
