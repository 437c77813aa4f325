/*
 * What Redis knows of one record, at one instant: its hash, who holds it, the
 * writes that have not ended, the jobs that wait. For whoever asks why
 * (queue/crm_held.h), never for a write.
 */

#ifndef CRM_HOLDS_H
#define CRM_HOLDS_H

#include "state/crm_cmd.h"
#include "state/crm_reply.h"


/* How many writes under way and waiting jobs are looked at: what Redis does
 * in a moment. */
#define CRM_HOLDS_MAX_WRITES  1000
#define CRM_HOLDS_MAX_JOBS    10000

typedef struct {
    crm_str_t  name;
    crm_str_t  value;
} crm_holds_field_t;

typedef struct {
    crm_str_t  event;
    crm_str_t  state;               /* begun, prepared */
    long long  begun_ms;            /* 0: not known */
    crm_str_t  reason;              /* why it could not be settled, or empty */
    int        undetermined;
} crm_holds_write_t;

typedef struct {
    crm_str_t  id;
    long long  due_ms;
    crm_str_t  body;                /* may be another record's */
} crm_holds_job_t;

/* Strings borrow from the reply. */
typedef struct {
    long long           now_ms;
    crm_str_t           busy;       /* event that holds the lease, or empty */
    long long           busy_ms;    /* for so long at most */
    crm_holds_field_t  *fields;
    size_t              n_fields;
    crm_holds_write_t  *writes;
    size_t              n_writes;
    crm_holds_job_t    *jobs;
    size_t              n_jobs;
    long long           unseen;     /* waiting jobs nobody looked at */
} crm_holds_t;


/* Asks for all of it; NULL without memory. */
crm_cmd_t *crm_holds_cmd(crm_pool_t *pool, crm_str_t org,
    crm_record_name_t record);

/* Reads the answer. CRM_EINVAL with *err, CRM_ENOMEM. */
crm_status_t crm_holds_parse(crm_holds_t *holds, const crm_reply_t *reply,
    crm_pool_t *pool, crm_error_t *err);

typedef enum {
    CRM_RELEASED = 0,
    CRM_RELEASE_NONE,           /* it is not locked by hand */
    CRM_RELEASE_CHANGED         /* by another lock meanwhile: nothing done */
} crm_release_status_t;

/* Takes the lock by hand away that reads so (its field "manual"), and tells
 * the stream of traces. NULL without memory. */
crm_cmd_t *crm_holds_release(crm_pool_t *pool, crm_str_t org,
    crm_record_name_t record, crm_str_t manual, crm_str_t trace);

crm_status_t crm_holds_released(crm_release_status_t *status,
    const crm_reply_t *reply, crm_error_t *err);

/* A field of the record's hash; empty if there is none. */
crm_str_t crm_holds_field(const crm_holds_t *holds, const char *name);

#endif
