//! `overspill prices`: the price books.

use std::fmt::Write as _;

use sim_scenarios::issue::Issues;
use sim_scenarios::prices::{self, PriceBook, Status};
use sim_scenarios::render;
use sim_scenarios::source::Sources;

use crate::args::{PricesArgs, PricesCommand};
use crate::exit::Outcome;
use crate::output;

/// Runs the command.
pub(crate) fn run(args: &PricesArgs) -> anyhow::Result<Outcome> {
    match &args.command {
        PricesCommand::List => list(),
        PricesCommand::Show { book, yaml } => show(book, *yaml),
        PricesCommand::Check { books } => check(books),
    }
}

/// The book of a name or file; its problems go to standard error.
pub(crate) fn find(name: &str) -> Option<PriceBook> {
    let (mut sources, mut issues) = (Sources::new().allow_outside(), Issues::default());
    let book = prices::find(&mut sources, name, &mut issues);
    if !issues.is_empty() {
        eprint!("{}", render::text(&issues, &sources, false));
    }
    book.filter(|_| !issues.has_errors())
}

fn list() -> anyhow::Result<Outcome> {
    let mut text = String::new();
    for name in prices::names() {
        let Some(book) = find(name) else { return Ok(Outcome::WrongInput) };
        let mark = if name == prices::DEFAULT { " (default)" } else { "" };
        let _ = writeln!(text, "{name:<26} {}  {}  {}{mark}", book.currency, book.date, book.description);
    }
    output::print(&text)?;
    Ok(Outcome::Done)
}

fn show(name: &str, yaml: bool) -> anyhow::Result<Outcome> {
    if let Some(text) = prices::text(name).filter(|_| yaml) {
        output::print(text)?;
        return Ok(Outcome::Done);
    }
    let Some(book) = find(name) else { return Ok(Outcome::WrongInput) };
    output::print(&page(&book))?;
    Ok(Outcome::Done)
}

fn page(book: &PriceBook) -> String {
    let mark = |status: Status| match status {
        Status::Sourced => "sourced",
        Status::Derived => "derived",
        Status::Assumption => "ASSUMPTION",
    };
    let mut text = format!("{}: {}\n{} {}, {}\n", book.name, book.description, book.currency, book.region, book.date);
    let mut row = |name: &str, what: &str, status: Status, source: &str| {
        let source = book.sources.get(source).map_or(source, String::as_str);
        let _ = writeln!(text, "  {name:<28} {what:<34} {:<11} {source}", mark(status));
    };
    for (name, machine) in &book.machines.0 {
        row(name, &format!("{} vCPU {}  {}", machine.cpu.0, machine.memory.0, machine.price.0.unit_price()), machine.status, &machine.source);
    }
    if let Some(subscription) = &book.subscription {
        row("subscription", &format!("{} of {} hours", subscription.pay_hours, subscription.month_hours), subscription.status, &subscription.source);
        for (name, share) in [("  a year", &subscription.year), ("  three years", &subscription.three_years)] {
            if let Some(share) = share {
                row(name, &format!("{} of the months", share.share.0), share.status, &share.source);
            }
        }
    }
    if let Some(owned) = &book.owned {
        row("owned", &format!("vCPU {}, GiB {}", owned.vcpu.0.unit_price(), owned.gib.0.unit_price()), owned.status, &owned.source);
    }
    for (name, instances) in &book.instances.0 {
        match &instances.price {
            Some(price) => row(name, &format!("vCPU {}, GiB {}", price.vcpu.0.unit_price(), price.gib.0.unit_price()), price.status, &price.source),
            None => row(name, "prices have to be given", Status::Assumption, ""),
        }
        for (category, price) in &instances.categories.0 {
            row(&format!("{name} {category}"), &format!("vCPU {}, GiB {}", price.vcpu.0.unit_price(), price.gib.0.unit_price()), price.status, &price.source);
        }
        if let Some(spot) = &instances.spot {
            row(&format!("{name} spot"), &format!("{} of the price", spot.share.0), spot.status, &spot.source);
        }
    }
    for (name, item) in &book.items.0 {
        row(name, &item.price.0.to_string(), item.status, &item.source);
    }
    for (name, savings) in &book.savings.0 {
        row(&format!("savings plan {name}"), &format!("{} of the price", savings.pay_ratio.0), savings.status, &savings.source);
    }
    for (name, rate) in &book.rates.0 {
        row(name, &format!("{} {}", rate.value.0, book.currency), rate.status, &rate.source);
    }
    text
}

fn check(books: &[String]) -> anyhow::Result<Outcome> {
    let mut all_good = true;
    for name in books {
        match find(name) {
            Some(book) => {
                let (machines, providers, items) = (book.machines.0.len(), book.instances.0.len(), book.items.0.len());
                output::print(&format!("{name}: ok, {machines} machine types, {providers} providers, {items} items ({})\n", book.currency))?;
            }
            None => all_good = false,
        }
    }
    Ok(if all_good { Outcome::Done } else { Outcome::WrongInput })
}
