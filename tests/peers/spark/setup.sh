#!/bin/sh
# Makes a virtual environment with PySpark, to run compare.py with.
set -eu
python3 -m venv "$1"
"$1/bin/pip" install --quiet "pyspark>=3.5" pyarrow pandas
java -version 2>&1 | head -1
"$1/bin/python" -c "import pyspark, pyarrow; print('pyspark', pyspark.__version__, 'pyarrow', pyarrow.__version__)"
