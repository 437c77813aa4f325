/*
 * Writes that have begun and not ended, and those of which nobody can tell
 * what became of them.
 */

#ifndef CRM_CLI_INTENTS_H
#define CRM_CLI_INTENTS_H

#include "crm_store.h"


typedef struct {
    const char  *event;
    const char  *state;             /* begun, prepared, undetermined; "gone":
                                       it has ended since */
    const char  *operation;         /* create, update, delete; "" when the
                                       intent does not say or is no intent */
    const char  *record;            /* MODULE/ID, MODULE on create, or "" */
    const char  *reason;            /* why it is undetermined, or waits; "" */
    long long    begun_ms;          /* Redis time; 0: not known */
    long long    max_time_ms;       /* that it may take; 0: not known */
    long long    at_ms;             /* undetermined since, or to be settled by
                                       recovery from then on */
} crm_cli_intent_t;

typedef struct {
    long long          pending;
    long long          undetermined;
    crm_cli_intent_t  *items;       /* undetermined ones, then pending ones,
                                       the oldest first */
    size_t             count;
    crm_cli_intent_t  *late;        /* the pending one of these that should
                                       have ended longest ago, or NULL */
    long long          late_ms;     /* by so much */
} crm_cli_intents_t;


/*
 * How many there are, and of each kind max ones in detail. CRM_EINVAL with
 * *err, or CRM_ENOMEM.
 */
crm_status_t crm_cli_intents_read(crm_cli_intents_t *intents,
    crm_store_t *store, const char *org, long long now_ms, size_t max,
    crm_pool_t *pool, crm_error_t *err);

#endif
