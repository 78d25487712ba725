/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "authorized-key.h"

#include <string.h>
#include <time.h>

#define BLANKS " \t"

/* sshd takes no other RSA keys. */
#define MIN_RSA_BITS 1024
#define MAX_RSA_BITS 16384

/* What the blob of a type holds after the type's name. */
static const struct
{
  const char *name;
  const char *curve; /* (nullable) the first string */
  gsize length;      /* of the point or key; 0: two numbers of any length */
  gboolean hardware; /* a last string names the application */
} types[] = {
  { "ssh-ed25519", NULL, 32, FALSE },
  { "ssh-rsa", NULL, 0, FALSE },
  { "ecdsa-sha2-nistp256", "nistp256", 65, FALSE },
  { "ecdsa-sha2-nistp384", "nistp384", 97, FALSE },
  { "ecdsa-sha2-nistp521", "nistp521", 133, FALSE },
  { "sk-ssh-ed25519@openssh.com", NULL, 32, TRUE },
  { "sk-ecdsa-sha2-nistp256@openssh.com", "nistp256", 65, TRUE },
};

/* Names of signatures that sshd also takes for the name of a type. */
static const struct
{
  const char *name;
  const char *type;
} aliases[] = {
  { "rsa-sha2-256", "ssh-rsa" },
  { "rsa-sha2-512", "ssh-rsa" },
  { "webauthn-sk-ecdsa-sha2-nistp256@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com" },
};

void
authorized_key_free (AuthorizedKey *self)
{
  g_free (self->type);
  g_free (self->from);
  g_free (self);
}

/* The blob: strings, each behind its length. */

typedef struct
{
  const guchar *data;
  gsize left;
} Blob;

static gboolean
take_string (Blob *blob, const guchar **data, gsize *length)
{
  guint32 n;

  if (blob->left < 4)
    return FALSE;
  memcpy (&n, blob->data, 4);
  n = GUINT32_FROM_BE (n);
  if (blob->left - 4 < n)
    return FALSE;
  *data = blob->data + 4;
  *length = n;
  blob->data += 4 + n;
  blob->left -= 4 + n;
  return TRUE;
}

static gboolean
take_word (Blob *blob, const char *word)
{
  const guchar *data;
  gsize length;

  return take_string (blob, &data, &length) && length == strlen (word)
         && memcmp (data, word, length) == 0;
}

/* A number that is not negative, and its bits. */
static gboolean
take_number (Blob *blob, gsize *bits)
{
  const guchar *data;
  gsize length;

  if (!take_string (blob, &data, &length) || length == 0 || (*data & 0x80) != 0)
    return FALSE;
  for (; length > 1 && *data == 0; length--)
    data++;
  *bits = (length - 1) * 8 + g_bit_storage (*data);
  return *bits <= MAX_RSA_BITS;
}

/* Exponent and modulus. */
static gboolean
take_rsa (Blob *blob, guint *bits)
{
  gsize n = 0;

  if (!take_number (blob, &n))
    return FALSE;
  if (!take_number (blob, &n))
    return FALSE;
  *bits = (guint) n;
  return n >= MIN_RSA_BITS;
}

static gboolean
take_key (Blob *blob, gsize i, guint *bits)
{
  const guchar *data;
  gsize length;

  if (types[i].curve != NULL && !take_word (blob, types[i].curve))
    return FALSE;
  if (types[i].length == 0)
    return take_rsa (blob, bits) && blob->left == 0;
  if (!take_string (blob, &data, &length) || length != types[i].length)
    return FALSE;
  if (types[i].hardware && !take_string (blob, &data, &length))
    return FALSE;
  return blob->left == 0;
}

/* sshd's decoder takes white space, and nothing else that an encoder would not have written. */
static guchar *
decode (const char *word, gsize *length)
{
  g_autofree char *clean = g_new (char, strlen (word) + 1);
  g_autofree char *again = NULL;
  g_autofree guchar *data = NULL;
  gsize n = 0;

  for (; *word != '\0'; word++)
    if (!g_ascii_isspace (*word))
      clean[n++] = *word;
  clean[n] = '\0';
  data = g_base64_decode (clean, length);
  again = g_base64_encode (data, *length);
  return n > 0 && g_str_equal (clean, again) ? g_steal_pointer (&data) : NULL;
}

/* The key: its type, its blob, and a comment. */

static char *
take_field (const char **text)
{
  gsize length = strcspn (*text, BLANKS);
  char *word = g_strndup (*text, length);

  *text += length;
  *text += strspn (*text, BLANKS);
  return word;
}

static char *
take_type (const char **text)
{
  char *name = take_field (text);

  for (gsize i = 0; i < G_N_ELEMENTS (aliases); i++)
    if (g_str_equal (aliases[i].name, name))
      {
        g_free (name);
        return g_strdup (aliases[i].type);
      }
  return name;
}

