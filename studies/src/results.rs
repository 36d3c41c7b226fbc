//! The files that a complete sweep leaves for people: tables, each written whole or not at all.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use crate::overview;
use crate::store::Store;
use crate::sweep::manifest::Manifest;
use crate::table;

/// Where files are written before they get their names.
const STAGING: &str = ".partial";

/// Writes the tables of a complete sweep to a folder: `results.csv`, `estimates.csv`, and `results.parquet` if built with that. Returns the names of
/// the figures.
pub fn write(store: &dyn Store, manifest: &Manifest, folder: &Path) -> io::Result<BTreeSet<String>> {
    let names = table::figure_names(store, manifest)?;
    let shown = overview::shown(manifest, &names);
    whole(folder, "results.csv", |out| table::results(store, manifest, &names, out))?;
    whole(folder, "estimates.csv", |out| table::estimates(store, manifest, &shown, out))?;
    #[cfg(feature = "parquet")]
    whole(folder, "results.parquet", |out| crate::parquet::write(store, manifest, &names, out))?;
    Ok(names)
}

/// Writes a file under another name first, so that an interruption leaves no half of it.
pub fn whole(folder: &Path, name: &str, write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> io::Result<PathBuf> {
    let staging = folder.join(STAGING);
    fs::create_dir_all(&staging)?;
    let staged = staging.join(format!("{}-{name}", std::process::id()));
    let mut out = BufWriter::new(File::create(&staged)?);
    write(&mut out)?;
    out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    let target = folder.join(name);
    fs::rename(&staged, &target)?;
    Ok(target)
}
