//! Sounds for tests, made in memory.

/// A 16-bit PCM WAV file (RIFF, "Multimedia Programming Interface and Data Specifications 1.0") of interleaved samples
/// between -1 and 1.
pub fn wav(rate: u32, channels: u16, samples: &[f32]) -> Vec<u8> {
    let bytes = samples.len() as u32 * 2;
    let mut file = b"RIFF".to_vec();
    file.extend((36 + bytes).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0");
    file.extend(channels.to_le_bytes());
    file.extend(rate.to_le_bytes());
    file.extend((rate * u32::from(channels) * 2).to_le_bytes());
    file.extend((channels * 2).to_le_bytes());
    file.extend([16, 0]);
    file.extend(b"data");
    file.extend(bytes.to_le_bytes());
    file.extend(samples.iter().flat_map(|sample| ((sample * 32767.0).round() as i16).to_le_bytes()));
    file
}

/// A tone of `hz` with its greatest value at `peak`.
pub fn sine(rate: u32, hz: f32, peak: f32, seconds: f32) -> Vec<f32> {
    let step = std::f64::consts::TAU * f64::from(hz) / f64::from(rate);
    (0..(seconds * rate as f32) as usize).map(|at| ((at as f64 * step).sin() * f64::from(peak)) as f32).collect()
}
