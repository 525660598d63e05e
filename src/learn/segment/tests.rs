use super::cut::*;
use super::grow::*;
use super::outline::*;
use super::*;

/// Pseudo-random bytes that are the same in every run (a 64-bit linear congruential generator).
fn noise(seed: u64) -> impl FnMut(f64) -> f64 {
    let mut state = seed;
    move |amplitude| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        ((state >> 33) as f64 / f64::from(1u32 << 31) * 2.0 - 1.0) * amplitude
    }
}

fn paint(width: usize, height: usize, amplitude: f64, colour: impl Fn(f64, f64) -> [f64; 3]) -> Vec<u8> {
    let mut random = noise(7);
    let mut rgb = Vec::new();
    for i in 0..width * height {
        let pixel = colour((i % width) as f64 + 0.5, (i / width) as f64 + 0.5);
        rgb.extend(pixel.map(|value| (value + random(amplitude)).clamp(0.0, 255.0) as u8));
    }
    rgb
}

fn overlap(region: &Region, width: usize, height: usize, truth: impl Fn(f64, f64) -> bool) -> f64 {
    let (mut both, mut either) = (0, 0);
    for (x, y) in (0..width * height).map(|i| (i % width, i / width)) {
        let (is, should) = (region.contains(x, y), truth(x as f64 + 0.5, y as f64 + 0.5));
        both += usize::from(is && should);
        either += usize::from(is || should);
    }
    both as f64 / either as f64
}

fn region(rows: &[&str]) -> Region {
    let mask = rows.iter().flat_map(|row| row.bytes().map(|cell| cell == b'#')).collect();
    Region { mask, bounds: Bounds { x: 3, y: 2, width: rows[0].len(), height: rows.len() } }
}

const GREY: [f64; 3] = [120.0; 3];
const RED: [f64; 3] = [190.0, 60.0, 60.0];
const BLUE: [f64; 3] = [50.0, 70.0, 160.0];

fn square(x: f64, y: f64) -> bool {
    (30.0..80.0).contains(&x) && (20.0..70.0).contains(&y)
}

#[test]
fn colours_are_those_of_the_standard() {
    // CIELAB under D65 of well-known colours, rounded to a tenth.
    for (rgb, lab) in [
        ([0, 0, 0], [0.0, 0.0, 0.0]),
        ([255, 255, 255], [100.0, 0.0, 0.0]),
        ([255, 0, 0], [53.2, 80.1, 67.2]),
        ([0, 255, 0], [87.7, -86.2, 83.2]),
        ([0, 0, 255], [32.3, 79.2, -107.9]),
        ([119, 119, 119], [50.0, 0.0, 0.0]),
    ] {
        let found = TABLES.lab(rgb[0], rgb[1], rgb[2]).map(|value| f64::from(value) / f64::from(UNIT));
        for (found, expected) in found.iter().zip(lab) {
            assert!((found - expected).abs() < 0.4, "{rgb:?}: {found} instead of {expected}");
        }
    }
}

#[test]
fn a_click_finds_what_has_its_colour() {
    type Shape = fn(f64, f64) -> bool;
    type Paint = fn(f64, f64) -> [f64; 3];
    let cases: [(&str, Paint, f64, Shape, f64); 7] = [
        ("square", |x, y| if square(x, y) { RED } else { GREY }, 0.0, square, 0.99),
        ("square on noise", |x, y| if square(x, y) { RED } else { GREY }, 25.0, square, 0.95),
        ("around the square", |x, y| if square(x, y) { GREY } else { RED }, 10.0, square, 0.95),
        // 45 ΔE from side to side, three times the tolerance, in small steps.
        ("gradient is followed", |x, _| [60.0 + 0.8 * x; 3], 3.0, |_, _| true, 0.99),
        // The same gradient with a step in the middle.
        ("edge stops it", |x, _| [60.0 + 0.8 * x + if x > 70.0 { 60.0 } else { 0.0 }; 3], 3.0, |x, _| x < 70.0, 0.97),
        // A bridge two pixels wide leads to a second area.
        (
            "leak is cut",
            |x, y| if square(x, y) || x > 100.0 || (x > 50.0 && (40.0..42.0).contains(&y)) { BLUE } else { GREY },
            0.0,
            square,
            0.98,
        ),
        (
            "speck is filled",
            |x, y| if square(x, y) && (x - 60.0).hypot(y - 50.0) > 1.5 { BLUE } else { GREY },
            0.0,
            square,
            0.98,
        ),
    ];
    for (name, colour, amplitude, truth, least) in cases {
        let rgb = paint(140, 90, amplitude, colour);
        let found = select(Picture { width: 140, height: 90, rgb: &rgb }, (45, 35), 15.0);
        let overlap = overlap(&found, 140, 90, truth);
        assert!(overlap >= least, "{name}: IoU {overlap}");
        assert!(found.contains(45, 35), "{name}: without the click");
        assert_eq!(found, found.clone().tight(), "{name}: bounds");
    }
}

