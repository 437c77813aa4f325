/*
 * A settlement of a create: which record is it, if there is one?
 *
 * A backend that looks up by event answers that record or none. Any other
 * answers a page of its newest records; of these the write's is the one that
 * was created while it was under way and holds what it wrote.
 */

#include "queue/crm_settle_kind.h"

#include "queue/crm_evidence.h"


/* What a page of records shows. */
typedef struct {
    size_t               matches;
    size_t               possible;  /* written to since: cannot be excluded */
    size_t               bare;      /* any may be one that was to hold
                                       nothing */
    const crm_record_t  *match;
    int                  covered;   /* no record of the window is missing */
    size_t               undated;   /* do not say when they were created: */
    size_t               alike;     /* ... and hold what was written */
    size_t               unclear;   /* ... or hold some of it */
} create_t;


static crm_status_t create_look(create_t *c, const crm_intent_t *intent,
    const crm_list_t *list, const crm_record_t *written,
    long long max_time_ms, crm_pool_t *pool);
static crm_status_t create_undated(create_t *c, const crm_intent_t *intent,
    const crm_record_t *written, const crm_record_t *record,
    crm_pool_t *pool);
static crm_status_t create_compare(create_t *c, const crm_intent_t *intent,
    const crm_record_t *written, const crm_record_t *record,
    long long created, crm_pool_t *pool);
static crm_status_t create_decide(crm_settlement_t *s,
    const crm_intent_t *intent, const create_t *c,
    const crm_settle_answer_t *answer, crm_pool_t *pool);
static crm_status_t create_unique(crm_settlement_t *s,
    const crm_intent_t *intent, const crm_list_t *list,
    const crm_record_t *written, const crm_settle_answer_t *answer,
    long long max_time_ms, crm_pool_t *pool);
static int create_by_other(const crm_intent_t *intent,
    const crm_list_t *list, const crm_record_t *written, crm_pool_t *pool);


crm_status_t
crm_settle_create(crm_settlement_t *s, const crm_intent_t *intent,
    const crm_settle_answer_t *answer, long long max_time_ms,
    const crm_scan_limits_t *limits, crm_pool_t *pool)
{
    create_t      c;
    crm_str_t     value;
    crm_list_t    list;
    crm_record_t  written;
    crm_status_t  rc;

    if (!crm_dialect_finds(intent->dialect)) {
        crm_settle_blind(s);
        return CRM_OK;
    }

    rc = crm_dialect_list(intent->dialect, &list, answer->status,
                          answer->body, limits, pool);

    if (rc == CRM_ENOMEM) {
        return rc;
    }

    if (rc != CRM_OK) {
        crm_settle_unread(s, answer);
        return CRM_OK;
    }

    if (answer->event.len == 0 && crm_settle_skewed(intent)) {
        crm_settle_set(s, CRM_SETTLED_UNDETERMINED,
                       "the clocks of nginx and Redis disagreed when the write"
                       " began; its time cannot be told");
        return CRM_OK;
    }

    rc = crm_evidence_written(&written, intent, pool);
    if (rc == CRM_OK) {
        rc = crm_settle_unique(&value, intent, &written, pool);
    }

    if (rc != CRM_OK) {
        return rc;
    }

    crm_settle_asked(&written, intent);

    if (answer->event.len == 0 && value.len) {
        return create_unique(s, intent, &list, &written, answer, max_time_ms,
                             pool);
    }

    if (answer->event.len == 0) {
        rc = create_look(&c, intent, &list, &written, max_time_ms, pool);
        return rc == CRM_OK ? create_decide(s, intent, &c, answer, pool)
                            : rc;
    }

    if (!crm_str_eq(answer->event, intent->event)) {
        crm_settle_set(s, CRM_SETTLED_UNREADABLE,
                       "the backend answered for another event");
        return CRM_OK;
    }

    switch (list.count) {

    case 0:
        crm_settle_set(s, CRM_SETTLED_NOT_COMMITTED,
                       "the backend knows no record of this event");
        return CRM_OK;

    case 1:
        return crm_settle_found(s, intent, &list.records[0], answer, pool);

    default:
        crm_settle_set(s, CRM_SETTLED_UNDETERMINED,
                       "the backend knows several records of this event");
        return CRM_OK;
    }
}


static crm_status_t
create_look(create_t *c, const crm_intent_t *intent, const crm_list_t *list,
    const crm_record_t *written, long long max_time_ms, crm_pool_t *pool)
{
    int           sorted;
    size_t        i;
    crm_str_t     field;
    long long     first, last, created, oldest;
    crm_status_t  rc;

    memset(c, 0, sizeof(create_t));

    first = intent->at_ms - CRM_SETTLE_SKEW_MS;
    last = intent->at_ms + max_time_ms + CRM_SETTLE_SKEW_MS;
    field = crm_dialect_created_field(intent->dialect);
    sorted = 1;
    oldest = 0;

    rc = CRM_OK;

    for (i = 0; rc == CRM_OK && i < list->count; i++) {
        rc = crm_evidence_instant(&list->records[i], field, pool, &created);

        if (rc == CRM_ENOMEM) {
            break;
        }

        if (rc == CRM_DECLINED) {
            rc = create_undated(c, intent, written, &list->records[i], pool);
            continue;
        }

        if (i && created > oldest) {
            sorted = 0;
        }

        oldest = created;

        if (created >= first && created <= last) {
            rc = create_compare(c, intent, written, &list->records[i],
                                created, pool);
        }
    }

    c->covered = list->complete
                 || (sorted && !c->undated && list->count && oldest < first);

    return rc;
}


