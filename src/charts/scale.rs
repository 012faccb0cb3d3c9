//! Round numbers along an axis.

/// From at or below `low` to at or above `high`, by the smallest step of 1, 2 or 5 times a power of ten (times
/// `least`) that gives at most `most` steps. With `low <= 0 <= high` zero is among them.
pub(crate) fn ticks(low: i128, high: i128, least: i128, most: i128) -> Vec<i128> {
    let high = if low == high { low + least } else { high };
    let mut decade = least;
    loop {
        for step in [decade, 2 * decade, 5 * decade] {
            let first = low.div_euclid(step);
            let last = -(-high).div_euclid(step);
            if last - first <= most {
                return (first..=last).map(|it| it * step).collect();
            }
        }
        decade *= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(low: i128, high: i128, least: i128, expected: &[i128]) {
        assert_eq!(ticks(low, high, least, 4), expected, "{low} to {high}");
    }

    #[test]
    fn steps_are_round_and_hold_everything_from_zero() {
        check(0, 0, 100, &[0, 100]);
        check(0, 3, 1, &[0, 1, 2, 3]);
        check(0, 4_376, 1, &[0, 2_000, 4_000, 6_000]);
        check(0, 90_000_000, 100, &[0, 50_000_000, 100_000_000]);
        check(-150, 390, 100, &[-200, 0, 200, 400]);
        check(-5, 0, 1, &[-6, -4, -2, 0]);
    }

    #[test]
    fn the_largest_sum_of_sixty_four_bit_amounts_has_an_axis() {
        let largest = i128::from(i64::MAX) * 1_000_000_000;
        let levels = ticks(0, largest, 100, 4);
        assert!(levels.last().is_some_and(|it| *it >= largest));
        assert!(levels.len() <= 5);
    }
}
