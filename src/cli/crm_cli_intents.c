/*
 * Writes that have begun and not ended.
 *
 * Read one by one while others go on: an intent may end between being listed
 * and being looked at.
 */

#include "crm_cli_intents.h"
#include "queue/crm_intent.h"
#include "state/crm_keys.h"


typedef struct {
    crm_cli_intents_t  *intents;
    crm_store_t        *store;
    crm_str_t           org;
    crm_pool_t         *pool;
    crm_error_t        *err;
} look_t;


static crm_status_t look_count(look_t *l, long long *n, crm_str_t key);
static crm_status_t look_list(look_t *l, crm_str_t key, size_t max);
static void look_late(crm_cli_intents_t *intents, crm_cli_intent_t *intent,
    long long now_ms);
static crm_status_t look_at(look_t *l, crm_str_t event, long long at_ms);
static crm_status_t intent_init(crm_cli_intent_t *intent,
    const crm_reply_t *reply, crm_pool_t *scratch, look_t *l);
static crm_status_t intent_doc(crm_cli_intent_t *intent, crm_str_t doc,
    crm_pool_t *scratch, look_t *l);
static const char *copy(crm_str_t text, crm_pool_t *pool);


crm_status_t
crm_cli_intents_read(crm_cli_intents_t *intents, crm_store_t *store,
    const char *org, long long now_ms, size_t max, crm_pool_t *pool,
    crm_error_t *err)
{
    size_t        i, first;
    look_t        l;
    crm_str_t     pending, undetermined;
    crm_status_t  rc;

    memset(intents, 0, sizeof(crm_cli_intents_t));
    l.intents = intents;
    l.store = store;
    l.org = crm_strz(org);
    l.pool = pool;
    l.err = err;

    pending = crm_key_intents(pool, l.org);
    undetermined = crm_key_undetermined(pool, l.org);

    /* One pending is looked at in any case: the first that is due. */
    intents->items = crm_pool_calloc(pool, 2 * max + 1,
                                     sizeof(crm_cli_intent_t));
    if (intents->items == NULL) {
        return CRM_ENOMEM;
    }

    rc = look_count(&l, &intents->undetermined, undetermined);

    if (rc == CRM_OK) {
        rc = look_count(&l, &intents->pending, pending);
    }

    if (rc == CRM_OK && intents->undetermined && max) {
        rc = look_list(&l, undetermined, max);
    }

    if (rc != CRM_OK || intents->pending == 0) {
        return rc;
    }

    first = intents->count;
    rc = look_list(&l, pending, max ? max : 1);

    for (i = first; rc == CRM_OK && i < intents->count; i++) {
        look_late(intents, &intents->items[i], now_ms);
    }

    return rc;
}


/* Recovery has not come to it, or comes to no end with it. */

static void
look_late(crm_cli_intents_t *intents, crm_cli_intent_t *intent,
    long long now_ms)
{
    long long  late_ms;

    late_ms = now_ms - intent->at_ms;

    if (intent->begun_ms
        && now_ms - intent->begun_ms - intent->max_time_ms > late_ms)
    {
        late_ms = now_ms - intent->begun_ms - intent->max_time_ms;
    }

    if (late_ms > intents->late_ms) {
        intents->late = intent;
        intents->late_ms = late_ms;
    }
}


