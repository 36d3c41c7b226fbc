//! The books that come with the program, and books in files.

use std::path::Path as FilePath;

use super::book::{PriceBook, SizedPrice};
use crate::check::code;
use crate::decode;
use crate::issue::{Issues, Path};
use crate::source::{SourceId, Sources};
use crate::spec::Rung;
use crate::suggest;
use crate::tree;
use crate::wording::{either, quote};

/// The book of a scenario that names none.
pub const DEFAULT: &str = "aliyun-cn-hangzhou";

/// Longest chain of books that extend each other.
const MAX_EXTENDS: usize = 8;

macro_rules! books {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../prices/", $name, ".yaml")))),*]
    };
}

const BOOKS: [(&str, &str); 14] = books![
    "aliyun-cn-hangzhou",
    "aliyun-cn-beijing",
    "aliyun-cn-shanghai",
    "aliyun-cn-zhangjiakou",
    "aliyun-cn-hongkong",
    "aliyun-ap-southeast-1",
    "aliyun-us-west-1",
    "aliyun-eu-central-1",
    "aws-fargate-us-east-1",
    "azure-aci-eastus",
    "azure-aci-swedencentral",
    "gke-autopilot-us-central1",
    "huawei-cci",
    "tencent-super-node",
];

/// Names of the books that come with the program.
pub fn names() -> impl Iterator<Item = &'static str> {
    BOOKS.iter().map(|(name, _)| *name)
}

/// The text of a book that comes with the program.
pub fn text(name: &str) -> Option<&'static str> {
    BOOKS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// The book of this name, or in the file of this name relative to the source that names it; problems are reported at `path`.
pub fn load(sources: &mut Sources, from: SourceId, name: &str, path: &Path, issues: &mut Issues) -> Option<PriceBook> {
    resolve(sources, from, name, path, issues, 0)
}

/// The book that a user named on the command line: that of this name, or in the file of this name.
pub fn find(sources: &mut Sources, name: &str, issues: &mut Issues) -> Option<PriceBook> {
    if FilePath::new(name).is_file() {
        return open(sources, FilePath::new(name), issues);
    }
    let from = sources.add("--prices", name);
    resolve(sources, from, name, &Path::root(), issues, 0)
}

/// The book in the file that a user named.
pub fn open(sources: &mut Sources, file: &FilePath, issues: &mut Issues) -> Option<PriceBook> {
    match sources.open(file) {
        Ok(id) => read(sources, id, issues, 0),
        Err(problem) => {
            problem.report(issues, Path::root());
            None
        }
    }
}

fn resolve(sources: &mut Sources, from: SourceId, name: &str, path: &Path, issues: &mut Issues, depth: usize) -> Option<PriceBook> {
    if let Some(text) = text(name) {
        let id = sources.add(format!("prices/{name}.yaml"), text);
        return read(sources, id, issues, depth);
    }
    let is_file = name.contains(['/', '\\']) || FilePath::new(name).extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
    if !is_file {
        let help = match suggest::nearest(name, names()) {
            Some(known) => format!("did you mean {}?", quote(known)),
            None => format!("there are {}; the path of one's own book ends in `.yaml`", either(names())),
        };
        issues.error(code::UNKNOWN_NAME, path, format!("there is no price book {}", quote(name))).with_help(help);
        return None;
    }
    match sources.open_from(from, name) {
        Ok(id) => read(sources, id, issues, depth),
        Err(problem) => {
            problem.report(issues, path);
            None
        }
    }
}

/// Reads a book and what it extends. Its own problems are located in it.
fn read(sources: &mut Sources, id: SourceId, issues: &mut Issues, depth: usize) -> Option<PriceBook> {
    let mut own = Issues::default();
    let root = tree::parse(sources, id, &mut own);
    let mut book: Option<PriceBook> = root.as_ref().and_then(|root| decode::decode(root, &mut own));
    let extends = book.as_ref().map(|book| book.extends.0.clone()).unwrap_or_default();
    for extends in extends {
        let path = Path::root().key("extends");
        if depth == MAX_EXTENDS {
            own.error(code::TOO_LARGE, &path, format!("price books extend each other in a circle, or more than {MAX_EXTENDS} deep"));
            book = None;
        } else {
            let mut base_issues = Issues::default();
            let base = resolve(sources, id, &extends, &path, &mut base_issues, depth + 1);
            own.append(base_issues);
            book = book.zip(base).map(|(book, base)| book.inherit(base));
        }
        // One problem is enough: a circle of lists would be gone through over and over.
        if book.is_none() {
            break;
        }
    }
    if let Some(book) = &book {
        check(book, &mut own);
    }
    if let Some(root) = &root {
        own.locate(root);
    }
    let is_broken = own.has_errors();
    issues.append(own);
    book.filter(|_| !is_broken)
}

