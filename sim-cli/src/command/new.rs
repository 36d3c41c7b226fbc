//! `overspill new`: start a scenario from a template.

use std::fs;
use std::io::Write;

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
        output::print(template.text)?;
        return Ok(Outcome::Done);
    };
    let path = if path.is_dir() { path.join(format!("{name}.yaml")) } else { path.clone() };
    if path.exists() {
        bail!("{} exists already; it was left as it is", path.display());
    }
    let mut file = fs::File::create_new(&path).with_context(|| format!("cannot create {}", path.display()))?;
    file.write_all(template.text.as_bytes()).with_context(|| format!("cannot write {}", path.display()))?;
    output::print(&format!("{}\n", path.display()))?;
    Ok(Outcome::Done)
}