/* Of any time, then: only what it holds can tell that it is another one. */
static crm_status_t
create_undated(create_t *c, const crm_intent_t *intent,
    const crm_record_t *written, const crm_record_t *record,
    crm_pool_t *pool)
{
    crm_status_t    rc;
    crm_evidence_t  evidence;

    c->undated++;

    rc = crm_evidence_take(&evidence, written, record, pool);

    if (rc != CRM_OK) {
        return rc;
    }

    if (evidence.other == 0) {
        c->alike++;

    } else if (evidence.telling
               || (evidence.absent
                   && !crm_dialect_absent_is_null(intent->dialect)))
    {
        c->unclear++;
    }

    return CRM_OK;
}


static crm_status_t
create_compare(create_t *c, const crm_intent_t *intent,
    const crm_record_t *written, const crm_record_t *record,
    long long created, crm_pool_t *pool)
{
    int             changed;
    crm_status_t    rc;
    crm_evidence_t  evidence;

    rc = crm_evidence_take(&evidence, written, record, pool);
    if (rc != CRM_OK) {
        return rc;
    }

    if (evidence.other == 0 && evidence.telling == 0) {
        c->bare++;
        return CRM_OK;
    }

    if (evidence.other == 0) {
        c->matches++;
        c->match = record;
        return CRM_OK;
    }

    /* it may have been this write's, and somebody wrote to it since */

    rc = crm_settle_changed(&changed, intent, record, created, pool);
    c->possible += changed && evidence.telling;

    return rc;
}


static crm_status_t
create_decide(crm_settlement_t *s, const crm_intent_t *intent,
    const create_t *c, const crm_settle_answer_t *answer, crm_pool_t *pool)
{
    if (c->matches == 1 && c->alike == 0) {
        return crm_settle_found(s, intent, c->match, answer, pool);
    }

    if (c->alike || (c->unclear && c->matches == 0)) {
        crm_settle_set(s, CRM_SETTLED_UNDETERMINED,
                       "a record that does not say when it was created may be"
                       " it");

    } else if (c->bare) {
        crm_settle_set(s, CRM_SETTLED_UNDETERMINED,
                       "nothing was written by which records of that time"
                       " could be told apart");

    } else if (c->matches > 1) {
        crm_settle_set(s, CRM_SETTLED_UNDETERMINED,
                       "several records of that time hold what was written");

    } else if (c->possible) {
        crm_settle_set(s, CRM_SETTLED_UNDETERMINED,
                       "records of that time have been changed since; one of"
                       " them may be it");

    } else if (c->covered) {
        crm_settle_set(s, CRM_SETTLED_NOT_COMMITTED,
                       "no record of that time holds what was written");

    } else {
        crm_settle_set(s, CRM_SETTLED_UNDETERMINED,
                       "more records have been created since than the backend"
                       " lists");
    }

    return CRM_OK;
}


/*
 * No two records have this value. One that has it may have had it before, so
 * that the write was refused: only when it was created tells.
 */
static crm_status_t
create_unique(crm_settlement_t *s, const crm_intent_t *intent,
    const crm_list_t *list, const crm_record_t *written,
    const crm_settle_answer_t *answer, long long max_time_ms,
    crm_pool_t *pool)
{
    long long        created;
    crm_status_t     rc;
    crm_evidence_t   evidence;

    if (create_by_other(intent, list, written, pool)) {
        crm_settle_set(s, CRM_SETTLED_UNREADABLE,
                       "the backend does not look up by the unique field of"
                       " its dialect");
        return CRM_OK;
    }

    if (list->count == 0) {
        crm_settle_set(s, CRM_SETTLED_NOT_COMMITTED,
                       "no record has what was written into the unique"
                       " field");
        return CRM_OK;
    }

    rc = crm_evidence_instant(&list->records[0],
                              crm_dialect_created_field(intent->dialect),
                              pool, &created);
    if (rc == CRM_OK) {
        rc = crm_evidence_take(&evidence, written, &list->records[0], pool);
    }

    if (rc == CRM_ENOMEM) {
        return rc;
    }

    if (rc != CRM_OK || list->count > 1) {
        crm_settle_set(s, CRM_SETTLED_UNDETERMINED,
                       "the record with that unique field may be older than"
                       " the write");

    } else if (created < intent->at_ms - CRM_SETTLE_SKEW_MS
               || created > intent->at_ms + max_time_ms + CRM_SETTLE_SKEW_MS)
    {
        crm_settle_set(s, CRM_SETTLED_NOT_COMMITTED,
                       "the record with that unique field was created at"
                       " another time");

    } else if (evidence.other == 0) {
        return crm_settle_found(s, intent, &list->records[0], answer, pool);

    } else {
        crm_settle_set(s, CRM_SETTLED_UNDETERMINED,
                       "the record with that unique field holds something"
                       " else by now");
    }

    return CRM_OK;
}


/* Whether a record of the list has another value there. */
static int
create_by_other(const crm_intent_t *intent, const crm_list_t *list,
    const crm_record_t *written, crm_pool_t *pool)
{
    int                 same;
    size_t              i;
    crm_str_t           name;
    const crm_field_t  *mine, *field;

    name = crm_dialect_unique_field(intent->dialect);
    mine = crm_record_field(written, name);

    for (i = 0; i < list->count; i++) {
        field = crm_record_field(&list->records[i], name);

        if (field == NULL
            || crm_evidence_same(mine->value, field->value, pool, &same)
               != CRM_OK
            || !same)
        {
            return 1;
        }
    }

    return 0;
}