#[test]
fn a_large_picture_is_scaled_down_and_back() {
    let inside = |x: f64, y: f64| (700.0..1801.0).contains(&x) && (300.0..1555.0).contains(&y);
    let (width, height) = (2403, 1801);
    let rgb = paint(width, height, 25.0, |x, y| if inside(x, y) { RED } else { GREY });
    let found = select(Picture { width, height, rgb: &rgb }, (1000, 1001), 10.0);
    let overlap = overlap(&found, width, height, inside);
    assert!(overlap > 0.99, "IoU {overlap}");
    let strip = Picture { width: LARGE + 1, height: 1, rgb: &vec![9; 3 * LARGE + 3] };
    assert_eq!(select(strip, (LARGE, 0), 10.0).area(), LARGE + 1);
}

#[test]
fn a_thin_line_can_be_clicked() {
    let rgb = paint(40, 30, 0.0, |_, y| if (10.0..12.0).contains(&y) { RED } else { GREY });
    let found = select(Picture { width: 40, height: 30, rgb: &rgb }, (20, 10), 15.0);
    assert_eq!((found.bounds.width, found.area()), (40, 40 * found.bounds.height));
}

#[test]
fn what_is_no_picture_gives_nothing() {
    let rgb = vec![0; 12];
    for (width, height, seed, tolerance, area) in [
        (2, 2, (0, 0), 10.0, 4),
        (2, 2, (0, 0), f32::NAN, 4),
        (2, 2, (1, 1), f32::INFINITY, 4),
        (4, 1, (3, 0), -1.0, 4),
        (1, 4, (0, 3), 0.0, 4),
        (2, 2, (2, 0), 10.0, 0),
        (2, 3, (0, 0), 10.0, 0),
        (0, 0, (0, 0), 10.0, 0),
        (usize::MAX, 2, (0, 0), 10.0, 0),
    ] {
        let picture = Picture { width, height, rgb: &rgb };
        assert_eq!(select(picture, seed, tolerance).area(), area, "{width} x {height} at {seed:?}");
        let all = Bounds { x: seed.0, y: seed.1, width: usize::MAX, height: usize::MAX };
        assert!(grab(picture, all, 2).area() <= area, "{width} x {height} at {seed:?}");
    }
}

