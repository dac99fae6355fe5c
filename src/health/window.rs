//! The past of one value in a few hundred bytes: means over equal spans, which grow
//! wider as the past grows longer.

/// Most points that are kept.
const MOST_POINTS: usize = 64;
/// The first spans, in seconds: no trend is of minutes.
const FIRST_SPAN: f32 = 60.0;
/// The widest spans: with so many the window is some thirty days long. Then the
/// oldest points are let go.
const WIDEST_SPAN: f32 = 12.0 * 3600.0;

/// The mean of a value over a span.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    /// When, in seconds since the window began.
    pub at: f32,
    /// The value.
    pub value: f32,
}

/// A bounded past. Its points are between half and all of [`MOST_POINTS`] once it
/// has run for an hour.
#[derive(Debug, Clone, Default)]
pub(super) struct Window {
    points: Vec<Point>,
    span: f32,
    /// The span that is not over yet.
    open: Open,
}

#[derive(Debug, Clone, Copy, Default)]
struct Open {
    began: f64,
    count: f64,
    time: f64,
    value: f64,
}

impl Window {
    /// Takes in a value at a time in seconds, which must not fall; returns whether a
    /// span ended, so that there is a new point. What is not finite is left out.
    pub(super) fn push(&mut self, at: f64, value: f64) -> bool {
        if !value.is_finite() || !at.is_finite() {
            return false;
        }
        let span = self.span.max(FIRST_SPAN);
        self.span = span;
        let mut closed = false;
        if self.open.count > 0.0 && at - self.open.began >= f64::from(span) {
            let Open {
                count, time, value, ..
            } = self.open;
            self.points.push(Point {
                at: narrow(time / count),
                value: narrow(value / count),
            });
            self.open = Open::default();
            self.thin();
            closed = true;
        }
        if self.open.count == 0.0 {
            self.open.began = at;
        }
        self.open.count += 1.0;
        self.open.time += at;
        self.open.value += value;
        closed
    }

    /// The points, the oldest first.
    pub(super) fn points(&self) -> &[Point] {
        &self.points
    }

    fn thin(&mut self) {
        if self.points.len() < MOST_POINTS {
            return;
        }
        if self.span >= WIDEST_SPAN {
            self.points.drain(..MOST_POINTS / 2);
            return;
        }
        let pairs = self.points.chunks(2).filter_map(|pair| {
            let (first, last) = (pair.first()?, pair.last()?);
            Some(Point {
                at: f32::midpoint(first.at, last.at),
                value: f32::midpoint(first.value, last.value),
            })
        });
        self.points = pairs.collect();
        self.span *= 2.0;
    }
}

/// Seven digits are more than any monitor has.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a value out of range becomes infinite, and fits leave that out"
)]
pub(super) fn narrow(value: f64) -> f32 {
    value as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_past_grows_and_its_points_do_not() {
        let mut window = Window::default();
        let mut at = 0.0;
        for minutes in 1..200_000_u32 {
            at += 60.0;
            window.push(at, at);
            assert!(window.points().len() < MOST_POINTS);
            if minutes > 64 {
                assert!(window.points().len() >= MOST_POINTS / 2 - 1);
            }
        }
        let points = window.points();
        assert!(points.is_sorted_by(|a, b| a.at < b.at));
        // A value that is the time stays so through all thinning.
        for point in points {
            assert!((point.value / point.at - 1.0).abs() < 1e-3);
        }
        let days = (points[points.len() - 1].at - points[0].at) / 86_400.0;
        assert!((14.0..=33.0).contains(&days), "{days}");
    }

    #[test]
    fn values_within_a_span_are_one_point() {
        let mut window = Window::default();
        let closed: Vec<bool> = (0..121).map(|at| window.push(f64::from(at), 1.0)).collect();
        assert_eq!(closed.iter().filter(|closed| **closed).count(), 2);
        assert_eq!(window.points().len(), 2);
        assert!(!window.push(f64::NAN, 1.0) && !window.push(500.0, f64::INFINITY));
    }
}