/* Whether what stands here is a type and a blob of this type. */
static gboolean
read_key (AuthorizedKey *self, const char *text)
{
  g_autofree char *type = take_type (&text);
  g_autofree char *word = take_field (&text);
  gsize length = 0;
  g_autofree guchar *data = decode (word, &length);
  Blob blob = { data, length };

  if (data == NULL || !take_word (&blob, type))
    return FALSE;
  self->strange = TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    if (g_str_equal (types[i].name, type))
      {
        if (!take_key (&blob, i, &self->bits))
          return FALSE;
        self->strange = FALSE;
      }
  self->type = g_steal_pointer (&type);
  return TRUE;
}

/* Options: NAME, no-NAME, NAME="value", with commas between. */

/* A value in quotes, in which \" is one. */
static char *
take_value (const char **text)
{
  g_autoptr (GString) value = g_string_new (NULL);
  const char *c = *text + 1;

  if (**text != '"')
    return NULL;
  for (; *c != '\0' && *c != '"'; c++)
    {
      if (c[0] == '\\' && c[1] == '"')
        c++;
      g_string_append_c (value, *c);
    }
  if (*c == '\0')
    return NULL;
  *text = c + 1;
  return g_string_free (g_steal_pointer (&value), FALSE);
}

/* YYYYMMDD[HHMM[SS]][Z], in the time of the machine without Z; 0: it is none. */
static gint64
parse_time (const char *text)
{
  gsize length = strspn (text, "0123456789");
  gboolean utc = g_ascii_strcasecmp (text + length, "Z") == 0
                 || g_ascii_strcasecmp (text + length, "UTC") == 0;
  g_autofree char *digits = g_strndup (text, length);
  struct tm tm = { 0 };
  const char *end = NULL;

  if (text[length] != '\0' && !utc)
    return 0;
  if (length == 8)
    end = strptime (digits, "%Y%m%d", &tm);
  else if (length == 12)
    end = strptime (digits, "%Y%m%d%H%M", &tm);
  else if (length == 14)
    end = strptime (digits, "%Y%m%d%H%M%S", &tm);
  if (end == NULL || *end != '\0')
    return 0;
  return MAX (utc ? timegm (&tm) : mktime (&tm), 0);
}

static gboolean
read_expiry (AuthorizedKey *self, const char *value)
{
  gint64 expires = parse_time (value);

  if (expires != 0 && (self->expires == 0 || expires < self->expires))
    self->expires = expires;
  return expires != 0;
}

static gboolean
read_value_option (AuthorizedKey *self, const char *name, const char *value)
{
  static const char *const restricting[] = { "environment", "permitopen", "permitlisten",
                                             "principals",  "tunnel",     NULL };

  if (g_str_equal (name, "expiry-time"))
    return read_expiry (self, value);
  if (g_str_equal (name, "from") && self->from == NULL)
    self->from = g_strdup (value);
  else if (g_str_equal (name, "command") && !self->forced)
    self->forced = TRUE;
  else if (g_strv_contains (restricting, name))
    self->restricted = TRUE;
  else if (g_str_equal (name, "from") || g_str_equal (name, "command"))
    return FALSE;
  else
    self->strange = TRUE;
  return TRUE;
}

static void
read_flag (AuthorizedKey *self, const char *name)
{
  static const char *const harmless[] = {
    "agent-forwarding", "port-forwarding", "pty", "touch-required", "user-rc",
    "x11-forwarding",   "verify-required", NULL
  };

  if (g_str_equal (name, "cert-authority"))
    self->authority = TRUE;
  else if (!g_str_equal (name, "restrict")
           && !g_strv_contains (harmless, g_str_has_prefix (name, "no-") ? name + 3 : name))
    self->strange = TRUE;
}

static gboolean
read_options (AuthorizedKey *self, const char *text)
{
  while (*text != '\0' && strchr (BLANKS, *text) == NULL)
    {
      gsize length = strcspn (text, "=," BLANKS);
      g_autofree char *name = g_ascii_strdown (text, (gssize) length);
      g_autofree char *value = NULL;

      text += length;
      if (*text != '=')
        read_flag (self, name);
      else
        {
          text++;
          value = take_value (&text);
          if (value == NULL || !read_value_option (self, name, value))
            return FALSE;
        }
      if (*text == '\0' || strchr (BLANKS, *text) != NULL)
        return TRUE;
      if (*text++ != ',' || *text == '\0')
        return FALSE;
    }
  return TRUE;
}

/* The end of the options: the first blank that is not in quotes. */
static const char *
skip_options (const char *text)
{
  gboolean quoted = FALSE;

  for (; *text != '\0' && (quoted || strchr (BLANKS, *text) == NULL); text++)
    if (text[0] == '\\' && text[1] == '"')
      text++;
    else if (*text == '"')
      quoted = !quoted;
  return text + strspn (text, BLANKS);
}

AuthorizedKey *
authorized_key_parse (const char *line)
{
  g_autoptr (AuthorizedKey) self = g_new0 (AuthorizedKey, 1);

  line += strspn (line, BLANKS);
  if (*line == '\0' || *line == '#')
    return NULL;
  if (read_key (self, line))
    return g_steal_pointer (&self);
  if (!read_key (self, skip_options (line)))
    return NULL;
  return read_options (self, line) ? g_steal_pointer (&self) : NULL;
}
