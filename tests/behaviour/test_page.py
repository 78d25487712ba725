# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The Cockpit page in a real browser: every setting down to sshd, probation, errors, history."""

import pytest

from harness.browser import Browser
from harness.machine import wait_for
from harness.outside import effective, offered

ADMIN = ('admin', 'correct horse')


@pytest.fixture(scope='module')
def browser(machine):
    """A browser, with an administrator's session."""
    machine.user_add(*ADMIN, groups=['sudo', 'staff'])
    machine.key_add('root')
    with Browser(machine) as started:
        print(f'page: {started.login(*ADMIN):.0f} ms after the login')
        yield started


@pytest.fixture
def form(machine, browser, pristine):
    """The form with nothing set and nothing typed, all settings shown."""
    wait_for(lambda: browser('.setting[data-managed=true]').count() == 0)
    if not browser('#advanced').isChecked():
        browser('#advanced').check({'force': True})
    return browser


def test_shows_the_form(machine, browser):
    """After the login the settings are there, with the values that they have."""
    assert browser('#TcpPort').inputValue() == '22'
    assert 'Running' in browser('#service-state').shown()
    assert ':22' in browser('#listens').shown()
    browser('#host-keys li >> nth=0').shown()
    assert browser('#host-keys li').count() == len(machine.call('ListHostKeys'))
    assert not browser('#AuxiliaryParameters').isVisible()
    browser.picture('basic')


def test_every_setting(machine, form):
    """What is set in the form is what sshd does."""
    machine.add_interface('eth7', '192.0.2.7/24')
    form('#TcpPort').fill('2222')
    form('#PasswordLoginGroups').fill('sta')
    form('#PasswordLoginGroups-option-staff').click()
    form('#TcpForwarding').uncheck({'force': True})
    form('#PasswordAuthentication').check({'force': True})
    form('#BindInterfaces').click()
    assert '192.0.2.7' in form('[role=listbox]:has-text("eth7")').shown()
    form('[role=option]:has-text("eth7")').click()
    form.ask('key', None, 'Escape')
    form('[role=listbox]').gone()
    form('#Compression').uncheck({'force': True})
    form('#SftpLogLevel').selectOption('VERBOSE')
    form('#SftpLogFacility').selectOption('LOCAL3')
    form('#WeakCiphers-AES128-CBC').check()
    form('#AuxiliaryParameters').fill('MaxAuthTries 4')
    form.picture('typed')
    form.review()
    assert '+MaxAuthTries 4' in form('#review-dialog .ct-diff').innerText()
    form.picture('review')
    form('#save').click()
    form('#pending').shown()
    form.picture('pending')
    form.keep()
    form('#ended').shown()
    assert machine.get('LastChange')['outcome'] == 'confirmed'
    assert effective(machine, 'maxauthtries') == '4'
    assert effective(machine, 'allowtcpforwarding') == 'no'
    assert effective(machine, 'compression') == 'no'
    assert 'aes128-cbc' in effective(machine, 'ciphers')
    assert '-l VERBOSE -f LOCAL3' in effective(machine, 'subsystem')
    assert machine.get('BindInterfaces') == ['eth7']
    wait_for(lambda: all(part in form('#listens').innerText() for part in ('2222', 'eth7')))
    assert 'password' in offered(machine, ADMIN[0], port=2222)
    assert 'password' not in offered(machine, 'root', port=2222)
    wait_for(lambda: form('.setting[data-managed=true]').count() == 9)


def test_kerberos(machine, form):
    """Switched on, it says at once what is missing."""
    form('#KerberosAuthentication').check({'force': True})
    form('#kerberos-state li >> nth=0').shown()
    form.save()
    form.keep()
    assert effective(machine, 'gssapiauthentication') == 'yes'


def test_undo(machine, form):
    """Undo brings the settings back at once."""
    form('#TcpPort').fill('2223')
    form.save()
    assert machine.sshd_T()['port'] == ['2223']
    form('#undo').click()
    assert 'undone' in form('#ended').shown()
    assert machine.sshd_T()['port'] == ['22']
    assert form('#TcpPort').inputValue() == '22'


