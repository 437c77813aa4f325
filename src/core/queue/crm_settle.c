/*
 * A settlement: what became of a write whose outcome nobody saw. Updates and
 * deletes; crm_settle_create.c has what was created.
 */

#include "queue/crm_settle.h"

#include "queue/crm_evidence.h"
#include "queue/crm_settle_kind.h"


/* Reading the stored record takes this long at most, or the write fails. */
#define SETTLE_READ_MS  120000


/* What is known of an update. */
typedef struct {
    crm_evidence_t  now;            /* written fields in the record read */
    int             changes;        /* it was to change what was stored */
    int             unchanged;      /* all that was stored is stored still */
    int             versions;       /* both records show theirs */
    int             version_same;
    int             fresh;          /* written since the intent, by the clock
                                       of the backend */
    int             old;            /* not written since, by that clock */
} update_t;


static crm_status_t settle_delete(crm_settlement_t *s,
    const crm_intent_t *intent, const crm_settle_answer_t *answer,
    const crm_scan_limits_t *limits, crm_pool_t *pool);
static crm_status_t settle_update(crm_settlement_t *s,
    const crm_intent_t *intent, const crm_settle_answer_t *answer,
    const crm_scan_limits_t *limits, crm_pool_t *pool);
static void settle_nothing(crm_settlement_t *s);
static crm_status_t update_look(update_t *u, const crm_intent_t *intent,
    const crm_record_t *record, crm_pool_t *pool);
static crm_status_t update_versions(update_t *u, const crm_intent_t *intent,
    const crm_record_t *record, crm_pool_t *pool);
static void update_decide(crm_settlement_t *s, const update_t *u);
static void update_decide_same(crm_settlement_t *s, const update_t *u);


const char *
crm_settle_name(crm_settled_t how)
{
    switch (how) {

    case CRM_SETTLED_COMMITTED:
        return "committed";
    case CRM_SETTLED_NOT_COMMITTED:
        return "not committed";
    case CRM_SETTLED_UNDETERMINED:
        return "undetermined";
    default:
        return "unreadable";
    }
}


crm_str_t
crm_settle_path(const crm_intent_t *intent, crm_pool_t *pool)
{
    size_t         i;
    crm_str_t     *fields, value;
    crm_record_t   written;

    if (intent->operation != CRM_OP_CREATE) {
        return crm_dialect_record_path(intent->dialect, intent->module,
                                       intent->record_id, pool);
    }

    if (crm_evidence_written(&written, intent, pool) != CRM_OK
        || crm_settle_unique(&value, intent, &written, pool) != CRM_OK)
    {
        return CRM_STR_NULL;
    }

    crm_settle_asked(&written, intent);

    fields = crm_pool_calloc(pool, written.count + 1, sizeof(crm_str_t));
    if (fields == NULL) {
        return CRM_STR_NULL;
    }

    for (i = 0; i < written.count; i++) {
        fields[i] = written.fields[i].name;
    }

    return value.len
           ? crm_dialect_unique_path(intent->dialect, intent->module, value,
                                     fields, written.count, pool)
           : crm_dialect_event_path(intent->dialect, intent->module,
                                    intent->event, fields, written.count,
                                    pool);
}


crm_status_t
crm_settle(crm_settlement_t *settlement, const crm_intent_t *intent,
    const crm_settle_answer_t *answer, long long max_time_ms,
    const crm_scan_limits_t *limits, crm_pool_t *pool)
{
    memset(settlement, 0, sizeof(crm_settlement_t));
    settlement->record_id = intent->record_id;

    switch (intent->operation) {

    case CRM_OP_CREATE:
        return crm_settle_create(settlement, intent, answer, max_time_ms,
                                 limits, pool);

    case CRM_OP_DELETE:
        return settle_delete(settlement, intent, answer, limits, pool);

    default:
        return settle_update(settlement, intent, answer, limits, pool);
    }
}


void
crm_settle_set(crm_settlement_t *s, crm_settled_t how, const char *reason)
{
    s->how = how;
    s->reason = reason;
}


int
crm_settle_skewed(const crm_intent_t *intent)
{
    long long  ahead;

    if (intent->begun_ms == 0) {
        return 0;
    }

    /* of an update the stored record is read in between */

    ahead = intent->at_ms - intent->begun_ms;

    return ahead < -CRM_SETTLE_SKEW_MS
           || ahead > CRM_SETTLE_SKEW_MS
                      + (intent->operation == CRM_OP_CREATE
                         ? 0 : SETTLE_READ_MS);
}


