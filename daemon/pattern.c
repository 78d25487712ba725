/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "pattern.h"

#include <gio/gio.h>
#include <string.h>

gboolean
pattern_matches (const char *pattern, const char *text)
{
  const char *star = NULL, *again = NULL;

  /* After a failure, the last * takes one byte more. */
  while (*text != '\0')
    if (*pattern == '*')
      {
        star = ++pattern;
        again = text;
      }
    else if (*pattern != '\0' && (*pattern == '?' || *pattern == *text))
      {
        pattern++;
        text++;
      }
    else if (star != NULL)
      {
        pattern = star;
        text = ++again;
      }
    else
      return FALSE;
  while (*pattern == '*')
    pattern++;
  return *pattern == '\0';
}

gboolean
pattern_list_matches (const char *list, const char *text)
{
  g_auto (GStrv) patterns = g_strsplit (list, ",", -1);
  gboolean found = FALSE;

  for (gsize i = 0; patterns[i] != NULL; i++)
    {
      gboolean negated = patterns[i][0] == '!';

      if (!pattern_matches (patterns[i] + negated, text))
        continue;
      if (negated)
        return FALSE;
      found = TRUE;
    }
  return found;
}

/* Where the client comes from is known: one element of a list. */

static gboolean
address_matches (const char *pattern, const char *address)
{
  g_autoptr (GInetAddressMask) network = g_inet_address_mask_new_from_string (pattern, NULL);
  g_autoptr (GInetAddress) client = g_inet_address_new_from_string (address);

  if (network != NULL && client != NULL)
    return g_inet_address_mask_matches (network, client);
  return pattern_matches (pattern, address);
}

/* Names are compared in lower case. */
static gboolean
host_matches (const char *pattern, const char *host)
{
  g_autofree char *lower_pattern = g_ascii_strdown (pattern, -1);
  g_autofree char *lower_host = g_ascii_strdown (host, -1);

  return pattern_matches (lower_pattern, lower_host);
}

static Answer
element_matches (const char *pattern, const PatternClient *client)
{
  if (g_str_equal (pattern, "*"))
    return ANSWER_YES;
  if (client->address != NULL && address_matches (pattern, client->address))
    return ANSWER_YES;
  if (client->host != NULL && host_matches (pattern, client->host))
    return ANSWER_YES;
  return client->address != NULL && client->host != NULL ? ANSWER_NO : ANSWER_MAYBE;
}

Answer
pattern_list_matches_client (const char *list, const PatternClient *client)
{
  g_auto (GStrv) patterns = g_strsplit (list, ",", -1);
  Answer best = ANSWER_NO, most = ANSWER_YES;

  for (gsize i = 0; patterns[i] != NULL; i++)
    {
      gboolean negated = patterns[i][0] == '!';
      Answer answer = element_matches (patterns[i] + negated, client);

      if (!negated)
        best = MAX (best, answer);
      else if (answer == ANSWER_YES)
        return ANSWER_NO;
      else if (answer == ANSWER_MAYBE)
        most = ANSWER_MAYBE;
    }
  return MIN (best, most);
}

Answer
pattern_matches_user (const char *pattern, const char *user, const PatternClient *client)
{
  const char *at = strchr (pattern, '@');
  g_autofree char *name = at ? g_strndup (pattern, (gsize) (at - pattern)) : g_strdup (pattern);

  if (!pattern_matches (name, user))
    return ANSWER_NO;
  return at ? pattern_list_matches_client (at + 1, client) : ANSWER_YES;
}
