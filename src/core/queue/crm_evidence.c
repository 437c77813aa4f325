/*
 * Evidence: what a write meant to leave behind, and whether a record shows it.
 */

#include "queue/crm_evidence.h"

#include "base/crm_time.h"
#include "record/crm_finder.h"


/* Members of two objects compared pair by pair: above it they count as
 * different, which nobody's honest records are. */
#define EVIDENCE_MAX_PAIRS  1000000


static crm_status_t evidence_utc(long long *ms, crm_str_t text);
static crm_status_t evidence_instants(crm_span_t a, crm_span_t b,
    crm_pool_t *pool, int *same);
static crm_status_t evidence_lists(crm_span_t written, crm_span_t shown,
    crm_pool_t *pool, int *same);
static crm_status_t evidence_objects(crm_span_t written, crm_span_t shown,
    crm_pool_t *pool, int *same);
static size_t evidence_count(crm_span_t container);


crm_status_t
crm_evidence_written(crm_record_t *written, const crm_intent_t *intent,
    crm_pool_t *pool)
{
    size_t        i, n;
    crm_status_t  rc;

    rc = crm_image_merge(written, intent->request, &intent->changes, pool);
    if (rc != CRM_OK) {
        return rc;
    }

    for (i = 0, n = 0; i < written->count; i++) {
        if (!crm_str_eq(written->fields[i].name,
                        crm_dialect_id_field(intent->dialect)))
        {
            written->fields[n++] = written->fields[i];
        }
    }

    written->count = n;

    return CRM_OK;
}


crm_status_t
crm_evidence_take(crm_evidence_t *evidence, const crm_record_t *written,
    const crm_record_t *record, crm_pool_t *pool)
{
    int                  same;
    size_t               i;
    crm_span_t           shown;
    crm_status_t         rc;
    crm_finder_t         finder;
    const crm_field_t   *field, *found;

    memset(evidence, 0, sizeof(crm_evidence_t));
    crm_finder_init(&finder, record, pool);

    for (i = 0; i < written->count; i++) {
        field = &written->fields[i];

        rc = crm_finder_find(&finder, field, &found);
        if (rc != CRM_OK) {
            return rc;
        }

        memset(&shown, 0, sizeof(crm_span_t));
        if (found) {
            shown = found->value;
        }

        rc = crm_evidence_same(field->value, shown, pool, &same);
        if (rc != CRM_OK) {
            return rc;
        }

        evidence->same += same;
        evidence->telling += same && !crm_value_span_empty(field->value);
        evidence->other += !same;
        evidence->absent += !same && found == NULL;
    }

    return CRM_OK;
}


crm_status_t
crm_evidence_same(crm_span_t written, crm_span_t shown, crm_pool_t *pool,
    int *same)
{
    crm_value_t   a, b;
    crm_status_t  rc;

    rc = crm_value_from_span(&a, written, pool);
    if (rc == CRM_OK) {
        rc = crm_value_from_span(&b, shown, pool);
    }
    if (rc == CRM_OK) {
        rc = crm_value_same(&a, &b, pool, same);
    }

    if (rc != CRM_OK || *same) {
        return rc;
    }

    if (a.type == CRM_VALUE_TEXT && b.type == CRM_VALUE_TEXT) {
        return evidence_instants(written, shown, pool, same);
    }

    if (a.type == CRM_VALUE_LIST && b.type == CRM_VALUE_LIST) {
        return evidence_lists(written, shown, pool, same);
    }

    if (a.type == CRM_VALUE_OBJECT && b.type == CRM_VALUE_OBJECT) {
        return evidence_objects(written, shown, pool, same);
    }

    return CRM_OK;
}


crm_status_t
crm_evidence_instant(const crm_record_t *record, crm_str_t field,
    crm_pool_t *pool, long long *ms)
{
    crm_str_t           text;
    crm_status_t        rc;
    const crm_field_t  *found;

    found = record ? crm_record_field(record, field) : NULL;

    if (found == NULL || found->value.type != CRM_JSON_STRING) {
        return CRM_DECLINED;
    }

    text = crm_span_text(found->value, pool);
    if (text.data == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_time_parse(ms, text);

    return rc == CRM_DECLINED ? evidence_utc(ms, text) : rc;
}


/* "2026-11-22 15:07:43", as databases keep it: without a zone it is UTC. */
static crm_status_t
evidence_utc(long long *ms, crm_str_t text)
{
    char  iso[CRM_TIME_ISO_LEN + 1];

    if (text.len < sizeof("2026-11-22 15:07:43") - 1
        || text.len >= CRM_TIME_ISO_LEN
        || (text.data[10] != ' ' && text.data[10] != 'T'))
    {
        return CRM_DECLINED;
    }

    memcpy(iso, text.data, text.len);
    iso[10] = 'T';
    iso[text.len] = 'Z';

    return crm_time_parse(ms, crm_str(iso, text.len + 1));
}


static crm_status_t
evidence_instants(crm_span_t a, crm_span_t b, crm_pool_t *pool, int *same)
{
    long long  x, y;
    crm_str_t  text_a, text_b;

    text_a = crm_span_text(a, pool);
    text_b = crm_span_text(b, pool);

    if (text_a.data == NULL || text_b.data == NULL) {
        return CRM_ENOMEM;
    }

    *same = crm_time_parse(&x, text_a) == CRM_OK
            && crm_time_parse(&y, text_b) == CRM_OK && x == y;

    return CRM_OK;
}


/* As many, each the same as the one at its place. */
static crm_status_t
evidence_lists(crm_span_t written, crm_span_t shown, crm_pool_t *pool,
    int *same)
{
    int           more_a, more_b;
    size_t        at_a, at_b;
    crm_span_t    a, b;
    crm_status_t  rc;

    at_a = 0;
    at_b = 0;

    for ( ;; ) {
        more_a = crm_span_next(written, &at_a, NULL, &a);
        more_b = crm_span_next(shown, &at_b, NULL, &b);

        if (!more_a || !more_b) {
            *same = more_a == more_b;
            return CRM_OK;
        }

        rc = crm_evidence_same(a, b, pool, same);
        if (rc != CRM_OK || !*same) {
            return rc;
        }
    }
}


/* Each member that was written is shown. */
static crm_status_t
evidence_objects(crm_span_t written, crm_span_t shown, crm_pool_t *pool,
    int *same)
{
    size_t        at;
    crm_str_t     text;
    crm_span_t    name, value;
    crm_status_t  rc;

    *same = evidence_count(written) * evidence_count(shown)
            <= EVIDENCE_MAX_PAIRS;
    at = 0;

    while (*same && crm_span_next(written, &at, &name, &value)) {
        text = crm_span_text(name, pool);
        if (text.data == NULL) {
            return CRM_ENOMEM;
        }

        rc = crm_evidence_same(value, crm_span_member(shown, text), pool,
                               same);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return CRM_OK;
}


static size_t
evidence_count(crm_span_t container)
{
    size_t      n, at;
    crm_span_t  name, value;

    n = 0;
    at = 0;

    while (crm_span_next(container, &at, &name, &value)) {
        n++;
    }

    return n;
}
