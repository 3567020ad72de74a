//! A table of figures beside others, printed row by row as they come and written as a page.

use anyhow::Result;

use crate::page::Page;

/// What is named, what was measured, and what it is held against.
pub struct Table {
    page: Page,
    text: String,
}

impl Table {
    pub fn begin(page: Page, opening: &str, columns: [&str; 3]) -> Self {
        let head = format!("{}|---|---|---|\n", row(columns));
        print(&head);
        Self {
            page,
            text: format!("{opening}\n{head}"),
        }
    }

    /// One figure; whoever interrupts the run keeps what it has shown.
    pub fn add(&mut self, figure: &str, value: &str, beside: &str) -> Result<()> {
        let row = row([figure, value, beside]);
        print(&row);
        self.text.push_str(&row);
        self.page.write(&self.text)
    }
}

fn row(cells: [&str; 3]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

#[expect(clippy::print_stdout, reason = "the table is what benchmarks are for")]
fn print(lines: &str) {
    print!("{lines}");
}
