# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The states of the Cockpit page in a real browser, each looked at by axe in both themes."""

import contextlib
import time

import pytest
from gi.repository import GLib

from harness.browser import Browser
from harness.machine import wait_for
from harness.outside import FOREIGN, write
from harness.sshd import DROP_IN

ADMIN = ('admin', 'correct horse')


@pytest.fixture(scope='module')
def started(machine):
    """A browser."""
    machine.user_add(*ADMIN, groups=['sudo', 'staff'])
    machine.key_add('root')
    with Browser(machine) as browser:
        browser.login(*ADMIN)
        yield browser


@pytest.fixture
def browser(started, machine, pristine):
    """The page of a machine where nothing is set."""
    wait_for(lambda: started('.setting[data-managed=true]').count() == 0)
    if started('#review-dialog').count():
        started.ask('key', None, 'Escape')
        started('#review-dialog').gone()
    if started('#discard').count():
        started('#discard').click()
    yield started
    if machine.get('PendingDeadline'):
        machine.call('Rollback', GLib.Variant('(s)', ('',)))


def test_pending_of_somebody_else(machine, browser):
    """A change that another client has put on probation is shown, counted down, and can be ended."""
    machine.apply({'TcpPort': 2222}, confirm_timeout=60)
    assert 'somebody' in browser('#pending').shown()
    assert 30 < int(browser('#countdown').innerText().split()[0]) <= 60
    assert not browser('#TcpPort').isEnabled()
    browser.picture('pending-other')
    assert browser.flaws() == []
    browser('#undo').click()
    browser('#pending').gone()
    assert machine.get('TcpPort') == 22


def test_time_is_up(machine, browser):
    """A change that nobody keeps is undone, and the page says so."""
    browser('#TcpPort').fill('2222')
    browser.review()
    browser('#seconds').fill('15')
    browser('#save').click()
    browser('#pending').shown()
    browser.picture('pending-own')
    assert browser.flaws() == []
    assert 'undone' in browser('#ended').shown(40)
    assert machine.sshd_T()['port'] == ['22']
    assert browser.flaws() == []


def test_own_login_keeps(machine, browser):
    """A new login over SSH of whoever saved, from another machine, keeps the change."""
    far = machine.add_interface('eth6', '192.0.2.6/24', '192.0.2.66/24')
    browser('#TcpPort').fill('2222')
    browser.save()
    browser('#pending').shown()
    done = machine.ssh(ADMIN[0], 'true', host='192.0.2.6', port=2222, password=ADMIN[1], netns=far)
    assert done.returncode == 0, done
    browser('#pending').gone()
    assert 'kept' in browser('#ended').shown()
    assert machine.sshd_T()['port'] == ['2222']


@contextlib.contextmanager
def cut(machine, browser, seconds):
    """Save a change, cut the browser off, and wait until the machine has undone it."""
    browser('#TcpPort').fill('2222')
    browser.review()
    browser('#seconds').fill(str(seconds))
    browser('#save').click()
    browser('#pending').shown()
    machine.run(['ip', 'link', 'set', 'lo', 'down'])
    try:
        yield
        wait_for(lambda: machine.get('PendingDeadline') == 0, 90)
        assert machine.sshd_T()['port'] == ['22']
    finally:
        machine.run(['ip', 'link', 'set', 'lo', 'up'])


def test_network_is_cut(machine, browser):
    """While the browser reaches nothing it says when the machine goes back, which it does; then the page says so."""
    with cut(machine, browser, 16):
        assert 'by itself at' in browser('#unreachable').shown(12)
        browser.picture('unreachable')
    assert 'undone' in browser('#ended').shown(60)
    assert browser('#TcpPort').inputValue() == '22'


def test_network_is_cut_for_long(machine, browser):
    """Cockpit gives the session up; whoever logs in again is told what has become of the change."""
    with cut(machine, browser, 45):
        wait_for(lambda: 'econnect' in browser.ask('shell'), 60, 0.5)
    browser.ask('again', None, dict(zip(('user', 'password'), ADMIN)))
    assert 'undone' in browser('#ended').shown(30)
    assert browser('#TcpPort').inputValue() == '22'
    browser.login(*ADMIN)


def test_broken_by_somebody_else(machine, browser):
    """A line of another file that sshd refuses: it is down, what is saved is refused with the place; mended, it starts."""
    machine.write(FOREIGN, 'NoSuchKeyword yes\n')
    machine.run('systemctl restart ssh.service', check=False)
    browser('#service-state:has-text("Failed")').shown()
    browser.login(*ADMIN)
    browser('#host-keys:has-text("refuses")').shown()
    assert f'{FOREIGN}:1' in browser('[data-code=configuration-broken]').shown()
    browser('#TcpPort').fill('2222')
    browser('#review').click()
    assert f'{FOREIGN}:1' in browser('#review-error').shown()
    browser.picture('broken')
    assert browser.flaws() == []
    browser.ask('key', None, 'Escape')
    browser('#review-dialog').gone()
    browser('#discard').click()
    machine.write(FOREIGN, '')
    machine.run(['systemctl', 'reset-failed', 'ssh.service'])
    browser('#service button:has-text("Start")').click()
    browser('#service-state:has-text("Running")').shown()
    browser('#host-keys li >> nth=0').shown()
    assert 'refuses' not in browser('#host-keys').innerText()


