#!/bin/sh
# Makes the environment for check.py. The folder may be given; without it, it is target/peers-formats.
set -eu
folder="${1:-$(dirname "$0")/../../../target/peers-formats}"
python3 -m venv "$folder"
for peer in pycocotools seqeval spacy labelme datumaro panlabel conllu webvtt-py textgrid; do
    "$folder/bin/pip" install --quiet "$peer" || echo "$peer cannot be installed: its checks will be skipped" >&2
done