void
crm_settle_unread(crm_settlement_t *s, const crm_settle_answer_t *answer)
{
    const char  *reason;

    if (answer->status == 0) {
        reason = "the backend did not answer";

    } else if (answer->status == 401 || answer->status == 403) {
        reason = "the backend does not let recovery read; look at the headers"
                 " of the backend";

    } else if (answer->status == 429) {
        reason = "the backend is asked too often";

    } else if (answer->status >= 500) {
        reason = "the backend failed when it was asked";

    } else if (answer->status == 404) {
        reason = "the backend does not know the path; its url must end with"
                 " the version of the API";

    } else {
        reason = "the backend gave an answer that cannot be read";
    }

    crm_settle_set(s, CRM_SETTLED_UNREADABLE, reason);
}


/* The id becomes part of keys and targets; without one nothing can follow. */
crm_status_t
crm_settle_found(crm_settlement_t *s, const crm_intent_t *intent,
    const crm_record_t *record, const crm_settle_answer_t *answer,
    crm_pool_t *pool)
{
    crm_str_t     id;
    crm_status_t  rc;

    rc = crm_dialect_id_in(intent->dialect, &id, intent->module, record,
                           pool);

    if (rc == CRM_ENOMEM) {
        return rc;
    }

    if (rc != CRM_OK) {
        crm_settle_unread(s, answer);
        return CRM_OK;
    }

    s->record_id = id;
    crm_settle_set(s, CRM_SETTLED_COMMITTED, answer->event.len
                   ? "the backend knows the record of this event"
                   : "one record of that time holds what was written");

    return CRM_OK;
}


/* A record that is shown without the time, but for null, may have been. */
crm_status_t
crm_settle_changed(int *changed, const crm_intent_t *intent,
    const crm_record_t *record, long long created, crm_pool_t *pool)
{
    crm_str_t           name;
    long long           modified;
    crm_status_t        rc;
    const crm_field_t  *field;

    name = crm_dialect_version_field(intent->dialect);
    rc = crm_evidence_instant(record, name, pool, &modified);

    if (rc == CRM_OK) {
        *changed = modified > created;
        return CRM_OK;
    }

    field = crm_record_field(record, name);
    *changed = field == NULL || field->value.type != CRM_JSON_NULL;

    return rc == CRM_DECLINED ? CRM_OK : rc;
}


void
crm_settle_blind(crm_settlement_t *s)
{
    crm_settle_set(s, CRM_SETTLED_UNDETERMINED,
                   "its dialect has no \"find\": a created record cannot be"
                   " found again");
}


crm_status_t
crm_settle_unique(crm_str_t *value, const crm_intent_t *intent,
    const crm_record_t *written, crm_pool_t *pool)
{
    crm_str_t           name;
    const crm_field_t  *field;

    *value = CRM_STR("");
    name = crm_dialect_unique_field(intent->dialect);
    field = name.len ? crm_record_field(written, name) : NULL;

    if (field == NULL || (field->value.type != CRM_JSON_STRING
                          && field->value.type != CRM_JSON_NUMBER))
    {
        return CRM_OK;
    }

    *value = crm_span_text(field->value, pool);

    return value->data ? CRM_OK : CRM_ENOMEM;
}


/* What it is looked up by is among them. */
void
crm_settle_asked(crm_record_t *written, const crm_intent_t *intent)
{
    size_t       i;
    crm_str_t    name;
    crm_field_t  unique;

    name = crm_dialect_unique_field(intent->dialect);

    for (i = CRM_DIALECT_EVENT_FIELDS; i < written->count; i++) {
        if (crm_str_eq(written->fields[i].name, name)) {
            unique = written->fields[i];
            written->fields[i] = written->fields[0];
            written->fields[0] = unique;
        }
    }

    if (written->count > CRM_DIALECT_EVENT_FIELDS) {
        written->count = CRM_DIALECT_EVENT_FIELDS;
    }
}


static crm_status_t
settle_delete(crm_settlement_t *s, const crm_intent_t *intent,
    const crm_settle_answer_t *answer, const crm_scan_limits_t *limits,
    crm_pool_t *pool)
{
    crm_record_t  record;
    crm_status_t  rc;

    rc = crm_dialect_read_one(intent->dialect, &record, intent->module,
                              intent->record_id, answer->status, answer->body,
                              limits, pool);

    if (rc == CRM_ENOMEM) {
        return rc;
    }

    if (rc == CRM_DECLINED && intent->before == NULL) {
        settle_nothing(s);

    } else if (rc == CRM_DECLINED) {
        crm_settle_set(s, CRM_SETTLED_COMMITTED, "the record is gone");

    } else if (rc != CRM_OK) {
        crm_settle_unread(s, answer);

    } else {
        crm_settle_set(s, CRM_SETTLED_NOT_COMMITTED,
                       "the record is still there");
    }

    return CRM_OK;
}


