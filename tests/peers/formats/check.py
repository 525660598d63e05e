"""Loads what Lapidary writes in the peers' own readers. See README.md.

Usage: check.py PATH_OF_LAPIDARY
"""

import contextlib
import importlib
import io
import json
import struct
import subprocess
import sys
import tempfile
import traceback
import zlib
from pathlib import Path

LAPIDARY = sys.argv[1] if len(sys.argv) > 1 else "lapidary"
FOLDER = Path(tempfile.mkdtemp(prefix="lapidary-peers-"))
WIDTH, HEIGHT = 40, 20
CHECKS = []


def check(*modules):
    """Makes a function a check that needs these modules."""

    def keep(function):
        CHECKS.append((function, modules))
        return function

    return keep


def same(found, wanted, what="it"):
    if found != wanted:
        raise AssertionError(f"{what}: {found!r} is not {wanted!r}")


def png(path):
    """A grey image of our size."""

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    rows = b"".join(b"\0" + bytes([128]) * WIDTH for _ in range(HEIGHT))
    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 0, 0, 0, 0)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    )


def convert(name, documents, to, out, *options):
    """Has Lapidary write documents of our own form; the path of what it wrote."""
    source = FOLDER / f"{name}.in.jsonl"
    source.write_text("".join(json.dumps(document, ensure_ascii=False) + "\n" for document in documents))
    target = FOLDER / out
    command = [LAPIDARY, "convert", source, target, "--from", "jsonl", "--to", to, "--json", *options]
    ran = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if ran.returncode != 0:
        raise AssertionError(ran.stderr.strip())
    return target


# What is written.

SPANS = [
    ("김민수는 🎉 서울에서 일한다", [("PS", 0, 4), ("LC", 7, 11)]),
    ("Kim works at Acme Corp in Seoul", [("PS", 0, 3), ("OG", 13, 22), ("LC", 26, 31)]),
    ("one two three", [("A", 0, 3), ("A", 4, 7)]),
    ("nothing here", []),
]


def texts():
    return [
        {
            "id": str(at + 1),
            "text": text,
            "annotations": [
                {"kind": "span", "label": label, "start": start, "end": end, "surface": text[start:end]}
                for label, start, end in spans
            ],
        }
        for at, (text, spans) in enumerate(SPANS)
    ]


