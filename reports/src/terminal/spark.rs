//! Sparklines: a series in one line of block characters.

/// Eighths of a character cell.
const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Draws `values`, evenly spaced in time, in `cells` characters scaled to their maximum.
///
/// A character shows the largest of its values, so a short peak is never averaged away. Nothing is drawn where there is no value, and a
/// dot where the value is zero: no pod is not the same as few pods.
pub(super) fn line(values: &[Option<f64>], cells: usize) -> String {
    let top = values.iter().flatten().copied().fold(0.0, f64::max);
    let cells = cells.min(values.len());
    (0..cells)
        .map(|cell| {
            let bin = &values[cell * values.len() / cells..(cell + 1) * values.len() / cells];
            match bin.iter().flatten().copied().reduce(f64::max) {
                None => ' ',
                Some(value) if value <= 0.0 => '·',
                Some(value) => BLOCKS[((value / top * 8.0).ceil() as usize).clamp(1, 8) - 1],
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn peaks_survive_and_gaps_show() {
        let mut values = vec![Some(1.0); 100];
        values[57] = Some(8.0);
        values[90..].fill(None);
        values[..10].fill(Some(0.0));
        assert_eq!(line(&values, 10), "·▁▁▁▁█▁▁▁ ");
        assert_eq!(line(&values[..3], 10), "···");
        assert_eq!(line(&[], 10), "");
    }
}
