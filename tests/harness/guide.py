# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Pages of the guide, read as what they tell to do: files to write, commands, what these print."""

import re
import typing

from .build import SOURCE

FOLDER = SOURCE / 'docs/guide'
INDEX = FOLDER / 'README.md'
FENCE = re.compile(r'^```(.*)\n((?:.*\n)*?)```$', re.MULTILINE)
PROMPT = re.compile(r'^(?:# |(?P<who>[a-z]+)\$ )(?P<command>.*)$')
ANYTHING = '…'


class File(typing.NamedTuple):
    """A file that the page has: it is to be written at this path, from root's home."""

    path: str
    text: str


class Command(typing.NamedTuple):
    """A command, by whom or on what machine ('' is root here), and what it prints."""

    who: str
    command: str
    output: str


class NoSuchBlock(ValueError):
    """A block that neither is a file nor has commands, so that nobody would try it."""


def pages():
    """The pages by their names."""
    return sorted(path.name for path in FOLDER.glob('*.md') if path != INDEX)


def steps(name):
    """What a page tells to do, in order."""
    text = (FOLDER / name).read_text('utf-8')
    found = []
    for title, block in FENCE.findall(text):
        if title == 'console':
            found += commands(block)
        elif title.count(' ') == 1:
            found.append(File(title.split(' ')[1], block))
        else:
            raise NoSuchBlock(f'{name}: ```{title}')
    return found


def commands(block):
    """The commands of a block, each behind its prompt and before its output."""
    found = []
    lines = iter(block.splitlines())
    for line in lines:
        prompt = PROMPT.match(line)
        if prompt:
            command = prompt['command']
            while command.endswith('\\'):
                command += '\n' + next(lines)
            found.append(Command(prompt['who'] or '', command, ''))
        elif found:
            found[-1] = found[-1]._replace(output=f'{found[-1].output}{line}\n')
        else:
            raise NoSuchBlock(f'output before a command: {line}')
    return found


def matches(expected, output):
    """Whether a command printed what the page shows; a line of … stands for any lines."""
    lines = []
    for line in expected.splitlines():
        if line == ANYTHING:
            lines.append(r'(?:.*\n)*?')
        else:
            lines.append(re.escape(line).replace(re.escape(ANYTHING), '.*') + r'\n')
    text = ''.join(f'{line.rstrip()}\n' for line in output.splitlines())
    return re.fullmatch(''.join(lines), text) is not None
