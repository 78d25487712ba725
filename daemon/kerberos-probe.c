/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Finds out for the service whether sshd could take Kerberos tickets: a program of its own, because
 * libkrb5 asks name servers and KDCs and cannot be told to stop. Prints a line for each check: its
 * name, 1 or 0, and a few words, with tabs between them. */

#include <glib.h>
#include <krb5/krb5.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Less than whoever runs it allows. */
#define LIMIT_SECONDS 4

typedef struct
{
  krb5_context context;
  krb5_keytab keytab;
  krb5_principal principal; /* of sshd */
  char *name;               /* (owned) the same as text */
} Probe;

/* What is being done, for the case that it takes too long. */
static const char *volatile stage;

static void say (const char *check, gboolean good, const char *format, ...) G_GNUC_PRINTF (3, 4);

static void
say (const char *check, gboolean good, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  g_print ("%s\t%d\t%s\n", check, good, g_strdelimit (text, "\t\n\r", ' '));
  stage = NULL;
}

/* Only what is safe in a handler. */
static void
on_alarm (int number)
{
  static const char late[] = "\t0\tthere was no answer within 4 s\n";
  const char *check = stage;

  if (check != NULL && write (STDOUT_FILENO, check, strlen (check)) > 0
      && write (STDOUT_FILENO, late, sizeof late - 1) > 0)
    _exit (0);
  _exit (1);
}

static char *
explain (const Probe *self, krb5_error_code code)
{
  const char *message = krb5_get_error_message (self->context, code);
  char *text = g_strdup (message);

  krb5_free_error_message (self->context, message);
  return text;
}

/* The checks, each as far as those before it make sense. */

static gboolean
check_realm (Probe *self)
{
  char *realm = NULL;
  krb5_error_code code;

  stage = "default-realm";
  code = krb5_get_default_realm (self->context, &realm);
  if (code != 0)
    {
      g_autofree char *why = explain (self, code);

      say (stage, FALSE, "%s; set default_realm in krb5.conf", why);
      return FALSE;
    }
  say (stage, TRUE, "%s", realm);
  krb5_free_default_realm (self->context, realm);
  return TRUE;
}

static gboolean
check_keytab (Probe *self)
{
  char name[1024] = "";
  krb5_kt_cursor cursor;
  krb5_keytab_entry entry;
  krb5_error_code code;
  g_autofree char *why = NULL;

  stage = "keytab";
  code = krb5_kt_default (self->context, &self->keytab);
  if (code == 0)
    {
      krb5_kt_get_name (self->context, self->keytab, name, sizeof name);
      code = krb5_kt_start_seq_get (self->context, self->keytab, &cursor);
    }
  if (code == 0)
    {
      code = krb5_kt_next_entry (self->context, self->keytab, &entry, &cursor);
      if (code == 0)
        krb5_free_keytab_entry_contents (self->context, &entry);
      krb5_kt_end_seq_get (self->context, self->keytab, &cursor);
    }
  if (code == KRB5_KT_END)
    why = g_strdup ("it holds no key");
  else if (code != 0)
    why = explain (self, code);
  say (stage, code == 0, "%s%s%s", name, why ? ": " : "", why ? why : "");
  return code == 0;
}

/* The name that sshd takes for itself. */
static krb5_error_code
find_principal (Probe *self)
{
  krb5_error_code code =
      krb5_sname_to_principal (self->context, NULL, "host", KRB5_NT_SRV_HST, &self->principal);
  char *realm = NULL;

  /* Where no rule gives the host a realm. */
  if (code == 0 && self->principal->realm.length == 0)
    {
      code = krb5_get_default_realm (self->context, &realm);
      if (code == 0)
        code = krb5_set_principal_realm (self->context, self->principal, realm);
      krb5_free_default_realm (self->context, realm);
    }
  if (code == 0)
    {
      char *text = NULL;

      code = krb5_unparse_name (self->context, self->principal, &text);
      self->name = g_strdup (text);
      krb5_free_unparsed_name (self->context, text);
    }
  return code;
}

static gboolean
check_host_key (Probe *self)
{
  krb5_keytab_entry entry;
  krb5_error_code code;
  g_autofree char *why = NULL;

  stage = "host-key";
  code = find_principal (self);
  if (code == 0)
    {
      code = krb5_kt_get_entry (self->context, self->keytab, self->principal, 0, 0, &entry);
      if (code == 0)
        {
          say (stage, TRUE, "%s, version %u", self->name, (guint) entry.vno);
          krb5_free_keytab_entry_contents (self->context, &entry);
          return TRUE;
        }
    }
  why = explain (self, code);
  say (stage, FALSE, "the keytab has no key of %s: %s", self->name ? self->name : "this host", why);
  return FALSE;
}

