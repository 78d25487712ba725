# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""WeakCiphers: what clients can negotiate, beside what the distribution's policy allows."""

import pytest

from harness.machine import raises, wait_for
from harness.outside import FOREIGN, MAIN, effective, may, reload, rules, write
from harness.sshd import DROP_IN

pytestmark = pytest.mark.usefixtures('pristine')

CBC = 'aes128-cbc'
POLICY = '/etc/crypto-policies/back-ends/opensshserver.config'
ALLOWED = 'aes256-gcm@openssh.com,aes256-ctr'


@pytest.fixture(scope='module', autouse=True)
def user(machine):
    """A user with a key."""
    machine.user_add('cid')
    machine.key_add('cid')


def ciphers(machine):
    """The ciphers of the running configuration, in order."""
    return effective(machine, 'ciphers').split(',')


def rest(text):
    """A drop-in without its checksum and generation."""
    return text[text.index('Port '):]


def can_use(machine, cipher, port=22):
    """Whether a client that knows nothing else gets in; refused is it by the negotiation."""
    done = machine.ssh('cid', 'true', key='/root/key-cid', port=port,
                       options={'Ciphers': cipher, 'LogLevel': 'INFO'})
    assert done.returncode == 0 or 'no matching cipher found' in done.stderr, done
    return done.returncode == 0


def weak(machine):
    """The ciphers that are warned of."""
    return [each['cipher'] for each in machine.warnings().get('weak-cipher-enabled', [])]


def test_property_tells_what_sshd_does(machine):
    assert machine.get('AvailableWeakCiphers') == ['AES128-CBC']
    assert machine.get('WeakCiphers') == [] == weak(machine)
    assert not can_use(machine, CBC)
    write(machine, FOREIGN, f'Ciphers {ALLOWED},{CBC}\n')
    wait_for(lambda: machine.get('WeakCiphers') == ['AES128-CBC'])
    assert 'WeakCiphers' not in machine.get('ManagedSettings')
    assert weak(machine) == ['AES128-CBC']


def test_cipher_is_offered_beside_the_others(machine):
    before = ciphers(machine)
    machine.apply({'WeakCiphers': ['AES128-CBC']})
    assert ciphers(machine) == [*before, CBC]
    assert rules(machine) == [f'Ciphers {",".join(before)},{CBC}']
    assert can_use(machine, CBC) and can_use(machine, 'aes128-ctr')
    assert weak(machine) == ['AES128-CBC']
    machine.apply({'WeakCiphers': []})
    assert ciphers(machine) == before
    assert not can_use(machine, CBC)
    assert weak(machine) == rules(machine) == []
    assert machine.get('ManagedSettings') == ['WeakCiphers']


def test_reset_takes_it_back(machine):
    before = ciphers(machine)
    machine.apply({'WeakCiphers': ['AES128-CBC']})
    assert can_use(machine, CBC)
    machine.apply({}, reset=['WeakCiphers'])
    assert not can_use(machine, CBC)
    assert ciphers(machine) == before


def test_sshd_chooses_a_strong_one_first(machine):
    machine.apply({'WeakCiphers': ['AES128-CBC']})
    assert can_use(machine, f'{CBC},aes256-ctr')
    done = machine.ssh('cid', 'true', key='/root/key-cid', options={'LogLevel': 'DEBUG'})
    chosen = next(line for line in done.stderr.splitlines() if 'kex: server->client cipher:' in line)
    assert CBC not in chosen


def test_policy_of_the_distribution_is_kept(machine):
    """As Fedora has it: a drop-in that includes the policy's file."""
    machine.write(POLICY, f'Ciphers {ALLOWED}\n')
    write(machine, FOREIGN, f'Include {POLICY}\n')
    assert ciphers(machine) == ALLOWED.split(',')
    machine.apply({'WeakCiphers': ['AES128-CBC']})
    assert ciphers(machine) == [*ALLOWED.split(','), CBC]
    assert can_use(machine, CBC) and not can_use(machine, 'aes128-ctr')
    machine.apply({}, reset=['WeakCiphers'])
    assert ciphers(machine) == ALLOWED.split(',')


def test_policy_that_changes_counts_at_the_next_change(machine):
    machine.write(POLICY, f'Ciphers {ALLOWED}\n')
    write(machine, FOREIGN, f'Include {POLICY}\n')
    machine.apply({'WeakCiphers': ['AES128-CBC']})
    machine.write(POLICY, 'Ciphers chacha20-poly1305@openssh.com\n')
    machine.apply({'Compression': False})
    assert ciphers(machine) == ['chacha20-poly1305@openssh.com', CBC]


