# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the library offers to programs: symbols, documentation, examples, other languages."""

import xml.etree.ElementTree

import pytest

from harness.build import SOURCE
from harness.machine import wait_for

CORE = '{http://www.gtk.org/introspection/core/1.0}'
C = '{http://www.gtk.org/introspection/c/1.0}'
GLIB = '{http://www.gtk.org/introspection/glib/1.0}'
EXAMPLES = SOURCE / 'docs/examples'
CALLABLES = ('function', 'method', 'constructor')

# gdbus-codegen gives these no comment.
WITHOUT_WORDS = {'ServiceProxyPrivate', 'ServiceSkeletonPrivate', 'ServiceIface'}


@pytest.fixture(scope='module', autouse=True)
def ground(machine):
    """A way in for root, so that no change locks everybody out."""
    machine.key_add('root')


@pytest.fixture
def moved(machine):
    """SSH goes back to where it was."""
    yield
    machine.apply(reset=['TcpPort'])


@pytest.fixture(scope='module')
def gir(machine):
    """The namespace in the GIR."""
    text = machine.read('/usr/share/gir-1.0/TruenasSsh-1.gir')
    return xml.etree.ElementTree.fromstring(text).find(f'{CORE}namespace')


def described(gir):
    """The C symbols that the GIR tells of."""
    found = {each.get(f'{C}identifier') for kind in CALLABLES for each in gir.iter(f'{CORE}{kind}')}
    found |= {each.get(f'{GLIB}get-type') for each in gir.iter()}
    return found - {None, 'intern'}


def test_exported_symbols_are_those_of_the_gir(machine, gir):
    text = machine.run('nm -D --defined-only $(ls /usr/lib/*/libtruenas-ssh.so.1)').stdout
    exported = {line.split()[-1].split('@')[0] for line in text.splitlines()}
    assert len(exported) > 100
    assert exported == described(gir)


def test_everything_is_documented(gir):
    lacking = []
    for kind in (*CALLABLES, 'class', 'interface', 'enumeration', 'property', f'{GLIB}signal'):
        name = kind if kind.startswith('{') else f'{CORE}{kind}'
        for each in gir.iter(name):
            title = each.get(f'{C}identifier') or each.get('name')
            if each.find(f'{CORE}doc') is None or not each.get('version'):
                lacking.append(f'{kind} {title}')
    assert lacking == []


def test_every_error_is_there(gir):
    errors = next(each for each in gir.iter(f'{CORE}enumeration') if each.get('name') == 'Error')
    assert errors.get(f'{GLIB}error-domain') == 'truenas-ssh-error-quark'
    names = [each.get('name') for each in errors.iter(f'{CORE}member')]
    assert names[0] == 'invalid_setting' and names[-1] == 'failed' and len(names) == 16
    assert all(each.find(f'{CORE}doc') is not None for each in errors.iter(f'{CORE}member'))


def test_soname_and_version(machine):
    assert machine.run(['pkg-config', '--modversion', 'truenas-ssh-1']).stdout.strip() == machine.get(
        'Version')
    names = machine.run('objdump -p /usr/lib/*/libtruenas-ssh.so').stdout
    assert 'SONAME               libtruenas-ssh.so.1\n' in names


@pytest.mark.parametrize('path', sorted(EXAMPLES.iterdir()), ids=lambda path: path.name)
def test_examples_are_short(path):
    assert len(path.read_text('utf-8').splitlines()) <= 20


def run_example(machine, name, port, check=True):
    """Run an example as a user would who has pasted it."""
    machine.write(f'/root/{name}', (EXAMPLES / name).read_text('utf-8'), 0o755)
    command = f'/root/{name} {port}'
    if name.endswith('.c'):
        flags = '-fsanitize=address,undefined' if machine.variant == 'sanitized' else ''
        machine.run(f'cc -Wall -Werror {flags} -o /root/example /root/{name}'
                    ' $(pkg-config --cflags --libs truenas-ssh-1)')
        return machine.run(['/root/example', str(port)], check=check)
    return machine.run(command, check=check, env=machine.python_environment())


@pytest.mark.parametrize('name', ['move-port.py', 'move-port.js', 'move-port.c'])
def test_example(machine, moved, name):
    done = run_example(machine, name, 2310)
    assert done.stdout == ('done\n' if name.endswith('.c') else 'port 22\nport 2310\n')
    assert done.stderr == ''
    assert machine.sshd_T()['port'] == ['2310']
    assert machine.get('PendingDeadline') == 0


@pytest.mark.parametrize('name', ['move-port.py', 'move-port.js', 'move-port.c'])
def test_example_where_the_port_is_taken(machine, moved, name):
    with machine.popen(['socat', 'TCP-LISTEN:2311,fork', 'STDOUT'], stdin=-3) as thief:
        wait_for(lambda: machine.listening(2311))
        done = run_example(machine, name, 2311, check=False)
        machine.run(['pkill', '-KILL', '-x', 'socat'], check=False)
        thief.wait(10)
    assert done.returncode == 1
    said = done.stdout if name.endswith('.c') else done.stderr
    prefix = '' if name.endswith('.c') else 'try another port: '
    assert said.startswith(f'{prefix}TcpPort: another program listens on port 2311')
    assert machine.get('TcpPort') == 22


JAVASCRIPT = '''
imports.gi.versions.TruenasSsh = '1';
const {Gio, GLib, TruenasSsh} = imports.gi;
Gio._promisify(TruenasSsh.Client.prototype, 'apply_async', 'apply_finish');
const loop = new GLib.MainLoop(null, false);
const client = TruenasSsh.Client.new(null);
let told = [];
client.connect('changed', (_client, values) => told.push(...Object.keys(values.deepUnpack())));
async function main() {
    const port = new GLib.Variant('a{sv}', {TcpPort: new GLib.Variant('q', 2312)});
    const result = (await client.apply_async(port, null, null)).recursiveUnpack();
    print(JSON.stringify([result.changed, client.tcp_port, told.includes('TcpPort')]));
    loop.quit();
}
main().catch(error => { printerr(error.message); loop.quit(); });
loop.run();
'''


def test_javascript_with_a_main_loop(machine, moved):
    machine.write('/root/later.js', JAVASCRIPT)
    done = machine.run(['gjs', '/root/later.js'], env=machine.python_environment())
    assert (done.stdout, done.stderr) == ('[["TcpPort"],2312,true]\n', '')


VALA = '''
int main () {
    try {
        var client = new TruenasSsh.Client ();
        print ("%u\\n", client.tcp_port);
        client.confirm (null);
    } catch (TruenasSsh.Error.NOT_PENDING error) {
        print ("nothing is pending\\n");
    } catch (GLib.Error error) {
        return 1;
    }
    return 0;
}
'''


def test_vala(machine):
    machine.write('/root/port.vala', VALA)
    flags = '-X -fsanitize=address,undefined' if machine.variant == 'sanitized' else ''
    machine.run(f'cd /root && valac --pkg truenas-ssh-1 {flags} -o port-vala port.vala')
    assert machine.run(['/root/port-vala']).stdout == '22\nnothing is pending\n'
