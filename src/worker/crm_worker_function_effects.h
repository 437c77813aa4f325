/*
 * The effects of a function's run, one after the other: each is known from an
 * earlier attempt and told again, or done, remembered by Redis, told.
 *
 *   recall -> [begin: known -> tell
 *                   | effect under way -> remember -> tell] ...
 */

#ifndef CRM_WORKER_FUNCTION_EFFECTS_H
#define CRM_WORKER_FUNCTION_EFFECTS_H

#include "crm_worker_ask.h"
#include "crm_worker_effect.h"


#define CRM_WORKER_FUNCTION_REDIS_MS  1000  /* until Redis is asked again */

/* Whom they belong to; borrowed. */
typedef struct {
    void  (*recalled)(void *data);
    void  (*tell)(void *data, crm_worker_frame_kind_t kind, crm_str_t text);

    /* The run ends, and comes again in busy_ms. */
    void  (*wait)(void *data, const char *why, int64_t busy_ms);
} crm_worker_function_effects_to_t;

/* Lives in the job's pool; what stands above the line is the caller's. */
typedef struct {
    crm_worker_effect_run_t                  run;
    const crm_worker_function_effects_to_t  *to;
    void                                    *data;

    /* --- */

    crm_recall_t              recall;
    size_t                    n;        /* effects so far */
    crm_pool_t               *pool;     /* of the effect under way */
    crm_pool_t               *next;     /* of the one to come */
    crm_str_t                 text;     /* and what it is */
    crm_worker_effect_end_t   end;      /* that is being remembered */
    int                       passing;  /* it was thrown, and is not
                                           remembered unless the script goes
                                           on */

    crm_worker_ask_t         *ask;      /* under way, one of these */
    crm_worker_effect_t      *effect;
} crm_worker_function_effects_t;


/* Asks Redis what earlier attempts have seen, and when they began. */
void crm_worker_function_effects_recall(
    crm_worker_function_effects_t *effects);

/* EFFECT has come, while none is under way. */
void crm_worker_function_effects_begin(crm_worker_function_effects_t *effects,
    crm_str_t text);

int crm_worker_function_effects_busy(
    const crm_worker_function_effects_t *effects);

/* Calls nobody any more. May be called twice. */
void crm_worker_function_effects_release(
    crm_worker_function_effects_t *effects);

#endif