/* A directory knows a machine as a client by another name than that of its services: "HOST$". */
static krb5_error_code
ask_by_account (Probe *self, krb5_creds *creds)
{
  krb5_error_code result = KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN;
  krb5_kt_cursor cursor;
  krb5_keytab_entry entry;

  if (krb5_kt_start_seq_get (self->context, self->keytab, &cursor) != 0)
    return result;
  while (result != 0 && krb5_kt_next_entry (self->context, self->keytab, &entry, &cursor) == 0)
    {
      const krb5_data *first = entry.principal->length == 1 ? &entry.principal->data[0] : NULL;

      if (first != NULL && first->length > 1 && first->data[first->length - 1] == '$')
        result = krb5_get_init_creds_keytab (self->context, creds, entry.principal, self->keytab, 0,
                                             NULL, NULL);
      krb5_free_keytab_entry_contents (self->context, &entry);
    }
  krb5_kt_end_seq_get (self->context, self->keytab, &cursor);
  return result;
}

static void
check_clock (Probe *self, gboolean refused)
{
  krb5_timestamp seconds = 0;
  krb5_int32 micros = 0;
  int skew;

  stage = "clock";
  krb5_get_time_offsets (self->context, &seconds, &micros);
  skew = abs ((int) seconds);
  if (refused || skew > 300)
    say (stage, FALSE, "this machine's clock and the KDC's differ by %d s; at most 300 are allowed",
         skew);
  else
    say (stage, TRUE, "%d s apart", skew);
}

static void
check_key (Probe *self, krb5_error_code code, krb5_creds *creds)
{
  krb5_verify_init_creds_opt options;
  g_autofree char *why = NULL;

  stage = "key-version";
  krb5_verify_init_creds_opt_init (&options);
  krb5_verify_init_creds_opt_set_ap_req_nofail (&options, 1);
  if (code == 0)
    code = krb5_verify_init_creds (self->context, creds, self->principal, self->keytab, NULL,
                                   &options);
  if (code == 0)
    {
      say (stage, TRUE, "the KDC has the same key");
      return;
    }
  why = explain (self, code);
  if (code == KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN || code == KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN)
    say (stage, FALSE, "the KDC does not know %s; create it, and write its key to the keytab",
         self->name);
  else
    say (stage, FALSE,
         "the KDC has another key of %s than the keytab: %s; write it to the keytab "
         "again",
         self->name, why);
}

static gboolean
is_about_key (krb5_error_code code)
{
  return code == KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN || code == KRB5KDC_ERR_PREAUTH_FAILED
         || code == KRB5KRB_AP_ERR_BAD_INTEGRITY || code == KRB5_KT_NOTFOUND
         || code == KRB5_KT_KVNONOTFOUND || code == KRB5KDC_ERR_ETYPE_NOSUPP;
}

static void
check_kdc (Probe *self)
{
  krb5_creds creds = { 0 };
  krb5_error_code code;
  gboolean skewed;
  g_autofree char *why = NULL;

  stage = "kdc";
  code = krb5_get_init_creds_keytab (self->context, &creds, self->principal, self->keytab, 0, NULL,
                                     NULL);
  if (code == KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN)
    code = ask_by_account (self, &creds);
  skewed = code == KRB5KRB_AP_ERR_SKEW || code == KRB5_KDCREP_SKEW;
  if (code != 0 && !skewed && !is_about_key (code))
    {
      why = explain (self, code);
      say (stage, FALSE, "%s", why);
      return;
    }
  say (stage, TRUE, "it answers");
  check_clock (self, skewed);
  if (!skewed)
    check_key (self, code, &creds);
  krb5_free_cred_contents (self->context, &creds);
}

int
main (void)
{
  Probe self = { 0 };

  /* Nothing is written, and what is cached is not to be believed. */
  setenv ("KRB5RCACHENAME", "none:", 1);
  setenv ("KRB5CCNAME", "MEMORY:", 1);
  signal (SIGALRM, on_alarm);
  alarm (LIMIT_SECONDS);
  stage = "default-realm";
  if (krb5_init_context (&self.context) != 0)
    {
      say (stage, FALSE, "krb5.conf cannot be understood");
      return 0;
    }
  if (check_realm (&self) && check_keytab (&self) && check_host_key (&self))
    check_kdc (&self);
  krb5_free_principal (self.context, self.principal);
  if (self.keytab != NULL)
    krb5_kt_close (self.context, self.keytab);
  krb5_free_context (self.context);
  g_free (self.name);
  return 0;
}
