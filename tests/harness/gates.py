# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is looked at without running the daemon: one gate, one test."""

import json
import pathlib
import re
import shlex
import tempfile
from xml.etree import ElementTree

from .build import PROBES, SOURCE, tracked
from .container import Container
from .jobs import Result, contained
from . import elf, manual as pages, mutants, node, roots

GATES = []


def gate(function):
    """Add a gate: a function of the clang build that returns (good, text)."""
    GATES.append(function)
    return function


def result(function, build):
    """Run one gate as a job."""
    good, text = function(build)
    return Result(int(bool(good)), int(not good), text)


def check(build, files, command, timeout=600):
    """Run COMMAND in the root over FILES of the tree, a few at a time."""
    if not files:
        return False, 'nothing to check'
    names = '\n'.join(f'/src/{name}' for name in files)
    script = (f"printf '%s\\n' {shlex.quote(names)}"
              f" | xargs -d '\\n' -P $(nproc) -n 4 {command} 2>&1")
    status, text = build.inside(script, timeout)
    return status == 0, text


def scripts(kind):
    """Files of the tree whose first line names the interpreter KIND."""
    found = []
    for name in tracked('*'):
        with open(SOURCE / name, 'rb') as file:
            first = file.readline(200)
        if first.startswith(b'#!') and kind.encode() in first:
            found.append(name)
    return found

# GLib's macros are beyond it, and a NULL at the end of an argument list is one on every machine
# that has a GLib.
CPPCHECK = ('--enable=warning,performance,portability --inline-suppr --library=gtk'
            ' --suppress=varFuncNullUB --suppress=missingInclude -D_GNU_SOURCE'
            " '-DG_GNUC_PRINTF(a,b)=' -DG_GNUC_NULL_TERMINATED=")


@gate
def clang_format(build):
    """The look of the C code."""
    return check(build, tracked('*.c', '*.h'),
                 'clang-format --style=file --fallback-style=none --dry-run --Werror')


@gate
def clang_tidy(build):
    """What clang-tidy and the static analyzer know."""
    return check(build, tracked('*.c'),
                 "clang-tidy --quiet --warnings-as-errors='*' -p /work/build", 2400)


@gate
def cppcheck(build):
    """What cppcheck knows."""
    folders = ' '.join(f'-I/src/{name}' for name in ('daemon', 'introspection'))
    return check(build, tracked('*.c'), f'cppcheck --quiet --error-exitcode=1 {CPPCHECK} {folders}'
                 ' -Ibuild/introspection')


@gate
def xml(build):
    """XML is well formed."""
    files = [name for name in tracked('*.xml', '*.policy', '*.policy.in', '*.conf', '*.conf.in')
             if (SOURCE / name).read_bytes().lstrip().startswith(b'<')]
    return check(build, files, 'xmllint --noout --nonet')


@gate
def shellcheck(build):
    """Shell scripts."""
    files = {*scripts('sh'), *scripts('bash'), *tracked('*.sh', 'data/completions/truenas-sshctl')}
    return check(build, sorted(files), 'shellcheck --external-sources')


@gate
def manual(build):
    """Manual pages have no errors that man knows of."""
    return check(build, tracked('data/man/*'), "sh -c 'for f; do"
                 ' [ -z "$(man --warnings --encoding=UTF-8 --local-file "$f" 2>&1 >/dev/null |'
                 """ tee /dev/stderr)" ] || exit 1; done' sh""")


@gate
def completions(build):
    """What other shells say about their completions."""
    status, text = build.inside('zsh -n /src/data/completions/_truenas-sshctl 2>&1\n'
                                'fish --no-execute /src/data/completions/truenas-sshctl.fish 2>&1')
    return status == 0 and not text, text


@gate
def manual_members(_build):
    """Manual pages name all that a program can meet on the bus or in the journal."""
    lacks = {'org.truenas.SSH.5': pages.missing('org.truenas.SSH.5', *pages.interface()),
             'truenas-ssh-daemon.8': pages.missing('truenas-ssh-daemon.8', [], pages.journal())}
    return not any(lacks.values()), '\n'.join(f'{page}: {name}' for page, names in lacks.items()
                                              for name in names)