BOXES = {"a": [("상자", 2, 1, 6, 4), ("cat", 10.5, 3.25, 8, 9.5)], "b": [("cat", 0, 0, 40, 20)]}
OUTLINE = [[4, 2], [20, 2], [20, 12], [4, 12]]
PIXELS = [[1 if (x // 3 + y // 2) % 4 == 0 else 0 for x in range(WIDTH)] for y in range(HEIGHT)]


def runs(rows):
    """Rows of pixels as runs, zeros first."""
    found, value, length = [], 0, 0
    for pixel in (pixel for row in rows for pixel in row):
        if pixel != value:
            found.append(length)
            value, length = pixel, 0
        length += 1
    return found + [length]


def box(label, x, y, width, height, **more):
    return {"kind": "box", "label": label, "box": [x, y, width, height], **more}


def polygon(label, *outlines):
    return {"kind": "polygon", "label": label, "parts": [{"outline": outline, "holes": []} for outline in outlines]}


def mask(label):
    return {"kind": "mask", "label": label, "width": WIDTH, "height": HEIGHT, "runs": runs(PIXELS)}


def image(name, annotations, **more):
    shown = {"image": f"{name}.png", "width": WIDTH, "height": HEIGHT}
    return {"id": str(ord(name) - 96), **shown, "annotations": annotations, **more}


def boxes(**parts):
    """All boxes; `parts` names the part of the data of each image."""
    more = {name: {"split": part} for name, part in parts.items()}
    return [image(name, [box(*one) for one in all_of], **more.get(name, {})) for name, all_of in BOXES.items()]


PARTS = {"a": "train", "b": "val"}


def wanted_boxes():
    return sorted((label, x, y, width, height) for all_of in BOXES.values() for label, x, y, width, height in all_of)


# The checks.


@check("pycocotools.coco", "pycocotools.mask", "numpy")
def coco_in_pycocotools(coco, masks, numpy):
    points = {
        "kind": "keypoints",
        "label": "person",
        "keypoints": [{"x": 1, "y": 2, "v": 2}, {"x": 3, "y": 4, "v": 1}, {"x": 0, "y": 0, "v": 0}],
        "box": [1, 2, 2, 2],
    }
    crowd = {**mask("crowd"), "attributes": {"iscrowd": True}}
    documents = [image("a", [*(box(*one) for one in BOXES["a"]), polygon("cat", OUTLINE), mask("상자"), points, crowd])]
    path = convert("coco", documents, "coco", "coco.json")
    loaded = coco.COCO(str(path))
    same(sorted(category["name"] for category in loaded.cats.values()), ["cat", "crowd", "person", "상자"], "classes")
    annotations = loaded.loadAnns(loaded.getAnnIds())
    same(len(annotations), 6, "annotations")
    same([one["iscrowd"] for one in annotations], [0, 0, 0, 0, 0, 1], "crowds")
    same(annotations[0]["bbox"], [2, 1, 6, 4], "box")
    same(int(loaded.annToMask(annotations[2]).sum()), 160, "area of the outline")
    same(numpy.array_equal(loaded.annToMask(annotations[3]), numpy.array(PIXELS)), True, "pixels of the mask")
    same(annotations[4]["keypoints"], [1, 2, 2, 3, 4, 1, 0, 0, 0], "keypoints")
    same(annotations[4]["num_keypoints"], 2, "count of keypoints")
    same(int(masks.area(annotations[3]["segmentation"])), annotations[3]["area"], "area of the mask")


@check("pycocotools.coco", "pycocotools.cocoeval")
def coco_is_evaluated_by_pycocotools(coco, cocoeval):
    """Truth against itself, masks among it, is found to be perfect: nothing is passed over as a crowd."""
    path = convert("evaluated", [image("a", [mask("상자"), polygon("cat", OUTLINE)])], "coco", "evaluated.json")
    truth = coco.COCO(str(path))
    results = [
        {"image_id": one["image_id"], "category_id": one["category_id"], "score": 1, "segmentation": truth.annToRLE(one)}
        for one in truth.anns.values()
    ]
    judged = cocoeval.COCOeval(truth, truth.loadRes(results), "segm")
    for step in (judged.evaluate, judged.accumulate, judged.summarize):
        step()
    same(round(float(judged.stats[0]), 6), 1.0, "average precision")


def sentences(path, separator):
    """Tokens and tags of a file, sentence by sentence."""
    found, open_one = [], []
    for line in path.read_text().split("\n"):
        if line.startswith("##"):
            continue
        if line:
            open_one.append(line.rsplit(separator, 1))
        elif open_one:
            found.append(open_one)
            open_one = []
    return found


def entities_of(sentence, found, joint):
    """Entities by their text, from places of tokens."""
    tokens = [token for token, _ in sentence]
    return [(label, joint.join(tokens[first : last + 1])) for label, first, last in found]


@check("seqeval.scheme", "seqeval.metrics.sequence_labeling")
def conll_in_seqeval(scheme, metrics):
    wanted = [[(label, text[start:end]) for label, start, end in spans] for text, spans in SPANS]
    for name in ["IOB1", "IOB2", "BILOU"]:
        path = convert("conll", texts(), "conll", f"{name}.conll", "--scheme", name.lower())
        found = sentences(path, " ")
        tags = [[tag for _, tag in sentence] for sentence in found]
        entities = scheme.Entities(tags, getattr(scheme, name))
        places = [[(one.tag, one.start, one.end - 1) for one in all_of] for all_of in entities.entities]
        same([entities_of(*pair, " ") for pair in zip(found, places)], wanted, name)
    path = convert("chars", texts(), "char-conll", "chars.tsv")
    found = sentences(path, "\t")
    places = [metrics.get_entities([tag for _, tag in sentence]) for sentence in found]
    same([entities_of(*pair, "") for pair in zip(found, places)], wanted, "characters")


@check("spacy", "spacy.tokens")
def spacy_in_spacy(spacy, tokens):
    documents = texts()
    documents[0]["annotations"].append({"kind": "class", "label": "뉴스"})
    path = convert("spacy", documents, "spacy-jsonl", "spacy.jsonl")
    blank = spacy.blank("xx")
    bin_of_docs = tokens.DocBin()
    for line, (text, spans) in zip(path.read_text().splitlines(), SPANS):
        record = json.loads(line)
        doc = blank.make_doc(record["text"])
        found = [doc.char_span(start, end, label=label, alignment_mode="expand") for start, end, label in record["entities"]]
        same([(span.label_, text[start:end]) for span, (_, start, end) in zip(found, spans)], [
            (label, text[start:end]) for label, start, end in spans
        ])
        same(all(span.start_char <= start and span.end_char >= end for span, (_, start, end) in zip(found, spans)), True)
        doc.ents = found
        doc.cats = record["cats"]
        bin_of_docs.add(doc)
    back = list(tokens.DocBin().from_bytes(bin_of_docs.to_bytes()).get_docs(blank.vocab))
    same(len(back), len(SPANS), "documents")
    same(back[0].cats, {"뉴스": 1}, "classes")


def labelme_file():
    try:
        return importlib.import_module("labelme._label_file").LabelFile
    except ImportError:
        return importlib.import_module("labelme.label_file").LabelFile


@check("labelme", "numpy")
def labelme_in_labelme(labelme, numpy):
    more = {"group": "team", "note": "두 줄", "attributes": {"difficult": True, "colour": "red", "count": 3}, "confidence": 0.5}
    annotations = [
        box("상자", 2, 1, 6, 4, **more),
        {"kind": "box", "label": "turned", "box": [10, 5, 8, 4, 30]},
        polygon("cat", OUTLINE),
        {"kind": "polyline", "label": "line", "points": [[1, 1], [5, 5], [9, 1]]},
        {"kind": "keypoints", "label": "point", "keypoints": [{"x": 3, "y": 4, "v": 2}]},
        mask("mask"),
        {"kind": "class", "label": "good"},
    ]
    path = convert("labelme", [image("a", annotations)], "labelme", "labelme")
    png(path / "a.png")
    loaded = labelme_file()(str(path / "a.json"))
    kinds = [shape["shape_type"] for shape in loaded.shapes]
    same(kinds, ["rectangle", "oriented_rectangle", "polygon", "linestrip", "point", "mask"], "shapes")
    same(loaded.flags, {"good": True}, "flags")
    first, last = loaded.shapes[0], loaded.shapes[-1]
    same((first["flags"], first["group_id"], first["description"]), ({"difficult": True}, 1, "두 줄"), "the first shape")
    (left, top), (right, bottom) = [[int(value) for value in point] for point in last["points"]]
    pixels = numpy.zeros((HEIGHT, WIDTH), dtype=int)
    pixels[top : bottom + 1, left : right + 1] = last["mask"]
    same(numpy.array_equal(pixels, numpy.array(PIXELS)), True, "pixels of the mask")


@check("datumaro")
def boxes_in_datumaro(datumaro):
    places = {
        "coco": "dm_coco/annotations/instances_train.json",
        "cvat": "dm_cvat/annotations.xml",
        "voc": "dm_voc",
        "yolo": "dm_yolo",
    }
    for to, out in places.items():
        root = FOLDER / out.split("/")[0]
        where = {"coco": "images/train", "cvat": "images", "voc": "JPEGImages", "yolo": "images"}[to]
        parts = PARTS if to == "yolo" else {}
        for name in BOXES:
            png(root / where / parts.get(name, "") / f"{name}.png")
        convert(f"dm_{to}", boxes(**parts), to, out)
        if to == "voc":
            # Classes other than those of the contest must be declared to it, and the images of each part of the data.
            (root / "labelmap.txt").write_text("cat:0,0,1::\n상자:0,0,2::\n")
            lists = root / "ImageSets" / "Main"
            lists.mkdir(parents=True)
            (lists / "train.txt").write_text("".join(f"{name}\n" for name in BOXES))
        found = []
        # Its rule for VOC is that the last pixel is the end, counted from 0 or from 1: both sides are one short.
        short = 1 if to == "voc" else 0
        dataset = datumaro.Dataset.import_from(str(root), to)
        names = dataset.categories()[datumaro.AnnotationType.label]
        for item in dataset:
            for one in item.annotations:
                if one.type == datumaro.AnnotationType.bbox:
                    sides = [round(float(side), 3) for side in one.get_bbox()]
                    found.append((names[one.label].name, *sides))
        found = [(label, x - short, y - short, width + short, height + short) for label, x, y, width, height in found]
        same(sorted(found), wanted_boxes(), to)


@check("panlabel")
def boxes_in_panlabel(panlabel):
    program = Path(sys.executable).parent / "panlabel"
    places = {"coco": "pl.json", "label-studio": "pl_ls.json", "voc": "pl_voc", "yolo": "pl_yolo"}
    for to, out in places.items():
        parts = PARTS if to == "yolo" else {}
        for name in BOXES:
            if not out.endswith("json"):
                png(FOLDER / out / {"voc": "JPEGImages", "yolo": "images"}[to] / parts.get(name, "") / f"{name}.png")
        path = convert(f"pl_{to}", boxes(**parts), to, out)
        seen = FOLDER / f"{to}_seen.json"
        command = [program, "convert", "--from", to, "--to", "coco", "--input", path, "--output", seen, "--allow-lossy"]
        ran = subprocess.run(list(map(str, command)), capture_output=True, text=True)
        same(ran.returncode, 0, f"{to}: {ran.stderr.strip()}")
        data = json.loads(seen.read_text())
        names = {category["id"]: category["name"] for category in data["categories"]}
        found = sorted((names[one["category_id"]], *[round(side, 3) for side in one["bbox"]]) for one in data["annotations"])
        if to == "voc":
            # It reads VOC's numbers as they stand, so a box is one pixel off, and only names are compared.
            same([label for label, *_ in found], [label for label, *_ in wanted_boxes()], to)
        else:
            same(found, wanted_boxes(), to)


@check("conllu")
def conllu_in_conllu(conllu):
    path = convert("conllu", texts(), "conllu", "a.conllu")
    for sentence, (text, spans) in zip(conllu.parse(path.read_text()), SPANS):
        same(sentence.metadata["text"], text, "text")
        built = "".join(token["form"] + ("" if (token["misc"] or {}).get("SpaceAfter") == "No" else " ") for token in sentence)
        same(built.rstrip(), text, "tokens")
        begun = [tag for tag in ((token["misc"] or {}).get("NER", "O") for token in sentence) if tag.startswith("B-")]
        same(begun, [f"B-{label}" for label, _, _ in spans], "tags")


SEGMENTS = [("민수", 0.5, 1.25, "안녕 <하세요>"), ("수진", 2.0, 3.4, "")]


def sound():
    annotations = [
        {"kind": "segment", "label": label, "start": start, "end": end, **({"note": note} if note else {})}
        for label, start, end, note in SEGMENTS
    ]
    return [{"audio": "a.wav", "annotations": annotations}]


@check("webvtt")
def webvtt_in_webvtt(webvtt):
    found = webvtt.read(str(convert("vtt", sound(), "webvtt", "a.vtt")))
    same([(cue.start, cue.end, cue.voice) for cue in found], [
        ("00:00:00.500", "00:00:01.250", "민수"),
        ("00:00:02.000", "00:00:03.400", "수진"),
    ])


@check("textgrid")
def textgrid_in_textgrid(textgrid):
    grid = textgrid.TextGrid.fromFile(str(convert("grid", sound(), "textgrid", "a.TextGrid")))
    found = [(one.mark, one.minTime, one.maxTime) for tier in grid for one in tier if one.mark]
    same(found, [(label, start, end) for label, start, end, _ in SEGMENTS])


def main():
    failed = 0
    for function, modules in CHECKS:
        name = function.__name__.replace("_", " ")
        try:
            loaded = [importlib.import_module(module) for module in modules]
        except ImportError as error:
            print(f"skipped  {name}: {error}")
            continue
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                function(*loaded)
            print(f"ok       {name}")
        except Exception as error:  # noqa: BLE001: whatever a peer says is what is to be shown
            failed += 1
            print(f"FAILED   {name}: {type(error).__name__}: {error}")
            traceback.print_exc(file=sys.stderr)
    return 1 if failed else 0


sys.exit(main())
