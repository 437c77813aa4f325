/*
 * A settlement of several records that one request created: which is which?
 *
 * What each was to hold is looked for in every record that may be one of them.
 * A record that fits one, which fits no other, is that one. Where several fit
 * the same, they are alike, and which of them is which makes no difference,
 * if there are as many as there were to be, and nothing was to be held that
 * the backend was not asked for.
 */

#include "queue/crm_settle_kind.h"

#include "queue/crm_evidence.h"
#include "queue/crm_settle_many.h"


/* Each is compared with each: more cannot be told apart in bounded time. */
#define CREATES_MAX  500


typedef struct {
    crm_settle_many_t  *many;
    crm_list_t          list;
    size_t             *creates;    /* which of many are */
    size_t              count;
    uint8_t            *fits;       /* by create and record of the list */
    uint8_t            *possible;   /* by create: a record that does not fit
                                       may have, and was written to since */
    uint8_t            *cut;        /* by create: it was to hold what was not
                                       asked for */
    uint8_t            *candidate;  /* by record: it may be one of them */
    int                 by_event;   /* it is */
    int                 covered;    /* no candidate is missing */
} creates_t;


static crm_status_t creates_init(creates_t *c, crm_settle_many_t *many);
static crm_status_t creates_candidates(creates_t *c, long long max_time_ms);
static crm_status_t creates_compare(creates_t *c);
static int creates_asked(const crm_map_t *asked, crm_record_t *written);
static crm_status_t creates_fit(creates_t *c, size_t i, size_t k,
    const crm_record_t *written);
static void creates_strange(creates_t *c);
static crm_status_t creates_decide(creates_t *c,
    const crm_settle_answer_t *answer);
static crm_status_t creates_twice(creates_t *c);
static size_t creates_alike(const creates_t *c, size_t i, size_t *place,
    int *mixed);
static void creates_all(creates_t *c, crm_settled_t how,
    const char *reason);


crm_status_t
crm_settle_creates(crm_settle_many_t *many,
    const crm_settle_answer_t *answer, long long max_time_ms,
    const crm_scan_limits_t *limits)
{
    size_t               i;
    creates_t            c;
    crm_status_t         rc;
    const crm_intent_t  *first;

    first = &many->intents->items[many->at];

    rc = creates_init(&c, many);

    if (rc == CRM_OK && !crm_dialect_finds(first->dialect)) {
        for (i = 0; i < c.count; i++) {
            crm_settle_blind(&many->items[c.creates[i]]);
        }

        return CRM_OK;
    }

    if (rc == CRM_OK) {
        rc = crm_dialect_list(first->dialect, &c.list, answer->status,
                              answer->body, limits, many->pool);
    }

    if (rc == CRM_ENOMEM) {
        return rc;
    }

    if (rc != CRM_OK) {
        crm_settle_unread(&many->items[many->at], answer);
        creates_all(&c, CRM_SETTLED_UNREADABLE,
                    many->items[many->at].reason);
        return CRM_OK;
    }

    if (answer->event.len && !crm_str_eq(answer->event, first->event)) {
        creates_all(&c, CRM_SETTLED_UNREADABLE,
                    "the backend answered for another event");
        return CRM_OK;
    }

    if (answer->event.len == 0 && crm_settle_skewed(first)) {
        creates_all(&c, CRM_SETTLED_UNDETERMINED,
                    "the clocks of nginx and Redis disagreed when the write"
                    " began; its time cannot be told");
        return CRM_OK;
    }

    if (c.count > CREATES_MAX) {
        creates_all(&c, CRM_SETTLED_UNDETERMINED,
                    "too many records were created at once to tell them"
                    " apart");
        return CRM_OK;
    }

    c.by_event = answer->event.len != 0;

    rc = creates_candidates(&c, max_time_ms);
    if (rc == CRM_OK) {
        rc = creates_compare(&c);
    }

    return rc == CRM_OK ? creates_decide(&c, answer) : rc;
}


int
crm_settle_creates_with(const crm_settle_many_t *many, size_t i)
{
    const crm_intent_t  *first, *intent;

    first = &many->intents->items[many->at];
    intent = &many->intents->items[i];

    return intent->operation == CRM_OP_CREATE
           && crm_str_eq(intent->module, first->module);
}


