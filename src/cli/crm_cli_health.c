/*
 * How endpoints do, as the worker's scripts have noted it.
 */

#include "crm_cli_health.h"

#include <stdlib.h>


enum {
    FIELD_KIND = 0, FIELD_NAME, FIELD_URL, FIELD_ERROR, FIELD_WHY,
    FIELD_FAILURES, FIELD_TRIPS, FIELD_SINCE, FIELD_OPEN_UNTIL,
    FIELD_DISABLED_AT, FIELDS
};

typedef struct {
    crm_cli_health_t  *health;
    crm_store_t       *store;
    crm_str_t          org;
    crm_pool_t        *pool;
    crm_error_t       *err;
} look_t;


static crm_status_t look_at(look_t *l, crm_str_t hash);
static crm_status_t look_take(look_t *l, crm_str_t hash,
    const crm_reply_t *fields);
static const char *field_text(look_t *l, const crm_reply_t *fields, int n);
static long long field_number(look_t *l, const crm_reply_t *fields, int n);


const char *
crm_cli_health_state(crm_cli_health_state_t state)
{
    static const char *const  names[] = { "failing", "open", "disabled" };

    return names[state];
}


crm_status_t
crm_cli_health_read(crm_cli_health_t *health, crm_store_t *store,
    const char *org, crm_pool_t *pool, crm_error_t *err)
{
    size_t         i;
    look_t         l;
    crm_str_t      key;
    crm_reply_t   *index;
    crm_status_t   rc;

    memset(health, 0, sizeof(crm_cli_health_t));
    l.health = health;
    l.store = store;
    l.org = crm_strz(org);
    l.pool = pool;
    l.err = err;

    key = crm_key_health(pool, l.org);
    health->items = crm_pool_calloc(pool, CRM_CLI_HEALTH_MAX,
                                    sizeof(crm_cli_health_item_t));
    if (key.data == NULL || health->items == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_store_command(store, pool, &index, err, 4, CRM_STR("ZREVRANGE"),
                           key, CRM_STR("0"), CRM_STR("999"));
    if (rc != CRM_OK) {
        return rc;
    }

    for (i = 0; index->type == CRM_REPLY_ARRAY && i < index->count
                && i < CRM_CLI_HEALTH_MAX; i++)
    {
        rc = look_at(&l, index->elements[i].str);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return CRM_OK;
}


static crm_status_t
look_at(look_t *l, crm_str_t hash)
{
    crm_str_t      key;
    crm_reply_t   *fields;
    crm_status_t   rc;

    key = crm_key_health_of(l->pool, l->org, hash);
    if (key.data == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_store_command(l->store, l->pool, &fields, l->err, 2 + FIELDS,
                           CRM_STR("HMGET"), key, CRM_STR("kind"),
                           CRM_STR("name"), CRM_STR("url"), CRM_STR("error"),
                           CRM_STR("why"), CRM_STR("failures"),
                           CRM_STR("trips"), CRM_STR("since"),
                           CRM_STR("open_until"), CRM_STR("disabled_at"));

    return rc == CRM_OK ? look_take(l, hash, fields) : rc;
}


/* What has expired, and an endpoint whose breaker is shut, is left out: its
 * webhooks are listed. */
static crm_status_t
look_take(look_t *l, crm_str_t hash, const crm_reply_t *fields)
{
    int                     endpoint;
    const char             *kind;
    crm_cli_health_t       *h;
    crm_cli_health_item_t  *item;

    if (fields->type != CRM_REPLY_ARRAY || fields->count != FIELDS) {
        return CRM_OK;
    }

    h = l->health;
    item = &h->items[h->count];
    memset(item, 0, sizeof(crm_cli_health_item_t));

    kind = field_text(l, fields, FIELD_KIND);
    item->id = crm_pool_dup(l->pool, hash).data;
    item->name = field_text(l, fields, FIELD_NAME);
    item->url = field_text(l, fields, FIELD_URL);
    item->error = field_text(l, fields, FIELD_ERROR);
    item->why = field_text(l, fields, FIELD_WHY);

    if (!kind || !item->id || !item->name || !item->url || !item->error
        || !item->why)
    {
        return CRM_ENOMEM;
    }

    endpoint = strcmp(kind, "endpoint") == 0;

    if (kind[0] == '\0'
        || (endpoint && field_number(l, fields, FIELD_OPEN_UNTIL) == 0))
    {
        return CRM_OK;
    }

    item->since_ms = field_number(l, fields, FIELD_SINCE);
    item->failures = field_number(l, fields,
                                  endpoint ? FIELD_TRIPS : FIELD_FAILURES);
    item->state = endpoint ? CRM_CLI_HEALTH_OPEN
                  : field_number(l, fields, FIELD_DISABLED_AT)
                  ? CRM_CLI_HEALTH_DISABLED : CRM_CLI_HEALTH_FAILING;

    h->open += item->state == CRM_CLI_HEALTH_OPEN;
    h->disabled += item->state == CRM_CLI_HEALTH_DISABLED;
    h->failing += item->state == CRM_CLI_HEALTH_FAILING;
    h->count++;

    return CRM_OK;
}


/* "" for what is not there, NULL without memory. */
static const char *
field_text(look_t *l, const crm_reply_t *fields, int n)
{
    const crm_reply_t  *field;

    field = &fields->elements[n];

    return field->type == CRM_REPLY_STRING
           ? crm_pool_dup(l->pool, field->str).data : "";
}


static long long
field_number(look_t *l, const crm_reply_t *fields, int n)
{
    const char  *text;

    text = field_text(l, fields, n);

    return text ? strtoll(text, NULL, 10) : 0;
}


void
crm_cli_doctor_endpoints(crm_cli_doctor_t *d)
{
    size_t                        i, told;
    crm_error_t                   err;
    crm_status_t                  rc;
    crm_cli_health_t              health;
    const crm_cli_health_item_t  *item;

    rc = crm_cli_health_read(&health, d->store, d->cli->opts.org,
                             d->cli->pool, &err);
    if (rc != CRM_OK) {
        crm_cli_doctor_unreadable(d, "endpoints", rc, &err);
        return;
    }

    for (i = 0, told = 0; i < health.count && told < CRM_CLI_HEALTH_TOLD; i++)
    {
        item = &health.items[i];

        if (item->state == CRM_CLI_HEALTH_FAILING) {
            continue;
        }

        told++;
        crm_cli_doctor_say(d, CRM_CLI_CHECK_WARN, "endpoints",
                item->state == CRM_CLI_HEALTH_DISABLED
                ? "when it is right again: crmctl endpoints enable ID"
                : "look whether it is down; its jobs wait",
                "%s %s %s is %s%s%s", item->id,
                item->state == CRM_CLI_HEALTH_OPEN ? "endpoint" : item->name,
                item->url,
                item->state == CRM_CLI_HEALTH_OPEN ? "left alone"
                                                   : "disabled",
                item->error[0] ? ": " : "", item->error);
    }

    if (told == 0) {
        crm_cli_doctor_say(d, CRM_CLI_CHECK_OK, "endpoints", NULL,
                "none disabled, %lld webhooks failing", health.failing);
    }
}
