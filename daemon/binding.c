/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "binding.h"

#include "drop-in.h"
#include "journal.h"
#include "settings.h"
#include "store.h"

static gboolean
has_interfaces (GVariant *settings)
{
  g_autofree const char **names = settings_get_strv (settings, SETTING_BIND_INTERFACES);

  return names[0] != NULL;
}

gboolean
binding_exists (GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (DropIn) drop_in = NULL;
  g_autoptr (Journal) journal = journal_read (NULL);

  if (!store_read (DROP_IN_PATH, &text, error))
    return FALSE;
  drop_in = drop_in_parse (text);
  return (!drop_in->edited && has_interfaces (drop_in->settings))
         || (journal != NULL && has_interfaces (journal->before));
}