def test_directory(machine, browser):
    """Where users come from a directory, it is said that all of them can use a password."""
    assert browser('#directory-warning').count() == 0
    before = machine.read('/etc/nsswitch.conf')
    machine.write('/etc/nsswitch.conf', before.replace('passwd:', 'passwd: ldap')
                  .replace('shadow:', 'shadow: ldap'))
    try:
        assert 'directory' in browser('#directory-warning').shown()
        browser('[data-code=password-open-to-directory-users]').shown()
        browser.picture('directory')
        assert browser.flaws() == []
    finally:
        machine.write('/etc/nsswitch.conf', before)
    browser('#directory-warning').gone()


def test_host_key_is_copied(machine, browser):
    """A fingerprint goes to the clipboard as it is."""
    browser('#host-keys li button >> nth=0').shown()
    browser('#host-keys li button >> nth=0').click()
    browser('#host-keys [role=status]:has-text("Copied")').shown()
    assert browser.ask('clipboard') == machine.call('ListHostKeys')[0]['fingerprint']


def test_set_as_it_is(machine, browser):
    """A setting can be taken over with the value that it has."""
    browser('[data-setting=TcpPort] .pin').click()
    browser.save()
    browser.keep()
    assert machine.get('ManagedSettings') == ['TcpPort']
    browser('[data-setting=TcpPort][data-managed=true]').shown()


def test_edited_by_hand(machine, browser):
    """An edit by hand is shown, and replaced when that is chosen."""
    machine.apply({'Compression': False})
    text = machine.read(DROP_IN)
    write(machine, DROP_IN, f'{text}MaxAuthTries 3\n')
    browser('[data-code=edited-by-hand]').shown()
    browser.picture('edited')
    assert browser.flaws() == []
    browser('[data-code=edited-by-hand] button').click()
    browser('#save:enabled').click()
    browser('#review-dialog').gone()
    browser.keep()
    wait_for(lambda: 'MaxAuthTries' not in machine.read(DROP_IN))


def test_half_done(machine, browser):
    """A journal that nobody can read is told of until somebody has taken it away."""
    machine.write('/var/lib/truenas-ssh/journal.broken', 'rubbish\n')
    assert 'journal.broken' in browser('[data-code=journal-broken]').shown()
    browser.picture('half-done')
    assert browser.flaws() == []
    machine.remove('/var/lib/truenas-ssh/journal.broken')
    browser('[data-code=journal-broken]').gone()


def test_foreign_line(machine, browser):
    """Lines that are in the way are named, and replaced when that is chosen."""
    write(machine, FOREIGN, 'Port 22\nPort 2200\n')
    browser('#TcpPort').fill('2222')
    browser('#review').click()
    assert FOREIGN in browser('#review-error').shown()
    browser.picture('conflict')
    assert browser.flaws() == []
    browser('#replace-foreign').click()
    browser('#save:enabled').click()
    browser('#review-dialog').gone()
    browser.keep()
    assert machine.sshd_T()['port'] == ['2222']


def test_socket(machine, browser):
    """Where a socket unit listens, that is said; interfaces need the service, which can be chosen."""
    machine.run('systemctl stop ssh.service && systemctl disable -q ssh.service'
                ' && systemctl enable -q --now ssh.socket')
    try:
        browser('#socket').shown()
        assert browser.flaws() == []
        browser.picture('socket')
        machine.add_interface('eth5', '192.0.2.5/24')
        browser('#advanced').click({'force': True})
        browser('#BindInterfaces').click()
        browser('[role=option]:has-text("eth5")').click()
        browser.ask('key', None, 'Escape')
        browser('#review').click()
        browser('#use-service').click()
        browser('#save:enabled').click()
        browser('#review-dialog').gone()
        browser.keep()
        assert machine.get('Unit') == 'ssh.service'
    finally:
        machine.run('systemctl disable -q --now ssh.socket; systemctl enable -q ssh.service'
                    ' && systemctl restart ssh.service')
    wait_for(lambda: machine.get('Unit') == 'ssh.service')