fn check(book: &PriceBook, issues: &mut Issues) {
    let root = Path::root();
    if book.currency.len() != 3 || !book.currency.bytes().all(|letter| letter.is_ascii_uppercase()) {
        issues.error(code::BAD_NAME, root.key("currency"), format!("{} is not an ISO 4217 code such as `CNY`", quote(&book.currency)));
    }
    if book.subscription.as_ref().is_some_and(|subscription| subscription.month_hours == 0) {
        issues.error(code::TOO_SMALL, root.key("subscription").key("monthHours"), "a month has at least one hour");
    }
    let same_time = |price: &SizedPrice, path: Path, issues: &mut Issues| {
        if price.vcpu.0.per != price.gib.0.per {
            issues.error(code::CONFLICT, path, "the prices of a vCPU and of a GiB are for different times").with_help("give both per hour or both per second");
        }
    };
    if let Some(owned) = &book.owned {
        same_time(owned, root.key("owned"), issues);
    }
    for (name, instances) in &book.instances.0 {
        let path = root.key("instances").key(name);
        if let Some(price) = &instances.price {
            same_time(price, path.key("price"), issues);
        }
        for (category, price) in &instances.categories.0 {
            same_time(price, path.key("categories").key(category), issues);
            if instances.price.as_ref().is_some_and(|usual| usual.gib.0.per != price.gib.0.per) {
                issues.error(code::CONFLICT, path.key("categories").key(category), "this category is priced for another time than the usual one");
            }
        }
        known_currency(book, &instances.currency, &path.key("currency"), issues);
        if let Some(steps) = &instances.steps {
            steps.check(&path.key("steps"), issues);
        } else if instances.sizes.iter().all(|rung: &Rung| rung.memory.is_empty()) {
            issues.error(code::EMPTY, path.key("sizes"), "there is no instance size");
        }
    }
    for (name, item) in &book.items.0 {
        known_currency(book, &item.currency, &root.key("items").key(name).key("currency"), issues);
    }
    for (name, rate) in &book.rates.0 {
        if rate.value.0.0.is_zero() {
            issues.error(code::TOO_SMALL, root.key("rates").key(name), "a currency is worth more than nothing");
        }
    }
    for (name, savings) in &book.savings.0 {
        if savings.pay_ratio.0.0.is_zero() || savings.pay_ratio.0.0 > sim_core::units::Exact::one() {
            issues.error(code::TOO_LARGE, root.key("savings").key(name), "a plan pays more than 0 % and at most 100 % of a price");
        }
    }
    let minimum = book.machine_billing.iter().flat_map(|billing| &billing.minimum).map(|minimum| minimum.up_to.0);
    if !minimum.is_sorted() {
        issues.error(code::ORDER, root.key("machineBilling").key("minimum"), "the sizes are not in ascending order");
    }
}

fn known_currency(book: &PriceBook, currency: &str, path: &Path, issues: &mut Issues) {
    if !currency.is_empty() && currency != book.currency && book.rates.get(currency).is_none() {
        let message = format!("the rate between {} and {} is unknown", quote(currency), quote(&book.currency));
        issues
            .error(code::UNKNOWN_PRICE, path, message)
            .with_help(format!("give `rates: {{{currency}: {{value: …}}}}`, what one {currency} is worth in {}", book.currency));
    }
}

#[cfg(test)]
mod tests {
    use super::{Issues, Path, Sources, load, names, open};
    use crate::prices::PriceBook;

    fn builtin(name: &str) -> PriceBook {
        let mut sources = Sources::new();
        let from = sources.add("test", "");
        let mut issues = Issues::default();
        let book = load(&mut sources, from, name, &Path::root(), &mut issues);
        assert!(issues.is_empty(), "{}", crate::render::text(&issues, &sources, false));
        book.unwrap()
    }

    #[test]
    fn every_book_is_sound() {
        for name in names() {
            let book = builtin(name);
            assert_eq!(book.name, name);
            assert!(name.ends_with(&book.region), "{name}");
            assert!(!book.instances.0.is_empty() && !book.date.is_empty(), "{name}");
            assert_eq!(name.starts_with("aliyun-"), !book.machines.0.is_empty() && book.owned.is_some(), "{name}");
            for (machine, entry) in &book.machines.0 {
                assert!(book.sources.contains_key(&entry.source), "{name}: {machine} names no source");
            }
        }
    }

    #[test]
    fn a_book_can_extend_another() {
        let folder = std::env::temp_dir().join(format!("overspill-book-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("mine.yaml");
        std::fs::write(&file, "name: mine\ncurrency: CNY\nextends: aliyun-cn-hangzhou\nmachines:\n  own.big: {cpu: 64, memory: 256Gi, price: 3/h}\n").unwrap();
        let (mut sources, mut issues) = (Sources::new(), Issues::default());
        let book = open(&mut sources, &file, &mut issues).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(issues.is_empty());
        assert_eq!(book.region, "cn-hangzhou");
        assert_eq!(book.machines.0.len(), 13);
        assert_eq!(book.machines.get("own.big").unwrap().price.0.amount.to_string(), "3");
    }
}
