/*
 * How endpoints do, as the worker's scripts have noted it: those alone that
 * are not well.
 */

#ifndef CRM_CLI_HEALTH_H
#define CRM_CLI_HEALTH_H

#include "crm_store.h"
#include "crm_cli_doctor.h"


typedef enum {
    CRM_CLI_HEALTH_FAILING = 0,     /* the last delivery failed */
    CRM_CLI_HEALTH_OPEN,            /* an endpoint: its breaker is open */
    CRM_CLI_HEALTH_DISABLED         /* a webhook: nothing is sent any more */
} crm_cli_health_state_t;

typedef struct {
    const char              *id;        /* what enable takes */
    const char              *name;      /* of the webhook; "": an endpoint */
    const char              *url;       /* scheme, host and port */
    crm_cli_health_state_t   state;
    const char              *error;     /* the last one, or "" */
    const char              *why;       /* disabled: gone or failing */
    long long                failures;  /* in a row; an endpoint: how often the
                                           breaker has opened in a row */
    long long                since_ms;  /* the first of these; 0: not known */
} crm_cli_health_item_t;

typedef struct {
    crm_cli_health_item_t  *items;      /* the latest failure first */
    size_t                  count;
    long long               failing;    /* webhooks, not yet disabled */
    long long               open;       /* endpoints */
    long long               disabled;   /* webhooks */
} crm_cli_health_t;


/* More than these are not looked at: the index forgets the healthy. */
#define CRM_CLI_HEALTH_MAX  1000

/* Those that doctor names. */
#define CRM_CLI_HEALTH_TOLD  10


/* "failing", "open", "disabled". */
const char *crm_cli_health_state(crm_cli_health_state_t state);

/* CRM_EINVAL with *err, or CRM_ENOMEM. */
crm_status_t crm_cli_health_read(crm_cli_health_t *health, crm_store_t *store,
    const char *org, crm_pool_t *pool, crm_error_t *err);

/* A check of doctor. */
void crm_cli_doctor_endpoints(crm_cli_doctor_t *d);

#endif
