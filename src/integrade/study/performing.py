"""Perform the steps of a run, one or several at the same time; a step begins when the steps it needs are done."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from contextvars import copy_context
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

from integrade.engine.frames import own_connection, return_memory
from integrade.sources.files.objects import one_copy_each
from integrade.study.progress import Watch
from integrade.study.seals import Depth
from integrade.study.steps import Done, Step, perform, require_unchanged, states_of


@one_copy_each()
def perform_all(
    steps: Sequence[Step], store: Path, watch: Watch, *, jobs: int = 1, force: str | None = None, depth: Depth = "fast"
) -> dict[str, Done]:
    """Perform the steps, at most ``jobs`` at once; return the finished steps in the given order.

    The order of execution changes no result, because each step reads only the stored outputs of the steps it needs.
    As soon as a step runs, later ones will too: what they do ``ahead`` is started then.
    When a step fails, no other step begins, running steps are finished (their results stay stored), and the error is
    raised. Raises `InputChanged` if a raw file is not the same for all steps.
    """
    before = states_of(dict.fromkeys(file for step in steps for file in step.files))
    done: dict[str, Done] = {}
    waiting, running, answers = list(steps), 0, SimpleQueue[tuple[Step, Done | BaseException]]()
    failed: dict[str, BaseException] = {}
    ahead = [step.ahead for step in steps if step.ahead is not None]

    def begins() -> None:  # once, whichever thread is first
        with suppress(IndexError):
            while True:
                ahead.pop()()

    def one(step: Step) -> None:
        try:
            with own_connection():
                result = perform(step, store, dict(done), force=force == step.name, depth=depth, begins=begins)
            answers.put((step, result))
        except BaseException as problem:
            answers.put((step, problem))

    while waiting or running:
        ready = [s for s in waiting if not failed and all(name in done for name in s.needs)]
        for step in ready[: jobs - running]:
            waiting.remove(step)
            running += 1
            watch.begin(step.name)
            if jobs == 1:
                one(step)
            else:  # a daemon, so that a stopped run does not wait for it
                Thread(target=copy_context().run, args=(one, step), daemon=True, name=step.name).start()
        if not running:
            break
        step, result = answers.get()
        running -= 1
        if isinstance(result, Done):
            if result.ran:
                return_memory()
            done[step.name] = result
            watch.end(result)
        else:
            failed[step.name] = result
    for step in steps:
        if step.name in failed:
            raise failed[step.name]
    require_unchanged(before)
    return {step.name: done[step.name] for step in steps}