def test_looks(machine, browser):
    """Nothing for axe to find, with everything open; it fits a phone; it can be read from the right."""
    machine.apply({'TcpPort': 2222, 'AuxiliaryParameters': 'MaxAuthTries 4'})
    browser('[data-setting=TcpPort][data-managed=true]').shown()
    if not browser('#AuxiliaryParameters').isVisible():
        browser('#advanced').click({'force': True})
    browser('.entry .pf-v6-c-expandable-section__toggle button >> nth=0').click()
    assert browser.flaws() == []
    browser('#PasswordLoginGroups').fill('s')
    browser('[role=option]:has-text("staff")').shown()
    browser.picture('typeahead')
    assert browser.flaws() == []
    browser('#PasswordLoginGroups').fill('')
    browser.ask('key', None, 'Escape')
    browser('#TcpPort').fill('2223')
    browser.review()
    assert browser.flaws() == []
    browser.ask('key', None, 'Escape')
    browser('#review-dialog').gone()
    browser('#discard').click()
    browser.ask('size', None, [360, 740])
    assert browser.ask('hidden') == []
    browser.picture('narrow')
    assert browser.flaws() == []
    browser.ask('size', None, [1100, 900])
    browser.ask('direction', None, 'rtl')
    browser.picture('rtl')
    assert browser.ask('hidden') == []
    assert browser.flaws() == []
    browser.ask('direction', None, 'ltr')


@pytest.mark.parametrize('language, label, direction', [
    ('de', 'Passwortanmeldung erlauben', 'ltr'), ('ar', 'السماح بالمصادقة بكلمة مرور', 'rtl')])
def test_language(browser, language, label, direction):
    """The page speaks the language of the session, in its direction."""
    try:
        browser.login(*ADMIN, language=language)
        assert label in browser('#settings').shown()
        assert browser.ask('menu').strip() == browser('h1').innerText()
        assert browser('h1').innerText() != 'SSH server'
        assert browser.ask('directed') == direction
        browser.picture(f'language-{language}')
        assert browser.ask('hidden') == []
        assert browser.flaws() == []
        assert browser.ask('errors') == []
    finally:
        browser.login(*ADMIN)


def test_many_groups(machine, browser):
    """A hundred thousand groups are searched without lag, by keyboard alone."""
    lines = ''.join(f'crowd{each}:x:{each}:\n' for each in range(100000, 200000))
    before = machine.read('/etc/group')
    machine.write('/etc/group', before + lines)
    try:
        browser('#PasswordLoginGroups').fill('crowd19999')
        began = time.monotonic()
        browser('#PasswordLoginGroups-option-crowd199999').shown()
        print(f'group found: {time.monotonic() - began:.2f} s')
        assert time.monotonic() - began < 5
        browser.ask('key', None, 'ArrowDown')
        browser.ask('key', None, 'Enter')
        assert browser('[data-setting=PasswordLoginGroups] .pf-v6-c-label').count() == 2
        browser('[aria-label="Remove crowd199990"]').click()
        browser('[aria-label="Remove crowd199990"]').gone()
    finally:
        machine.write('/etc/group', before)
    browser.ask('key', None, 'Escape')


def test_looks_only(machine, browser):
    """Without administrative access everything can be read and nothing changed."""
    browser.login(*ADMIN, admin=False)
    browser('#read-only').shown()
    assert browser('#TcpPort').inputValue() == '22'
    assert not browser('#TcpPort').isEnabled()
    assert browser('#review').count() == 0 and browser('#history').count() == 0
    browser('#host-keys li >> nth=0').shown()
    browser.picture('read-only')
    assert browser.flaws() == []
    browser.login(*ADMIN)


def test_no_sshd(machine, browser):
    """Without OpenSSH's server the page says so."""
    machine.run('mv /usr/sbin/sshd /usr/sbin/sshd.away && systemctl restart truenas-ssh.service')
    try:
        browser.login(*ADMIN)
        browser('#no-sshd').shown()
        browser.picture('no-sshd')
        assert browser.flaws() == []
    finally:
        machine.run('mv /usr/sbin/sshd.away /usr/sbin/sshd && systemctl restart truenas-ssh.service')
    browser.login(*ADMIN)


def test_service_ends(machine, browser):
    """When the service ends and comes back the page goes on, with what is true then."""
    before = machine.daemon_pid()
    machine.run(['systemctl', 'kill', '-s', 'KILL', 'truenas-ssh.service'])
    wait_for(lambda: machine.daemon_pid() not in (0, before))  # for the page has asked
    machine.apply({'TcpPort': 2226})
    wait_for(lambda: browser('#TcpPort').inputValue() == '2226')


def test_no_service(machine, browser):
    """Without the service the page says so, and finds it again."""
    machine.run('mv /usr/share/dbus-1/system-services/org.truenas.SSH.service /run/'
                ' && busctl call org.freedesktop.DBus / org.freedesktop.DBus ReloadConfig'
                ' && systemctl stop truenas-ssh.service')
    try:
        browser('#state-missing').shown(40)
        browser.picture('missing')
        assert browser.flaws() == []
    finally:
        machine.run('mv /run/org.truenas.SSH.service /usr/share/dbus-1/system-services/'
                    ' && busctl call org.freedesktop.DBus / org.freedesktop.DBus ReloadConfig')
    browser('#state-missing button').click()
    browser('#settings').shown()
    assert browser.ask('errors') == []
