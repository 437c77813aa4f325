/*
 * A settlement of all records of one intent. What was created:
 * crm_settle_creates.c.
 */

#include "queue/crm_settle_many.h"

#include "base/crm_map.h"
#include "queue/crm_evidence.h"
#include "queue/crm_settle_kind.h"


static crm_status_t many_path(const crm_settle_many_t *many,
    crm_str_t *path);


crm_status_t
crm_settle_many_init(crm_settle_many_t *many, const crm_intents_t *intents,
    crm_pool_t *pool)
{
    size_t  i;

    memset(many, 0, sizeof(crm_settle_many_t));

    many->intents = intents;
    many->pool = pool;
    many->items = crm_pool_calloc(pool, intents->count,
                                  sizeof(crm_settlement_t));
    many->asked = crm_pool_calloc(pool, intents->count, 1);

    if (many->items == NULL || many->asked == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < intents->count; i++) {
        crm_settle_set(&many->items[i], CRM_SETTLED_UNREADABLE,
                       "the backend has not been asked");
    }

    return CRM_OK;
}


crm_status_t
crm_settle_many_next(crm_settle_many_t *many, crm_str_t *path)
{
    while (many->at < many->intents->count && many->asked[many->at]) {
        many->at++;
    }

    if (many->over || many->at == many->intents->count) {
        return CRM_DECLINED;
    }

    return many_path(many, path);
}


crm_status_t
crm_settle_many_answer(crm_settle_many_t *many,
    const crm_settle_answer_t *answer, long long max_time_ms,
    const crm_scan_limits_t *limits)
{
    size_t               i;
    crm_status_t         rc;
    const crm_intent_t  *intent;

    intent = &many->intents->items[many->at];

    if (intent->operation == CRM_OP_CREATE && many->intents->count > 1) {
        rc = crm_settle_creates(many, answer, max_time_ms, limits);

    } else {
        many->asked[many->at] = 1;
        rc = crm_settle(&many->items[many->at], intent, answer, max_time_ms,
                        limits, many->pool);
    }

    for (i = 0; i < many->intents->count; i++) {
        many->over |= many->asked[i]
                      && (many->items[i].how == CRM_SETTLED_UNREADABLE
                          || many->items[i].how == CRM_SETTLED_UNDETERMINED);
    }

    return rc;
}


void
crm_settle_many_end(const crm_settle_many_t *many, crm_settled_t *how,
    const char **reason)
{
    size_t                   i;
    const crm_settlement_t  *s, *decides;

    /* what must be told before what: the first that is not known */

    static const int  rank[] = {
        3,                          /* UNREADABLE */
        1,                          /* COMMITTED */
        0,                          /* NOT_COMMITTED */
        4                           /* UNDETERMINED */
    };

    decides = &many->items[0];

    for (i = 0; i < many->intents->count; i++) {
        s = &many->items[i];

        if (many->over && !many->asked[i]) {
            continue;
        }

        if (rank[s->how] > rank[decides->how]) {
            decides = s;
        }
    }

    *how = decides->how;
    *reason = decides->reason;
}


static crm_status_t
many_path(const crm_settle_many_t *many, crm_str_t *path)
{
    size_t               i;
    crm_map_t            map;
    crm_str_t           *fields;
    crm_status_t         rc;
    const crm_intent_t  *intent;

    intent = &many->intents->items[many->at];

    if (intent->operation != CRM_OP_CREATE || many->intents->count == 1) {
        *path = crm_settle_path(intent, many->pool);
        return path->data ? CRM_OK : CRM_ENOMEM;
    }

    crm_map_init(&map, many->pool);

    rc = crm_settle_many_fields(many, &map);
    if (rc != CRM_OK) {
        return rc;
    }

    fields = crm_pool_calloc(many->pool, map.count + 1, sizeof(crm_str_t));
    if (fields == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < map.count; i++) {
        fields[i] = map.entries[i].key;
    }

    *path = crm_dialect_event_path(intent->dialect, intent->module,
                                   intent->event, fields, map.count,
                                   many->pool);

    return path->data ? CRM_OK : CRM_ENOMEM;
}


crm_status_t
crm_settle_many_fields(const crm_settle_many_t *many, crm_map_t *map)
{
    size_t               i, k;
    crm_record_t         written;
    const crm_intent_t  *intent;

    for (i = 0; i < many->intents->count; i++) {
        intent = &many->intents->items[i];

        if (!crm_settle_creates_with(many, i)) {
            continue;
        }

        if (crm_evidence_written(&written, intent, many->pool) != CRM_OK) {
            return CRM_ENOMEM;
        }

        for (k = 0; k < written.count; k++) {
            if (crm_map_add(map, written.fields[k].name) == NULL) {
                return CRM_ENOMEM;
            }
        }
    }

    return CRM_OK;
}
