//! `overspill new`: start a scenario from a template.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use sim_scenarios::{suggest, templates};

use crate::args::NewArgs;
use crate::exit::Outcome;
use crate::output;

/// Runs the command.
pub(crate) fn run(args: &NewArgs) -> anyhow::Result<Outcome> {
    let Some(name) = &args.template else {
        let lines = templates::TEMPLATES.iter().map(|template| format!("{:<22} {}\n", template.name, template.question()));
        output::print(&lines.collect::<String>())?;
        return Ok(Outcome::Done);
    };
    let Some(template) = templates::find(name) else {
        let help = suggest::nearest(name, templates::TEMPLATES.iter().map(|template| template.name))
            .map_or_else(String::new, |nearest| format!("; did you mean `{nearest}`?"));
        eprintln!("error: there is no template `{name}`{help}\n`overspill new` lists them");
        return Ok(Outcome::WrongInput);
    };
    let Some(path) = &args.out else {
        if !template.files.is_empty() {
            let names: Vec<&str> = template.files.iter().map(|file| file.0).collect();
            eprintln!("note: this scenario reads {}; `--out` writes that too", names.join(" and "));
        }
        output::print(template.text)?;
        return Ok(Outcome::Done);
    };
    let path = if path.is_dir() { path.join(format!("{name}.yaml")) } else { path.clone() };
    let folder = path.parent().unwrap_or(Path::new(""));
    let further = template.files.iter().map(|(name, text)| (folder.join(name), *text));
    let files: Vec<(PathBuf, &str)> = std::iter::once((path.clone(), template.text)).chain(further).collect();
    if let Some((taken, _)) = files.iter().find(|(path, _)| path.exists()) {
        bail!("{} exists already; nothing was written", taken.display());
    }
    for (path, text) in &files {
        let parent = path.parent().unwrap_or(Path::new(""));
        fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
        let mut file = fs::File::create_new(path).with_context(|| format!("cannot create {}", path.display()))?;
        file.write_all(text.as_bytes()).with_context(|| format!("cannot write {}", path.display()))?;
        output::print(&format!("{}\n", path.display()))?;
    }
    Ok(Outcome::Done)
}
