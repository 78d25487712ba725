/* SPDX-FileCopyrightText: 2026 truenas-ssh contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Follows a process through what it does to files in some folders, and holds it just before the
 * step of a given number, as long as this one lives:
 *
 *   probe-steps PID NUMBER FOLDER...
 *
 * It says "attached", then a line for each step: number, system call and path; and "held" last.
 * With NUMBER 0 it only tells. The programs that the process starts are not followed. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define OPTIONS  (PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE)
#define IS_CALL  (SIGTRAP | 0x80)
#define CREATING (O_CREAT | O_TRUNC)

/* A system call that changes files, or makes a change durable. */
typedef struct
{
  guint64 number;
  const char *name;
  guint path;  /* the argument that is its path, or its file descriptor */
  guint flags; /* the argument with the flags of open (); 0: it has none */
  gboolean is_fd;
} Kind;

static const Kind kinds[] = {
#ifdef __NR_open
  { __NR_open, "open", 0, 1, FALSE },
#endif
#ifdef __NR_rename
  { __NR_rename, "rename", 0, 0, FALSE },
#endif
#ifdef __NR_unlink
  { __NR_unlink, "unlink", 0, 0, FALSE },
#endif
#ifdef __NR_mkdir
  { __NR_mkdir, "mkdir", 0, 0, FALSE },
#endif
#ifdef __NR_renameat
  { __NR_renameat, "renameat", 1, 0, FALSE },
#endif
  { __NR_openat, "openat", 1, 2, FALSE },      { __NR_renameat2, "renameat2", 1, 0, FALSE },
  { __NR_unlinkat, "unlinkat", 1, 0, FALSE },  { __NR_mkdirat, "mkdirat", 1, 0, FALSE },
  { __NR_fchmodat, "fchmodat", 1, 0, FALSE },  { __NR_fchownat, "fchownat", 1, 0, FALSE },
  { __NR_truncate, "truncate", 0, 0, FALSE },  { __NR_write, "write", 0, 0, TRUE },
  { __NR_pwrite64, "pwrite64", 0, 0, TRUE },   { __NR_writev, "writev", 0, 0, TRUE },
  { __NR_fallocate, "fallocate", 0, 0, TRUE }, { __NR_ftruncate, "ftruncate", 0, 0, TRUE },
  { __NR_fchmod, "fchmod", 0, 0, TRUE },       { __NR_fchown, "fchown", 0, 0, TRUE },
  { __NR_fsetxattr, "fsetxattr", 0, 0, TRUE }, { __NR_fsync, "fsync", 0, 0, TRUE },
  { __NR_fdatasync, "fdatasync", 0, 0, TRUE },
};

typedef struct
{
  pid_t pid;
  guint count;
  guint last; /* the step to hold it before; 0: none */
  char **folders;
} Steps;

static const Kind *
find_kind (guint64 number)
{
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (kinds[i].number == number)
      return &kinds[i];
  return NULL;
}

/* A string in the memory of the process. */
static char *
read_text (pid_t pid, guint64 address)
{
  g_autofree char *name = g_strdup_printf ("/proc/%d/mem", pid);
  char text[512] = "";
  int fd = open (name, O_RDONLY | O_CLOEXEC);

  if (fd < 0)
    return NULL;
  if (pread (fd, text, sizeof text - 1, (off_t) address) < 0)
    text[0] = '\0';
  close (fd);
  return g_strdup (text);
}

static char *
find_path (pid_t pid, const Kind *kind, const __uint64_t *args)
{
  g_autofree char *link = NULL;

  if (!kind->is_fd)
    return read_text (pid, args[kind->path]);
  link = g_strdup_printf ("/proc/%d/fd/%d", pid, (int) args[kind->path]);
  return g_file_read_link (link, NULL);
}

static gboolean
is_inside (const Steps *self, const char *path)
{
  for (char **folder = self->folders; path != NULL && *folder != NULL; folder++)
    if (g_str_has_prefix (path, *folder)
        && (path[strlen (*folder)] == '/' || path[strlen (*folder)] == '\0'))
      return TRUE;
  return FALSE;
}

/* Whether the process is to be held here. */
static gboolean
note_call (Steps *self, pid_t pid)
{
  struct __ptrace_syscall_info info = { 0 };
  const Kind *kind;
  g_autofree char *path = NULL;

  if (ptrace (PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) < 0
      || info.op != PTRACE_SYSCALL_INFO_ENTRY)
    return FALSE;
  kind = find_kind (info.entry.nr);
  if (kind == NULL || (kind->flags != 0 && !(info.entry.args[kind->flags] & CREATING)))
    return FALSE;
  path = find_path (pid, kind, info.entry.args);
  if (!is_inside (self, path))
    return FALSE;
  g_print ("%u %s %s\n", ++self->count, kind->name, path);
  return self->count == self->last;
}

/* Lets a thread go on after what it was stopped for. */
static void
go_on (pid_t pid, int status)
{
  int signal = WSTOPSIG (status);
  int event = status >> 16;

  if (event == PTRACE_EVENT_STOP && signal != SIGTRAP)
    ptrace (PTRACE_LISTEN, pid, NULL, NULL);
  else if (event != 0 || signal == IS_CALL)
    ptrace (PTRACE_SYSCALL, pid, NULL, NULL);
  else
    ptrace (PTRACE_SYSCALL, pid, NULL, GINT_TO_POINTER (signal));
}

static void
follow (Steps *self)
{
  int status;
  pid_t pid;

  while ((pid = waitpid (-1, &status, __WALL)) > 0 || errno == EINTR)
    {
      if (pid < 0 || !WIFSTOPPED (status))
        continue;
      if (WSTOPSIG (status) == IS_CALL && note_call (self, pid))
        return;
      go_on (pid, status);
    }
  exit (0);
}

static void
attach (const Steps *self)
{
  g_autofree char *name = g_strdup_printf ("/proc/%d/task", self->pid);
  g_autoptr (GDir) dir = g_dir_open (name, 0, NULL);
  const char *task;

  while (dir != NULL && (task = g_dir_read_name (dir)) != NULL)
    {
      pid_t pid = (pid_t) g_ascii_strtoll (task, NULL, 10);

      if (ptrace (PTRACE_SEIZE, pid, NULL, GINT_TO_POINTER (OPTIONS)) < 0
          || ptrace (PTRACE_INTERRUPT, pid, NULL, NULL) < 0)
        g_error ("%d: %s", pid, g_strerror (errno));
    }
}

int
main (int argc, char **argv)
{
  Steps self = { 0 };

  if (argc < 4)
    return 1;
  self.pid = (pid_t) g_ascii_strtoll (argv[1], NULL, 10);
  self.last = (guint) g_ascii_strtoull (argv[2], NULL, 10);
  self.folders = argv + 3;
  attach (&self);
  g_print ("attached\n");
  follow (&self);
  g_print ("held\n");
  for (;;)
    pause ();
}
