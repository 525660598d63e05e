//! Images for tests, made in memory.

use std::io::Cursor;

use image::RgbaImage;

/// Red, green, blue, alpha.
pub type Rgba = [u8; 4];

pub const RED: Rgba = [255, 0, 0, 255];
pub const BLUE: Rgba = [0, 0, 255, 255];

/// True if no channel differs by more than `slack`.
pub fn close(a: Rgba, b: Rgba, slack: u8) -> bool {
    a.iter().zip(b).all(|(&a, b)| a.abs_diff(b) <= slack)
}

/// An opaque image in which the pixels differ.
pub fn gradient(width: u32, height: u32) -> RgbaImage {
    RgbaImage::from_fn(width, height, |x, y| {
        image::Rgba([(x * 255 / width.max(1)) as u8, (y * 255 / height.max(1)) as u8, 90, 255])
    })
}

/// Red on the left, blue on the right.
pub fn halves(width: u32, height: u32) -> RgbaImage {
    RgbaImage::from_fn(width, height, |x, _| image::Rgba(if x < width / 2 { RED } else { BLUE }))
}

/// The image as a file of that format.
pub fn encode(image: &RgbaImage, format: &str) -> Vec<u8> {
    let format = image::ImageFormat::from_extension(format).unwrap();
    let mut bytes = Cursor::new(Vec::new());
    let image = image::DynamicImage::ImageRgba8(image.clone());
    let written = if format == image::ImageFormat::Jpeg {
        let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 95);
        image.to_rgb8().write_with_encoder(encoder)
    } else {
        image.write_to(&mut bytes, format)
    };
    written.unwrap();
    bytes.into_inner()
}

/// A JPEG with an EXIF segment that holds the orientation alone.
pub fn jpeg_with_orientation(image: &RgbaImage, tag: u8) -> Vec<u8> {
    let jpeg = encode(image, "jpeg");
    let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend_from_slice(&[tag, 0, 0, 0, 0, 0, 0]);
    let mut bytes = vec![0xff, 0xd8, 0xff, 0xe1];
    bytes.extend_from_slice(&(exif.len() as u16 + 2).to_be_bytes());
    bytes.extend_from_slice(&exif);
    bytes.extend_from_slice(&jpeg[2..]);
    bytes
}

/// A PNG of a few bytes that declares an RGB image of this size.
pub fn png_declaring(width: u32, height: u32) -> Vec<u8> {
    let chunk = |name: &[u8; 4], body: &[u8]| {
        let named = [name.as_slice(), body].concat();
        [&(body.len() as u32).to_be_bytes(), named.as_slice(), &crc32(&named).to_be_bytes()].concat()
    };
    let header = [width.to_be_bytes().as_slice(), &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    let data = [0x78, 0x9c, 0x63, 0x60, 0x60, 0x60, 0x00, 0x00, 0x00, 0x04, 0x00, 0x01];
    [b"\x89PNG\r\n\x1a\n".as_slice(), &chunk(b"IHDR", &header), &chunk(b"IDAT", &data), &chunk(b"IEND", &[])].concat()
}

/// A BMP header of a 24-bit image of this size.
pub fn bmp_declaring(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0".to_vec();
    bytes.extend_from_slice(&width.to_le_bytes());
    bytes.extend_from_slice(&height.to_le_bytes());
    bytes.extend_from_slice(&[1, 0, 24, 0]);
    bytes.extend_from_slice(&[0; 24]);
    bytes.extend_from_slice(&[0; 64]);
    bytes
}

/// A GIF screen of this size with one pixel in it.
pub fn gif_declaring(width: u16, height: u16) -> Vec<u8> {
    let mut bytes = b"GIF89a".to_vec();
    bytes.extend_from_slice(&width.to_le_bytes());
    bytes.extend_from_slice(&height.to_le_bytes());
    bytes.extend_from_slice(b"\x80\0\0\0\0\0\xff\xff\xff");
    bytes.extend_from_slice(b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0\x3b");
    bytes
}

/// A QOI header of an RGB image of this size.
pub fn qoi_declaring(width: u32, height: u32) -> Vec<u8> {
    [b"qoif".as_slice(), &width.to_be_bytes(), &height.to_be_bytes(), &[3, 0], &[0; 16]].concat()
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| if crc & 1 == 1 { 0xEDB8_8320 ^ (crc >> 1) } else { crc >> 1 })
    })
}