#[test]
fn outlines_follow_the_edges_of_pixels() {
    // Rows, epsilon, corners of the outline and of each hole, by part.
    type Case<'a> = (&'a [&'a str], f64, &'a [(usize, &'a [usize])]);
    let cases: [Case; 10] = [
        (&["#"], 0.0, &[(4, &[])]),
        (&["#"], 5.0, &[(4, &[])]),
        (&["####", "####", "####"], 0.0, &[(4, &[])]),
        (&["####", "####", "####"], 1.0, &[(4, &[])]),
        (&["###", "#.#", "###"], 0.0, &[(4, &[4])]),
        (&["#.##", "..##"], 0.0, &[(4, &[]), (4, &[])]),
        // Pixels that touch at a corner are apart.
        (&["#.", ".#"], 0.0, &[(4, &[]), (4, &[])]),
        // Two holes that touch at a corner are one, since only the four neighbours hold the region together.
        (&["####", "#.##", "##.#", "####"], 0.0, &[(4, &[8])]),
        (&["#...", "##..", "###.", "####"], 0.0, &[(10, &[])]),
        (
            &["#.......", "##......", "###.....", "####....", "#####...", "######..", "#######.", "########"],
            1.0,
            &[(3, &[])],
        ),
    ];
    for (rows, epsilon, expected) in cases {
        let parts = outline(&region(rows), epsilon);
        let corners: Vec<(usize, Vec<usize>)> =
            parts.iter().map(|part| (part.outline.len(), part.holes.iter().map(Vec::len).collect())).collect();
        let expected: Vec<(usize, Vec<usize>)> = expected.iter().map(|(o, h)| (*o, h.to_vec())).collect();
        assert_eq!(corners, expected, "{rows:?} at {epsilon}");
    }
}

#[test]
fn a_rectangle_is_its_four_corners() {
    for epsilon in [0.0, 0.5, 1.0, 2.0] {
        let parts = outline(&region(&["......", ".####.", ".####.", "......"]), epsilon);
        let mut corners = parts[0].outline.clone();
        corners.sort_by(|a, b| a.partial_cmp(b).unwrap());
        assert_eq!(corners, [(4.0, 3.0), (4.0, 5.0), (8.0, 3.0), (8.0, 5.0)], "{epsilon}");
    }
}

#[test]
fn area_of_the_outline_is_the_count_of_pixels() {
    for (seed, density) in [(1, 0.2), (2, 0.5), (3, 0.7), (4, 0.9), (5, 1.0)] {
        let mut random = noise(seed);
        let mask: Vec<bool> = (0..61 * 47).map(|_| random(0.5) + 0.5 < density).collect();
        let region = Region { mask, bounds: Bounds { x: 5, y: 0, width: 61, height: 47 } };
        let areas = |part: &Part| part.holes.iter().chain([&part.outline]).map(|ring| signed_area(ring)).sum::<f64>();
        let exact: Vec<f64> = outline(&region, 0.0).iter().map(areas).collect();
        assert_eq!(exact.iter().sum::<f64>(), region.area() as f64, "density {density}");
        assert!(exact.is_sorted_by(|a, b| a >= b), "largest first");
        let sizes = parts_of(&region, true).sizes;
        assert_eq!(exact.len(), sizes.len());
    }
}

#[test]
fn no_corner_is_farther_than_epsilon_from_the_simplified_ring() {
    let disc = |x: f64, y: f64| (x - 50.0).hypot(y - 50.0) < 40.0;
    let mask = (0..100 * 100).map(|i| disc((i % 100) as f64 + 0.5, (i / 100) as f64 + 0.5)).collect();
    let region = Region { mask, bounds: Bounds { x: 0, y: 0, width: 100, height: 100 } };
    let exact = &outline(&region, 0.0)[0].outline;
    for epsilon in [0.5, 1.0, 2.0, 4.0] {
        let simple = &outline(&region, epsilon)[0].outline;
        assert!(simple.len() < exact.len());
        for &corner in exact {
            let sides = simple.iter().zip(simple.iter().cycle().skip(1));
            let distance = sides.map(|(&a, &b)| distance_to_segment(corner, (a, b))).fold(f64::MAX, f64::min);
            assert!(distance <= epsilon, "{corner:?} is {distance} away at {epsilon}");
        }
    }
}

#[test]
fn a_box_finds_its_object() {
    type Shape = fn(f64, f64) -> bool;
    let cases: [(&str, Shape, Bounds); 4] = [
        ("disc", |x, y| (x - 150.0).hypot(y - 100.0) < 60.0, Bounds { x: 85, y: 35, width: 130, height: 130 }),
        (
            "square",
            |x, y| (100.0..200.0).contains(&x) && (50.0..150.0).contains(&y),
            Bounds { x: 98, y: 48, width: 104, height: 104 },
        ),
        (
            "ring",
            |x, y| (25.0..60.0).contains(&(x - 150.0).hypot(y - 100.0)),
            Bounds { x: 88, y: 38, width: 124, height: 124 },
        ),
        (
            "whole picture",
            |x, y| ((x - 150.0) / 110.0).hypot((y - 100.0) / 80.0) < 1.0,
            Bounds { x: 0, y: 0, width: 300, height: 200 },
        ),
    ];
    for (name, object, bounds) in cases {
        // Both sides have two colours in stripes, so that no single threshold tells them apart.
        let striped = |x: f64, y: f64| match (object(x, y), ((x + y) / 12.0) as i32 % 2 == 0) {
            (true, true) => RED,
            (true, false) => [200.0, 180.0, 40.0],
            (false, true) => GREY,
            (false, false) => BLUE,
        };
        let rgb = paint(300, 200, 20.0, striped);
        let found = grab(Picture { width: 300, height: 200, rgb: &rgb }, bounds, 3);
        let overlap = overlap(&found, 300, 200, object);
        assert!(overlap > 0.9, "{name}: IoU {overlap}");
    }
}

#[test]
fn the_cut_is_the_cheapest() {
    // Against all 2^9 ways to divide a grid of 3 x 3.
    for seed in 0..40 {
        let mut random = noise(seed);
        let pulls: Vec<i32> = (0..9).map(|_| random(10.0) as i32).collect();
        let mut cut = Cut::new(3, 3);
        (0..9).for_each(|cell| cut.pull(cell, pulls[cell] as f32));
        let mut links = Vec::new();
        cut.each_link(|cut, a, b, direction| {
            let strength = random(3.0).abs() as i32;
            cut.link(a, direction, strength as f32);
            links.push((a, b, strength));
        });
        let cost = |front: &dyn Fn(usize) -> bool| {
            let pulled = (0..9).filter(|&i| front(i) != (pulls[i] > 0)).map(|i| pulls[i].abs()).sum::<i32>();
            pulled + links.iter().filter(|(a, b, _)| front(*a) != front(*b)).map(|link| link.2).sum::<i32>()
        };
        let least = (0..512).map(|bits: usize| cost(&|i| bits >> i & 1 == 1)).min();
        let found = cut.solve();
        assert_eq!(Some(cost(&|i| found[i])), least, "seed {seed}");
    }
}
