# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
# fish's completion for truenas-sshctl; what the machine has is asked of the machine.

# What the program prints, whatever language is spoken here.
function __truenas_sshctl_ask
    LC_ALL=C.UTF-8 LANGUAGE= truenas-sshctl $argv 2>/dev/null
end

# The command that stands on the line so far.
function __truenas_sshctl_verb
    set -l skip 0
    for word in (commandline -opc)[2..]
        if test $skip = 1
            set skip 0
        else if contains -- $word -H --host --confirm --address --if-generation
            set skip 1
        else if not string match -q -- '-*' $word
            echo $word
            return
        end
    end
    return 1
end

function __truenas_sshctl_is
    test (__truenas_sshctl_verb; or echo none) = $argv[1]
end

# The settings, as the status has them.
function __truenas_sshctl_names
    __truenas_sshctl_ask status | sed -n '/^SETTING /,/^$/ { /^SETTING /d; s/ .*//; /./p }'
end

# What a setting can be.
function __truenas_sshctl_values
    switch $argv[1]
        case BindInterfaces
            __truenas_sshctl_ask interfaces | sed '1d; s/ .*//'
        case PasswordLoginGroups
            __truenas_sshctl_ask groups $argv[2]
        case WeakCiphers
            __truenas_sshctl_ask get AvailableWeakCiphers
        case SftpLogLevel
            printf '%s\n' QUIET FATAL ERROR INFO VERBOSE DEBUG DEBUG2 DEBUG3
        case SftpLogFacility
            printf '%s\n' DAEMON USER AUTH LOCAL(seq 0 7)
        case '*'
            if contains -- (__truenas_sshctl_ask get $argv[1]) yes no
                printf '%s\n' yes no
            end
    end
end

# NAME=, or a value of it, or one of a list behind the last comma.
function __truenas_sshctl_assignments
    set -l typed (commandline -ct)
    set -l parts (string match -r '^([^=]*?)([+-]?=)((?:.*,)?)([^,]*)$' -- $typed)
    if test (count $parts) = 0
        printf '%s=\n' (__truenas_sshctl_names)
        return
    end
    for value in (__truenas_sshctl_values $parts[2] $parts[5])
        printf '%s%s%s%s\n' $parts[2] $parts[3] $parts[4] $value
    end
end

complete -c truenas-sshctl -f
for each in \
        'status\tSettings, listeners, what is pending, warnings' \
        'show\tEvery property' \
        'get\tOne property' \
        'set\tChange settings' \
        'reset\tGive settings back to the system' \
        'edit\tThe auxiliary parameters in an editor' \
        'confirm\tKeep the change that is on probation' \
        'rollback\tUndo it now' \
        'history\tThe last changes' \
        'revert\tBring back the settings of then' \
        'import\tTake over settings from JSON' \
        'export\tWrite the settings as JSON' \
        'interfaces\tWhat sshd can be bound to' \
        'groups\tWhat passwords can be restricted to' \
        'host-keys\tFingerprints' \
        'check-login\tCould a user log in' \
        'check-kerberos\tWhat Kerberos needs' \
        'explain\tWhich line decides a setting' \
        'start\tStart the SSH server' \
        'stop\tStop the SSH server' \
        'restart\tRestart the SSH server' \
        'enable\tStart it at boot' \
        'disable\tDo not start it at boot' \
        'monitor\tShow changes as they happen'
    complete -c truenas-sshctl -n 'not __truenas_sshctl_verb' -a "'"(printf $each)"'"
end
complete -c truenas-sshctl -n '__truenas_sshctl_is set' -a '(__truenas_sshctl_assignments)'
complete -c truenas-sshctl -n '__truenas_sshctl_is reset' -a '(__truenas_sshctl_ask get ManagedSettings)'
complete -c truenas-sshctl -n '__truenas_sshctl_is get' -a '(__truenas_sshctl_ask show | sed "s/=.*//")'
complete -c truenas-sshctl -n '__truenas_sshctl_is groups' -a '(__truenas_sshctl_ask groups (commandline -ct))'
complete -c truenas-sshctl -n '__truenas_sshctl_is check-login' -a '(__fish_complete_users)'
complete -c truenas-sshctl -n '__truenas_sshctl_is import' -F

complete -c truenas-sshctl -s n -l dry-run -d 'Only show what would change'
complete -c truenas-sshctl -l confirm -x -d 'Undo the change unless it is confirmed in time'
complete -c truenas-sshctl -l no-confirm -d 'No probation, also over SSH'
complete -c truenas-sshctl -l confirm-on-login -d 'A new login confirms it too'
complete -c truenas-sshctl -l if-generation -x -d 'Only at this generation'
complete -c truenas-sshctl -l replace-foreign -d 'Comment out lines that are in the way'
complete -c truenas-sshctl -l overwrite-edits -d 'Replace what was edited by hand'
complete -c truenas-sshctl -l use-service -d 'Change over from the socket unit'
complete -c truenas-sshctl -l allow-lockout -d 'Go on although nobody could log in'
complete -c truenas-sshctl -l start -d 'Start the server if it does not run'
complete -c truenas-sshctl -l address -x -d 'Where the user of check-login comes from'
complete -c truenas-sshctl -s j -l json -d 'Print JSON'
complete -c truenas-sshctl -s H -l host -x -a '(__fish_print_hostnames)' -d 'Another machine, over SSH'
complete -c truenas-sshctl -l no-ask-password -d 'Never ask for a password'
complete -c truenas-sshctl -l help -d 'Show the options'
complete -c truenas-sshctl -l version -d 'Show the version'
