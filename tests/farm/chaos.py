"""A storm over a farm: commands that make a dataset, and faults that strike while they do.

What strikes whom after how many finished scenes is drawn from a named stream, so a storm can be had again by its
seed; the moment within a scene is the machine's. ``judges.py`` says whether the dataset came out unharmed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pairforge.seeding import Stream
from tests.farm.disks import FileLimit, Filler, SlowDisk
from tests.farm.processes import MARK, Marked, send
from tests.farm.watch import Watch

LOOK_S = 0.15
ROUNDS_PER_FAULT = 3
"""A command that failed more often than faults can explain is at fault itself."""


@dataclass(frozen=True)
class Fault:
    """Strike as ``kind`` once ``after`` more scenes are whole and ``delay_s`` has passed; ``victim`` (0..1) chooses
    among those who are there."""

    kind: str
    after: int
    delay_s: float
    victim: float


def faults(seed: int, count: int, kinds: Sequence[str], scenes: int) -> tuple[Fault, ...]:
    """The storm of that seed: each kind about as often as the others, spread over the first nine tenths."""
    draws = Stream(seed, "chaos")
    order = [kinds[i % len(kinds)] for i in range(count)]
    order = [order[i] for i in (draws / "order").rng().permutation(count)]
    most = max(1, round(2 * 0.9 * scenes / max(count, 1)))
    return tuple(_fault(draws / n, kind, most) for n, kind in enumerate(order))


def _fault(draws: Stream, kind: str, most: int) -> Fault:
    return Fault(
        kind,
        int((draws / "after").rng().integers(0, most + 1)),
        float((draws / "delay").rng().uniform(0.0, 1.0)),
        float((draws / "victim").rng().random()),
    )


@dataclass(frozen=True)
class Command:
    """One command that must end well; one that does not is begun again."""

    name: str
    argv: tuple[str, ...]


@dataclass
class Story:
    """What happened: strikes by kind (and those that found no victim), starts and ends of the commands."""

    struck: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    starts: Counter[str] = field(default_factory=Counter)
    codes: Counter[int] = field(default_factory=Counter)
    log: list[str] = field(default_factory=list)
    left: tuple[int, ...] = ()
    whole: bool = False
    wall_s: float = 0.0
    cpu_s: float = 0.0


Striker = Callable[["Storm", Fault], bool]
"""Does the harm; False when there was nobody to harm."""


@dataclass
class Storm:
    """Runs ``commands``, ``width`` at a time and each as often as it takes, while ``faults`` strike.

    ``then`` follow one by one when all others ended well. ``strikers``: kind -> striker, beside those of
    ``STRIKERS``. ``environment`` reaches every command. A process may outlive the commands by ``linger_s``.
    ``around``: processes that the commands make use of, such as a cluster's; they may be struck and may stay.
    """

    folder: Path
    commands: Sequence[Command]
    faults: Sequence[Fault]
    watch: Watch
    width: int = 1
    then: Sequence[Command] = ()
    around: Marked | None = None
    strikers: Mapping[str, Striker] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    linger_s: float = 20.0
    story: Story = field(default_factory=Story)
    running: dict[int, tuple[Command, subprocess.Popen[bytes]]] = field(default_factory=dict)
    waiting: deque[Command] = field(default_factory=deque)
    later: list[tuple[float, Callable[[], None]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.marked = Marked(f"{os.getpid()}:{self.folder}")
        self.folder.mkdir(parents=True, exist_ok=True)

    def run(self, within_s: float) -> Story:
        """The story, once all commands ended well or one failed without cause; ends what is left over after that."""
        start = time.monotonic()
        self.waiting.extend(self.commands)
        after = deque(self.then)
        strikes = self._strikes()
        try:
            while self.waiting or self.running or after:
                if not self.waiting and not self.running:
                    self.waiting.append(after.popleft())
                if time.monotonic() - start > within_s:
                    self._say(f"not whole after {within_s:g} s")
                    break
                if not self._turn(strikes):
                    break
            else:
                self.story.whole = True
        finally:
            for _, undo in self.later:
                undo()
            self.later.clear()
            self.story.left = self._left()
            self.marked.end()
            for _, process in self.running.values():
                process.wait()
            self.story.wall_s = time.monotonic() - start
            self.story.cpu_s = self.marked.cpu_s + (self.around.cpu_s if self.around is not None else 0.0)
        return self.story

    def _turn(self, strikes: Iterator[None]) -> bool:
        """One look around; False when a command failed more often than can be explained."""
        while self.waiting and len(self.running) < self.width:
            self.begin(self.waiting.popleft())
        time.sleep(LOOK_S)
        now = time.monotonic()
        for due, undo in [x for x in self.later if x[0] <= now]:
            self.later.remove((due, undo))
            undo()
        self.look()
        next(strikes, None)
        return self._reap()

    def look(self) -> None:
        """See who and what is there now."""
        self.marked.look()
        if self.around is not None:
            self.around.look()
        self.watch.look()

    def of(self, role: str) -> list[int]:
        """Processes of a role, of the commands and around them; "driver": the commands themselves."""
        if role == "driver":
            return list(self.running)
        return self.marked.of(role) + (self.around.of(role) if self.around is not None else [])

    def begin(self, command: Command) -> None:
        """Start it now, beside whatever runs; its output goes to a log."""
        self.story.starts[command.name] += 1
        with (self.folder / f"{command.name}.log").open("ab") as log:
            process = subprocess.Popen(
                command.argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self.environment, MARK: self.marked.token},
                preexec_fn=_hearing,
            )
        self.running[process.pid] = (command, process)

    def _reap(self) -> bool:
        for pid, (command, process) in list(self.running.items()):
            code = process.poll()
            if code is None:
                continue
            del self.running[pid]
            self.story.codes[code] += 1
            self._say(f"{command.name} ended with {code}")
            if code == 0:
                continue
            self.hasten()
            if self.story.starts[command.name] > ROUNDS_PER_FAULT * (1 + len(self.faults)):
                return False
            if all(command.name != other.name for other, _ in self.running.values()):
                self.waiting.append(command)
        return True

    def _strikes(self) -> Iterator[None]:
        """Strikes when it is time; one step a look."""
        for fault in self.faults:
            base, since = self.watch.count, None
            while since is None or time.monotonic() - since < fault.delay_s:
                if since is None and (self.watch.count >= base + fault.after):
                    since = time.monotonic()
                yield
            striker = {**STRIKERS, **self.strikers}[fault.kind]
            patience = time.monotonic() + 30.0
            while not (hit := striker(self, fault)) and time.monotonic() < patience:
                yield  # workers may be on their way
            (self.story.struck if hit else self.story.missed)[fault.kind] += 1
            self._say(f"{fault.kind} {'struck' if hit else 'found nobody'} at {self.watch.count} scenes")

    def undo_later(self, seconds: float, undo: Callable[[], None]) -> None:
        """``undo`` is called after that time, at the latest when a command fails or the storm is over."""
        self.later.append((time.monotonic() + seconds, undo))

    def hasten(self) -> None:
        """Undo everything now: somebody came, freed the disk, and starts again."""
        for _, undo in self.later:
            undo()
        self.later.clear()

    def _left(self) -> tuple[int, ...]:
        """Processes that outlive the commands."""
        deadline = time.monotonic() + self.linger_s
        while True:
            self.marked.look()
            left = set(self.marked.of("any")) - set(self.running)
            if not left or self.running or time.monotonic() > deadline:
                return tuple(sorted(left))
            time.sleep(LOOK_S)

    def _say(self, what: str) -> None:
        self.story.log.append(what)


def _hearing() -> None:
    """A shell that started us in the background may have handed down a deaf ear for SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _one(pids: Sequence[int], fault: Fault) -> int | None:
    return pids[int(fault.victim * len(pids))] if pids else None


