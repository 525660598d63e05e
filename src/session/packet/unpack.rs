//! A project made from a packet: its items, media and schema, ready to be labelled.

use std::io::Write as _;
use std::path::{Component, Path, PathBuf};

use super::ITEM;
use crate::engine::{Error, Result, Work, files};
use crate::project::{Change, Command, Config, Gesture, Marks, Packet, Project, Said};
use crate::session::Session;

/// The file of a packet's items inside the project.
const DATA: &str = "items.jsonl";

/// Makes a project of a packet in `folder`, with the items under their own ids, so that what is said of them finds its way
/// back. Returns how many items it holds.
///
/// # Errors
/// If the packet is damaged, there is a project already, or the disk does not allow it.
pub fn unpack(path: &Path, folder: &Path, work: &Work) -> Result<usize> {
    let packet = Packet::open(path)?;
    if Project::is_at(folder) {
        return Err(Error::input("there is a project in this folder already")
            .at(folder.display())
            .help("open it, or choose another folder"));
    }
    std::fs::create_dir_all(folder).map_err(|source| Error::io("cannot make the folder", folder, &source))?;
    let mut config: Config = toml::from_str(&packet.about.config)
        .map_err(|source| Error::input(format!("the packet's configuration is not right, {}", source.message())))?;
    let (media, mut items) = (write_media(&packet, folder, work)?, 0);
    work.stage("reading the packet", 0);
    files::write_whole(&folder.join(DATA), |out| {
        packet.items(|item, row| {
            items += 1;
            let row = with_media(with_item(row, item), &media);
            out.write_all(row.as_bytes()).map_err(|source| Error::io("cannot write", Path::new(DATA), &source))
        })
    })?;
    config.data.path = DATA.into();
    config.data.id = Some(ITEM.to_owned());
    config.data.fingerprint = None;
    if !packet.about.annotator.is_empty() {
        config.settings.annotator = Some(packet.about.annotator.clone());
    }
    // Views and functions of the project at home may speak of columns and files that are not here.
    config.views.clear();
    config.settings.tour = false;
    let guidelines = [("guidelines.md".into(), packet.about.guidelines.clone())];
    Project::create(folder, &config, &guidelines)?;
    go_on(path, &packet, folder, work)?;
    Ok(items)
}

/// What holds of the project at home.
struct Holds(Vec<Said>);

impl Command for Holds {
    fn gesture(&self, _: &Marks, _: &Config) -> Result<Gesture> {
        let change = |said: &Said| Change::set(said.item, &*said.field, said.value.clone());
        Ok(Gesture { name: super::merge::NAME.to_owned(), changes: self.0.iter().map(change).collect() })
    }
}

/// What was said so far comes with the packet, if it was put in: what holds of the project holds here too, and what
/// others said stands beside it.
fn go_on(path: &Path, packet: &Packet, folder: &Path, work: &Work) -> Result<()> {
    let (mut holds, mut any) = (Vec::new(), false);
    packet.said(|said| {
        any = true;
        if said.annotator.is_empty() {
            holds.push(said);
        }
        Ok(())
    })?;
    if any {
        let mut session = Session::open(folder, work)?;
        if !holds.is_empty() {
            session.run(&Holds(holds))?;
        }
        super::merge_packet(&mut session, path, work)?;
    }
    Ok(())
}

/// The row with its item's id in front.
fn with_item(row: &str, item: u64) -> String {
    let rest = row.trim_start().trim_start_matches('{');
    let comma = if rest.trim_start().starts_with('}') { "" } else { "," };
    format!("{{\"{ITEM}\":\"{item:016x}\"{comma}{rest}\n")
}

/// Paths of media that had to be changed are changed in the row as well.
fn with_media(row: String, media: &[(String, String)]) -> String {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    media.iter().fold(row, |row, (from, to)| row.replace(&quoted(from), &quoted(to)))
}

/// Writes the media below the folder. Returns the paths that could not be kept as they are.
fn write_media(packet: &Packet, folder: &Path, work: &Work) -> Result<Vec<(String, String)>> {
    let mut renamed = Vec::new();
    packet.media(|path, bytes| {
        work.check()?;
        // A path comes from a stranger: it must not lead out of the folder.
        let plain = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
        let kept = if plain && !path.contains(['#', ':', '\\']) {
            PathBuf::from(path)
        } else {
            let name = format!("{:016x}{}", xxhash_rust::xxh3::xxh3_64(path.as_bytes()), ending_of(bytes));
            renamed.push((path.to_owned(), format!("media/{name}")));
            Path::new("media").join(name)
        };
        let place = folder.join(&kept);
        if let Some(parent) = place.parent() {
            std::fs::create_dir_all(parent).map_err(|source| Error::io("cannot make the folder", parent, &source))?;
        }
        std::fs::File::create(&place)
            .and_then(|mut file| file.write_all(bytes))
            .map_err(|source| Error::io("cannot write the file", &place, &source))
    })?;
    Ok(renamed)
}

/// The ending of a file by its first bytes, for those that lay inside another file.
fn ending_of(bytes: &[u8]) -> &'static str {
    match bytes {
        [0xFF, 0xD8, ..] => ".jpg",
        [0x89, b'P', b'N', b'G', ..] => ".png",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => ".wav",
        [b'R', b'I', b'F', b'F', ..] => ".webp",
        [b'f', b'L', b'a', b'C', ..] => ".flac",
        [b'O', b'g', b'g', b'S', ..] => ".ogg",
        [b'G', b'I', b'F', ..] => ".gif",
        [b'B', b'M', ..] => ".bmp",
        [b'I', b'D', b'3', ..] => ".mp3",
        _ => "",
    }
}