def test_policy_that_changes_counts_at_the_next_start(machine):
    """Of sshd, which the tool that changes a policy restarts."""
    machine.write(POLICY, f'Ciphers {ALLOWED}\n')
    write(machine, FOREIGN, f'Include {POLICY}\n')
    machine.apply({'TcpPort': 2222, 'WeakCiphers': ['AES128-CBC'], 'AuxiliaryParameters':
                   'MaxAuthTries 4\nMatch User nobody\n  X11Forwarding no'})
    before = machine.read(DROP_IN)
    generation = machine.get('Generation')
    machine.restart_sshd()
    assert machine.read(DROP_IN) == before
    machine.write(POLICY, 'Ciphers chacha20-poly1305@openssh.com\n')
    machine.restart_sshd()
    assert ciphers(machine) == ['chacha20-poly1305@openssh.com', CBC]
    assert not can_use(machine, 'aes256-ctr', 2222) and can_use(machine, CBC, 2222)
    # Ours all the same, as a change would have left it.
    assert 'edited-by-hand' not in machine.warnings()
    assert machine.get('Generation') == generation
    after = machine.read(DROP_IN)
    machine.apply({'Compression': False})
    machine.apply(reset=['Compression'])
    assert rest(machine.read(DROP_IN)) == rest(after)
    # Switched off it stays, whatever the policy comes to allow.
    machine.apply({'WeakCiphers': []})
    assert not [line for line in rules(machine) if line.startswith('Ciphers')]
    machine.write(POLICY, f'Ciphers {ALLOWED},{CBC}\n')
    machine.restart_sshd()
    assert ciphers(machine) == ALLOWED.split(',')
    assert not can_use(machine, CBC, 2222) and can_use(machine, 'aes256-ctr', 2222)


def test_policy_that_sshd_refuses_changes_nothing(machine):
    """Somebody else's mistake; what is ours stays as it was, until it is mended."""
    machine.write(POLICY, f'Ciphers {ALLOWED}\n')
    write(machine, FOREIGN, f'Include {POLICY}\n')
    machine.apply({'WeakCiphers': ['AES128-CBC']})
    before = machine.read(DROP_IN)
    machine.write(POLICY, 'Ciphers none-such\n')
    assert machine.run('systemctl reset-failed ssh; systemctl restart ssh', check=False).returncode
    assert machine.read(DROP_IN) == before
    machine.write(POLICY, 'Ciphers chacha20-poly1305@openssh.com\n')
    machine.restart_sshd()
    assert ciphers(machine) == ['chacha20-poly1305@openssh.com', CBC]


def test_policy_that_gets_stricter_and_looser(machine):
    """As `update-crypto-policies --set FIPS` and back do; every change after it follows."""
    machine.write(POLICY, f'Ciphers {ALLOWED},chacha20-poly1305@openssh.com\n')
    write(machine, '/etc/ssh/sshd_config.d/50-redhat.conf', f'Include {POLICY}\n')
    machine.apply({'WeakCiphers': ['AES128-CBC']})
    fips = ['aes256-gcm@openssh.com', 'aes128-gcm@openssh.com', 'aes128-ctr']
    machine.write(POLICY, f'Ciphers {",".join(fips)}\n')
    machine.apply({'SftpLogLevel': 'INFO'})
    assert ciphers(machine) == [*fips, CBC]
    assert can_use(machine, CBC) and can_use(machine, 'aes128-ctr')
    assert not can_use(machine, 'aes256-ctr')
    machine.write(POLICY, f'Ciphers {ALLOWED},{CBC}\n')
    machine.apply({'SftpLogLevel': 'ERROR'})
    assert ciphers(machine) == [*ALLOWED.split(','), CBC]
    machine.apply({'WeakCiphers': []})
    assert not can_use(machine, CBC)
    machine.write(POLICY, f'Ciphers {",".join(fips)}\n')
    machine.apply({}, reset=['WeakCiphers'])
    assert ciphers(machine) == fips


def test_policy_on_the_command_line(machine):
    """As a file of variables for the unit has it: no file of sshd's can add to it."""
    machine.write('/etc/default/ssh', f'SSHD_OPTS=-oCiphers={ALLOWED}\n')
    machine.restart_sshd()
    try:
        assert not can_use(machine, 'aes128-ctr')
        with raises('ConfigRejected', '^WeakCiphers: the option “-o Ciphers” on sshd'):
            machine.apply({'WeakCiphers': ['AES128-CBC']})
        assert rules(machine) == [] and not can_use(machine, CBC)
        machine.apply({'WeakCiphers': []})
        assert can_use(machine, 'aes256-ctr')
    finally:
        machine.write('/etc/default/ssh', 'SSHD_OPTS=\n')
        machine.restart_sshd()
    wait_for(lambda: 'setting-overridden' not in machine.warnings())


