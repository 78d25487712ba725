# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The guide: on a fresh machine for each page, its commands print what it shows."""

import re

import pytest

from harness import directory, guide, realm
from harness.outside import PATIENT

SERVER = '192.0.2.1'
LAPTOP = 'laptop'
SSH = '''Host *
  IdentityFile /root/key-%r
  StrictHostKeyChecking no
  UserKnownHostsFile /dev/null
  LogLevel ERROR
'''


def ground(machine):
    """A machine at the far end of a cable, on which root and anna have keys."""
    machine.add_interface('lan0', f'{SERVER}/24', '192.0.2.7/24', LAPTOP)
    machine.write('/etc/hosts', f'127.0.0.1 localhost\n::1 localhost\n{SERVER} machine server\n')
    machine.write('/root/.ssh/config', SSH, 0o600)
    machine.user_add('anna', 'secret', groups=['sudo'])
    for user in ('root', 'anna'):
        machine.key_add(user)
    if machine.release != 'bookworm':
        # Who is refused on purpose shall not be ignored for it.
        machine.write(PATIENT, 'PerSourcePenalties no\n')
        machine.restart_sshd()


def kerberos(machine):
    """A realm whose KDC the laptop reaches too, and an administrator of it."""
    realm.create(machine)
    machine.run(['kdestroy'])
    server = f'kdc = {SERVER}\n        admin_server = {SERVER}'
    machine.write('/etc/krb5.conf', realm.CONFIG.replace('kdc = 127.0.0.1', server))
    realm.kadmin(machine, 'addprinc -pw secret admin/admin')
    machine.write('/etc/krb5kdc/kadm5.acl', '*/admin@EXAMPLE.TEST *\n')
    machine.run(['systemctl', 'start', 'krb5-admin-server.service'])
    machine.write('/root/password', 'secret\n')


def directories(machine):
    """Dora is in a group of the directory, emil and fay are not."""
    directory.create(machine, directory.user('dora', 5000, 'secret')
                     + directory.user('emil', 5001, 'secret')
                     + directory.user('fay', 5200, 'secret', 'dom')
                     + directory.group('crew', 5100, ['dora'])
                     + directory.group('one, two', 5101)
                     + directory.group('dom users', 5201, ['fay'], 'dom'))


# What a page takes for granted, beside the ground.
BESIDE = {'kerberos.md': kerberos, 'directories.md': directories}


def run(machine, step):
    """Run a command of a page as whoever the prompt names; returns what is shown of it."""
    command = f'cd\n{{ {step.command}\n}} 2>&1'
    if step.who == LAPTOP:
        return machine.run(['ip', 'netns', 'exec', LAPTOP, 'sh', '-c', command], check=False)
    return machine.run(command, user=step.who or None, check=False)


@pytest.mark.parametrize('machine', guide.pages(), indirect=True, scope='module')
def test_page(request, machine):
    page = request.node.callspec.params['machine']
    ground(machine)
    BESIDE.get(page, lambda _machine: None)(machine)
    steps = guide.steps(page)
    assert any(isinstance(step, guide.Command) for step in steps)
    for step in steps:
        if isinstance(step, guide.File):
            machine.write(f'/root/{step.path}', step.text)
            continue
        done = run(machine, step)
        assert done.returncode == 0 and guide.matches(step.output, done.stdout), \
            f'{page}: {step.command}\n--- shown:\n{step.output}--- printed:\n{done.stdout}' \
            f'--- exit status {done.returncode}'


def test_no_command_stands_in_the_text_only():
    commands = '\n'.join(step.command for page in guide.pages() for step in guide.steps(page)
                         if isinstance(step, guide.Command))
    for path in guide.FOLDER.glob('*.md'):
        text = guide.FENCE.sub('', path.read_text('utf-8'))
        for command in re.findall(r'`(truenas-sshctl [^`]*)`', text):
            assert command in commands, f'{path.name}: {command}'


@pytest.mark.parametrize('page', guide.pages())
def test_files_are_named_in_the_text(page):
    text = guide.FENCE.sub('', (guide.FOLDER / page).read_text('utf-8'))
    for step in guide.steps(page):
        assert not isinstance(step, guide.File) or f'`{step.path}`' in text, step.path


def test_index_has_all_pages():
    linked = re.findall(r'\]\(([a-z-]+\.md)\)', guide.INDEX.read_text('utf-8'))
    assert sorted(linked) == guide.pages()


@pytest.mark.parametrize('shown, printed, same', [
    ('one\ntwo\n', 'one\ntwo\n', True), ('one\n', 'one\ntwo\n', False), ('', 'one\n', False),
    ('one\n', '', False), ('on…\n', 'one\n', True), ('on…\n', 'two\n', False),
    ('…\ntwo\n', 'one\nand\ntwo\n', True), ('one\n…\n', 'one\n', True),
    ('…\ntwo\n', 'one\n', False), ('a.c\n', 'abc\n', False)])
def test_how_output_is_compared(shown, printed, same):
    assert guide.matches(shown, printed) is same
