# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a manual page has to name: all that a program can meet on the bus."""

import re
import xml.etree.ElementTree as ElementTree

from .build import SOURCE

XML = SOURCE / 'introspection/org.truenas.SSH.xml'
ERRORS = SOURCE / 'introspection/truenas-ssh-error.c'
POLICY = SOURCE / 'data/org.truenas.ssh.policy.in'
DAEMON = SOURCE / 'daemon/audit.c'


def signature(member):
    """A member of the interface, on one line of the synopsis."""
    if member.tag == 'property':
        return f'{member.get("access")}only {member.get("type")} {member.get("name")};'
    order = ('type', 'name') if member.tag == 'signal' else ('direction', 'type', 'name')
    arguments = (' '.join(argument.get(key) for key in order) for argument in member.iter('arg'))
    return f'{member.get("name")}({", ".join(arguments)});'


def interface():
    """(signatures, names) of all that the XML, the errors and the policy tell of."""
    text = XML.read_text('utf-8')
    members = [member for member in ElementTree.fromstring(text.encode()).iter()
               if member.tag in ('method', 'property', 'signal')]
    options = re.findall(r'<term>([\w-]+) [\w{}()]+</term>', text)
    codes = re.search(r'Codes: (.*?)\. More', text, re.DOTALL)[1].split(',')
    errors = re.findall(r'NAME \("(\w+)"\)', ERRORS.read_text('utf-8'))
    actions = [action.get('id') for action in ElementTree.parse(POLICY).iter('action')]
    return ([signature(member) for member in members],
            [member.get('name') for member in members] + options
            + [code.strip() for code in codes]
            + [f'org.truenas.SSH.Error.{error}' for error in errors] + actions)


def journal():
    """The ids and fields of the messages that the daemon writes."""
    text = DAEMON.read_text('utf-8')
    return (re.findall(r'{ "([0-9a-f]{32})"', text)
            + [f'TRUENAS_SSH_{field}' for field in re.findall(r'PREFIX "(\w+)"', text)])


def missing(page, signatures, names):
    """What the PAGE does not have: a signature, or a name with a text of its own."""
    text = (SOURCE / 'data/man' / page).read_text('utf-8').replace('\\-', '-')
    synopsis = re.sub(r'\s+', ' ', text)
    headings = ' '.join(re.findall(r'^\.T[PQ]\n\.BI?R? (.*)', text, re.MULTILINE))
    words = re.split(r'[ ,]|\\~', headings)
    return ([each for each in signatures if f' {each}' not in synopsis]
            + [each for each in names if each not in words])