@gate
def manual_installed(build):
    """Manual pages are where man looks for them."""
    lost = [name for name in tracked('data/man/*')
            if not list(build.layer.glob(f'usr/share/man/man?/{pathlib.Path(name).name}*'))]
    return not lost, f'not installed: {lost}'


@gate
def reference(build):
    """Every symbol of the library is documented, and every member of the interface is there."""
    status, text = build.inside('meson test -C build --no-rebuild --print-errorlogs --suite docs')
    if status:
        return False, text
    folder = build.objects / 'docs/reference'
    page = (folder / 'org.truenas.SSH.md').read_text('utf-8')
    html = (build.layer / 'usr/share/doc/TruenasSsh-1/org.truenas.SSH.html').read_text('utf-8')
    interface = ElementTree.parse(SOURCE / 'introspection/org.truenas.SSH.xml').find('interface')
    members = [each for each in interface if each.tag in ('method', 'property', 'signal')]
    missing = [each.get('name') for each in members
               if f'id="{each.get("name").lower()}"' not in html]
    # gdbus-codegen takes one line for an argument, and the others for what follows.
    missing += [f'{each.get("name")} {arg.get("name")}' for each in members
                for arg in each.findall('arg')
                if not re.search(rf'^\* `\w+ \S+ {arg.get("name")}`: .+\.$',
                                 page.split(f'### {each.get("name")}\n')[1].split('###')[0], re.M)]
    return bool(members) and not missing, f'not in the reference: {missing}'


# What is to be translated, merged into each translation; prints what is left of it.
LEFT = r'''
cd /src
grep -v -e '^#' -e policy po/POTFILES.in >/tmp/sources
xgettext --language=C --from-code=UTF-8 -k_ -kN_ -kngettext:1,2 -f /tmp/sources -o /tmp/sources.pot
xgettext --from-code=UTF-8 $(grep policy po/POTFILES.in) -o /tmp/policy.pot
msgcat /tmp/sources.pot /tmp/policy.pot -o /tmp/all.pot
for language in $(grep -v '^#' po/LINGUAS); do
    msgfmt --check -o /dev/null "po/$language.po"
    msgmerge --quiet --no-fuzzy-matching "po/$language.po" /tmp/all.pot -o /tmp/merged.po
    for kind in --untranslated --only-fuzzy; do
        msgattrib "$kind" --no-obsolete /tmp/merged.po >/tmp/left.po
        ! grep -q ^msgid /tmp/left.po || { echo "$language:"; cat /tmp/left.po; }
    done
done
'''


@gate
def translations(build):
    """Each language has everything, and every file with text in it is known."""
    listed = (SOURCE / 'po/POTFILES.in').read_text('utf-8').split('\n')
    unlisted = [name for name in tracked('daemon/*.c', 'introspection/*.c', 'data/cockpit/src/*')
                if name not in listed
                and re.search(r'\b(N?_|ngettext) ?\("', (SOURCE / name).read_text('utf-8'))]
    if unlisted:
        return False, f'not in po/POTFILES.in: {unlisted}'
    status, text = build.inside(LEFT, 60)
    return status == 0 and 'msgid' not in text, text


@gate
def fedora(build):
    """The spec file for Fedora is one, with the page and without it."""
    specs = tracked('*.spec')
    for option in ('', ' --without=cockpit'):
        good, text = check(build, specs, f'rpmspec --parse{option}')
        if not good:
            return good, text
    return good, text


@gate
def versions(_build):
    """Every file that names the version names the same."""
    found = {name: re.search(pattern, (SOURCE / name).read_text('utf-8'))[1] for name, pattern in (
        ('meson.build', r"version: '([^']*)'"), ('NEWS', r'^Version (\S*)'),
        ('debian/changelog', r'^truenas-ssh \(([^)-]*)'),
        ('data/fedora/truenas-ssh.spec', r'\nVersion: *(\S*)'))}
    return len(set(found.values())) == 1, str(found)


@gate
def mutations(_build):
    """Every mistake that tests/mutants makes can still be made."""
    lines = mutants.problems()
    return not lines, '\n'.join(lines)


