/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

/* The C library's name service, with an end to its answers: where a directory does not answer, it
 * can take minutes. */

/* Has a thread of its own ask. TRUE: it has, and the question holds the answer; whoever called
 * frees it. FALSE: there is no answer yet; the thread frees the question when it comes. */
gboolean
name_service_ask (void (*ask) (gpointer question), gpointer question, GDestroyNotify question_free);
