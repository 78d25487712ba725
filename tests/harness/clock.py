# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The clock that can be set, for one service: machines share that of their kernel, which has others
to serve."""

from .build import PROBES


class Clock:
    """While the block runs, the clock of one unit, which is started anew, can be set."""

    def __init__(self, machine, unit, ahead=0):
        self.machine = machine
        self.unit = unit
        self.file = f'/run/test-clock-{unit}'
        self.drop_in = f'/run/systemd/system/{unit}.d/90-clock.conf'
        self.set(ahead)

    def set(self, ahead):
        """It is that many seconds ahead of the others, from now on."""
        self.machine.write(self.file, f'{ahead}\n')

    def restart(self):
        """Have the unit start with what its files say."""
        self.machine.run(f'systemctl daemon-reload; systemctl reset-failed {self.unit};'
                         f' systemctl restart {self.unit}')

    def __enter__(self):
        self.machine.write(self.drop_in, '[Service]\n'
                           f'Environment=LD_PRELOAD={PROBES}/probe-clock.so'
                           f' TRUENAS_SSH_CLOCK={self.file}\n')
        self.restart()
        return self

    def __exit__(self, *_error):
        self.machine.remove(self.drop_in)
        self.restart()