def test_cipher_that_a_policy_allows_can_be_taken_out(machine):
    machine.write(POLICY, f'Ciphers {CBC},{ALLOWED}\n')
    write(machine, FOREIGN, f'Include {POLICY}\n')
    assert can_use(machine, CBC)
    machine.apply({'WeakCiphers': []})
    assert ciphers(machine) == ALLOWED.split(',')
    assert not can_use(machine, CBC)
    machine.apply({'WeakCiphers': ['AES128-CBC']})
    assert ciphers(machine) == [*ALLOWED.split(','), CBC]
    machine.apply({}, reset=['WeakCiphers'])
    assert ciphers(machine) == [CBC, *ALLOWED.split(',')]


def test_policy_that_has_nothing_else(machine):
    write(machine, FOREIGN, f'Ciphers {CBC}\n')
    with raises('NotSupported', '^WeakCiphers: .*no other'):
        machine.apply({'WeakCiphers': []})
    assert can_use(machine, CBC)


def test_policy_ahead_of_ours_wins(machine):
    machine.write(POLICY, f'# policy\nCiphers {ALLOWED}\n')
    write(machine, MAIN, f'Include {POLICY}\n{machine.read(MAIN)}')
    with raises('ConfigRejected', f'^WeakCiphers: {POLICY}:2 comes first'):
        machine.apply({'WeakCiphers': ['AES128-CBC']})
    assert rules(machine) == []
    machine.apply({'WeakCiphers': []})
    assert ciphers(machine) == ALLOWED.split(',')


def test_policy_written_with_a_sign(machine):
    write(machine, FOREIGN, 'Ciphers -aes*-ctr\n')
    before = ciphers(machine)
    assert 'aes256-ctr' not in before
    machine.apply({'WeakCiphers': ['AES128-CBC']})
    assert ciphers(machine) == [*before, CBC]


def test_none_is_not_for_a_stock_sshd(machine):
    with raises('NotSupported', '^WeakCiphers: OpenSSH_.* NONE'):
        machine.apply({'WeakCiphers': ['NONE', 'AES128-CBC']})
    assert rules(machine) == []


@pytest.fixture(name='none')
def knows_none(machine):
    """An sshd that knows the keyword NoneEnabled, as HPN-SSH does.

    It is the stock one, a real sshd: only a name in its table of keywords is another. So it
    parses NoneEnabled and tells it with -T, but has no cipher none.
    """
    programs = [path for path in ('/usr/sbin/sshd', '/usr/lib/openssh/sshd-session',
                                  '/usr/lib/openssh/sshd-auth') if machine.exists(path)]
    kept = {path: machine.path(path).read_bytes() for path in programs}

    def install(path, program):
        machine.remove(path)
        machine.path(path).write_bytes(program)
        machine.path(path).chmod(0o755)
    for path, program in kept.items():
        assert program.count(b'\0exposeauthinfo\0') == 1
        install(path, program.replace(b'\0exposeauthinfo\0', b'\0noneenabled\0\0\0\0'))
    machine.restart_sshd()
    wait_for(lambda: machine.get('AvailableWeakCiphers') == ['NONE', 'AES128-CBC'])
    yield
    machine.apply({}, reset=['WeakCiphers'])
    for path, program in kept.items():
        install(path, program)
    machine.restart_sshd()
    wait_for(lambda: machine.get('AvailableWeakCiphers') == ['AES128-CBC'])


@pytest.mark.usefixtures('none')
def test_none_where_sshd_can_do_it(machine):
    assert machine.get('WeakCiphers') == []
    machine.apply({'WeakCiphers': ['NONE']})
    assert rules(machine) == ['NoneEnabled yes']
    assert effective(machine, 'noneenabled') == 'yes'
    assert weak(machine) == ['NONE']
    assert may(machine, 'cid', key='/root/key-cid')
    machine.apply({'WeakCiphers': ['NONE', 'AES128-CBC']})
    assert rules(machine)[1:] == ['NoneEnabled yes']
    assert weak(machine) == ['NONE', 'AES128-CBC']
    assert can_use(machine, CBC)
    machine.apply({'WeakCiphers': []})
    assert effective(machine, 'noneenabled') == 'no'
    assert weak(machine) == rules(machine) == []


@pytest.mark.usefixtures('none')
def test_none_of_another_file_can_be_taken_out(machine):
    write(machine, FOREIGN, 'NoneEnabled yes\n')
    wait_for(lambda: machine.get('WeakCiphers') == ['NONE'])
    machine.apply({'WeakCiphers': []})
    assert rules(machine) == ['NoneEnabled no']
    assert effective(machine, 'noneenabled') == 'no'
    machine.remove(FOREIGN)
    reload(machine)
