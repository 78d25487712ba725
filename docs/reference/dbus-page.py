# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The D-Bus interface in Markdown, from what gdbus-codegen makes of its XML in DocBook.

gdbus-codegen writes Markdown itself, from GLib 2.80 on, but not what stands in our comments.
"""

import re
import sys
import xml.etree.ElementTree as ElementTree

HEAD = '''Title: D-Bus interface

# {name}

{purpose}.
'''
# DocBook's elements within a line → what stands around their text.
MARKS = {'literal': '`', 'filename': '`', 'parameter': '`', 'emphasis': '*'}


def inline(element):
    """The text of an element as Markdown, on one line."""
    parts = [element.text or '']
    for child in element:
        if child.tag == 'link':
            text = child.text.strip('"')
            parts.append(f'[`{text}`](#{anchor(text.removesuffix("()"))})')
        elif child.tag in MARKS and not len(child):
            parts.append(f'{MARKS[child.tag]}{child.text}{MARKS[child.tag]}')
        elif child.tag != 'variablelist':
            parts.append(inline(child))
        parts.append(child.tail or '')
    return re.sub(r'\s+', ' ', ''.join(parts)).strip()


def anchor(member):
    """What gi-docgen calls the place of a member's heading."""
    return member.lower()


def terms(variables):
    """A list of words and what they mean."""
    for entry in variables.findall('varlistentry'):
        term = ''.join(entry.find('term').itertext()).rstrip(':')
        yield f'* `{term}`: {inline(entry.find("listitem"))}'
    yield ''


def paragraphs(section):
    """What a section says, but for its title and the shape of a member."""
    for part in section:
        if part.tag == 'para' and part.get('role') != 'since' and inline(part):
            yield f'{inline(part)}\n'
        for variables in [part] if part.tag == 'variablelist' else part.iter('variablelist'):
            yield from terms(variables)


def members(section, kind):
    """Each member of a kind, with its shape."""
    for member in section.iter('refsect2'):
        if member.get('role') == kind:
            name = member.get('id').rpartition('.')[2]
            shape = ''.join(member.find('programlisting').itertext()).strip()
            yield f'### {name}\n\n```\n{shape}\n```\n'
            yield from paragraphs(member)


def page(root):
    """The whole page."""
    yield HEAD.format(name=root.findtext('.//refname'), purpose=root.findtext('.//refpurpose'))
    yield from paragraphs(root.find("refsect1[@role='desc']"))
    for kind, title in (('method', 'Methods'), ('property', 'Properties'), ('signal', 'Signals')):
        found = list(members(root, kind))
        if found:
            yield f'## {title}\n'
            yield from found


def main():
    """Read the DocBook and print Markdown."""
    with open(sys.argv[1], encoding='utf-8') as file:
        print('\n'.join(page(ElementTree.parse(file).getroot())))


if __name__ == '__main__':
    main()