static crm_status_t
settle_update(crm_settlement_t *s, const crm_intent_t *intent,
    const crm_settle_answer_t *answer, const crm_scan_limits_t *limits,
    crm_pool_t *pool)
{
    update_t      u;
    crm_record_t  record;
    crm_status_t  rc;

    rc = crm_dialect_read_one(intent->dialect, &record, intent->module,
                              intent->record_id, answer->status, answer->body,
                              limits, pool);

    if (rc == CRM_ENOMEM) {
        return rc;
    }

    if (rc == CRM_DECLINED && intent->before == NULL) {
        settle_nothing(s);
        return CRM_OK;
    }

    if (rc == CRM_DECLINED) {
        crm_settle_set(s, CRM_SETTLED_UNDETERMINED,
                       "the record has been deleted since");
        return CRM_OK;
    }

    if (rc != CRM_OK) {
        crm_settle_unread(s, answer);
        return CRM_OK;
    }

    rc = update_look(&u, intent, &record, pool);

    if (rc == CRM_OK) {
        update_decide(s, &u);
    }

    return rc;
}


/* Whoever looked before the write found no record either. */
static void
settle_nothing(crm_settlement_t *s)
{
    crm_settle_set(s, CRM_SETTLED_NOT_COMMITTED,
                   "there was no record before the write, nor is there now");
}


static crm_status_t
update_look(update_t *u, const crm_intent_t *intent,
    const crm_record_t *record, crm_pool_t *pool)
{
    crm_record_t     written;
    crm_status_t     rc;
    crm_evidence_t   before, kept;

    memset(u, 0, sizeof(update_t));

    rc = crm_evidence_written(&written, intent, pool);
    if (rc == CRM_OK) {
        rc = crm_evidence_take(&u->now, &written, record, pool);
    }

    /* a before-image of nothing: nobody has looked */

    if (rc == CRM_OK && intent->before && intent->before->count) {
        rc = crm_evidence_take(&before, &written, intent->before, pool);

        if (rc == CRM_OK) {
            u->changes = before.other > 0;
            rc = crm_evidence_take(&kept, intent->before, record, pool);
            u->unchanged = kept.other == 0;
        }
    }

    return rc == CRM_OK ? update_versions(u, intent, record, pool) : rc;
}


static crm_status_t
update_versions(update_t *u, const crm_intent_t *intent,
    const crm_record_t *record, crm_pool_t *pool)
{
    long long           ms;
    crm_str_t           name;
    crm_status_t        rc;
    const crm_field_t  *old, *now;

    name = crm_dialect_version_field(intent->dialect);
    old = intent->before ? crm_record_field(intent->before, name) : NULL;
    now = crm_record_field(record, name);

    /* a version that is no time is at least none of today's */

    rc = crm_evidence_instant(record, name, pool, &ms);
    u->old = 1;

    if (rc == CRM_OK) {
        u->fresh = ms >= intent->at_ms - CRM_SETTLE_SKEW_MS;
        u->old = !u->fresh;
    }

    if (rc == CRM_OK && crm_settle_skewed(intent)) {
        u->fresh = 0;
        u->old = 0;
    }

    if (rc == CRM_ENOMEM) {
        return rc;
    }

    u->versions = old && !crm_value_span_empty(old->value)
                  && now && !crm_value_span_empty(now->value);

    return u->versions ? crm_evidence_same(old->value, now->value, pool,
                                           &u->version_same) : CRM_OK;
}


static void
update_decide(crm_settlement_t *s, const update_t *u)
{
    if (u->now.other == 0) {
        update_decide_same(s, u);
        return;
    }

    if (u->versions && u->version_same && u->old) {
        crm_settle_set(s, CRM_SETTLED_NOT_COMMITTED,
                       "the record has not been written since");
        return;
    }

    /* a version of the same second as the write, or none at all: what stands
     * in the record decides */

    if (u->unchanged) {
        crm_settle_set(s, CRM_SETTLED_NOT_COMMITTED,
                       "the record is as it was before the write");
        return;
    }

    crm_settle_set(s, CRM_SETTLED_UNDETERMINED,
                   "the record holds neither what it held before nor what was"
                   " written; something else has written it too");
}


/* The record holds all that was written: since this write? */
static void
update_decide_same(crm_settlement_t *s, const update_t *u)
{
    if (u->changes) {
        crm_settle_set(s, CRM_SETTLED_COMMITTED,
                       "the record holds what was written, which it did not"
                       " before");
        return;
    }

    if (u->versions && u->version_same && u->old) {
        crm_settle_set(s, CRM_SETTLED_NOT_COMMITTED,
                       "the record has not been written since");
        return;
    }

    if (u->fresh && !(u->versions && u->version_same)) {
        crm_settle_set(s, CRM_SETTLED_COMMITTED,
                       "the record holds what was written, and has been"
                       " written since");
        return;
    }

    crm_settle_set(s, CRM_SETTLED_UNDETERMINED,
                   "the record holds what was written, and may have held it"
                   " before");
}