static crm_status_t
creates_init(creates_t *c, crm_settle_many_t *many)
{
    size_t  i;

    memset(c, 0, sizeof(creates_t));

    c->many = many;
    c->creates = crm_pool_calloc(many->pool, many->intents->count,
                                 sizeof(size_t));
    if (c->creates == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < many->intents->count; i++) {
        if (crm_settle_creates_with(many, i)) {
            c->creates[c->count++] = i;
            many->asked[i] = 1;
        }
    }

    return CRM_OK;
}


/* Of one event all are; else those that were created while it was under way. */
static crm_status_t
creates_candidates(creates_t *c, long long max_time_ms)
{
    int                  sorted, undated;
    size_t               i;
    crm_str_t            field;
    long long            created, oldest, first, last;
    crm_status_t         rc;
    const crm_intent_t  *intent;

    intent = &c->many->intents->items[c->creates[0]];

    c->candidate = crm_pool_calloc(c->many->pool, c->list.count + 1, 1);
    if (c->candidate == NULL) {
        return CRM_ENOMEM;
    }

    if (c->by_event) {
        memset(c->candidate, 1, c->list.count);
        c->covered = 1;
        return CRM_OK;
    }

    field = crm_dialect_created_field(intent->dialect);
    first = intent->at_ms - CRM_SETTLE_SKEW_MS;
    last = intent->at_ms + max_time_ms + CRM_SETTLE_SKEW_MS;
    sorted = 1;
    undated = 0;
    oldest = 0;

    for (i = 0; i < c->list.count; i++) {
        rc = crm_evidence_instant(&c->list.records[i], field, c->many->pool,
                                  &created);
        if (rc == CRM_ENOMEM) {
            return rc;
        }

        if (rc != CRM_OK) {
            undated = 1;
            continue;
        }

        sorted = sorted && (i == 0 || created <= oldest);
        oldest = created;
        c->candidate[i] = created >= first && created <= last;
    }

    c->covered = !undated
                 && (c->list.complete
                     || (sorted && c->list.count && oldest < first));

    return CRM_OK;
}


static crm_status_t
creates_compare(creates_t *c)
{
    size_t        i, k;
    crm_map_t     asked;
    crm_status_t  rc;
    crm_record_t  written;

    crm_map_init(&asked, c->many->pool);

    c->cut = crm_pool_calloc(c->many->pool, c->count, 1);
    c->fits = crm_pool_calloc(c->many->pool, c->count * c->list.count + 1, 1);
    c->possible = crm_pool_calloc(c->many->pool, c->count, 1);

    if (c->cut == NULL || c->fits == NULL || c->possible == NULL
        || crm_settle_many_fields(c->many, &asked) != CRM_OK)
    {
        return CRM_ENOMEM;
    }

    for (i = 0; i < c->count; i++) {
        rc = crm_evidence_written(&written,
                                  &c->many->intents->items[c->creates[i]],
                                  c->many->pool);
        if (rc != CRM_OK) {
            return rc;
        }

        c->cut[i] = creates_asked(&asked, &written);

        for (k = 0; rc == CRM_OK && k < c->list.count; k++) {
            if (c->candidate[k]) {
                rc = creates_fit(c, i, k, &written);
            }
        }

        if (rc != CRM_OK) {
            return rc;
        }
    }

    if (c->by_event) {
        creates_strange(c);
    }

    return CRM_OK;
}


/* Leaves what the backend was asked for, which is the same for all of them; 1
 * if there is more. */
static int
creates_asked(const crm_map_t *asked, crm_record_t *written)
{
    size_t                  i, n;
    const crm_map_entry_t  *entry;

    for (i = 0, n = 0; i < written->count; i++) {
        entry = crm_map_find(asked, written->fields[i].name);

        if (entry - asked->entries < CRM_DIALECT_EVENT_FIELDS) {
            written->fields[n++] = written->fields[i];
        }
    }

    written->count = n;

    return n < i;
}


