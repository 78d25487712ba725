/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "truenas-ssh-generated.h"

/* The properties of the object, from plain values. */

/* values: a{sv}, by the names of the interface. */
void properties_set (TruenasSshService *skeleton, GVariant *values);
