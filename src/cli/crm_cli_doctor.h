/*
 * Checks of doctor: each says ok, warn or FAIL, and what to do.
 */

#ifndef CRM_CLI_DOCTOR_H
#define CRM_CLI_DOCTOR_H

#include "crm_cli_live.h"
#include "rules/crm_ruleset.h"


#define CRM_CLI_MAX_CHECKS  64

typedef enum {
    CRM_CLI_CHECK_OK = 0,
    CRM_CLI_CHECK_WARN,
    CRM_CLI_CHECK_FAIL
} crm_cli_level_t;

typedef struct {
    crm_cli_level_t  level;
    const char      *check;
    const char      *message;
    const char      *advice;        /* NULL: nothing to do */
} crm_cli_check_t;

typedef struct {
    crm_cli_t        *cli;
    crm_store_t      *store;        /* NULL: out of reach */
    crm_cli_live_t    live;
    const char       *info;         /* INFO of Redis, zero-terminated */
    crm_cli_check_t   checks[CRM_CLI_MAX_CHECKS];
    size_t            count;
    int               failed;
} crm_cli_doctor_t;


/* Checks of Redis itself, the first of which sets store and info. */
void crm_cli_doctor_redis(crm_cli_doctor_t *d);
void crm_cli_doctor_version(crm_cli_doctor_t *d);
void crm_cli_doctor_memory(crm_cli_doctor_t *d);
void crm_cli_doctor_durability(crm_cli_doctor_t *d);
void crm_cli_doctor_clock(crm_cli_doctor_t *d);

/* Is it the Redis that the processes remember? */
void crm_cli_doctor_epoch(crm_cli_doctor_t *d);

/* doctor --accept-epoch: they may take this one for it. */
crm_cli_exit_t crm_cli_epoch_accept(crm_cli_t *cli);

/* Is the time zone's table as new as this machine's zone data? */
void crm_cli_doctor_zone(crm_cli_doctor_t *d);

/* Do nginx' files of dialects say what the live rules' say? */
void crm_cli_doctor_dialects(crm_cli_doctor_t *d, const crm_ruleset_t *rules);

/* Notes a result; check and advice are literals. */
void crm_cli_doctor_say(crm_cli_doctor_t *d, crm_cli_level_t level,
    const char *check, const char *advice, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* Notes that a check could not be made. */
void crm_cli_doctor_unreadable(crm_cli_doctor_t *d, const char *check,
    crm_status_t rc, const crm_error_t *err);

#endif
