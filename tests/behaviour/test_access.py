# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the guard of the last way in thinks of logins, held against real ones."""

import concurrent.futures

import pytest

from harness.build import PROBES
from harness.outside import FOREIGN, write

pytestmark = pytest.mark.usefixtures('pristine')

KEY = '/root/key'
OTHER = {'gssapi-with-mic', 'hostbased'}  # methods that nobody here has
PATIENT = 'MaxStartups 100\n'

# Each user has a password and a key; then this is done: $u is the name, $h the home, $k the file.
ACCOUNTS = {
    'plain': '',
    'member': 'usermod -aG team $u',
    'locked': 'usermod -L $u',
    'starred': "usermod -p '*' $u",
    'strange': "usermod -p x $u",
    'empty': 'passwd -q -d $u',
    'expired': 'chage -E 1 $u',
    'lastday': 'chage -E $(date -u +%F) $u',
    'tomorrow': 'chage -E $(date -u -d tomorrow +%F) $u',
    'inactive': 'chage -d 2020-01-01 -M 10 -I 10 $u',
    'aged': 'chage -d 2020-01-01 -M 10 $u',
    'forced': 'chage -d 0 $u',
    'unshadowed': "sed -i '/^unshadowed:/d' /etc/shadow",
    'turned': 'usermod -s /usr/sbin/nologin $u',
    'falsely': 'usermod -s /bin/false $u',
    'shell-less': 'usermod -s /bin/not-there $u',
    'unshelled': "sed -i 's,^\\(unshelled:.*:\\).*,\\1,' /etc/passwd",
    'text': 'install -m 644 /bin/sh /usr/bin/text; usermod -s /usr/bin/text $u',
    'folder': 'usermod -s /usr/bin $u',
    'homeless': 'rm -r $h',
    'toor': 'usermod -o -u 0 $u; chown -R root $h',
}

# What is done to the file of keys.
KEYS = {
    'no-key': 'rm $k',
    'no-folder': 'rm -r $h/.ssh',
    'second': 'mv $k ${k}2',
    'blank': ': >$k',
    'commented': "sed -i 's/^/# /' $k",
    'indented': "sed -i 's/^/ \\t /' $k",
    'unended': 'printf %s "$(cat $k)" >$k',
    'dos': "sed -i 's/$/\\r/' $k",
    'dos-bare': "cut -d' ' -f1,2 $k | sed 's/$/\\r/' >$k.new; cat $k.new >$k",
    'no-comment': "cut -d' ' -f1,2 $k >$k.new; cat $k.new >$k",
    'binary': 'head -c 3000 /dev/urandom >$k.new; echo >>$k.new; cat $k >>$k.new; cat $k.new >$k',
    'zeroed': "printf 'a\\0' >$k.new; cat $k >>$k.new; cat $k.new >$k",
    'zeroed-end': "tr '\\n' '\\0' <$k >$k.new; cat $k.new >$k",
    'large': 'yes "# $(seq -s . 500)" | head -c 2000000 >>$k',
    'large-first': 'yes "# $(seq -s . 500)" | head -c 2000000 >$k.new; cat $k >>$k.new; cat $k.new >$k',
    'torn': 'head -c 60 $k >$k.new; cat $k.new >$k',
    'bent': "sed -i 's/AAAAC3/AAAAC4/' $k",
    'padded': "sed -i 's/ \\([^ ]*\\) / \\1= /' $k",
    'mistyped': "sed -i 's/ssh-ed25519/ssh-rsa/' $k",
    'misnamed': "sed -i 's/ssh-ed25519/ssh-ed25518/' $k",
    'upper': "sed -i 's/ssh-ed25519/SSH-ED25519/' $k",
    'two-lines': "sed -i 's/ /\\n/' $k",
    'restricted': "sed -i 's/^/restrict,pty,no-X11-forwarding /' $k",
    'commanded': "sed -i 's/^/command=\"id -un\" /' $k",
    'environed': "sed -i 's/^/environment=\"A=b c\" /' $k",
    'quoted': "sed -i 's/^/environment=\"A=\\\\\\\\\"b c\" /' $k",
    'unquoted': "sed -i 's/^/command=\"id -un /' $k",
    'nonsense': "sed -i 's/^/no-such-option /' $k",
    'comma': "sed -i 's/^/restrict, /' $k",
    'authority': "sed -i 's/^/cert-authority /' $k",
    'past': "sed -i 's/^/expiry-time=\"20200101\" /' $k",
    'past-utc': "sed -i 's/^/restrict,expiry-time=\"202001010000Z\" /' $k",
    'future': "sed -i 's/^/expiry-time=\"20991231235959\" /' $k",
    'never': "sed -i 's/^/expiry-time=\"sometimes\" /' $k",
    'from-here': "sed -i 's/^/from=\"127.0.0.1\" /' $k",
    'from-net': "sed -i 's/^/from=\"10.0.0.0\\/8,127.0.0.0\\/8\" /' $k",
    'from-there': "sed -i 's/^/from=\"10.0.0.0\\/8,*.example.org\" /' $k",
    'from-not': "sed -i 's/^/from=\"*,!127.0.0.0\\/8\" /' $k",
    'from-stars': "sed -i 's/^/from=\"127.*\" /' $k",
    'rsa': 'cat /root/rsa.pub >$k',
    'short': 'cat /root/short.pub >$k',
    'ecdsa': 'cat /root/ecdsa.pub >$k',
    'other-owner': 'chown nobody $k',
    'root-owner': 'chown root $k; chmod 644 $k',
    'roots-own': 'chown root:root $k',
    'read-only': 'chmod 400 $k',
    'no-rights': 'chmod 0 $k',
    'open': 'chmod 666 $k',
    'group-own': 'chmod 660 $k',
    'group-other': 'chgrp team $k; chmod 660 $k',
    'group-read': 'chgrp team $k; chmod 640 $k',
    'group-pair': 'usermod -aG $u plain; chmod 660 $k',
    'open-folder': 'chmod 777 $h/.ssh',
    'group-folder': 'chmod 770 $h/.ssh',
    'closed-folder': 'chmod 600 $h/.ssh',
    'roots-folder': 'chown root $h/.ssh; chmod 700 $h/.ssh',
    'open-home': 'chmod 777 $h',
    'others-home': 'chown nobody $h',
    'group-home': 'chmod 770 $h',
    'closed-home': 'chown root $h; chmod 700 $h',
    'linked': 'mv $k $h/keys; ln -s ../keys $k',
    'linked-out': 'mkdir -p /srv/$u; mv $k /srv/$u/keys; ln -s /srv/$u/keys $k',
    'linked-bad': 'mkdir -p /srv/$u; chmod 777 /srv/$u; mv $k /srv/$u/keys; ln -s /srv/$u/keys $k',
    'linked-tmp': 'mv $k /tmp/$u; ln -s /tmp/$u $k',
    'linked-folder': 'mv $h/.ssh /srv/ssh-$u; ln -s /srv/ssh-$u $h/.ssh',
    'dangling': 'rm $k; ln -s nowhere $k',
    'loop': 'rm $k; ln -s authorized_keys $k',
    'pipe': 'rm $k; mkfifo -m 600 $k; chown $u $k',
    'device': 'rm $k; ln -s /dev/zero $k',
    'folder-key': 'rm $k; mkdir $k; chown $u $k',
    'listed': 'setfacl -m u:nobody:r $k',
    'tmp-home': 'mv $h /tmp/$u; usermod -d /tmp/$u $u',
    'linked-home': 'mv $h /srv/home-$u; ln -s /srv/home-$u $h',
}

