/*
 * The worker's log.
 */

#include "crm_worker_log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>


/* A line is one write(2), so that lines of several processes never mix. */
#define LOG_LINE  1024


static const char *const  log_names[] = {
    "error", "warn", "notice", "info", "debug"
};

static crm_worker_log_level_t  log_level = CRM_WORKER_LOG_INFO;


void
crm_worker_log_set_level(crm_worker_log_level_t level)
{
    log_level = level;
}


int
crm_worker_log_parse_level(crm_worker_log_level_t *level, const char *name)
{
    unsigned  i;

    for (i = 0; i < sizeof(log_names) / sizeof(log_names[0]); i++) {
        if (strcmp(name, log_names[i]) == 0) {
            *level = (crm_worker_log_level_t) i;
            return 1;
        }
    }

    return 0;
}


void
crm_worker_log(crm_worker_log_level_t level, const char *fmt, ...)
{
    int        n;
    char       line[LOG_LINE];
    size_t     i, len, start;
    time_t     now;
    va_list    args;
    struct tm  tm;

    if (level > log_level) {
        return;
    }

    now = time(NULL);
    localtime_r(&now, &tm);

    start = strftime(line, sizeof(line), "%Y/%m/%d %H:%M:%S ", &tm);
    n = snprintf(line + start, sizeof(line) - start, "[%s] crm worker: ",
                 log_names[level]);
    start += (size_t) n;

    va_start(args, fmt);
    n = vsnprintf(line + start, sizeof(line) - start - 1, fmt, args);
    va_end(args);

    if (n < 0) {
        return;
    }

    len = strlen(line);

    for (i = start; i < len; i++) {
        if ((unsigned char) line[i] < 0x20 || line[i] == 0x7f) {
            line[i] = '?';
        }
    }

    line[len++] = '\n';

    if (write(STDERR_FILENO, line, len) < 0) {
        return;     /* nobody is left to tell */
    }
}
