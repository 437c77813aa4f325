/*
 * Calls: the topics, a row each, and what they share.
 */

#include "transform/crm_call.h"

#include <stdio.h>

#include "transform/crm_call_approval.h"
#include "transform/crm_call_blueprint.h"
#include "transform/crm_call_lock.h"
#include "transform/crm_call_score.h"
#include "transform/crm_call_why.h"


typedef struct {
    const char     *topic;
    int           (*stands)(const crm_module_t *module);
    crm_status_t  (*decode)(crm_call_t *call, const crm_call_ask_t *ask,
                        crm_pool_t *pool, crm_refusal_t *refusal);
    crm_status_t  (*judge)(crm_called_t *called, crm_write_t *write);
} call_row_t;


static const call_row_t *call_row(crm_str_t topic);
static int call_outlives(const crm_write_t *write);


static const call_row_t  call_rows[] = {
    { "lock", crm_call_lock_stands, crm_call_lock_decode,
      crm_call_lock_judge },
    { "approvals", crm_call_approval_stands, crm_call_approval_decode,
      crm_call_approval_judge },
    { "blueprint", crm_call_blueprint_stands, crm_call_blueprint_decode,
      crm_call_blueprint_judge },
    { "why", crm_call_why_stands, crm_call_why_decode, crm_call_why_judge },
    { "scores", crm_call_score_stands, crm_call_score_decode,
      crm_call_score_judge }
};

/* By crm_call_kind_t. */
static const struct {
    const char  *name;
    const char  *topic;
    int          reads;
} call_kinds[] = {
    { "lock_read", "lock", 1 },
    { "lock", "lock", 0 },
    { "unlock", "lock", 0 },
    { "blueprint_read", "blueprint", 1 },
    { "transition", "blueprint", 0 },
    { "approval_read", "approvals", 1 },
    { "approve", "approvals", 0 },
    { "reject", "approvals", 0 },
    { "delegate", "approvals", 0 },
    { "resubmit", "approvals", 0 },
    { "recall", "approvals", 0 },
    { "approvals", "approvals", 1 },
    { "why", "why", 1 },
    { "score_read", "scores", 1 },
    { "score", "scores", 0 },
    { "score_event", "scores", 0 }
};


int
crm_call_stands(crm_str_t topic, const crm_module_t *module)
{
    const call_row_t  *row;

    row = call_row(topic);

    return row && module && row->stands(module);
}


int
crm_call_known(crm_str_t topic)
{
    return call_row(topic) != NULL;
}


int
crm_call_reads(crm_call_kind_t kind)
{
    return call_kinds[kind].reads;
}


const char *
crm_call_name(crm_call_kind_t kind)
{
    return call_kinds[kind].name;
}


crm_status_t
crm_call_decode(crm_call_t *call, crm_str_t topic, const crm_call_ask_t *ask,
    crm_pool_t *pool, crm_refusal_t *refusal)
{
    const call_row_t  *row;

    call->vendor = ask->vendor;
    row = call_row(topic);

    return row ? row->decode(call, ask, pool, refusal) : CRM_DECLINED;
}


crm_status_t
crm_call_judge(crm_called_t *called, crm_write_t *write)
{
    crm_call_kind_t    kind;
    const call_row_t  *row;

    memset(called, 0, sizeof(crm_called_t));

    kind = write->call->kind;
    row = call_row(crm_strz(call_kinds[kind].topic));

    if (!call_kinds[kind].reads && write->actor.id.len == 0) {
        return crm_call_refuse(called, CRM_REFUSE_PERMISSION,
                   CRM_STR("nobody is known to act here; sign in as a user"),
                   CRM_STR_NULL);
    }

    if (write->before == NULL && !call_outlives(write)) {
        return crm_call_refuse(called, CRM_REFUSE_RECORD,
                   CRM_STR("there is no record of that id"), CRM_STR_NULL);
    }

    return row->judge(called, write);
}


/* An approval whose record was deleted past this nginx: it is taken back, or it
 * would be listed for ever. */
static int
call_outlives(const crm_write_t *write)
{
    return write->call->kind == CRM_CALL_RECALL && write->state
           && write->state->approval.len != 0;
}


crm_status_t
crm_call_refuse(crm_called_t *called, crm_refusal_kind_t kind,
    crm_str_t reason, crm_str_t field)
{
    memset(called, 0, sizeof(crm_called_t));

    called->verdict.kind = kind;
    called->verdict.reason = reason;
    called->verdict.field = field;

    return CRM_OK;
}


crm_status_t
crm_call_wrong(crm_refusal_t *refusal, crm_refusal_kind_t kind,
    const char *reason)
{
    memset(refusal, 0, sizeof(crm_refusal_t));

    refusal->kind = kind;
    refusal->reason = crm_strz(reason);
    refusal->offset = CRM_NO_OFFSET;

    return CRM_EINVAL;
}


crm_status_t
crm_call_body(crm_span_t *object, const crm_call_ask_t *ask,
    crm_pool_t *pool, crm_refusal_t *refusal)
{
    crm_scan_t    scan;
    crm_error_t   err;
    crm_status_t  rc;

    crm_scan_init(&scan, ask->body, ask->limits, pool);

    rc = crm_scan_value(&scan, object, &err);
    if (rc == CRM_OK) {
        rc = crm_scan_end(&scan, &err);
    }

    if (rc == CRM_ENOMEM) {
        return rc;
    }

    if (rc != CRM_OK) {
        crm_call_wrong(refusal, CRM_REFUSE_BODY, "");
        refusal->reason = crm_pool_dup(pool, crm_strz(err.text));
        refusal->offset = err.offset;

        return refusal->reason.data ? CRM_EINVAL : CRM_ENOMEM;
    }

    if (object->type != CRM_JSON_OBJECT) {
        return crm_call_wrong(refusal, CRM_REFUSE_BODY,
                                   "the body must be a JSON object");
    }

    return CRM_OK;
}


void
crm_call_time(crm_buf_t *buf, long long ms, const crm_zone_t *zone)
{
    int        offset_s;
    char       text[CRM_TIME_ISO_LEN + 1], tail[16];
    unsigned   minutes;

    offset_s = crm_zone_offset(zone, ms / 1000);
    (void) crm_time_iso(text, ms + offset_s * 1000LL);

    minutes = (unsigned) (offset_s < 0 ? -offset_s : offset_s) / 60;
    (void) snprintf(tail, sizeof(tail), "%c%02u:%02u",
                    offset_s < 0 ? '-' : '+', minutes / 60 % 100,
                    minutes % 60);

    /* without the fraction and the Z behind it */

    crm_buf_add(buf, text, CRM_TIME_ISO_LEN - 5);
    crm_buf_puts(buf, tail);
}


static const call_row_t *
call_row(crm_str_t topic)
{
    size_t  i;

    for (i = 0; i < sizeof(call_rows) / sizeof(call_rows[0]); i++) {
        if (crm_str_is(topic, call_rows[i].topic)) {
            return &call_rows[i];
        }
    }

    return NULL;
}
