//! The table, as it is written.

/// A row: what is offered, and what is known; times in seconds.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) system: String,
    /// Arrivals a second.
    pub(crate) lam: f64,
    /// Services a second by one worker.
    pub(crate) mu: f64,
    pub(crate) c: u32,
    /// Squared coefficient of variation of the service time.
    pub(crate) cs2: Option<f64>,
    pub(crate) setup_mean: Option<f64>,
    /// What is known, by column.
    pub(crate) known: Vec<(&'static str, f64)>,
}

const KNOWN: [&str; 9] = ["p_wait", "p_loss", "wq_mean", "t_mean", "wq_p95", "wq_p99", "util", "busy_mean", "busy_p95"];

/// All rows.
pub(crate) fn rows() -> Vec<Row> {
    let mut lines = include_str!("reference.csv").lines();
    assert_eq!(lines.next(), Some("system,lam,mu,c,cs2,setup_mean,p_wait,p_loss,wq_mean,t_mean,wq_p95,wq_p99,util,busy_mean,busy_p95"));
    lines.map(row).collect()
}

fn row(line: &str) -> Row {
    // The only quoted cell is the first one of a line.
    let (system, rest) = match line.strip_prefix('"') {
        Some(quoted) => quoted.split_once("\",").unwrap(),
        None => line.split_once(',').unwrap(),
    };
    let cells: Vec<Option<f64>> = rest.split(',').map(|cell| cell.parse().ok()).collect();
    let known = KNOWN.iter().zip(&cells[5..]).filter_map(|(name, cell)| cell.map(|value| (*name, value))).collect();
    Row { system: system.to_owned(), lam: cells[0].unwrap(), mu: cells[1].unwrap(), c: cells[2].unwrap() as u32, cs2: cells[3], setup_mean: cells[4], known }
}
