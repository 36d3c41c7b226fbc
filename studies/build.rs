//! The version of the model: a hash of the simulator's sources, so that stored results of another simulator are never taken for this one's.

use std::fs;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let core = Path::new("../sim-core/src");
    println!("cargo::rerun-if-changed={}", core.display());
    let mut files = Vec::new();
    collect(core, &mut files)?;
    files.sort();
    let mut hash = FNV_OFFSET;
    for file in files {
        let name = file.strip_prefix(core)?.to_string_lossy().replace('\\', "/");
        // Line ends differ between checkouts, results do not.
        let text = fs::read_to_string(&file)?.replace("\r\n", "\n");
        hash = name.bytes().chain([0]).chain(text.bytes()).chain([0]).fold(hash, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME));
    }
    println!("cargo::rustc-env=OVERSPILL_MODEL={hash:016x}");
    Ok(())
}

/// Fowler, Noll and Vo's hash, version 1a, of 64 bits: enough to tell one checkout from another.
const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}