def strike(role: str, number: signal.Signals) -> Striker:
    """A signal to one process of a role, or to one of the commands ("driver")."""

    def striker(storm: Storm, fault: Fault) -> bool:
        pid = _one(storm.of(role), fault)
        return pid is not None and send(pid, number)

    return striker


def pause(storm: Storm, fault: Fault) -> bool:
    """Any process stands still for a moment, as on a machine that is out of breath."""
    pid = _one(storm.marked.of("any"), fault)
    if pid is None or not send(pid, signal.SIGSTOP):
        return False
    storm.undo_later(0.5 + 2.0 * fault.delay_s, lambda: send(pid, signal.SIGCONT))
    return True


def power_cut(storm: Storm, fault: Fault) -> bool:
    """Everything is killed at once: nobody is left to clean up."""
    storm.marked.look()
    hit = [send(pid, signal.SIGKILL) for pid in storm.marked.of("any")]
    return any(hit)


def limit_files(storm: Storm, fault: Fault) -> bool:
    """No file of a worker may grow beyond two kilobytes, as with a quota; the commands can still tell it."""

    def there() -> list[int]:
        return [*storm.of("worker"), *storm.of("blender")]

    if not (pids := there()):
        return False
    limit = FileLimit()
    limit.fill(pids)
    storm.undo_later(10.0 + 10.0 * fault.delay_s, lambda: limit.free(there()))
    return True


def filling(disk: Path) -> Striker:
    """The disk has no byte left for a while."""
    filler = Filler(disk)

    def striker(storm: Storm, fault: Fault) -> bool:
        filler.fill()
        storm.undo_later(20.0 + 10.0 * fault.delay_s, filler.free)
        return True

    return striker


def slowing(disk: SlowDisk) -> Striker:
    """The disk is slow for a while."""

    def striker(storm: Storm, fault: Fault) -> bool:
        disk.slow()
        storm.undo_later(3.0 + 7.0 * fault.delay_s, disk.quick)
        return True

    return striker


def twice(storm: Storm, fault: Fault) -> bool:
    """One of the commands is begun a second time while it runs."""
    pid = _one(list(storm.running), fault)
    if pid is None:
        return False
    storm.begin(storm.running[pid][0])
    return True


STRIKERS: dict[str, Striker] = {
    "kill worker": strike("worker", signal.SIGKILL),
    "crash worker": strike("worker", signal.SIGSEGV),
    "hang worker": strike("worker", signal.SIGSTOP),
    "kill station": strike("station", signal.SIGKILL),
    "kill Blender": strike("blender", signal.SIGKILL),
    "crash Blender": strike("blender", signal.SIGSEGV),
    "hang Blender": strike("blender", signal.SIGSTOP),
    "kill driver": strike("driver", signal.SIGKILL),
    "end driver": strike("driver", signal.SIGTERM),
    "interrupt driver": strike("driver", signal.SIGINT),
    "pause": pause,
    "limit files": limit_files,
    "power cut": power_cut,
    "twice": twice,
}
