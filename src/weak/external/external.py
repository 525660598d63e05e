"""Runs the labelling functions of one file that Lapidary's own evaluator refuses.

It talks over its standard input and output in frames: four bytes of length (little endian), then the content. What
functions print goes to standard error, so that it cannot come between. Of Python it needs the standard library; where
pyarrow is there, rows come as Arrow IPC, else as JSON.
"""

import array
import json
import os
import struct
import sys
import time
import traceback

import lapidary_lfs

# So many rows may run into a limit before a function is not tried on the others.
MOST_LIMITS = 16


class TooLong(BaseException):
    """A row took longer than it may; no `except Exception` of a function catches it."""


class Pipe:
    """Frames in and out."""

    def __init__(self):
        if os.name == "nt":
            import msvcrt

            msvcrt.setmode(0, os.O_BINARY)
            msvcrt.setmode(1, os.O_BINARY)
        self.inside = os.fdopen(os.dup(0), "rb")
        self.outside = os.fdopen(os.dup(1), "wb")
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(2, 1)
        sys.stdout = sys.stderr

    def read(self):
        head = self.inside.read(4)
        if len(head) < 4:
            os._exit(0)  # nobody is there any more
        (length,) = struct.unpack("<I", head)
        return self.inside.read(length)

    def write(self, content):
        self.outside.write(struct.pack("<I", len(content)) + content)
        self.outside.flush()

    def say(self, **fields):
        self.write(json.dumps(fields).encode())


def limit_memory(most):
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    except (ImportError, OSError, ValueError):
        pass


class Alarm:
    """Interrupts what takes too long, where the system can."""

    def __init__(self, seconds):
        self.seconds, self.signal = seconds, None
        try:
            import signal

            signal.signal(signal.SIGALRM, self._ring)
            self.signal = signal
        except (ImportError, AttributeError, ValueError):
            pass

    def _ring(self, *_):
        raise TooLong("the row took longer than %g s" % self.seconds)

    def set(self):
        if self.signal:
            self.signal.setitimer(self.signal.ITIMER_REAL, self.seconds)

    def clear(self):
        if self.signal:
            self.signal.setitimer(self.signal.ITIMER_REAL, 0)


class MutableRow:
    """A row that a preprocessor may add to."""

    def __init__(self, row):
        self.__dict__["_row"] = row

    def __getattr__(self, name):
        return getattr(self.__dict__["_row"], name)

    def __getitem__(self, name):
        return self.__dict__[name] if name in self.__dict__ else self.__dict__["_row"][name]

    def get(self, name, default=None):
        return self.__dict__[name] if name in self.__dict__ else self.__dict__["_row"].get(name, default)


class Runner:
    def __init__(self, pipe, given):
        self.pipe, self.given = pipe, given
        self.alarm = Alarm(given["seconds"])
        self.file = lapidary_lfs._File(given["file"], given["source"])
        known = set(given["native"])
        self.names = [name for name, found in self.file.found.items() if found.f is not None and name not in known]
        plan = {
            "classes": given["classes"],
            "text": given["text"],
            "columns": given["columns"],
            "functions": [],
        }
        self.program = lapidary_lfs.Program(plan, {})
        self.limits = [0] * len(self.names)

    def hello(self, arrow):
        functions = []
        for name in self.names:
            code = getattr(self.file.found[name].f, "__code__", None)
            functions.append({"name": name, "line": code.co_firstlineno if code else 1})
        version = "%d.%d.%d" % sys.version_info[:3]
        self.pipe.say(python=version, arrow=arrow, functions=functions, errors=self.file.errors)

    def batch(self, order, content):
        columns = decode(content, order["arrow"], self.given["columns"])
        if self.given["text"] in columns:
            columns["text"] = columns[self.given["text"]]
        for at in order["run"]:
            self.pipe.say(at=at)
            votes, faults, stopped = self.function(at, columns, order["rows"])
            listed = [[line, message, count, first] for (line, message), (count, first) in faults.items()]
            self.pipe.say(done=at, faults=listed, stopped=stopped)
            self.pipe.write(array.array("h", votes).tobytes())
        self.pipe.say(end=True)

    def function(self, at, columns, rows):
        """Votes, failures and the row from which on the function was not tried."""
        declared = self.file.found[self.names[at]]
        votes, faults, beat = [-1] * rows, {}, time.monotonic()
        row = lapidary_lfs.Row(columns)
        for index in range(rows):
            object.__setattr__(row, "_at", index)
            try:
                self.alarm.set()
                try:
                    item = row
                    for step in declared.pre:
                        item = step(MutableRow(item) if item is row else item)
                    value = declared.f(item, **declared.resources)
                finally:
                    self.alarm.clear()
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                self.fault(faults, error, index)
                if isinstance(error, (TooLong, MemoryError)):
                    self.limits[at] += 1
                    if self.limits[at] >= MOST_LIMITS and index + 1 < rows:
                        return votes, faults, index + 1
                continue
            vote = self.program.vote(value)
            if vote is None:
                shown = "it returned %s, which is no class" % type(value).__name__
                self.note(faults, getattr(declared.f, "__code__", None), shown, index)
            else:
                votes[index] = vote
            now = time.monotonic()
            if now - beat > 0.5:
                beat = now
                self.pipe.say(at=at)
        return votes, faults, rows if self.limits[at] >= MOST_LIMITS else None

    def fault(self, faults, error, index):
        frames = traceback.extract_tb(error.__traceback__)
        line = next((frame.lineno for frame in reversed(frames) if frame.filename == self.given["file"]), 0)
        self.add(faults, line, "%s: %s" % (type(error).__name__, error), index)

    def note(self, faults, code, message, index):
        self.add(faults, code.co_firstlineno if code else 0, message, index)

    def add(self, faults, line, message, index):
        key = (line, message[:300])
        if key not in faults and len(faults) >= 100:
            key = (line, "and other failures")
        count, first = faults.get(key, (0, index))
        faults[key] = (count + 1, first)


def decode(content, arrow, columns):
    if arrow:
        import pyarrow

        table = pyarrow.ipc.open_stream(content).read_all()
        return shown({name: table.column(name).to_pylist() for name in table.column_names}, columns)
    return shown(json.loads(content), columns)


def shown(values, columns):
    """Times as functions see them."""
    for column in columns:
        if column["type"] == "time":
            times = values[column["name"]]
            values[column["name"]] = [None if time is None else lapidary_lfs.show_time(time) for time in times]
    return values


def has_arrow():
    try:
        import pyarrow.ipc

        return True
    except Exception:
        return False


def main():
    pipe = Pipe()
    given = json.loads(pipe.read())
    arrow = given["arrow"] and has_arrow()
    limit_memory(given["memory"])
    runner = Runner(pipe, given)
    runner.hello(arrow)
    while True:
        order = json.loads(pipe.read())
        runner.batch(dict(order, arrow=arrow), pipe.read())


main()