static crm_status_t
creates_fit(creates_t *c, size_t i, size_t k, const crm_record_t *written)
{
    int                  changed;
    long long            created;
    crm_status_t         rc;
    crm_evidence_t       evidence;
    const crm_intent_t  *intent;
    const crm_record_t  *record;

    record = &c->list.records[k];
    intent = &c->many->intents->items[c->creates[i]];

    rc = crm_evidence_take(&evidence, written, record, c->many->pool);
    if (rc != CRM_OK) {
        return rc;
    }

    if (evidence.other == 0) {

        /* what was to hold nothing is held by whatever there is */

        c->fits[i * c->list.count + k] = evidence.telling || c->by_event;
        c->possible[i] |= evidence.telling == 0;
        return CRM_OK;
    }

    if (evidence.telling == 0) {
        return CRM_OK;
    }

    rc = crm_evidence_instant(record,
                              crm_dialect_created_field(intent->dialect),
                              c->many->pool, &created);
    if (rc == CRM_OK) {
        rc = crm_settle_changed(&changed, intent, record, created,
                                c->many->pool);
        c->possible[i] |= changed != 0;
    }

    return rc == CRM_ENOMEM ? rc : CRM_OK;
}


/* A record of this event that fits none may be any of them. */
static void
creates_strange(creates_t *c)
{
    size_t  i, k;

    for (k = 0; k < c->list.count; k++) {
        for (i = 0; i < c->count && !c->fits[i * c->list.count + k]; i++) {
            /* void */
        }

        if (i == c->count) {
            memset(c->possible, 1, c->count);
            return;
        }
    }
}


static crm_status_t
creates_decide(creates_t *c, const crm_settle_answer_t *answer)
{
    int                mixed;
    size_t             i, k, n, at, alike, place;
    crm_status_t       rc;
    const uint8_t     *fits;
    crm_settlement_t  *s;

    for (i = 0; i < c->count; i++) {
        s = &c->many->items[c->creates[i]];
        fits = &c->fits[i * c->list.count];
        alike = creates_alike(c, i, &place, &mixed);

        for (k = 0, n = 0, at = 0; k < c->list.count; k++) {
            at = fits[k] && n == place ? k : at;
            n += fits[k];
        }

        if (n == 0 && c->covered && !c->possible[i]) {
            crm_settle_set(s, CRM_SETTLED_NOT_COMMITTED,
                           "no record of that time holds what was written");

        } else if (n == 0) {
            crm_settle_set(s, CRM_SETTLED_UNDETERMINED,
                           "no record holds what was written, but one of"
                           " that time may have held it");

        } else if (mixed || n != alike || (alike > 1 && c->cut[i])) {
            crm_settle_set(s, CRM_SETTLED_UNDETERMINED,
                           "records of that time hold what several of the"
                           " request were to hold");

        } else {
            rc = crm_settle_found(s, &c->many->intents->items[c->creates[i]],
                                  &c->list.records[at], answer,
                                  c->many->pool);
            if (rc != CRM_OK) {
                return rc;
            }
        }
    }

    return creates_twice(c);
}


/* A record that is listed twice is not two that were created. */
static crm_status_t
creates_twice(creates_t *c)
{
    size_t                   i;
    crm_map_t                map;
    crm_map_entry_t         *entry;
    const crm_settlement_t  *s;

    crm_map_init(&map, c->many->pool);

    for (i = 0; i < c->count; i++) {
        s = &c->many->items[c->creates[i]];

        if (s->how != CRM_SETTLED_COMMITTED) {
            continue;
        }

        entry = crm_map_add(&map, s->record_id);
        if (entry == NULL) {
            return CRM_ENOMEM;
        }

        if (entry->value) {
            creates_all(c, CRM_SETTLED_UNDETERMINED,
                        "the backend lists one record twice");
            return CRM_OK;
        }

        entry->value = c;
    }

    return CRM_OK;
}


/* How many creates fit just the records that the i-th does, the place of that
 * among them, and whether others fit some of these. */
static size_t
creates_alike(const creates_t *c, size_t i, size_t *place, int *mixed)
{
    int             same, touch;
    size_t          k, j, alike;
    const uint8_t  *mine, *other;

    mine = &c->fits[i * c->list.count];
    alike = 0;
    *place = 0;
    *mixed = 0;

    for (j = 0; j < c->count; j++) {
        other = &c->fits[j * c->list.count];
        same = 1;
        touch = 0;

        for (k = 0; k < c->list.count; k++) {
            same = same && mine[k] == other[k];
            touch |= mine[k] && other[k];
        }

        *place += same && j < i;
        *mixed |= touch && !same;
        alike += same;
    }

    return alike;
}


static void
creates_all(creates_t *c, crm_settled_t how, const char *reason)
{
    size_t  i;

    for (i = 0; i < c->count; i++) {
        c->many->items[c->creates[i]].record_id = CRM_STR_NULL;
        crm_settle_set(&c->many->items[c->creates[i]], how, reason);
    }
}