FEW = ('plain', 'member', 'no-key', 'rsa', 'commanded', 'root')

CONFIGS = [
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication yes',
    'PubkeyAuthentication no',
    'PermitEmptyPasswords yes',
    'PermitRootLogin yes',
    'PermitRootLogin yes\nKbdInteractiveAuthentication yes',
    'PermitRootLogin no',
    'PermitRootLogin forced-commands-only',
    'AllowUsers plain root@127.0.0.1 rsa@10.0.0.0/8 no-*',
    'AllowUsers *@127.0.0.0/8',
    'AllowUsers nobody',
    'DenyUsers plain member@10.0.0.0/8 rsa@127.0.0.1 root@localhost',
    'DenyUsers *@!127.0.0.1,*',
    'AllowGroups team root',
    'AllowGroups te*',
    'DenyGroups t?am root',
    'AllowGroups team\nDenyUsers member',
    'AuthenticationMethods publickey',
    'AuthenticationMethods publickey,password',
    'AuthenticationMethods publickey,password keyboard-interactive\nKbdInteractiveAuthentication yes',
    'AuthenticationMethods publickey,keyboard-interactive\nKbdInteractiveAuthentication yes',
    'AuthenticationMethods keyboard-interactive:pam\nKbdInteractiveAuthentication yes',
    'AuthenticationMethods publickey,gssapi-with-mic password\nGSSAPIAuthentication yes',
    'AuthorizedKeysFile none',
    'AuthorizedKeysFile /etc/keys/%u',
    'AuthorizedKeysFile %h/.ssh/authorized_keys',
    'AuthorizedKeysFile /home/%%/x /home/%u/.ssh/authorized_keys',
    'ChrootDirectory /',
    'ForceCommand id -un',
    'MaxSessions 0',
    'PubkeyAcceptedAlgorithms rsa-sha2-512',
    'PubkeyAcceptedAlgorithms -ssh-ed*',
    'RequiredRSASize 4096',
    'RevokedKeys /root/key.pub',
    'RevokedKeys /root/no-such-file',
    'Match User plain\n    PasswordAuthentication no',
    'Match Group team,root\n    PubkeyAuthentication no\n    PermitRootLogin yes',
    'Match Address 127.0.0.0/8\n    PasswordAuthentication no',
    'Match Address 10.0.0.0/8\n    PasswordAuthentication no',
    'Match LocalAddress 127.0.0.1 User !plain,*\n    AuthenticationMethods password',
    'UseDNS yes\nAllowUsers *@localhost',
]

