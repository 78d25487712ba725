/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

/* What a bus sends, for a GDBusConnection to read, without what would do harm there. GDBus takes
 * every message apart before anybody can look at it: then one of many small parts takes 35 times as
 * much memory as it is long; and at some that are right by D-Bus it gives its connection up. */

/* It reads BASE, in which the next byte begins a message. Instead of a call of more than LIMIT
 * bytes, and of one that GDBus cannot read, it gives one without arguments by the same caller, and
 * with the same number, so that it can be answered. Such signals, and what is neither call nor
 * signal nor answer, are left out; answers are as they are. For asynchronous reading. */
GInputStream *checked_stream_new (GPollableInputStream *base, gsize limit);

/* (nullable) Why this message is here instead of a call. Any thread. */
const char *checked_stream_complaint (GDBusMessage *message);
