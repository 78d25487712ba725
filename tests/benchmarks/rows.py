# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a comparison finds, and how it is shown."""

import os
import pathlib
import statistics
import typing

UNITS = {'µs': 1e3, 'ms': 1e6, 's': 1e9}  # in nanoseconds


class Row(typing.NamedTuple):
    """One line of the table: our values, one for each round, beside somebody else's."""

    what: str
    unit: str
    ours: list
    against: str = ''
    theirs: list = ()
    most: float | None = None  # of the ratio; of ours, where there is nothing beside it
    least: float | None = None  # likewise, where more is better

    def ratio(self):
        """Ours by theirs, of the medians."""
        if not self.theirs or not (there := statistics.median(self.theirs)):
            return None
        return statistics.median(self.ours) / there

    def holds(self):
        """Whether it is as good as wanted; None where nothing is wanted."""
        value = self.ratio() if self.theirs else statistics.median(self.ours)
        if value is None or (self.most is None and self.least is None):
            return None
        return value <= self.most if self.most is not None else value >= self.least

    def wanted(self):
        """What is wanted, as text."""
        if self.most is None and self.least is None:
            return ''
        value, sign = (self.most, '≤') if self.most is not None else (self.least, '≥')
        return f'{sign} {value:g}{" ×" if self.theirs else f" {self.unit}"}'

    def data(self):
        """All of it, for a file."""
        return {**self._asdict(), 'ratio': self.ratio(), 'holds': self.holds(),
                'ours': summary(self.ours), 'theirs': summary(self.theirs)}


def summary(values):
    """Median, quartiles and number of some values."""
    if not values:
        return None
    low, _middle, high = quartiles(values)
    return {'median': statistics.median(values), 'low': low, 'high': high, 'rounds': len(values)}


def quartiles(values):
    """Between which the middle half lies."""
    if len(values) < 2:
        return [values[0]] * 3
    return statistics.quantiles(values, n=4, method='inclusive')


def number(value):
    """A number with three digits that count."""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f'{value:.{digits}f}'.removesuffix('.00')


def cell(values):
    """Median and spread."""
    if not values:
        return ''
    low, _middle, high = quartiles(values)
    spread = f' ({number(low)}–{number(high)})' if low != high else ''
    return f'{number(statistics.median(values))}{spread}'


def table(rows):
    """The rows as a table in Markdown."""
    lines = ['| what | unit | ours | beside | theirs | ratio | to reach | |',
             '| --- | --- | --- | --- | --- | --- | --- | --- |']
    for row in rows:
        ratio = row.ratio()
        word = {None: '', True: 'yes', False: '**no**'}[row.holds()]
        cells = (row.what, row.unit, cell(row.ours), row.against, cell(row.theirs),
                 '' if ratio is None else f'{number(ratio)} ×', row.wanted(), word)
        lines.append(f'| {" | ".join(cells)} |')
    return '\n'.join(lines)


def surroundings(release):
    """Where it was measured."""
    info = pathlib.Path('/proc/cpuinfo').read_text('utf-8')
    model = next((line.partition(': ')[2] for line in info.splitlines()
                  if line.startswith('model name')), '')
    return {'release': release, 'processors': os.cpu_count(), 'model': model,
            'kernel': os.uname().release, 'load': os.getloadavg()}


def scaled(nanoseconds, unit):
    """Nanoseconds in another unit."""
    return [value / UNITS[unit] for value in nanoseconds]