@gate
def python(_build):
    """Python files compile."""
    files = {*tracked('*.py'), *scripts('python')}
    for name in sorted(files):
        try:
            compile((SOURCE / name).read_bytes(), name, 'exec')
        except SyntaxError as error:
            return False, f'{name}:{error.lineno}: {error.msg}'
    return bool(files), 'nothing to check' if not files else ''


@gate
def page(_build):
    """The logic of the Cockpit page, without a browser."""
    files = [SOURCE / name for name in tracked('data/cockpit/test/*.js')]
    status, text = contained(['node', '--test', *files], 120)
    return status == 0 and bool(files), text


@gate
def page_sources(_build):
    """What esbuild warns of in the Cockpit page, and in its driver."""
    program = next(node.modules().glob('@esbuild/*/bin/esbuild'))
    files = tracked('data/cockpit/src/*.js', 'data/cockpit/src/*.jsx', 'tests/harness/*.mjs')
    with tempfile.TemporaryDirectory() as folder:
        status, text = contained([program, *(SOURCE / name for name in files), '--jsx=automatic',
                                  '--log-level=warning', '--log-limit=0', f'--outdir={folder}'], 60)
    return status == 0 and not text, text


@gate
def page_warnings(_build):
    """The page has a title for each warning of the service."""
    daemon = ''.join((SOURCE / name).read_text('utf-8') for name in tracked('daemon/*.c'))
    page = (SOURCE / 'data/cockpit/src/warnings.jsx').read_text('utf-8')
    codes = set(re.findall(r'warn(?:ing_add|_missing) \([^"]*?, "([a-z]+-[a-z-]+)"', daemon))
    missing = sorted(code for code in codes if f'"{code}": _(' not in page)
    return bool(codes) and not missing, '\n'.join(missing)


@gate
def units(build):
    """What systemd says about the installed units."""
    folder = build.layer / 'usr/lib/systemd/system'
    names = sorted(path.name for path in folder.glob('*.*') if path.is_file())
    if not names:
        return False, 'nothing to check'
    with Container(roots.root(build.release), [build.layer]) as container:
        done = container.run(['systemd-analyze', 'verify', '--man=no', *names], check=False)
    text = done.stdout + done.stderr
    ours = [line for line in text.splitlines() if any(name in line for name in names)]
    return done.returncode == 0 and not ours, text


# Exposure in tenths of a point, as systemd counts it.
EXPOSURE = 19


@gate
def sandbox(build):
    """Each unit is as confined as systemd of each release can tell."""
    folder = 'usr/lib/systemd/system'
    units = sorted(path.name for path in (build.layer / folder).glob('truenas-ssh*.service'))
    good, text = bool(units), ''
    for release in roots.RELEASES:
        with Container(roots.root(release), [build.layer]) as container:
            for unit in units:
                done = container.run(['systemd-analyze', 'security', '--offline=true', '--no-pager',
                                      f'--threshold={EXPOSURE}', f'/{folder}/{unit}'], check=False)
                good = good and done.returncode == 0
                text += f'{release}: {unit}\n{done.stdout}{done.stderr}\n'
    return good, text


# What every C file is compiled with.
HARDENING = ('-fstack-protector-strong', '-D_FORTIFY_SOURCE=2')


def hardening(build):
    """What is installed is as hard to misuse as compiler and linker can make it."""
    commands = json.loads((build.objects / 'compile_commands.json').read_text('utf-8'))
    found = [f'{each["file"]}: compiled without {flag}' for each in commands
             for flag in HARDENING if flag not in each['command'].split()]
    number = 0
    for path in sorted((build.layer / 'usr').rglob('*')):
        if not path.is_file() or path.is_symlink() or PROBES in f'/{path}':
            continue
        data = path.read_bytes()
        if data.startswith(elf.MAGIC):
            number += 1
            found += [f'{path.relative_to(build.layer)}: {words}' for words in elf.weaknesses(data)]
    return number > 4 and not found, '\n'.join([f'{number} programs and libraries', *found])


def titles():
    """The gates with the words they are shown by."""
    return [(pathlib.PurePath(function.__name__).name.replace('_', '-'), function)
            for function in GATES]