MODES = ['', 'KbdInteractiveAuthentication yes', 'UsePAM no\nKbdInteractiveAuthentication yes',
         'UsePAM no\nPermitEmptyPasswords yes', 'StrictModes no', 'ForceCommand internal-sftp']


@pytest.fixture(scope='module', autouse=True)
def people(machine):
    """Everybody, and a PAM that answers at once."""
    machine.run("groupadd team; sed -i 's/pam_unix.so nullok/& nodelay/' /etc/pam.d/common-auth"
                " && ssh-keygen -q -t ed25519 -N '' -f /root/key"
                " && ssh-keygen -q -t rsa -b 2048 -N '' -f /root/rsa"
                " && ssh-keygen -q -t rsa -b 1024 -N '' -f /root/short"
                " && ssh-keygen -q -t ecdsa -N '' -f /root/ecdsa")
    machine.run(['systemctl', 'start', 'truenas-ssh-keys.socket'])
    script = ['echo root:secret | chpasswd',
              'install -d -m 700 /root/.ssh; cp /root/key.pub /root/.ssh/authorized_keys']
    for name in (*ACCOUNTS, *KEYS):
        script.append(f'useradd -m -s /bin/sh {name} && echo {name}:secret | chpasswd;'
                      f' u={name} h=/home/{name} k=/home/{name}/.ssh/authorized_keys;'
                      ' install -d -m 700 -o $u -g $u $h/.ssh'
                      ' && install -m 600 -o $u -g $u /root/key.pub $k')
        script.append({**ACCOUNTS, **KEYS}[name])
    machine.run('\n'.join(['exec 2>&1; set -e', *script]), timeout=120)


def claims(machine, users):
    """What the guard says: (user, methods) → (answer, reason)."""
    text = machine.run([f'{PROBES}/probe-access', *users]).stdout
    found = {}
    for line in text.splitlines():
        user, methods, answer, reason = line.split('\t')
        found[user, methods] = (answer, reason)
    return found


def gets_in(machine, user, methods):
    """Whether USER can really log in by METHODS."""
    key = f'/root/{user}' if user in ('rsa', 'short', 'ecdsa') else KEY
    how = {'options': {'PubkeyAcceptedAlgorithms': '+ssh-rsa'}}
    if 'publickey' in methods:
        how['key'] = key
    if 'password' in methods or 'keyboard' in methods:
        how['password'] = '' if user == 'empty' else 'secret'
    done = machine.ssh(user, 'id -u', methods=methods.replace(':pam', ''), timeout=60, **how)
    return done.returncode == 0


def compare(machine, config, users, methods):
    """Log everybody in by every way; returns the claims, and which of them were wrong."""
    write(machine, FOREIGN, f'{PATIENT}{config}\n')
    found = {key: claim for key, claim in claims(machine, users).items()
             if not OTHER & {*key[1].split(',')} and (methods is None or key[1] in methods)}
    if 'PermitEmptyPasswords' in config:  # whoever has one is in before anything is asked
        found = {key: claim for key, claim in found.items()
                 if key[0] != 'empty' or key[1] == 'password'}
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        real = dict(zip(found, pool.map(lambda key: gets_in(machine, *key), found)))
    wrong = [f'{user} by {methods}: {answer} ({reason}), but {real[user, methods]}'
             for (user, methods), (answer, reason) in found.items()
             if answer != 'maybe' and (answer == 'yes') != real[user, methods]]
    return found, wrong


# What cannot be told from outside; everything else has to be certain.
UNTOLD = {'unshadowed', 'strange', 'lastday', 'aged', 'forced'}
UNTOLD_KEYS = {'authority', 'commanded', 'dangling', 'environed', 'large-first', 'listed',
               'nonsense', 'quoted'}


def uncertain(found):
    """Whose claims are neither a yes nor a no."""
    return {user for (user, _methods), (answer, _reason) in found.items() if answer == 'maybe'}


@pytest.mark.parametrize('config', MODES)
def test_accounts(machine, config):
    found, wrong = compare(machine, config, [*ACCOUNTS, 'root'], None)
    assert len(found) >= len(ACCOUNTS) * 3
    assert not wrong, '\n'.join(wrong)
    if 'UsePAM' not in config and 'ForceCommand' not in config:
        assert uncertain(found) <= UNTOLD


@pytest.mark.parametrize('config', ['', 'StrictModes no', 'UsePAM no'])
def test_keys(machine, config):
    found, wrong = compare(machine, config, [*KEYS], ['publickey'])
    assert len(found) == len(KEYS)
    assert not wrong, '\n'.join(wrong)
    assert uncertain(found) <= UNTOLD_KEYS


@pytest.mark.parametrize('config', CONFIGS)
def test_settings(machine, config):
    _found, wrong = compare(machine, config, FEW, None)
    assert not wrong, '\n'.join(wrong)
