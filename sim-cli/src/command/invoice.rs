//! `overspill invoice`: the bill of a record, under its own prices or under others.

use std::io::IsTerminal;

use anyhow::Context;
use sim_core::billing::{Hours, Invoice, summarize};
use sim_reports::invoice::{self, By};
use sim_reports::terminal;

use super::prices;
use crate::args::{Cut, Global, InvoiceArgs};
use crate::exit::Outcome;
use crate::output;

/// Runs the command.
pub(crate) fn run(args: &InvoiceArgs, global: &Global) -> anyhow::Result<Outcome> {
    let Some(stored) = output::open(&args.dir) else { return Ok(Outcome::WrongInput) };
    let record = stored.record;
    if record.ledger.entries.is_empty() && record.basis.tiers.is_empty() {
        return Ok(output::wrong("this record has no ledger: it was written by an older version; run the scenario again"));
    }
    let mut basis = record.basis;
    if let Some(name) = &args.prices {
        let Some(book) = prices::find(name) else { return Ok(Outcome::WrongInput) };
        basis.tariff = book.replace(&basis.tariff);
    }
    let by = args.by.map(Cut::into);
    let with_hours = by == Some(By::Hour);
    let hours = if with_hours { Hours::Apart } else { Hours::Together };
    let billed = Invoice::of(&record.ledger, &basis, hours).and_then(|invoice| Ok((summarize(&record.ledger, &basis, &invoice)?, invoice)));
    let (cost, invoice) = match billed {
        Ok(billed) => billed,
        Err(missing) => {
            for what in missing {
                eprintln!("error: {what}");
            }
            eprintln!("  = help: extend the book with `extends:` and add what is missing");
            return Ok(Outcome::WrongInput);
        }
    };
    let text = if args.csv {
        invoice::csv(&invoice, &basis, with_hours)?
    } else if args.focus {
        invoice::focus(&invoice, &basis, with_hours)?
    } else if args.json {
        let mut json = serde_json::to_value(&cost).context("the bill cannot be written as JSON")?;
        if let Some(by) = by {
            let rows = invoice::cut(&invoice, &basis, by);
            json["cut"] = rows.into_iter().map(|(name, amount)| serde_json::json!({ by.name(): name, "amount": amount })).collect();
        }
        serde_json::to_string_pretty(&json)? + "\n"
    } else {
        let rows = by.map(|by| (by.name(), invoice::cut(&invoice, &basis, by)));
        let color = global.colors(std::io::stdout().is_terminal());
        terminal::invoice(&cost, rows.as_ref().map(|(by, rows)| (*by, rows.as_slice())), output::width(), color)
    };
    output::print(&text)?;
    Ok(Outcome::Done)
}
