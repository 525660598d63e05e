"""imagehash: near duplicates of the images of a folder by perceptual hash, every pair compared.

Usage: imagehash_files.py FOLDER
Of ten images, in the order of their names, the last is a copy of the first.
"""

import pathlib
import sys

from common import need, report, timed

numpy, image, imagehash = need("numpy", "PIL.Image", "imagehash")

BITS, PLANTED = 12, 10

files = sorted(pathlib.Path(sys.argv[1]).glob("*.png"))


def near_pairs():
    hashes = numpy.array([imagehash.phash(image.open(file)).hash.ravel() for file in files])
    packed = numpy.packbits(hashes, axis=1).view(numpy.uint64).ravel()
    pairs = set()
    for row, own in enumerate(packed):
        apart = numpy.bitwise_count(packed[row + 1 :] ^ own)
        pairs.update((row, row + 1 + int(at)) for at in numpy.flatnonzero(apart <= BITS))
    return pairs


pairs, seconds = timed(near_pairs)
planted = {(at + 1 - PLANTED, at) for at in range(PLANTED - 1, len(files), PLANTED)}
report(
    f"imagehash {imagehash.__version__}",
    seconds=seconds,
    recall=len(pairs & planted) / max(len(planted), 1),
    precision=len(pairs & planted) / max(len(pairs), 1),
)