def test_give_back(machine, form):
    """One click and a review give a setting back to the system."""
    machine.apply({'TcpForwarding': False, 'Compression': False})
    form('[data-setting=TcpForwarding] .reset').click()
    form.save()
    assert machine.get('ManagedSettings') == ['Compression']
    assert effective(machine, 'allowtcpforwarding') == 'yes'
    form('[data-setting=TcpForwarding][data-managed=false]').shown()


@pytest.mark.parametrize('port, words', [('0', 'from 1 to 65535'), ('65536', 'from 1 to 65535'),
                                         ('', 'from 1 to 65535'), ('9090', 'cockpit.socket')])
def test_bad_port(form, port, words):
    """A port that cannot be is said so as one types, also one that something else has."""
    form('#TcpPort').fill(port)
    assert words in form('#TcpPort-error').shown()
    form('#discard').click()
    form('#TcpPort-error').gone()


def test_bad_line(form):
    """An error in the auxiliary text is shown with its line."""
    form('#AuxiliaryParameters').fill('MaxAuthTries 4\nMaxAuthTry 5')
    text = form('#AuxiliaryParameters-error').shown()
    assert text.startswith('Line 2:') and 'MaxAuthTry 5' in text
    form.picture('error')
    assert form.flaws() == []
    # Whoever goes on all the same is led back to it.
    form('#review').click()
    form('#AuxiliaryParameters:focus').shown()
    assert form('#AuxiliaryParameters-error').shown().startswith('Line 2:')
    form('#discard').click()


def test_somebody_else_changes(machine, form):
    """Another client's change appears, and what is being typed stays."""
    form('#TcpPort').fill('2224')
    machine.apply({'Compression': False})
    form('[data-setting=Compression][data-managed=true]').shown()
    assert not form('#Compression').isChecked()
    assert form('#TcpPort').inputValue() == '2224'
    machine.apply({'TcpPort': 2225})
    form('[data-setting=TcpPort] .overtaken').shown()
    assert form('#TcpPort').inputValue() == '2224'
    form('#discard').click()
    assert form('#TcpPort').inputValue() == '2225'


def test_who_is_locked_out(machine, form):
    """The review names those who could not log in any more."""
    form('#AuxiliaryParameters').fill(f'DenyUsers {ADMIN[0]}')
    form.review()
    assert ADMIN[0] in form('.loses').shown()
    form('#review-dialog button:has-text("Cancel")').click()
    form('#discard').click()


def test_history(machine, form):
    """The history says what was changed, and leads back."""
    machine.apply({'Compression': False})
    machine.apply({'Compression': True})
    wait_for(lambda: form('.entry').count() == len(machine.call('ListHistory')))
    form('.entry .revert >> nth=1').click()
    form('#save:enabled').click()
    form('#review-dialog').gone()
    wait_for(lambda: machine.get('Compression') is False)


def test_service(machine, form):
    """Stop asks first; start and the start at boot do what they say."""
    form('#service button:has-text("Stop")').click()
    form('[role=dialog] button:has-text("Stop")').click()
    form('#service-state:has-text("Stopped")').shown()
    assert machine.show('ssh.service', 'ActiveState') == 'inactive'
    form.picture('stopped')
    assert form.flaws() == []
    form('#service button:has-text("Start")').click()
    form('#service-state:has-text("Running")').shown()
    form('#start-on-boot').click({'force': True})
    wait_for(lambda: machine.get('StartOnBoot') is False)
    form('#start-on-boot:not(:checked):enabled').waitFor({'state': 'attached'})
    form('#start-on-boot').click({'force': True})
    wait_for(lambda: machine.get('StartOnBoot') is True)


def test_no_errors(browser):
    """None of this has thrown an error in the page."""
    assert browser.ask('errors') == []
