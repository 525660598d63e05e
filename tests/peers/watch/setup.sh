#!/bin/sh
# Makes an environment for each peer in the folder $1.
set -eu
folder=${1:?where to}
python=${PYTHON:-python3}
mkdir -p "$folder"
for peer in ydata-profiling great-expectations evidently; do
    [ -d "$folder/$peer" ] || "$python" -m venv "$folder/$peer"
    # Evidently does not run with pandas 3.
    "$folder/$peer/bin/pip" install -q "$peer" pyarrow "pandas<3"
done
