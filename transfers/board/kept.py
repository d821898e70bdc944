"""What was made of long texts, kept while it may be asked for again.

Unlike `lru_cache` it is bounded by the length of the texts, too: with 10,000 calls each picture is
5 MB, and there is a new one every second.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import Generic, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
MOST = 512  # values of one function
LONGEST = 16_000_000  # characters in their arguments together; the newest is kept however long


class Kept(Generic[T]):
    def __init__(self) -> None:
        self._found: OrderedDict[tuple[object, ...], T] = OrderedDict()
        self._length = 0
        self._lock = Lock()

    @property
    def length(self) -> int:
        return self._length

    def get(self, key: tuple[object, ...]) -> T | None:
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
            return self._found.get(key)

    def put(self, key: tuple[object, ...], value: T) -> None:
        with self._lock:
            if key not in self._found:
                self._length += _length(key)
            self._found[key] = value
            self._found.move_to_end(key)
            while len(self._found) > 1 and (self._length > LONGEST or len(self._found) > MOST):
                oldest, _ = self._found.popitem(last=False)
                self._length -= _length(oldest)


def kept(function: Callable[P, T]) -> Callable[P, T]:
    """For pure functions that never return None."""
    found: Kept[T] = Kept()

    @wraps(function)
    def inner(*args: P.args, **kwargs: P.kwargs) -> T:
        key = (*args, *kwargs.items())
        value = found.get(key)
        if value is None:
            value = function(*args, **kwargs)
            found.put(key, value)
        return value

    return inner


def _length(key: tuple[object, ...]) -> int:
    return sum(len(each) for each in key if isinstance(each, str))