static crm_status_t
look_count(look_t *l, long long *n, crm_str_t key)
{
    crm_reply_t   *reply;
    crm_status_t   rc;

    if (key.data == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_store_command(l->store, l->pool, &reply, l->err, 2,
                           CRM_STR("ZCARD"), key);

    return rc == CRM_OK ? crm_reply_integer(n, reply, l->err) : rc;
}


static crm_status_t
look_list(look_t *l, crm_str_t key, size_t max)
{
    size_t         i;
    crm_str_t      last;
    long long      at_ms;
    crm_reply_t   *reply;
    crm_status_t   rc;

    last = crm_pool_printf(l->pool, "%zu", max - 1);
    if (last.data == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_store_command(l->store, l->pool, &reply, l->err, 5,
                           CRM_STR("ZRANGE"), key, CRM_STR("0"), last,
                           CRM_STR("WITHSCORES"));
    if (rc != CRM_OK) {
        return rc;
    }

    for (i = 0; reply->type == CRM_REPLY_ARRAY && i + 1 < reply->count
                && i / 2 < max; i += 2)
    {
        rc = crm_reply_integer(&at_ms, &reply->elements[i + 1], l->err);

        if (rc == CRM_OK) {
            rc = look_at(l, reply->elements[i].str, at_ms);
        }

        if (rc != CRM_OK) {
            return rc;
        }
    }

    return CRM_OK;
}


static crm_status_t
look_at(look_t *l, crm_str_t event, long long at_ms)
{
    crm_str_t          key;
    crm_pool_t        *scratch;
    crm_reply_t       *reply;
    crm_status_t       rc;
    crm_cli_intent_t  *intent;

    /* Documents may be large, and what is shown of them is not. */
    scratch = crm_pool_create(crm_host_malloc(), 0);
    if (scratch == NULL) {
        return CRM_ENOMEM;
    }

    intent = &l->intents->items[l->intents->count++];
    intent->at_ms = at_ms;
    intent->event = copy(event, l->pool);
    key = crm_key_intent(scratch, l->org, event);

    if (intent->event == NULL || key.data == NULL) {
        crm_pool_destroy(scratch);
        return CRM_ENOMEM;
    }

    rc = crm_store_command(l->store, scratch, &reply, l->err, 7,
                           CRM_STR("HMGET"), key, CRM_STR("state"),
                           CRM_STR("doc"), CRM_STR("reason"),
                           CRM_STR("begun"), CRM_STR("max_time"));

    if (rc == CRM_OK) {
        rc = intent_init(intent, reply, scratch, l);
    }

    crm_pool_destroy(scratch);

    return rc;
}


static crm_status_t
intent_init(crm_cli_intent_t *intent, const crm_reply_t *reply,
    crm_pool_t *scratch, look_t *l)
{
    const crm_reply_t  *e;

    if (reply->type != CRM_REPLY_ARRAY || reply->count != 5) {
        return crm_error_set(l->err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "the intent of %s is none", intent->event);
    }

    e = reply->elements;
    intent->operation = "";
    intent->record = "";
    intent->state = "gone";
    intent->reason = copy(e[2].str, l->pool);

    if (e[0].type == CRM_REPLY_STRING) {
        intent->state = copy(e[0].str, l->pool);
    }

    if (crm_reply_integer(&intent->begun_ms, &e[3], l->err) != CRM_OK) {
        intent->begun_ms = 0;
    }

    if (crm_reply_integer(&intent->max_time_ms, &e[4], l->err) != CRM_OK) {
        intent->max_time_ms = 0;
    }

    if (intent->reason == NULL || intent->state == NULL) {
        return CRM_ENOMEM;
    }

    return intent_doc(intent, e[1].str, scratch, l);
}


/* One that is not prepared yet has no document. */

static crm_status_t
intent_doc(crm_cli_intent_t *intent, crm_str_t doc, crm_pool_t *scratch,
    look_t *l)
{
    char                 more[32];
    crm_str_t            record;
    crm_error_t          err;
    crm_status_t         rc;
    crm_intents_t        intents;
    const crm_intent_t  *parsed;

    if (doc.len == 0) {
        return CRM_OK;
    }

    rc = crm_intent_parse(&intents, doc, scratch, &err);
    if (rc != CRM_OK) {
        return rc == CRM_ENOMEM ? rc : CRM_OK;
    }

    parsed = &intents.items[0];
    more[0] = '\0';

    if (intents.count > 1) {
        snprintf(more, sizeof(more), " and %lu more",
                 (unsigned long) intents.count - 1);
    }

    record = crm_pool_printf(l->pool, "%.*s%s%.*s%s",
                             (int) parsed->module.len, parsed->module.data,
                             parsed->record_id.len ? "/" : "",
                             (int) parsed->record_id.len,
                             parsed->record_id.len ? parsed->record_id.data
                                                   : "", more);
    intent->record = record.data;
    intent->operation = crm_operation_name(parsed->operation);

    return record.data ? CRM_OK : CRM_ENOMEM;
}


/* Zero-terminated; "" for nothing. */

static const char *
copy(crm_str_t text, crm_pool_t *pool)
{
    return text.len ? crm_pool_dup(pool, text).data : "";
}
